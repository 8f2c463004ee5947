/**
 * `pnpm test`: everything that is checked on every commit. The tools run first, two at a time. The tests run alone after
 * them, so that nothing competes with them. The last line is `N passed, N failed`, which counts tests and steps.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Failed, main, type Outcome, run, tool } from "../tool.js"

type Step = readonly [name: string, tool: string, ...args: ReadonlyArray<string>]

/** The runtimes that the machine does not have come from npm; without it they are left out, but not in CI. */
const runtimes: Step = ["runtimes", "tsx", "scripts/runtimes/main.ts", "--fast"]

/** Tracks run in parallel, and take about as long; the steps of a track run in turn. After a failed build its rest is skipped. */
const tracks: ReadonlyArray<ReadonlyArray<Step>> = [
  [runtimes],
  [
    ["types", "tsc", "-p", "tsconfig.json"],
    ["lint and format", "biome", "check", "--error-on-warnings", "."],
    ["imports", "depcruise", "packages/*/src", "packages/*/test", "test", "scripts"],
    ["examples", "tsx", "scripts/check/docs.ts"],
    ["API coverage", "tsx", "scripts/api/coverage.ts"],
    ["operation types", "tsx", "scripts/api/generateTypes.ts", "--check"],
    ["build", "tsx", "scripts/build/main.ts"],
    ["packaging", "tsx", "scripts/check/packaging.ts"],
    ["nameable types", "tsx", "scripts/check/nameable.ts"],
    ["bundle size", "tsx", "scripts/size.ts"],
    ["type cost", "tsx", "scripts/type-cost.ts"]
  ]
]

interface Result {
  readonly step: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
}

const seconds = (duration: Duration.Duration) => Number(Duration.toSeconds(duration).toFixed(1))

/** A step counts as one, unless its last line says how much passed and failed. */
const countsOf = ({ ok, output }: Outcome) => {
  const [, passed, failed] = /(?:^|\n)(\d+) passed, (\d+) failed\s*$/.exec(output) ?? []
  return passed === undefined
    ? { passed: ok ? 1 : 0, failed: ok ? 0 : 1 }
    : { passed: Number(passed), failed: ok ? Number(failed) : Math.max(1, Number(failed)) }
}

const runStep = ([step, name, ...args]: Step) =>
  Effect.gen(function* () {
    const [duration, outcome] = yield* Effect.timed(run(tool(name, ...args)))
    const result: Result = { step, ...countsOf(outcome), seconds: seconds(duration) }
    const { ok, output } = outcome
    const skipped = output.split("\n").filter((line) => line.startsWith("skipped "))
    console.log(
      ok
        ? [`ok      ${step} (${result.seconds} s)`, ...skipped].join("\n")
        : `FAILED  ${step} (${result.seconds} s)\n${output.trimEnd()}\n`
    )
    return result
  })

const runTrack = (steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const results: Array<Result> = []
    for (const step of steps) {
      const result = yield* runStep(step)
      results.push(result)
      if (result.failed > 0 && result.step === "build") break
    }
    return results
  })

/** The part of Vitest's JSON report that is used here. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: ReadonlyArray<{
    readonly status: "passed" | "failed"
    readonly assertionResults: ReadonlyArray<{ readonly status: string }>
  }>
}

const tests = Effect.scoped(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = `${yield* fs.makeTempDirectoryScoped()}/report.json`
    const vitest = tool("vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`)
    const [duration, { ok }] = yield* Effect.timed(run(vitest, { echo: true }))
    const report = yield* Effect.map(fs.readFileString(file), (text): Report => JSON.parse(text)).pipe(Effect.option)
    const counts = report._tag === "None" ? { passed: 0, failed: 0 } : count(report.value)
    // A run can fail without a failed test, after an unhandled error for example.
    return {
      step: "tests",
      ...counts,
      failed: ok ? counts.failed : Math.max(1, counts.failed),
      seconds: seconds(duration)
    }
  })
)

const count = ({ numFailedTests, numPassedTests, testResults }: Report) => {
  const broken = testResults.filter(
    ({ assertionResults, status }) => status === "failed" && assertionResults.every(({ status }) => status !== "failed")
  )
  return { passed: numPassedTests, failed: numFailedTests + broken.length }
}

main(
  Effect.gen(function* () {
    const checked = yield* Effect.forEach(tracks, runTrack, { concurrency: "unbounded" })
    const results: ReadonlyArray<Result> = [...checked.flat(), yield* tests]
    console.table(Object.fromEntries(results.map(({ step, ...figures }) => [step, figures])))
    const total = (column: "passed" | "failed") => results.reduce((sum, result) => sum + result[column], 0)
    console.log(`${total("passed")} passed, ${total("failed")} failed`)
    if (total("failed") > 0) return yield* new Failed()
  })
)
