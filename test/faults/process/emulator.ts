/** An emulator in a process of its own, with a fault that kills it. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import { FaultSpec } from "effect-cos-emulator/Fault"

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"

const program = Effect.gen(function* () {
  const [, , , fault = ""] = process.argv
  const emulator = yield* Emulator
  yield* emulator.fault(yield* Schema.decode(Schema.parseJson(FaultSpec))(fault))
  console.log(emulator.endpoint)
  return yield* Effect.never
})

NodeRuntime.runMain(Effect.provide(program, layerServer({ buckets: [bucket], region, dir: process.argv[2] })))
