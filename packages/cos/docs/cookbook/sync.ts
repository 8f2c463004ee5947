/**
 * Makes a prefix the equal of a directory. With `--dry-run` it says what it would do, and changes nothing.
 *
 * `npx tsx sync.ts ./public site/ --dry-run`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Stream } from "effect"
import { Sync } from "effect-cos"
import { NodeCos } from "effect-cos-node"

const args = process.argv.slice(2)
const [directory = "./public", prefix = "site/"] = args.filter((arg) => !arg.startsWith("--"))

const options: Sync.Options = {
  from: Sync.directory(directory),
  to: Sync.prefix(prefix),
  delete: true,
  // More deletions than this are refused: somebody may have named the wrong directory.
  maxDelete: 100,
  onAction: ({ _tag, name }, error) => Console.log(`${_tag} ${name}${error === undefined ? "" : `: ${error.message}`}`)
}

const show = (action: Sync.Action) =>
  Console.log(
    action._tag === "Transfer"
      ? `Transfer ${action.name} (${action.reason}, ${action.size} bytes)`
      : `${action._tag} ${action.name}`
  )

const dryRun = Stream.runForEach(Sync.plan(options), show)

const run = Effect.gen(function* () {
  const { deleted, failures, transferred, withheld } = yield* Sync.run(options)
  yield* Console.log(`${transferred} transferred, ${deleted} deleted, ${withheld} withheld`)
  if (failures.length > 0) yield* Effect.sync(() => (process.exitCode = 1))
})

const program = args.includes("--dry-run") ? dryRun : run

NodeRuntime.runMain(Effect.provide(program, NodeCos.layerEnv))
