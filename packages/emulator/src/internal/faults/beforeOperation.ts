/**
 * Faults that change what the operation finds: a delay, a full disk, a stale listing, headers that it does not see.
 */
import * as Effect from "effect/Effect"
import type { Circumstances } from "../operations/operation.js"
import { type Hook, type HookPoint, StorageError } from "../storage/Storage.js"
import type { Active } from "./rules.js"

/** What a fault changes of the circumstances that the operation finds. */
export const beforehand = ({ act, fault }: Active, circumstances: Circumstances): Effect.Effect<Circumstances> => {
  switch (fault._tag) {
    case "Delay":
      return fault.when === "before"
        ? Effect.as(Effect.zipRight(act, Effect.sleep(fault.milliseconds)), circumstances)
        : Effect.succeed(circumstances)
    case "StaleList":
      return Effect.as(act, { ...circumstances, horizon: circumstances.now - fault.milliseconds })
    case "IgnoreHeaders": {
      const names = fault.names.map((name) => name.toLowerCase())
      return Effect.as(act, { ...circumstances, headers: without(circumstances.headers, ...names) })
    }
    case "Forget":
      return Effect.succeed({ ...circumstances, storage: { ...circumstances.storage, putPart: () => act } })
    case "DiskFull": {
      // Without room for a byte there is none for a record either.
      const { afterBytes } = fault
      const isFull = (point: HookPoint, bytes: number) =>
        point === "write" ? bytes > (afterBytes ?? 0) : point === "commit" && afterBytes === undefined
      return Effect.succeed(
        withHook(circumstances, (point, bytes) => (isFull(point, bytes) ? Effect.zipRight(act, diskFull) : Effect.void))
      )
    }
    case "Die": {
      const { afterBytes = 0, at } = fault
      const isTime = (point: HookPoint, bytes: number) => point === at && (point !== "write" || bytes > afterBytes)
      return Effect.succeed(
        withHook(circumstances, (point, bytes) => (isTime(point, bytes) ? Effect.zipRight(act, killed) : Effect.void))
      )
    }
    default:
      return Effect.succeed(circumstances)
  }
}

/** What interferes with storage, after what does so already. */
const withHook = (circumstances: Circumstances, hook: NonNullable<Hook.Service>): Circumstances => {
  const { hook: before } = circumstances
  return {
    ...circumstances,
    hook: before === undefined ? hook : (point, bytes) => Effect.zipRight(before(point, bytes), hook(point, bytes))
  }
}

const diskFull = new StorageError({ reason: "DiskFull", message: "No space left on device." })

/** Nothing goes on from here: the signal may take a moment. */
const killed = Effect.zipRight(
  Effect.sync(() => process.kill(process.pid, "SIGKILL")),
  Effect.never
)

/** Headers without these names. */
export const without = (
  headers: Readonly<Record<string, string>>,
  ...names: ReadonlyArray<string>
): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
