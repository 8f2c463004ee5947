/** What else runs in the process goes on while large parts are summed and sent. */
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Upload from "effect-cos/Upload"
import { content } from "../support/content.js"
import * as World from "../support/world.js"

const MiB = 1024 * 1024

/** Counts turns of the event loop while something runs. */
const countTurns = () => {
  let turns = 0
  let next = setImmediate(function again() {
    turns += 1
    next = setImmediate(again)
  })
  return { current: () => turns, stop: () => clearImmediate(next) }
}

/** The turns in which the requests for parts began. */
const turnsOfParts = <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const turns = countTurns()
    const begun: Array<number> = []
    const transformClient = HttpClient.tapRequest((request) =>
      Effect.sync(() => {
        if (request.method === "PUT") begun.push(turns.current())
      })
    )
    yield* Effect.provide(run, World.inProcess({ client: { transformClient } }))
    turns.stop()
    return begun
  })

describe("an upload", () => {
  const bytes = content(32 * MiB)

  it.effect("sums and sends no two large parts in one turn of the event loop", () =>
    Effect.gen(function* () {
      const begun = yield* turnsOfParts(
        Upload.bytes({ key: "a", bytes }, { partSize: 8 * MiB, threshold: 0, concurrency: 4 })
      )
      expect(begun).toHaveLength(4)
      expect(new Set(begun).size).toBe(4)
    })
  )

  it.effect("that waits for its turn can be interrupted, and the others go on", () =>
    Effect.gen(function* () {
      const begun = yield* turnsOfParts(
        Effect.gen(function* () {
          const isBegun = yield* Deferred.make<void>()
          const upload = (key: string) => Upload.bytes({ key, bytes: bytes.subarray(0, 8 * MiB) })
          const first = yield* Effect.fork(Effect.zipRight(Deferred.succeed(isBegun, undefined), upload("first")))
          const second = yield* Effect.fork(upload("second"))
          const third = yield* Effect.fork(upload("third"))
          yield* Deferred.await(isBegun)
          yield* Fiber.interrupt(second)
          yield* Fiber.join(first)
          yield* Fiber.join(third)
          yield* World.expectStored("second", undefined)
          yield* World.expectStored("third", bytes.subarray(0, 8 * MiB))
        })
      )
      expect(begun).toHaveLength(2)
    })
  )
})
