/**
 * The file that remembers what was the same on both sides, as `state` of `Sync.PlanOptions` describes it: a header, a line
 * for each name in the order of UTF-8 bytes, and a last line with the number of names and the CRC64 of all before it. It is
 * read beside the lists and written anew at the end, so that it may be larger than memory.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import type { InvalidInput } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import type { PlanOptions, Report } from "../../../Sync.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import type { FileFingerprint } from "../../file/fileFingerprint.js"
import { isNotFound } from "../../file/isNotFound.js"
import { crc64Of, LineReader, lastLineOf, readAt, type SharedFile, type Stretch, share } from "../../file/lines.js"
import { replaceFileWith } from "../../file/replaceFile.js"
import { makeTemporaryName } from "../../file/temporaryName.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"
import { forgotten, make as makeStateChanges, type StateChanges } from "./stateChanges.js"

/** What a file was known by, and when that was looked at, before its content was read. */
const FileRecord = Schema.Struct({
  size: Schema.Number,
  mtime: Schema.optional(Schema.Number),
  inode: Schema.optional(Schema.String),
  ctime: Schema.optional(Schema.BigInt),
  at: Schema.Number
})

const ObjectRecord = Schema.Struct({ size: Schema.Number, eTag: Schema.String })

const EntryRecord = Schema.Union(FileRecord, ObjectRecord)

/** A name, and what each of the two places held. Their order does not depend on the direction of the sync. */
const Line = Schema.parseJson(Schema.Tuple(Schema.String, EntryRecord, EntryRecord))

const Header = Schema.parseJson(
  Schema.Struct({
    sync: Schema.Literal("effect-cos"),
    version: Schema.Literal(2),
    places: Schema.Tuple(Schema.String, Schema.String)
  })
)

const Trailer = Schema.parseJson(Schema.Struct({ names: Schema.Number, crc64: Schema.String }))

export type SideRecord = typeof EntryRecord.Type

/** How coarse times of files may be. Something that changed so shortly before may have changed again unseen. */
const granularity = 2000

export const fileRecord = ({ ctime, identity, mtime, size }: FileFingerprint, at: number): SideRecord => ({
  size,
  mtime,
  // Numbers of devices may change when a system starts again.
  inode: identity?.slice(identity.indexOf(":") + 1),
  ctime,
  at
})

export const objectRecord = (object: { readonly size: number; readonly eTag: string }): SideRecord => ({
  size: object.size,
  eTag: object.eTag
})

const isSame = (before: SideRecord, now: SideRecord): boolean => {
  if ("eTag" in before) return "eTag" in now && before.eTag === now.eTag && before.size === now.size
  if ("eTag" in now || before.mtime === undefined) return false
  return (
    before.size === now.size &&
    before.mtime === now.mtime &&
    before.inode === now.inode &&
    before.ctime === now.ctime &&
    before.at - before.mtime >= granularity &&
    (before.ctime === undefined || before.at - Number(before.ctime / 1_000_000n) >= granularity)
  )
}

/** What was the same on both sides. */
export interface Known {
  readonly name: string
  readonly source: SideRecord
  readonly target: SideRecord
}

/** Whether both sides are what they were when they were the same. */
export const isUnchanged = (known: Known | undefined, source: SideRecord, target: SideRecord): boolean =>
  known !== undefined && isSame(known.source, source) && isSame(known.target, target)

export interface State {
  readonly ignored: () => Report["ignoredState"]
  /** What it holds, in the order of the names' UTF-8 bytes. */
  readonly known: Stream.Stream<Known>
  /** They are the same. */
  readonly note: (name: string, source: SideRecord, target: SideRecord) => Effect.Effect<void>
  readonly forget: (name: string) => Effect.Effect<void>
  /** Writes it, whole or not at all, and closes what it was made of: nothing follows. */
  readonly save: Effect.Effect<void, PlatformError>
  /** About how many names there are to be written. */
  readonly size: () => number
}

/** One place as a text, by which a state is known to be of it. */
const describe = (
  place: PlanOptions["from"]
): Effect.Effect<string, never, CosClient | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    if (place._tag === "Prefix") {
      const bucket = yield* Effect.orElseSucceed(effectiveBucket(place), () => place.bucket ?? "")
      return `cos://${bucket}/${place.prefix}`
    }
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    return `file:${yield* Effect.orElseSucceed(fs.realPath(place.path), () => path.resolve(place.path))}`
  })

/** A file that can be used: its names, and where they lie. */
interface Stored {
  readonly places: readonly [string, string]
  readonly names: number
  readonly stretch: Stretch
}

/** Headers hold two paths; both lines are far shorter. */
const headerLimit = 128 * 1024
const trailerLimit = 128

/** What a file holds, or why it is not used. It is read once to compare its checksum, before any of it is believed. */
const look = (file: SharedFile, size: number) =>
  Effect.gen(function* () {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
    const head = decoder.decode(yield* readAt(file, { from: 0, to: Math.min(size, headerLimit) }, headerLimit))
    const tail = decoder.decode(yield* readAt(file, { from: Math.max(0, size - trailerLimit), to: size }))
    if (isForeign(head, tail)) return "Foreign" as const
    const header = Schema.decodeOption(Header)(head.slice(0, Math.max(head.indexOf("\n"), 0)))
    const last = lastLineOf(tail)
    const trailer = Schema.decodeOption(Trailer)(last)
    if (Option.isNone(header) || Option.isNone(trailer)) return "Damaged" as const
    const { crc64, names } = trailer.value
    const to = size - last.length
    if (crc64 !== String(yield* crc64Of(file, { from: 0, to }))) return "Damaged" as const
    const from = new TextEncoder().encode(`${head.slice(0, head.indexOf("\n"))}\n`).length
    return { places: header.value.places, names, stretch: { from, to } } satisfies Stored
  })

/** The file, which stays open within the scope, and what it holds. */
const open = (file: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const opened = share(yield* fs.open(file, { flag: "r" }))
    return { opened, found: yield* look(opened, Number((yield* opened.handle.stat).size)) }
  })

const refuse = (rule: string) => Effect.fail(invalidInput("Sync", "state", rule))

/** The beginning and the end of every state, one of which is there also if the other is lost. */
const beginning = /^\{"sync":"effect-cos","/
const end = /(^|\n)\{"names":\d+,"crc64":"\d+"\}\n$/

/** A file that no sync has written is somebody's, and must not be written over. */
const isForeign = (head: string, tail: string): boolean =>
  !(beginning.test(head) || end.test(tail)) && !["", "{}"].includes(head.trim())

/** The file itself, where a link leads to it: the link stays. Absolute, since a run may change the working directory. */
export const fileOf = (state: string): Effect.Effect<string, InvalidInput, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    if (state === "") return yield* refuse("must name a file")
    const fs = yield* FileSystem.FileSystem
    const absolute = (yield* Path.Path).resolve(state)
    if (Option.isNone(yield* Effect.option(fs.readLink(absolute)))) return absolute
    return yield* Effect.orElse(fs.realPath(absolute), () => refuse("must not be a link that leads nowhere"))
  })

/** Writes all that is known, and what has changed. */
const write = (
  file: string,
  places: readonly [string, string],
  before: LineReader | undefined,
  changes: StateChanges,
  close: Effect.Effect<void>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* fs.makeDirectory(path.dirname(file), { recursive: true })
    const temporary = path.join(path.dirname(file), yield* makeTemporaryName)
    return { fs, temporary }
  }).pipe(
    Effect.flatMap(({ fs, temporary }) =>
      Effect.uninterruptible(
        replaceFileWith(fs, file, temporary, (written) =>
          Effect.gen(function* () {
            const crc = Crc64.make()
            const encoder = new TextEncoder()
            let names = 0
            const add = (text: string) => {
              const bytes = encoder.encode(text)
              crc.update(bytes)
              return written.writeAll(bytes)
            }
            yield* add(`${Schema.encodeSync(Header)({ sync: "effect-cos", version: 2, places })}\n`)
            yield* changes.merged(before, (lines) => {
              names += lines.length
              return lines.length === 0 ? Effect.void : add(`${lines.join("\n")}\n`)
            })
            yield* add(`${Schema.encodeSync(Trailer)({ names, crc64: String(crc.value) })}\n`)
            yield* close
          })
        )
      )
    )
  )

export const load = (
  { from, to }: Pick<PlanOptions, "from" | "to">,
  given: string,
  /** The name of a temporary file that it may make beside the state's. */
  temporary: string
): Effect.Effect<State, InvalidInput, CosClient | FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    const file = yield* fileOf(given)
    const services = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
    const fs = yield* FileSystem.FileSystem
    const [source, target] = yield* Effect.all([describe(from), describe(to)])
    const isReversed = source > target
    const places = isReversed ? ([target, source] as const) : ([source, target] as const)
    const info = yield* Effect.option(fs.stat(file))
    if (Option.isSome(info) && info.value.type !== "File") return yield* refuse("must be a regular file")
    // What is open stays so until the state is written, however late: another file could get the number of its descriptor.
    const own = yield* Scope.make()
    let isSaving = false
    yield* Effect.addFinalizer((exit) => (isSaving ? Effect.void : Scope.close(own, exit)))
    // Closed before the file is replaced: some systems keep a file that is open.
    const reading = yield* Scope.fork(own, ExecutionStrategy.sequential)
    const read = yield* Effect.either(Scope.extend(open(file), reading))
    const isNew = Either.isLeft(read) && isNotFound(read.left)
    // What cannot be read may be anything.
    if (Either.isLeft(read) && !isNew) return yield* refuse(`must be a file that can be read: ${read.left.message}`)
    const found = Either.isRight(read) ? read.right.found : undefined
    if (found === "Foreign") return yield* refuse("must not be a file that no sync has written")
    const isOfThese = typeof found === "object" && found.places[0] === places[0] && found.places[1] === places[1]
    let stored = isOfThese ? found : undefined
    let ignored: Report["ignoredState"] =
      isNew || isOfThese ? undefined : typeof found === "object" ? "OtherPlaces" : "Damaged"
    const warn = () => Effect.logWarning("The state of a sync is not used", { file, reason: ignored })
    if (ignored !== undefined) yield* warn()

    const reader = () =>
      stored === undefined || Either.isLeft(read) ? undefined : new LineReader(read.right.opened, stored.stretch)
    const decode = Schema.decode(Line)
    const known = Stream.suspend(() => {
      const lines = reader()
      if (lines === undefined) return Stream.empty
      return Stream.repeatEffectChunkOption(
        Effect.flatMap(Effect.mapError(lines.next, Option.some), (lines) =>
          lines.length === 0 ? Effect.fail(Option.none()) : Effect.succeed(Chunk.unsafeFromArray(lines))
        )
      ).pipe(
        Stream.mapEffect(decode),
        Stream.map(([name, first, second]): Known => {
          const [source, target] = isReversed ? [second, first] : [first, second]
          return { name, source, target }
        }),
        Stream.catchAll(() => {
          stored = undefined
          ignored = "Damaged"
          return Stream.drain(Stream.fromEffect(Effect.suspend(warn)))
        })
      )
    })
    const changes = yield* Scope.extend(makeStateChanges(file, temporary), own)
    const encode = Schema.encodeSync(Line)
    return {
      ignored: () => ignored,
      known,
      note: (name, source, target) =>
        Effect.suspend(() => changes.add(name, encode(isReversed ? [name, target, source] : [name, source, target]))),
      forget: (name) => changes.add(name, forgotten(name)),
      size: () => (stored?.names ?? 0) + changes.count,
      save: Effect.uninterruptibleMask((restore) => {
        isSaving = true
        // Nothing was learned that it does not hold.
        const isSaved = stored !== undefined && changes.count === 0
        const saving = isSaved ? Effect.void : write(file, places, reader(), changes, Scope.close(reading, Exit.void))
        return Effect.ensuring(restore(saving), Scope.close(own, Exit.void))
      }).pipe(Effect.provide(services))
    }
  })
