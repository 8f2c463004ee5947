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
  }
]
