/**
 * Uploads a directory, with a progress bar, and names the files that failed.
 *
 * `npx tsx upload-directory.ts ./site www/`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Duration, Effect } from "effect"
import { type Batch, Upload } from "effect-cos"
import { NodeCos } from "effect-cos-node"

const [directory = "./site", prefix = ""] = process.argv.slice(2)

/** One line, written over and over. Without a terminal nothing is shown: bars do not belong in a log. */
const bar = ({ eta, files, percent = 0, transferred }: Batch.TotalProgress) =>
  Effect.sync(() => {
    if (!process.stderr.isTTY) return
    const done = Math.floor(percent * 30)
    const left =
      eta === undefined ? "" : `, ${Duration.format(Duration.seconds(Math.ceil(Duration.toSeconds(eta))))} left`
    process.stderr.write(
      `\r\x1b[K[${"#".repeat(done).padEnd(30)}] ${files.succeeded} of ${files.total} files, ${transferred} bytes${left}`
    )
  })

const program = Effect.gen(function* () {
  const { failures, succeeded } = yield* Upload.files(
    { directory, prefix, exclude: [".git/**", "**/.DS_Store"] },
    { onProgress: bar, progressInterval: "200 millis" }
  )
  yield* Console.error("")
  yield* Console.log(`${succeeded} files are uploaded`)
  yield* Effect.forEach(failures, ({ error, input }) => Console.error(`${input.path}: ${error.message}`))
  if (failures.length > 0) yield* Effect.sync(() => (process.exitCode = 1))
})

NodeRuntime.runMain(Effect.provide(program, NodeCos.layerEnv))
