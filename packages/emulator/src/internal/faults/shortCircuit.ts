/**
 * Faults that answer in the operation's place: a status, a reset, silence.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Answer, type BodyLost, hangup, type Reply, reply } from "../request/message.js"
import type { Active } from "./rules.js"

const drain = (body: Stream.Stream<Uint8Array, BodyLost>, bytes: number): Effect.Effect<void, BodyLost> => {
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

/** Makes an `<Error>` answer of the emulator's own form. */
export type ErrorReply = (status: number, code: string, message: string | undefined) => Reply

/** What a fault does instead of the operation; `undefined` lets the operation run. */
export const instead = (
  { act, fault }: Active,
  body: Stream.Stream<Uint8Array, BodyLost>,
  error: ErrorReply
): Effect.Effect<Answer, BodyLost> | undefined => {
  switch (fault._tag) {
    case "Status": {
      const base =
        fault.code === undefined || fault.body !== undefined
          ? reply(fault.status, {}, fault.body)
          : error(fault.status, fault.code, fault.message)
      const answer: Reply = { ...base, headers: { ...base.headers, ...lowerCase(fault.headers ?? {}) } }
      return drain(body, fault.afterBytes ?? 0).pipe(Effect.zipRight(act), Effect.as(answer))
    }
    case "Reset":
      return drain(body, fault.afterBytes).pipe(Effect.zipRight(act), Effect.as(hangup))
    case "Silence":
      return fault.when === "before"
        ? act.pipe(Effect.zipRight(Stream.runDrain(body)), Effect.zipRight(Effect.never))
        : undefined
    case "ErrorIn200":
      return fault.committed
        ? undefined
        : act.pipe(Effect.zipRight(Stream.runDrain(body)), Effect.as(error(200, fault.code, undefined)))
    default:
      return undefined
  }
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
