/**
 * Every command: its name, what it does in a line, and the module that does it, which is loaded only for that.
 */
import type { AnyCommand } from "./contract/command.js"

export interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<{ readonly command: AnyCommand }>
}

export const commands: ReadonlyArray<Entry> = [
  { name: "ls", summary: "List buckets, or the objects below an address", load: () => import("./commands/ls.js") },
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
  }
]
