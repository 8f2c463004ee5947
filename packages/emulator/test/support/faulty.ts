import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { type Answer, bucket, type Send, send } from "./client.js"

export const emulator = layer({ buckets: [bucket], minPartSize: 1, strict: true })

export const reset = { _tag: "RequestError", reason: "Transport", cause: { code: "ECONNRESET" } }
export const broken = { _tag: "ResponseError", reason: "Decode", cause: { code: "ECONNRESET" } }

/** Sets a fault, asks, and checks that it fired once. */
export const faulty = (fault: Fault.Fault, ...[method, options]: Parameters<typeof send>) =>
  Effect.gen(function* () {
    const handle = yield* (yield* Emulator).fault({ do: fault })
    const result = yield* Effect.either(send(method, options))
    expect(yield* handle.fired, fault._tag).toBe(1)
    return result
  })

/** The same, where an answer is expected. */
export const answered = (fault: Fault.Fault, ...[method, options]: Parameters<typeof send>) =>
  Effect.map(faulty(fault, method, options), Either.getOrThrow<Answer, unknown>)

/** The same, where none is. */
export const failed = (fault: Fault.Fault, ...[method, options]: Parameters<typeof send>) =>
  Effect.map(faulty(fault, method, options), (result) => Option.getOrThrow(Either.getLeft(result)))

export const put: Send = { key: "k", body: "0123456789" }
export const keys = Effect.flatMap(Emulator, ({ objects }) =>
  Effect.map(objects(bucket), (all) => all.map(({ key }) => key))
)
