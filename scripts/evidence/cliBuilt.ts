/**
 * All tests of the command line once more, each run of `cos` in them being the built command in a process of its own, with
 * real pipes and a real exit code. Like `pnpm test` it fails where a command, an option, an exit code or a line of JSON that
 * is documented was used by no test. Words after the name select test files.
 */
import * as Command from "@effect/platform/Command"
import * as Effect from "effect/Effect"
import { Failed, main, run, tool } from "../tool.js"

export const description = "every command, option and exit code by the built command, with the assertions of pnpm test"

/** A test runs up to two hundred commands, of a second each on a loaded machine. */
const limit = 10 * 60 * 1000

main(
  Effect.gen(function* () {
    const [first, ...rest] = process.argv.slice(2)
    const files = first === undefined ? ["packages/cli/test"] : [first, ...rest]
    const vitest = tool("vitest", "run", ...files, `--testTimeout=${limit}`, `--hookTimeout=${limit}`)
    const { ok, output } = yield* run(Command.env(vitest, { COS_TEST_BUILT: "1" }), { echo: true })
    if (!ok) return yield* new Failed()
    console.log(/^\d+ runs of cos used .*$/m.exec(output)?.[0] ?? "the chosen tests pass by the built command")
  })
)
