/** An emulator in a process of its own, with a fault that kills it. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import { FaultSpec } from "effect-cos-emulator/Fault"

const [, , dir, bucket = "", region, fault = ""] = process.argv

const program = Effect.gen(function* () {
  const emulator = yield* Emulator
  yield* emulator.fault(yield* Schema.decode(Schema.parseJson(FaultSpec))(fault))
  console.log(emulator.endpoint)
  return yield* Effect.never
})

NodeRuntime.runMain(Effect.provide(program, layerServer({ buckets: [bucket], region, dir, strict: true })))
