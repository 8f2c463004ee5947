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
