/**
 * Copies every object below a prefix of one bucket into another, four at once. The bytes do not pass through here, and an
 * object of more than 5 GB is copied in parts.
 *
 * `npx tsx copy.ts photos-1250000000 backup-1250000000 2026/`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Stream } from "effect"
import { Copy } from "effect-cos"
import * as Cos from "effect-cos/Cos"
import { NodeCos } from "effect-cos-node"

const [from = "photos-1250000000", to = "backup-1250000000", prefix = ""] = process.argv.slice(2)

const copies = Cos.listObjects.items({ bucket: from, prefix }).pipe(
  // Where the buckets are in two regions, name them: `region` beside `bucket`, and in `source`.
  Stream.mapEffect(({ key }) => Copy.object({ bucket: to, key, source: { bucket: from, key } }), {
    concurrency: 4,
    unordered: true
  }),
  Stream.tap(({ key, size }) => Console.log(`${key}: ${size} bytes`))
)

const program = Stream.runCount(copies).pipe(Effect.flatMap((count) => Console.log(`${count} objects are copied`)))

NodeRuntime.runMain(Effect.provide(program, NodeCos.layerEnv))
