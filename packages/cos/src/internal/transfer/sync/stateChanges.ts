/**
 * What a run learns, by name, until it is merged into the state: in any order, in bounded memory. Some of it is kept in
 * memory, and more of it in sorted runs in a temporary file beside the state.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as ObjectKey from "../../../ObjectKey.js"
import { LineReader, type SharedFile, type Stretch, share } from "../../file/lines.js"

/** Changes in memory: about 10 MB. */
const mostInMemory = 32_768

/** Lines that are written together. */
const block = 4096

/** A line is a JSON array that begins with a name; one that holds nothing else says that the name is forgotten. */
export const forgotten = (name: string): string => JSON.stringify([name])

/** Without parsing the rest. */
export const nameOf = (line: string): string => {
  const end = line.indexOf('"', 2)
  const name = line.slice(2, end)
  return name.includes("\\") ? ((JSON.parse(line) as ReadonlyArray<string>)[0] as string) : name
}

/** What is remembered ends with an object. */
const isForgotten = (line: string): boolean => line.endsWith('"]')

/** Lines in the order of their names, which are read as they are needed. */
class Source {
  #lines: ReadonlyArray<string> = []
  #at = 0
  /** The name of the line whose turn it is; absent at the end. */
  name: string | undefined

  constructor(readonly more: Effect.Effect<ReadonlyArray<string>, PlatformError>) {}

  get line(): string {
    return this.#lines[this.#at] as string
  }

  /** False when more has to be read. */
  advance(): boolean {
    this.#at += 1
    this.#look()
    return this.name !== undefined
  }

  readonly fill: Effect.Effect<void, PlatformError> = Effect.suspend(() =>
    Effect.map(this.more, (lines) => {
      this.#lines = lines
      this.#at = 0
      this.#look()
    })
  )

  #look() {
    const line = this.#lines[this.#at]
    this.name = line === undefined ? undefined : nameOf(line)
  }
}

/** Of lines with one name that of the last source counts. */
const merge = <E>(sources: ReadonlyArray<Source>, write: (lines: ReadonlyArray<string>) => Effect.Effect<void, E>) =>
  Effect.gen(function* () {
    for (const source of sources) yield* source.fill
    const lines: Array<string> = []
    for (;;) {
      let least: Source | undefined
      for (const source of sources) {
        if (source.name === undefined) continue
        if (least?.name === undefined || ObjectKey.compare(source.name, least.name) <= 0) least = source
      }
      if (least?.name === undefined) break
      const { line, name } = least
      if (!isForgotten(line)) lines.push(line)
      for (const source of sources) if (source.name === name && !source.advance()) yield* source.fill
      if (lines.length >= block) yield* write(lines.splice(0))
    }
    yield* write(lines)
  })

export class StateChanges {
  #pending = new Map<string, string>()
  #file: SharedFile | undefined
  readonly #runs: Array<Stretch> = []
  #failure: PlatformError | undefined
  readonly #lock = Effect.unsafeMakeSemaphore(1)
  #count = 0

  constructor(
    /** Opens the temporary file. */
    readonly open: Effect.Effect<FileSystem.File, PlatformError>,
    readonly most = mostInMemory
  ) {}

  /** How many there were, those that a later one replaced included. */
  get count(): number {
    return this.#count
  }

  /** What cannot be kept fails {@link merged}. */
  add(name: string, line: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#count += 1
      this.#pending.set(name, line)
      return this.#pending.size < this.most ? Effect.void : this.#spill
    })
  }

  #sorted(): ReadonlyArray<string> {
    return Array.from(this.#pending)
      .sort(([a], [b]) => ObjectKey.compare(a, b))
      .map(([, line]) => line)
  }

  readonly #spill: Effect.Effect<void> = Effect.suspend(() => {
    // Another fiber may have done so while this one waited.
    if (this.#pending.size < this.most || this.#failure !== undefined) return Effect.void
    const lines = this.#sorted()
    this.#pending = new Map()
    return Effect.catchAll(this.#write(lines), (error) =>
      Effect.sync(() => {
        this.#failure = error
      })
    )
  }).pipe(this.#lock.withPermits(1), Effect.uninterruptible)

  #write(lines: ReadonlyArray<string>) {
    return Effect.gen(this, function* () {
      this.#file ??= share(yield* this.open)
      const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`)
      yield* this.#file.handle.writeAll(bytes)
      const from = this.#runs.at(-1)?.to ?? 0
      this.#runs.push({ from, to: from + bytes.length })
    })
  }

  /** Merges what was there before with the changes, and passes on what comes of it, in order. */
  merged(
    before: LineReader | undefined,
    write: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError>
  ): Effect.Effect<void, PlatformError> {
    return Effect.suspend(() => {
      if (this.#failure !== undefined) return Effect.fail(this.#failure)
      const file = this.#file
      const readers = file === undefined ? [] : this.#runs.map((run) => new LineReader(file, run))
      const older = before === undefined ? readers : [before, ...readers]
      let pending = this.#sorted()
      const takePending = Effect.sync(() => {
        const lines = pending
        pending = []
        return lines
      })
      return merge([...older.map(({ next }) => new Source(next)), new Source(takePending)], write)
    }).pipe(this.#lock.withPermits(1))
  }
}

/** Changes whose temporary file has this name, beside `file`, and goes with the scope. */
export const make = (
  file: string,
  temporary: string
): Effect.Effect<StateChanges, never, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { dirname, join } = yield* Path.Path
    const scope = yield* Effect.scope
    const path = join(dirname(file), temporary)
    const open = Effect.gen(function* () {
      yield* fs.makeDirectory(dirname(file), { recursive: true })
      yield* Effect.addFinalizer(() => Effect.ignore(fs.remove(path)))
      return yield* fs.open(path, { flag: "wx+", mode: 0o600 })
    })
    return new StateChanges(Scope.extend(open, scope))
  })
