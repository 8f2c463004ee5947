import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Runtime from "effect/Runtime"
import type { CosClient } from "effect-cos/CosClient"
import type { Emulator } from "effect-cos-emulator/Emulator"
import { inProcess } from "../support/world.js"
import { agree, buckets, command } from "./model.js"

describe("the emulator", () => {
  it.effect(
    "agrees with plain maps about versions, uploads and copies",
    () =>
      Effect.gen(function* () {
        const run = Runtime.runPromise(yield* Effect.runtime<CosClient | Emulator>())
        const agrees = FastCheck.asyncProperty(FastCheck.array(command, { maxLength: 20 }), (commands) =>
          run(agree(commands))
        )
        yield* Effect.promise(() => FastCheck.assert(agrees, { seed: 20260801, numRuns: 200 }))
      }).pipe(Effect.provide(inProcess({ emulator: { buckets, minPartSize: 1 } }))),
    60_000
  )
})
