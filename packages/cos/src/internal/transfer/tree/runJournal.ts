/**
 * The journal of a run over many files: a line for each file that was finished, so that a run that is killed can be
 * repeated without sending again what is there.
 *
 * A line is the SHA-1 of what was transferred: where from and to, by what the source was known, what was stored of it, and
 * with which settings. A later run believes what is there by computing the same digest of what it finds, so that a line
 * which is damaged, cut off, or of other files is that of nothing. Lines are written as they come, and flushed to the
 * disk each second.
 * Memory: 32 bytes for each line of an earlier run.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { CosClient } from "../../../CosClient.js"
import type { InvalidInput } from "../../../CosError.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { isNotFound } from "../../file/isNotFound.js"
import { NameSet } from "./nameSet.js"

/** A file that was transferred, by all that has to be the same for it to count as done. */
export type Done = ReadonlyArray<string | number | undefined>

export interface RunJournal {
  /** Whether an earlier run left something. */
  readonly isResumed: boolean
  readonly has: (done: Done) => boolean
  /** Never fails: a journal that cannot be written only means that a later run does more. */
  readonly note: (done: Done) => Effect.Effect<void>
  /** Everything is done. */
  readonly finish: Effect.Effect<void>
}

const header = '{"journal":"effect-cos","version":1}'
const line = /^[0-9a-f]{40}$/
/** Characters, of a line of ours. What goes on for longer is none, and its rest is not kept. */
const longest = 64

/** How long a line that is written may wait until it is on the disk. */
const interval = "1 second"

const read = (
  operation: string,
  path: string
): Effect.Effect<
  { readonly lines: NameSet; readonly count: number; readonly isNew: boolean; readonly isTorn: boolean },
  InvalidInput,
  FileSystem.FileSystem
> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const lines = new NameSet()
    let count = 0
    let first: string | undefined
    let rest = ""
    const take = (text: string) => {
      if (first === undefined) first = text
      else if (line.test(text)) {
        lines.set(text, "file")
        count += 1
      }
    }
    const unreadable = (error: PlatformError) =>
      isNotFound(error)
        ? Effect.void
        : Effect.fail(invalidInput(operation, "journal", `must be a file that can be read: ${error.message}`))
    const info = yield* Effect.catchAll(fs.stat(path), unreadable)
    if (info !== undefined && info.type !== "File") {
      // A pipe would be waited for, and a device removed.
      return yield* Effect.fail(invalidInput(operation, "journal", `must be a file, not a ${info.type}`))
    }
    yield* fs.stream(path, { chunkSize: 64 * 1024 }).pipe(
      Stream.decodeText(),
      Stream.runForEach((text) =>
        Effect.sync(() => {
          // A file that is none of ours may have no lines.
          if (first !== undefined && first !== header) return
          const whole = (rest + text).split("\n")
          rest = (whole.pop() as string).slice(0, longest)
          for (const one of whole) take(one)
        })
      ),
      Effect.catchAll(unreadable)
    )
    // Its header may have been cut off as well.
    const isNew = first === undefined && header.startsWith(rest)
    if (first !== header && !isNew) {
      return yield* Effect.fail(invalidInput(operation, "journal", "must not be a file that no run has written"))
    }
    return { lines, count, isNew, isTorn: rest !== "" }
  })

export const open = (
  operation: string,
  given: unknown
): Effect.Effect<RunJournal, InvalidInput, CosClient | FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    if (typeof given !== "string" || given === "") {
      return yield* Effect.fail(invalidInput(operation, "journal", "must name a file"))
    }
    const fs = yield* FileSystem.FileSystem
    const { dirname, resolve } = yield* Path.Path
    const { hash } = yield* CosClient
    // A run may change the working directory.
    const path = resolve(given)
    const { count, isNew, isTorn, lines } = yield* read(operation, path)
    const digest = (done: Done) => hash.sha1Hex(JSON.stringify(done))

    let waiting: Array<string> = []
    let isBroken = false
    let file: FileSystem.File | undefined
    // Closed after the last lines have been written.
    const scope = yield* Effect.flatMap(Effect.scope, (scope) => Scope.fork(scope, ExecutionStrategy.sequential))
    const opened = Effect.gen(function* () {
      yield* fs.makeDirectory(dirname(path), { recursive: true })
      if (isNew) yield* Effect.ignore(fs.remove(path))
      const opened = yield* Scope.extend(fs.open(path, { flag: "a", mode: 0o600 }), scope)
      // What was cut off is no line, and must not become the beginning of one.
      if (isNew || isTorn) yield* opened.writeAll(new TextEncoder().encode(isNew ? `${header}\n` : "\n"))
      return opened
    })
    const lock = yield* Effect.makeSemaphore(1)
    const guarded = (self: Effect.Effect<void, PlatformError>) =>
      self.pipe(
        Effect.catchAll(({ message }) => {
          isBroken = true
          return Effect.logWarning("The journal of a run cannot be written", { file: path, message })
        }),
        Effect.uninterruptible
      )
    let isWriting = false
    let isFlushed = true
    /** All that waits, and what comes to wait meanwhile. */
    const write = Effect.gen(function* () {
      while (waiting.length > 0 && !isBroken) {
        const due = waiting
        waiting = []
        file ??= yield* opened
        yield* file.writeAll(new TextEncoder().encode(`${due.join("\n")}\n`))
        isFlushed = false
      }
    })
    const note = guarded(
      Effect.suspend(() => {
        if (isWriting) return Effect.void
        isWriting = true
        return Effect.ensuring(
          write,
          Effect.sync(() => {
            isWriting = false
          })
        )
      })
    )
    const flush = lock.withPermits(1)(
      guarded(
        Effect.suspend(() => {
          if (isFlushed || isBroken || file === undefined) return Effect.void
          isFlushed = true
          return file.sync
        })
      )
    )
    yield* Effect.addFinalizer(() => Effect.zipRight(note, flush))
    yield* Effect.delay(Effect.zipRight(note, flush), interval).pipe(
      Effect.forever,
      Effect.interruptible,
      Effect.forkScoped
    )
    return {
      isResumed: count > 0,
      has: (done) => count > 0 && lines.has(digest(done)),
      note: (done) =>
        Effect.suspend(() => {
          if (isBroken) return Effect.void
          waiting.push(digest(done))
          return note
        }),
      finish: Effect.suspend(() => {
        waiting = []
        isBroken = true
        return Effect.ignore(fs.remove(path))
      }).pipe(lock.withPermits(1))
    }
  })
