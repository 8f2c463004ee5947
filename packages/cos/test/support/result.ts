/** Runs an effect against scripted responses. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import type * as CosClient from "effect-cos/CosClient"
import * as Scripted from "./ScriptedClient.js"

/** The result of an effect, and the requests that it sent, when the service responds with these steps. */
export const resultOf = <A, E>(
  run: Effect.Effect<A, E, CosClient.CosClient | Scope.Scope>,
  ...steps: ReadonlyArray<Scripted.Step>
) =>
  Effect.gen(function* () {
    const { layer, requests } = Scripted.make(steps)
    const fiber = yield* Effect.fork(Effect.either(run.pipe(Effect.scoped, Effect.provide(layer))))
    yield* TestClock.adjust("1 minute")
    return { result: yield* Fiber.join(fiber), requests }
  })

/** The result alone. */
export const valueOf = <A, E>(
  run: Effect.Effect<A, E, CosClient.CosClient | Scope.Scope>,
  ...steps: ReadonlyArray<Scripted.Step>
) => Effect.flatMap(resultOf(run, ...steps), ({ result }) => result)
