/**
 * undici, loaded by the first request. All of it takes as long as the rest of the SDK, and a program that signs, shows its help
 * or fails before it sends anything does without.
 */
import type * as Undici from "undici/index.js"

export type Pools = Pick<typeof Undici, "Agent" | "Client" | "Pool">

/** With `fetch`, web sockets, caches and mocks. */
export const all = (): Promise<typeof Undici> => import("undici/index.js")

/** A third of it, in files whose paths undici does not promise: all of it where they have moved. */
export const pools = async (): Promise<Pools> => {
  try {
    const [agent, client, pool] = await Promise.all([
      import("undici/lib/dispatcher/agent.js"),
      import("undici/lib/dispatcher/client.js"),
      import("undici/lib/dispatcher/pool.js")
    ])
    return { Agent: agent.default, Client: client.default, Pool: pool.default }
  } catch {
    return all()
  }
}
