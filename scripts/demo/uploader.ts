/** Uploads a file in a process of its own, which the demo kills midway. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Upload from "effect-cos/Upload"
import { NodeCos } from "effect-cos-node"

const program = Effect.gen(function* () {
  const key = yield* Config.string("DEMO_KEY")
  const path = yield* Config.string("DEMO_FILE")
  return yield* Upload.file(
    { key, path },
    {
      concurrency: 2,
      // The parent counts these lines.
      onCheckpoint: ({ parts }) => Effect.sync(() => process.stdout.write(`${parts.length}\n`))
    }
  )
})

const checkpoints = Layer.unwrapEffect(Effect.map(Config.string("DEMO_CHECKPOINTS"), Checkpoint.layerDirectory))

NodeRuntime.runMain(Effect.provide(program, Layer.provideMerge(checkpoints, NodeCos.layerEnv)))
