/**
 * A queue of uploads with a list that is drawn anew as it changes. Those that are left when it is killed go on at the next
 * start.
 *
 * `npx tsx live-queue.ts ./a.mp4 ./b.mp4`
 */
import { basename } from "node:path"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Option, Stream } from "effect"
import { Checkpoint, TransferQueue } from "effect-cos"
import { NodeCos } from "effect-cos-node"

const paths = process.argv.slice(2)

const isOver = ({ state }: TransferQueue.Entry) => state === "succeeded" || state === "failed" || state === "cancelled"

const line = ({ input, progress: { percent = 0 }, state }: TransferQueue.Entry) =>
  `${input.key.padEnd(30)} ${state.padEnd(10)} ${Math.floor(percent * 100)} %`

const draw = (entries: ReadonlyArray<TransferQueue.Entry>) =>
  Effect.sync(() => {
    if (process.stdout.isTTY) process.stdout.write(`\x1b[H\x1b[2J${entries.map(line).join("\n")}\n`)
  })

const program = Effect.gen(function* () {
  const queue = yield* TransferQueue.make({ concurrency: 2 })
  yield* Effect.forEach(paths, (path) => queue.upload({ key: `queue/${basename(path)}`, path }))
  const last = yield* queue.changes.pipe(
    Stream.tap(draw),
    Stream.takeUntil((entries) => entries.every(isOver)),
    Stream.runLast
  )
  yield* Effect.forEach(
    Option.getOrElse(last, () => []),
    (entry) => Console.log(line(entry))
  )
}).pipe(Effect.scoped, Effect.provide(Checkpoint.layerDirectory("./.queue")))

NodeRuntime.runMain(Effect.provide(program, NodeCos.layerEnv))
