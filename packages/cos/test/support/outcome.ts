/** Requests of a scripted client, run to their end whatever time that takes by the clock. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as TestClock from "effect/TestClock"
import * as Cos from "../../src/Cos.js"
import type * as CosClient from "../../src/CosClient.js"
import * as Scripted from "./ScriptedClient.js"

export const key = "key"
export const ok: Scripted.Answer = { headers: { etag: '"a"' } }
export const put = Cos.putObject({ key, body: "bytes" })
export const times = <A>(count: number, value: A): ReadonlyArray<A> => Array.from({ length: count }, () => value)

/** From COS itself, or from something on the way that answers without a request id. */
export const fromCos = (status: number): Scripted.Answer => ({ status })
export const fromElsewhere = (status: number): Scripted.Answer => ({
  status,
  headers: { "x-cos-request-id": undefined }
})

/** Runs to the end, however long that takes by the clock. */
export const elapse = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(self)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  }).pipe(Effect.withRandom(Random.make("seed")))

export const outcome = <A, E>(
  run: Effect.Effect<A, E, CosClient.CosClient>,
  steps: ReadonlyArray<Scripted.Step>,
  options?: Scripted.Options
) =>
  Effect.gen(function* () {
    const { layer, requests } = Scripted.make(steps, options)
    const result = yield* elapse(Effect.either(Effect.provide(run, layer)))
    return {
      result,
      requests,
      tag: result._tag === "Left" ? (result.left as { readonly _tag: string })._tag : "Success"
    }
  })
