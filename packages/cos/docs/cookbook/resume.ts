/**
 * Uploads a large file. Kill it, also with `kill -9`, and run it again: it sends only the parts that are not stored yet.
 *
 * `npx tsx resume.ts ./movie.mp4 movies/movie.mp4`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { Checkpoint, Upload } from "effect-cos"
import { NodeCos } from "effect-cos-node"

const [path = "./movie.mp4", key = "movies/movie.mp4"] = process.argv.slice(2)

const program = Upload.file(
  { key, path },
  {
    // After Ctrl-C and after a failure the parts stay on the server, for the next run.
    onInterrupt: "keep",
    onFailure: "keep",
    onProgress: ({ percent = 0 }) => Console.error(`${Math.floor(percent * 100)} %`)
  }
).pipe(
  Effect.flatMap(({ location, parts, resumedParts }) =>
    Console.log(`${location}: ${parts} parts, ${resumedParts} of them from earlier runs`)
  ),
  // Where the next run finds how far this one came.
  Effect.provide(Checkpoint.layerDirectory("./.checkpoints"))
)

NodeRuntime.runMain(Effect.provide(program, NodeCos.layerEnv))
