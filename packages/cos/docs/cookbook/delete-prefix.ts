/**
 * Deletes everything below a prefix, after it has said how much that is. Without `--yes` it only says so.
 *
 * `npx tsx delete-prefix.ts tmp/ --yes`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import * as Cos from "effect-cos/Cos"
import { NodeCos } from "effect-cos-node"

const args = process.argv.slice(2)
const [prefix = "tmp/"] = args.filter((arg) => !arg.startsWith("--"))

const program = Effect.gen(function* () {
  const limit = 100_000
  if (!args.includes("--yes")) {
    const found = yield* Cos.deletePrefix({ prefix, limit, dryRun: true })
    return yield* Console.log(`${found.length} objects are below ${prefix}; --yes deletes them`)
  }
  const deleted = yield* Cos.deletePrefix({ prefix, limit })
  yield* Console.log(`${deleted.length} objects are deleted`)
}).pipe(
  Effect.catchTag("ObjectsRemain", ({ remaining }) =>
    Effect.zipRight(
      Effect.forEach(remaining, ({ key }) => Console.error(`${key} is still there`)),
      Effect.sync(() => (process.exitCode = 1))
    )
  )
)

NodeRuntime.runMain(Effect.provide(program, NodeCos.layerEnv))
