/**
 * Every command: its name, what it does in a line, and the module that does it, which is loaded only for that.
 */
import type { AnyCommand, Entry } from "./contract/command.js"

/** Of those that are all alike. */
const configuration = (name: string, summary: string): Entry => ({
  name,
  summary,
  load: () => import("./commands/configurations.js").then(({ commands }) => ({ command: commands[name] as AnyCommand }))
})

export const commands: ReadonlyArray<Entry> = [
  { name: "ls", summary: "List buckets, or the objects below an address", load: () => import("./commands/ls.js") },
  { name: "du", summary: "Add up what lies below an address, by folder", load: () => import("./commands/du.js") },
  {
    name: "stat",
    summary: "Tell everything about one object, or about a bucket",
    load: () => import("./commands/stat.js")
  },
  { name: "find", summary: "Find objects by name, age, size and class", load: () => import("./commands/find.js") },
  { name: "cat", summary: "Write objects to standard output", load: () => import("./commands/cat.js") },
  { name: "put", summary: "Make an object of standard input", load: () => import("./commands/put.js") },
  {
    name: "rm",
    summary: "Remove objects: one, many from standard input, or all below a prefix",
    load: () => import("./commands/rm.js")
  },
  { name: "mb", summary: "Make a bucket", load: () => import("./commands/mb.js") },
  { name: "rb", summary: "Remove a bucket, which has to be empty", load: () => import("./commands/rb.js") },
  {
    name: "uploads",
    summary: "List or abort unfinished uploads, whose parts are stored and paid for",
    load: () => import("./commands/uploads.js")
  },
  {
    name: "restore",
    summary: "Bring an archived object back for some days",
    load: () => import("./commands/restore.js")
  },
  {
    name: "tag",
    summary: "Read, write or remove the tags of an object or bucket",
    load: () => import("./commands/tag.js")
  },
  {
    name: "acl",
    summary: "Read or write who may do what with an object or bucket",
    load: () => import("./commands/acl.js")
  },
  {
    name: "versioning",
    summary: "Tell whether a bucket keeps old versions, or turn that on or off",
    load: () => import("./commands/versioning.js")
  },
  configuration("cors", "Read, write or remove the CORS rules of a bucket"),
  configuration("lifecycle", "Read, write or remove the lifecycle rules of a bucket"),
  configuration("bucket-policy", "Read, write or remove the policy of a bucket"),
  configuration("website", "Read, write or remove the website configuration of a bucket"),
  configuration("referer", "Read, write or remove the hotlink protection of a bucket"),
  configuration("encryption", "Read, write or remove the default encryption of a bucket"),
  configuration("logging", "Read or write where the access logs of a bucket go"),
  configuration("replication", "Read, write or remove the replication rules of a bucket"),
  configuration("origin", "Read, write or remove the origin rules of a bucket"),
  configuration("domain", "Read, write or remove the custom domains of a bucket"),
  configuration("accelerate", "Read or write the global acceleration of a bucket"),
  configuration("notification", "Read or write the notifications of a bucket"),
  {
    name: "completion",
    summary: "Print what lets a shell complete commands, options, addresses and profiles",
    load: () => import("./commands/completion.js")
  },
  {
    name: "cp",
    summary: "Copy files and objects: up, down, and between buckets",
    load: () => import("./commands/cp.js")
  },
  {
    name: "mv",
    summary: "Move files and objects: each source goes once its copy is verified",
    load: () => import("./commands/mv.js")
  },
  {
    name: "sync",
    summary: "Make a prefix the equal of a directory, or the other way, or of another prefix",
    load: () => import("./commands/sync.js")
  },
  { name: "apply", summary: "Carry out a plan of cos sync --plan", load: () => import("./commands/apply.js") },
  {
    name: "config",
    summary: "Show which keys, region, bucket and endpoint are used, and why",
    load: () => import("./commands/config.js")
  },
  {
    name: "sign",
    summary: "Explain a signature: what was signed, what arrived, and where the two differ",
    load: () => import("./commands/sign.js")
  },
  {
    name: "api",
    summary: "Call any operation of COS by its name: fields as options or as a JSON document, outputs as JSON",
    load: () => import("./commands/api.js")
  },
  {
    name: "presign",
    summary: "Make a URL that anybody can use until it expires, of any operation; --curl prints a whole command",
    load: () => import("./commands/presign.js")
  },
  {
    name: "form",
    summary: "Make a form that uploads one file until it expires (POST Object), as a command for curl",
    load: () => import("./commands/form.js")
  },
  {
    name: "policy",
    summary: "Write a policy of CAM that allows operations on a bucket and prefix",
    load: () => import("./commands/policy.js")
  },
  {
    name: "doctor",
    summary: "Find out why it does not work: keys, clock, network, region, bucket, permissions, CORS, uploads",
    load: () => import("./commands/doctor.js")
  },
  {
    name: "emulator",
    summary: "Start a server that speaks COS on this machine, and print the variables by which clients find it",
    load: () => import("./commands/emulator.js")
  }
]
