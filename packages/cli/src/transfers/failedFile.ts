/**
 * The file of `--failed`: what failed in a run, which the same command takes again.
 */

import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { CommandFailed, reportOf, UsageError } from "../contract/errors.js"
import type { Failed } from "../contract/moveLines.js"

const Header = Schema.parseJson(
  Schema.Struct({
    v: Schema.Literal(1),
    type: Schema.Literal("failed-run"),
    command: Schema.String,
    words: Schema.Array(Schema.String)
  })
)

const Line = Schema.parseJson(Schema.Struct({ type: Schema.Literal("failed"), id: Schema.String }))

export interface FailedFile {
  /** What is tried again: of a first run everything. */
  readonly has: (id: string) => boolean
  readonly isTakenAgain: boolean
  readonly add: (id: string, line: Omit<typeof Failed.Type, "v" | "type">) => Effect.Effect<void, CommandFailed>
  /** Keeps it where something failed, else removes it. */
  readonly finish: Effect.Effect<void, CommandFailed>
}

const none: FailedFile = {
  has: () => true,
  isTakenAgain: false,
  add: () => Effect.void,
  finish: Effect.void
}

const read = (file: string, command: string, words: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(file))) return undefined
    const [first = "", ...lines] = (yield* fs.readFileString(file)).trimEnd().split("\n")
    if (first === "" && lines.length === 0) return undefined
    const header = Schema.decodeOption(Header)(first)
    const refuse = (message: string, advice: string) => new UsageError({ message: `${file} ${message}`, advice })
    if (Option.isNone(header)) {
      return yield* refuse("is not a file that --failed has written", "Name another file")
    }
    if (header.value.command !== command || JSON.stringify(header.value.words) !== JSON.stringify(words)) {
      return yield* refuse(
        `is of another run: cos ${header.value.command} ${header.value.words.join(" ")}`,
        "Name another file"
      )
    }
    const ids = new Set<string>()
    for (const line of lines) {
      const decoded = Schema.decodeOption(Line)(line)
      if (Option.isNone(decoded)) return yield* refuse("is damaged", "Remove it to do everything")
      ids.add(decoded.value.id)
    }
    return ids
  })

/** Opens it, where it is asked for. `words` tell the runs apart. */
export const open = (
  file: string | undefined,
  command: string,
  words: ReadonlyArray<string>
): Effect.Effect<FailedFile, UsageError | CommandFailed | PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    if (file === undefined) return none
    const fs = yield* FileSystem.FileSystem
    const ids = yield* read(file, command, words)
    const temporary = `${file}.new`
    const encoder = new TextEncoder()
    let count = 0
    // Of an open file an error names the number.
    const named = Effect.mapError((error: PlatformError) => {
      const { exit, message } = reportOf(error)
      const why = (error._tag === "SystemError" ? error.description : undefined) ?? message
      return new CommandFailed({ exitCode: exit, message: `--failed ${file} cannot be written: ${why}` })
    })
    const written = yield* named(fs.open(temporary, { flag: "w" }))
    yield* Effect.addFinalizer(() => Effect.ignore(fs.remove(temporary)))
    yield* named(
      written.writeAll(encoder.encode(`${Schema.encodeSync(Header)({ v: 1, type: "failed-run", command, words })}\n`))
    )
    return {
      has: (id) => ids === undefined || ids.has(id),
      isTakenAgain: ids !== undefined,
      add: (id, line) =>
        Effect.suspend(() => {
          count += 1
          return named(written.writeAll(encoder.encode(`${JSON.stringify({ v: 1, type: "failed", id, ...line })}\n`)))
        }),
      finish: Effect.suspend(() =>
        count > 0 ? named(Effect.zipRight(written.sync, fs.rename(temporary, file))) : Effect.ignore(fs.remove(file))
      )
    }
  })
