/**
 * `pnpm test:mutants [name…]`: checks that the tests find defects. For every defect of the table its tests run in a process of
 * their own. A defect that no test finds fails the run.
 */
import * as Command from "@effect/platform/Command"
import * as Effect from "effect/Effect"
import { Failed, main, run, tool } from "../tool.js"
import { mutants } from "./allMutants.js"
import type { Mutant } from "./mutant.js"

const runTests = (tests: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  run(tool("vitest", "run", "--config", "scripts/mutants/vitest.config.ts", ...tests).pipe(Command.env(env)))

/** What vitest says when the process of the tests died: LMDB, for one, ends it on a damaged file that nobody checked. */
const diedWorker = "ERR_IPC_CHANNEL_CLOSED"

/** Whether a test failed because of the mutant. Fails if the tests did not run at all. */
const isKilled = (mutant: Mutant) =>
  Effect.gen(function* () {
    const { ok, output } = yield* runTests(mutant.tests, { MUTANT: mutant.name })
    const killed = !ok && (/Tests .*\d+ failed/.test(output) || output.includes(diedWorker))
    console.log(`${killed ? "killed  " : "SURVIVED"} ${mutant.name}`)
    if (!ok && !killed) return yield* new Failed(`${mutant.name}: the tests did not run\n${output}`)
    return killed
  })

main(
  Effect.gen(function* () {
    const wanted = process.argv.slice(2)
    const chosen = mutants.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
    const { ok, output } = yield* runTests([...new Set(chosen.flatMap(({ tests }) => tests))])
    if (!ok) return yield* new Failed(`The tests fail without a mutant:\n${output}`)
    const results = yield* Effect.forEach(chosen, isKilled, { concurrency: 2 })
    const killed = results.filter(Boolean).length
    console.log(`${killed} of ${chosen.length} mutants killed`)
    if (killed < chosen.length) return yield* new Failed()
  })
)
