/** How much work the types give the compiler: instantiations per program, which do not depend on the machine. */
import * as Effect from "effect/Effect"
import { Failed, main, must, tool } from "./tool.js"

/** The most that each program may cost. Raise a limit only with a reason in the commit. */
const limits: Record<string, number> = {
  // The library from its sources.
  "packages/cos/tsconfig.build.json": 586_600,
  // A user's program of 30 operations (test/types/program.ts) against the published declarations; scripts/check/packaging.ts prepares it.
  ".consumer/tsconfig.json": 31_500
}

const measure = Effect.fnUntraced(function* (project: string) {
  // Parallel checkers instantiate some types twice: one checker gives the same figure every time.
  const flags = "--extendedDiagnostics --checkers 1 --noEmit --skipLibCheck --incremental false --composite false"
  const output = yield* must(tool("tsc", "-p", project, ...flags.split(" ")))
  const figure = (name: string) => Number(new RegExp(`^${name}: +([\\d.]+)`, "m").exec(output)?.[1])
  return { instantiations: figure("Instantiations"), types: figure("Types"), seconds: figure("Check time") }
})

main(
  Effect.forEach(process.argv.length > 2 ? process.argv.slice(2) : Object.keys(limits), (project) =>
    Effect.gen(function* () {
      const { instantiations, seconds, types } = yield* measure(project)
      const limit = limits[project] ?? Number.POSITIVE_INFINITY
      const report = `${project}: ${instantiations} instantiations (limit ${limit}), ${types} types, ${seconds} s`
      if (!(instantiations <= limit)) return yield* new Failed(report)
      console.log(report)
    })
  )
)
