/**
 * Faults that change what the operation finds: a slow body, a delay, a full disk, a stale listing, a part that is
 * forgotten, headers that it does not see, the end of the process. `insteadOfOperation` and `afterOperation` have the others.
 */
import * as Effect from "effect/Effect"
import { omitHeaders } from "../http/headerText.js"
import type { Request } from "../http/message.js"
import { throttle } from "../http/throttle.js"
import type { RequestContext } from "../operations/operation.js"
import { type Hook, type HookPoint, StorageError } from "../storage/Storage.js"
import type { ActiveFault } from "./rules.js"

/** The body of a request as the faults that slow it down deliver it. The reply's part of them is in `afterOperation`. */
export const slowDownBody = (
  activeFaults: ReadonlyArray<ActiveFault>,
  request: Pick<Request, "body" | "bufferedBody">
): Pick<Request, "body" | "bufferedBody"> => {
  const rates = activeFaults.flatMap(({ fault }) => (fault._tag === "Slow" ? [fault.bytesPerSecond] : []))
  return rates.length === 0
    ? request
    : { body: rates.reduce((body, rate) => throttle(rate)(body), request.body), bufferedBody: undefined }
}

/** Applies a fault to the context in which the operation runs. */
export const beforeOperation = (
  { markFired, fault }: ActiveFault,
  context: RequestContext
): Effect.Effect<RequestContext> => {
  switch (fault._tag) {
    case "Delay":
      return fault.when === "before"
        ? Effect.as(Effect.zipRight(markFired, Effect.sleep(fault.milliseconds)), context)
        : Effect.succeed(context)
    case "StaleList":
      return Effect.as(markFired, { ...context, listedUntil: context.now - fault.milliseconds })
    case "IgnoreHeaders": {
      const names = fault.names.map((name) => name.toLowerCase())
      return Effect.as(markFired, { ...context, headers: omitHeaders(context.headers, ...names) })
    }
    case "ForgetPart":
      return Effect.succeed({ ...context, storage: { ...context.storage, putPart: () => markFired } })
    case "DiskFull": {
      // A disk without room for a byte has none for a record either.
      const { afterBytes } = fault
      const isFull = (point: HookPoint, bytes: number) =>
        point === "write" ? bytes > (afterBytes ?? 0) : point === "commit" && afterBytes === undefined
      return Effect.succeed(
        addStorageHook(context, (point, bytes) =>
          isFull(point, bytes) ? Effect.zipRight(markFired, diskFull) : Effect.void
        )
      )
    }
    case "Die": {
      const { afterBytes = 0, at } = fault
      const isTime = (point: HookPoint, bytes: number) => point === at && (point !== "write" || bytes > afterBytes)
      return Effect.succeed(
        addStorageHook(context, (point, bytes) =>
          isTime(point, bytes) ? Effect.zipRight(markFired, killProcess) : Effect.void
        )
      )
    }
    default:
      return Effect.succeed(context)
  }
}

/** Adds a storage hook that runs after the one that is there. */
const addStorageHook = (context: RequestContext, hook: NonNullable<Hook.Service>): RequestContext => {
  const { storageHook: before } = context
  return {
    ...context,
    storageHook:
      before === undefined ? hook : (point, bytes) => Effect.zipRight(before(point, bytes), hook(point, bytes))
  }
}

const diskFull = new StorageError({ reason: "DiskFull", message: "No space left on device." })

/** Never continues: the signal may take a moment to arrive. */
const killProcess = Effect.zipRight(
  Effect.sync(() => process.kill(process.pid, "SIGKILL")),
  Effect.never
)
