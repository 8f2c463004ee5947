/**
 * A plan as a file: a header, a line of JSON for each action, and a last line with their numbers and the CRC64 of all
 * before it. It is written while the plan comes, and read as it is needed, so that it may be larger than memory.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import { type InvalidInput, UnsafeKey } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import type { Action, Options, Place, PlanFile, PlanTotals } from "../../../Sync.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { crc64Of, LineReader, lastLineOf, readAt, type SharedFile, type Stretch, share } from "../../file/lines.js"
import { replaceFileWith } from "../../file/replaceFile.js"
import { makeTemporaryName } from "../../file/temporaryName.js"
import { effectiveLocation } from "../../http/effectiveSettings.js"
import { withSpan } from "../../http/useSpan.js"
import { nameBelow } from "./entries.js"
import { PlanUnusable } from "./planOutdated.js"
import { routeOf } from "./route.js"

const Count = Schema.NonNegativeInt

/** A field that every action has, and JSON has only where it is known. */
const known = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalToRequired(schema, Schema.UndefinedOr(Schema.typeSchema(schema)), {
    decode: Option.getOrUndefined,
    encode: Option.fromNullable
  })

const Seen = Schema.Struct({
  size: Count,
  lastModified: known(Schema.Date),
  eTag: known(Schema.String),
  inode: known(Schema.String)
})

const Transfer = Schema.TaggedStruct("Transfer", {
  name: Schema.String,
  size: Count,
  reason: Schema.Literal("missing", "size", "newer", "content"),
  seen: Schema.optionalWith(Schema.Struct({ source: Seen, target: known(Seen) }), { exact: true })
})

const Delete = Schema.TaggedStruct("Delete", {
  name: Schema.String,
  size: Count,
  lastModified: known(Schema.Date),
  source: known(Schema.String),
  target: known(Schema.String)
})

const Refuse = Schema.TaggedStruct("Refuse", { name: Schema.String, error: UnsafeKey })

const Omit = Schema.TaggedStruct("Omit", {
  name: Schema.String,
  side: Schema.Literal("source", "target"),
  reason: Schema.Literal(
    "Link",
    "Special",
    "Temporary",
    "NotUtf8",
    "Vanished",
    "Replaced",
    "Unreadable",
    "Appeared",
    "TargetChanged",
    "State",
    "FolderWithContent",
    "NoName"
  ),
  withholds: known(Schema.String)
})

/** A line of a plan. What an omission failed with is not kept. */
export const PlannedAction = Schema.Union(Transfer, Delete, Refuse, Omit)

const Line = Schema.parseJson(PlannedAction)

const Patterns = Schema.optional(Schema.Union(Schema.String, Schema.Array(Schema.String)))

const PlaceSchema = Schema.Union(
  Schema.TaggedStruct("Directory", { path: Schema.String }),
  Schema.TaggedStruct("Prefix", {
    bucket: Schema.optional(Schema.String),
    region: Schema.optional(Schema.String),
    prefix: Schema.String
  })
)

const version = 1

export const Header = Schema.Struct({
  plan: Schema.Literal("effect-cos"),
  version: Schema.Literal(version),
  createdAt: Schema.Date,
  from: PlaceSchema,
  to: PlaceSchema,
  compare: Schema.optional(Schema.Literal("modified", "checksum", "size")),
  delete: Schema.optional(Schema.Boolean),
  maxDelete: Schema.optional(Count),
  allowEmptySource: Schema.optional(Schema.Boolean),
  include: Patterns,
  exclude: Patterns,
  state: Schema.optional(Schema.String),
  transfer: Schema.optional(
    Schema.Struct({
      partSize: Schema.optional(Schema.Number),
      threshold: Schema.optional(Schema.Number),
      storageClass: Schema.optional(Schema.String)
    })
  )
})

const HeaderLine = Schema.parseJson(Header)
const Trailer = Schema.parseJson(
  Schema.Struct({
    transfers: Count,
    bytes: Count,
    deletions: Count,
    refused: Count,
    omitted: Count,
    crc64: Schema.String
  })
)

// --- writing ---------------------------------------------------------------------------------------------------------

/** A place that is the same for whoever reads the plan: in another directory, or with another client. */
const absolutePlace = (place: Place): Effect.Effect<Place, never, CosClient | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    if (place._tag === "Prefix") {
      const { bucket, region } = yield* effectiveLocation(place)
      return { _tag: "Prefix", bucket, region, prefix: place.prefix }
    }
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    return {
      _tag: "Directory",
      path: yield* Effect.orElseSucceed(fs.realPath(place.path), () => path.resolve(place.path))
    }
  })

const headerOf = (options: Options) =>
  Effect.gen(function* () {
    const { allowEmptySource, compare, exclude, filter, from, include, maxDelete, state, to, transfer } = options
    if (filter !== undefined) {
      return yield* Effect.fail(invalidInput("Sync.writePlan", "filter", "must not be given: no file can hold it"))
    }
    yield* routeOf(options)
    const path = yield* Path.Path
    return {
      plan: "effect-cos" as const,
      version: version as typeof version,
      createdAt: new Date(yield* Clock.currentTimeMillis),
      from: yield* absolutePlace(from),
      to: yield* absolutePlace(to),
      compare,
      delete: options.delete,
      maxDelete,
      allowEmptySource,
      include,
      exclude,
      state: state === undefined ? undefined : path.resolve(state),
      transfer: transfer && {
        storageClass: transfer.storageClass,
        partSize: transfer.partSize === undefined ? undefined : Number(transfer.partSize),
        threshold: transfer.threshold === undefined ? undefined : Number(transfer.threshold)
      }
    }
  })

const count = (totals: { -readonly [K in keyof PlanTotals]: PlanTotals[K] }, action: Action): void => {
  switch (action._tag) {
    case "Transfer":
      totals.transfers += 1
      totals.bytes += action.size
      return
    case "Delete":
      totals.deletions += 1
      return
    case "Refuse":
      totals.refused += 1
      return
    case "Omit":
      totals.omitted += 1
  }
}

const encodeLine = (action: Action): string => {
  if (action._tag !== "Omit") return Schema.encodeSync(Line)(action)
  const { name, reason, side, withholds } = action
  return Schema.encodeSync(Line)({ _tag: "Omit", name, side, reason, withholds })
}

/** Characters that are written together. */
const block = 64 * 1024

export const write = <E, R>(
  plan: Stream.Stream<Action, E, R>,
  file: string,
  options: Options
): Effect.Effect<PlanTotals, E | InvalidInput | PlatformError, R | CosClient | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const header = yield* headerOf(options)
    if (file === "") return yield* Effect.fail(invalidInput("Sync.writePlan", "file", "must name a file"))
    const target = yield* Effect.orElseSucceed(fs.realPath(file), () => path.resolve(file))
    const temporary = path.join(path.dirname(target), yield* makeTemporaryName)
    // The plan itself may lie within the directory that is synced.
    const directory = header.from._tag === "Directory" ? header.from : header.to
    const own = new Set<string | undefined>()
    if (directory._tag === "Directory") {
      for (const one of [target, temporary]) own.add(yield* nameBelow(directory.path, one))
    }
    const totals = { transfers: 0, bytes: 0, deletions: 0, refused: 0, omitted: 0 }
    yield* fs.makeDirectory(path.dirname(target), { recursive: true })
    yield* replaceFileWith(fs, target, temporary, (written) =>
      Effect.gen(function* () {
        const crc = Crc64.make()
        const encoder = new TextEncoder()
        let text = `${Schema.encodeSync(HeaderLine)(header)}\n`
        const flush = Effect.suspend(() => {
          const bytes = encoder.encode(text)
          text = ""
          crc.update(bytes)
          return bytes.length === 0 ? Effect.void : written.writeAll(bytes)
        })
        yield* plan.pipe(
          Stream.filter(({ name }) => !own.has(name)),
          Stream.runForEachChunk((actions) => {
            for (const action of actions) {
              count(totals, action)
              text += `${encodeLine(action)}\n`
            }
            return text.length < block ? Effect.void : flush
          })
        )
        yield* flush
        text = `${Schema.encodeSync(Trailer)({ ...totals, crc64: String(crc.value) })}\n`
        yield* flush
      })
    )
    return totals
  }).pipe(withSpan("Cos.Sync.writePlan"))

// --- reading ---------------------------------------------------------------------------------------------------------

/** Headers hold two paths and patterns; the last line is far shorter. */
const headerLimit = 256 * 1024
const trailerLimit = 512

const beginning = /^\{"plan":"effect-cos","version":(\d+),/

/** The place of a plan's lines, which are believed once the checksum of all has been compared. */
const look = (file: SharedFile, size: number) =>
  Effect.gen(function* () {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
    const head = decoder.decode(yield* readAt(file, { from: 0, to: Math.min(size, headerLimit) }, headerLimit))
    const begins = beginning.exec(head)
    if (begins === null) return "Foreign" as const
    if (begins[1] !== String(version)) return "OtherVersion" as const
    const first = head.slice(0, Math.max(head.indexOf("\n"), 0))
    const tail = decoder.decode(yield* readAt(file, { from: Math.max(0, size - trailerLimit), to: size }))
    const last = lastLineOf(tail)
    const header = Schema.decodeOption(HeaderLine)(first)
    const trailer = Schema.decodeOption(Trailer)(last)
    if (Option.isNone(header) || Option.isNone(trailer)) return "Damaged" as const
    const encoder = new TextEncoder()
    const to = size - encoder.encode(last).length
    const { crc64, ...totals } = trailer.value
    if (crc64 !== String(yield* crc64Of(file, { from: 0, to }))) return "Damaged" as const
    const stretch: Stretch = { from: encoder.encode(`${first}\n`).length, to }
    return { header: header.value, totals, stretch }
  })

export const read = (
  path: string
): Effect.Effect<PlanFile, PlanUnusable | PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = share(yield* fs.open(path, { flag: "r" }))
    const found = yield* look(file, Number((yield* file.handle.stat).size))
    if (typeof found === "string") return yield* new PlanUnusable({ file: path, reason: found })
    const { header, stretch, totals } = found
    const decode = Schema.decode(Line)
    const actions = Stream.suspend(() => {
      const lines = new LineReader(file, stretch)
      return Stream.repeatEffectChunkOption(
        Effect.flatMap(Effect.mapError(lines.next, Option.some), (lines) =>
          lines.length === 0 ? Effect.fail(Option.none<PlatformError>()) : Effect.succeed(Chunk.unsafeFromArray(lines))
        )
      )
    }).pipe(
      Stream.mapEffect((line) =>
        Effect.mapError(decode(line), () => new PlanUnusable({ file: path, reason: "Damaged" }))
      ),
      Stream.map((action): Action => action)
    )
    const { createdAt, plan: _plan, version: _version, ...options } = header
    return { createdAt, totals, actions, options: { ...options, asPlanned: true } }
  }).pipe(withSpan("Cos.Sync.readPlan"))
