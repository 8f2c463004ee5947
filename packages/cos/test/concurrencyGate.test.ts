import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as gates from "../src/internal/transfer/concurrencyGate.js"
import { withPartPermit } from "../src/internal/transfer/partLimit.js"

it.scoped("a found number stays where it is fastest, also where there are no more workers than that", () =>
  Effect.gen(function* () {
    const gate = yield* gates.make({ files: "auto", parts: undefined, totalParts: "auto" })
    const one = gate.file(withPartPermit(Effect.sleep("100 millis"), 1000))
    const files = Array.from({ length: 1200 }, () => one)
    const transfers = yield* Effect.fork(gate.share(Effect.all(files, { concurrency: gate.most, discard: true })))
    const found: Array<number> = []
    for (let i = 0; i < 5; i++) {
      yield* TestClock.adjust("100 millis")
      found.push(gate.current.current)
    }
    expect(found).toEqual([64, 64, 256, 256, 256])
    yield* Fiber.interrupt(transfers)
  })
)
