/** Runs the cases one after another, each in a bucket of its own and within a time limit. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type { Case, Config, Result } from "./model.js"
import { World } from "./model.js"
import { make, type Platform } from "./world.js"

const noFiles = Layer.merge(FileSystem.layerNoop({}), Path.layer)

const limit = "60 seconds"

const runCase = (platform: Platform, config: Config, number: number, { name, run, suite }: Case) =>
  Effect.gen(function* () {
    const began = Date.now()
    const exit = yield* Effect.gen(function* () {
      const world = yield* make(platform, config, `${config.name}-${number}-1250000000`)
      yield* run.pipe(
        Effect.scoped,
        Effect.provide([Layer.succeed(World, world), world.client({}), platform.files ?? noFiles] as const)
      )
    }).pipe(
      Effect.timeoutFail({ duration: limit, onTimeout: () => new Error(`takes longer than ${limit}`) }),
      Logger.withMinimumLogLevel(LogLevel.None),
      Effect.exit
    )
    const result: Result = { suite, name, milliseconds: Date.now() - began }
    return Exit.isSuccess(exit) ? result : { ...result, error: Cause.pretty(exit.cause) }
  })

/** Writes the result of each case as it ends, and at last how many there were: lines of JSON. */
export const runAll = (
  platform: Platform,
  config: Config,
  cases: ReadonlyArray<Case>,
  write: (line: string) => void
): Effect.Effect<void> => {
  const possible = cases.filter(({ files }) => !files || platform.files !== undefined)
  return Effect.forEach(possible, (one, number) =>
    Effect.map(runCase(platform, config, number, one), (result) => write(`${JSON.stringify(result)}\n`))
  ).pipe(Effect.map(() => write(`{"cases":${possible.length}}\n`)))
}
