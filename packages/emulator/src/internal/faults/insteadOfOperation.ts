/**
 * Faults that replace the operation: a status, a reset, silence. `beforeOperation` and `afterOperation` have the others.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { connectionReset, type HandlerResult, type IncompleteBody, type Reply, reply } from "../http/message.js"
import type { ActiveFault } from "./rules.js"

const readAtLeast = (
  body: Stream.Stream<Uint8Array, IncompleteBody>,
  bytes: number
): Effect.Effect<void, IncompleteBody> => {
  let seen = 0
  return bytes <= 0
    ? Effect.void
    : body.pipe(
        Stream.takeUntil((chunk) => {
          seen += chunk.length
          return seen >= bytes
        }),
        Stream.runDrain
      )
}

/** Makes the emulator's usual `<Error>` reply. */
export type MakeErrorReply = (status: number, code: string, message: string | undefined) => Reply

/** What a fault does instead of the operation; `undefined` if the operation is to run. */
export const insteadOfOperation = (
  { markFired, fault }: ActiveFault,
  body: Stream.Stream<Uint8Array, IncompleteBody>,
  error: MakeErrorReply
): Effect.Effect<HandlerResult, IncompleteBody> | undefined => {
  switch (fault._tag) {
    case "Status": {
      const base =
        fault.code === undefined || fault.body !== undefined
          ? reply(fault.status, {}, fault.body)
          : error(fault.status, fault.code, fault.message)
      const response: Reply = { ...base, headers: { ...base.headers, ...lowerCase(fault.headers ?? {}) } }
      return readAtLeast(body, fault.afterBytes ?? 0).pipe(Effect.zipRight(markFired), Effect.as(response))
    }
    case "Reset":
      return readAtLeast(body, fault.afterBytes).pipe(Effect.zipRight(markFired), Effect.as(connectionReset))
    case "Silence":
      return fault.when === "before"
        ? markFired.pipe(Effect.zipRight(Stream.runDrain(body)), Effect.zipRight(Effect.never))
        : undefined
    case "ErrorIn200":
      return fault.committed
        ? undefined
        : markFired.pipe(Effect.zipRight(Stream.runDrain(body)), Effect.as(error(200, fault.code, undefined)))
    default:
      return undefined
  }
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
