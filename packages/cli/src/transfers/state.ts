/**
 * Where a run notes how far it has come, so that the same command goes on after it was killed: checkpoints of large files,
 * and a journal of each run over many. In `COS_STATE_DIR`, else where the system keeps the state of programs.
 */
import { homedir } from "node:os"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Hash from "effect-cos/Hash"
import { Output } from "../contract/output.js"

/** Journals of runs that nobody has repeated for so long are removed. */
const keptFor = 30 * 24 * 60 * 60 * 1000

const variable = (name: string) =>
  Effect.map(Effect.option(Config.nonEmptyString(name)), (value) => Option.getOrUndefined(value))

const directory = Effect.gen(function* () {
  const { join } = yield* Path.Path
  const own = yield* variable("COS_STATE_DIR")
  if (own !== undefined) return own
  const local = process.platform === "win32" ? yield* variable("LOCALAPPDATA") : undefined
  if (local !== undefined) return join(local, "cos")
  return join((yield* variable("XDG_STATE_HOME")) ?? join(homedir(), ".local", "state"), "cos")
})

const prune = (runs: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    const now = yield* Clock.currentTimeMillis
    yield* Effect.forEach(
      yield* fs.readDirectory(runs),
      (name) =>
        Effect.ignore(
          Effect.flatMap(fs.stat(join(runs, name)), ({ mtime }) =>
            Option.exists(mtime, (time) => now - time.getTime() > keptFor) ? fs.remove(join(runs, name)) : Effect.void
          )
        ),
      { discard: true }
    )
  }).pipe(Effect.ignore)

/** What a run that can be repeated uses. */
export interface State {
  /** The journal of the run. */
  readonly journal: string
  readonly checkpoints: string
}

/** The place of the state of one run, which the same words find again; `undefined` where nothing can be kept. */
export const open = (
  run: ReadonlyArray<string>,
  options: { readonly isResumed: boolean }
): Effect.Effect<State | undefined, never, FileSystem.FileSystem | Path.Path | Output> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { join, resolve } = yield* Path.Path
    const hash = yield* Hash.Hash
    const root = yield* directory
    const runs = join(root, "runs")
    const checkpoints = join(root, "checkpoints")
    const journal = join(runs, `${hash.sha1Hex(JSON.stringify([resolve("."), ...run]))}.journal`)
    if (!options.isResumed) {
      yield* Effect.ignore(fs.remove(journal))
      return undefined
    }
    const probe = `${journal}.${process.pid}`
    const made = yield* Effect.either(
      Effect.zipRight(
        Effect.forEach([runs, checkpoints], (path) => fs.makeDirectory(path, { recursive: true, mode: 0o700 })),
        // A disk that is full has room for directories.
        Effect.ensuring(fs.writeFileString(probe, "{}"), Effect.ignore(fs.remove(probe)))
      )
    )
    if (made._tag === "Left") {
      const output = yield* Output
      yield* output.note(`cos: ${root} cannot be written, so that this run could not be resumed (COS_STATE_DIR)`)
      return undefined
    }
    yield* prune(runs)
    return { journal, checkpoints }
  })

/** Provides the store of checkpoints, where there is a state. */
export const withCheckpoints = <A, E, R>(state: State | undefined, self: Effect.Effect<A, E, R>) =>
  state === undefined ? self : Effect.provide(self, Checkpoint.layerDirectory(state.checkpoints))
