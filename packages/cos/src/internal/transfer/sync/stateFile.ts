/** The file that remembers what was the same on both sides, as `state` of `Sync.PlanOptions` describes it. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CosClient } from "../../../CosClient.js"
import type { InvalidInput } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import type { PlanOptions, Report } from "../../../Sync.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import type { FileFingerprint } from "../../file/fileFingerprint.js"
import { isNotFound } from "../../file/isNotFound.js"
import { replaceFile } from "../../file/replaceFile.js"
import { makeTemporaryName } from "../../file/temporaryName.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"

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

/** By name, what each of the two places held. Their order does not depend on the direction of the sync. */
const Records = Schema.Record({ key: Schema.String, value: Schema.Tuple(EntryRecord, EntryRecord) })

const Header = Schema.Struct({
  version: Schema.Literal(1),
  places: Schema.Tuple(Schema.String, Schema.String),
  crc64: Schema.String
})

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

export interface State {
  readonly ignored: Report["ignoredState"]
  /** Whether both sides are what they were when they were the same. */
  readonly isUnchanged: (name: string, source: SideRecord, target: SideRecord) => boolean
  /** They are the same. */
  readonly note: (name: string, source: SideRecord, target: SideRecord) => void
  readonly forget: (name: string) => void
  /** Writes it, whole or not at all. */
  readonly save: Effect.Effect<void, PlatformError>
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

const decode = (text: string, places: readonly [string, string]) =>
  Either.gen(function* () {
    const end = text.indexOf("\n")
    const header = yield* Schema.decodeEither(Schema.parseJson(Header))(text.slice(0, Math.max(end, 0)))
    const body = text.slice(end + 1)
    if (header.crc64 !== String(Crc64.of(new TextEncoder().encode(body)))) return yield* Either.left("Damaged")
    if (header.places[0] !== places[0] || header.places[1] !== places[1]) return "OtherPlaces" as const
    return yield* Schema.decodeEither(Schema.parseJson(Records))(body)
  })

const encode = (records: ReadonlyMap<string, readonly [SideRecord, SideRecord]>, places: readonly [string, string]) => {
  const body = JSON.stringify(Schema.encodeSync(Records)(Object.fromEntries(records)))
  const crc64 = String(Crc64.of(new TextEncoder().encode(body)))
  return `${JSON.stringify(Schema.encodeSync(Header)({ version: 1, places, crc64 }))}\n${body}`
}

const write = (file: string, text: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* fs.makeDirectory(path.dirname(file), { recursive: true })
    const temporary = path.join(path.dirname(file), yield* makeTemporaryName)
    yield* replaceFile(fs, file, temporary, text)
  })

const refuse = (rule: string) => Effect.fail(invalidInput("Sync", "state", rule))

/** The end of the header, which every state has, also one of which the end or the beginning is lost. */
const mark = /"\],"crc64":"\d+"\}\n/

/** A file that no sync has written is somebody's, and must not be written over. */
const isForeign = (text: string): boolean => !mark.test(text) && !["", "{}"].includes(text.trim())

/** The file itself, where a link leads to it: the link stays. Absolute, since a run may change the working directory. */
export const fileOf = (state: string): Effect.Effect<string, InvalidInput, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    if (state === "") return yield* refuse("must name a file")
    const fs = yield* FileSystem.FileSystem
    const absolute = (yield* Path.Path).resolve(state)
    if (Option.isNone(yield* Effect.option(fs.readLink(absolute)))) return absolute
    return yield* Effect.orElse(fs.realPath(absolute), () => refuse("must not be a link that leads nowhere"))
  })

export const load = (
  { from, to }: Pick<PlanOptions, "from" | "to">,
  given: string
): Effect.Effect<State, InvalidInput, CosClient | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const file = yield* fileOf(given)
    const services = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
    const fs = yield* FileSystem.FileSystem
    const [source, target] = yield* Effect.all([describe(from), describe(to)])
    const isReversed = source > target
    const places = isReversed ? ([target, source] as const) : ([source, target] as const)
    const ordered = <A>(source: A, target: A): readonly [A, A] => (isReversed ? [target, source] : [source, target])

    const info = yield* Effect.option(fs.stat(file))
    if (Option.isSome(info) && info.value.type !== "File") return yield* refuse("must be a regular file")
    const text = yield* Effect.either(fs.readFileString(file))
    if (Either.isRight(text) && isForeign(text.right))
      return yield* refuse("must not be a file that no sync has written")
    const isNew = Either.isLeft(text) && isNotFound(text.left)
    // What cannot be read may be anything, such as a file of more than Node reads at once.
    if (Either.isLeft(text) && !isNew) return yield* refuse(`must be a file that can be read: ${text.left.message}`)
    const decoded = Either.flatMap(text, (text) => decode(text, places))
    const ignored =
      isNew || (Either.isRight(decoded) && decoded.right !== "OtherPlaces")
        ? undefined
        : Either.isRight(decoded)
          ? "OtherPlaces"
          : "Damaged"
    if (ignored !== undefined) yield* Effect.logWarning("The state of a sync is not used", { file, reason: ignored })
    const known = new Map(
      Either.isRight(decoded) && decoded.right !== "OtherPlaces" ? Object.entries(decoded.right) : []
    )
    return {
      ignored,
      isUnchanged: (name, source, target) => {
        const record = known.get(name)
        const [first, second] = ordered(source, target)
        return record !== undefined && isSame(record[0], first) && isSame(record[1], second)
      },
      note: (name, source, target) => void known.set(name, ordered(source, target)),
      forget: (name) => void known.delete(name),
      save: Effect.provide(
        Effect.suspend(() => write(file, encode(known, places))),
        services
      )
    }
  })
