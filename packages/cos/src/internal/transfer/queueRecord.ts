/** What a queue stores of a transfer, for a later process. What comes back is checked: anybody may have written it. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Checkpoint from "../../Checkpoint.js"
import type { CheckpointError } from "../../CosError.js"
import type { UnreadableEntry } from "../../TransferQueue.js"

const Texts = Schema.Record({ key: Schema.String, value: Schema.String })

const location = {
  key: Schema.NonEmptyString,
  bucket: Schema.optional(Schema.String),
  region: Schema.optional(Schema.String),
  metadata: Schema.optional(Texts),
  extra: Schema.optional(Schema.Struct({ headers: Schema.optional(Texts), query: Schema.optional(Texts) })),
  // Never stored, and therefore never read.
  customerKey: Schema.optional(Schema.Never),
  sourceCustomerKey: Schema.optional(Schema.Never)
}

/** Headers and the like, which the operation itself checks before anything is sent. */
const others = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const AbsolutePath = Schema.String.pipe(
  Schema.filter((path) => /^(\/|\\\\|[A-Za-z]:[\\/])/.test(path), { message: () => "the path is not absolute" })
)

const File = Schema.Struct({ ...location, path: AbsolutePath }, others)

const Copy = Schema.Struct(
  {
    ...location,
    source: Schema.Struct({
      key: Schema.NonEmptyString,
      bucket: Schema.optional(Schema.String),
      region: Schema.optional(Schema.String),
      versionId: Schema.optional(Schema.String)
    })
  },
  others
)

const Options = Schema.Struct(
  {
    partSize: Schema.optional(Schema.Number),
    concurrency: Schema.optional(Schema.Union(Schema.Number, Schema.Literal("auto"))),
    threshold: Schema.optional(Schema.Number),
    maxPartBuffer: Schema.optional(Schema.Number),
    integrity: Schema.optional(Schema.Literal("crc64", "md5", "both")),
    onMismatch: Schema.optional(Schema.Literal("keep", "delete")),
    onChange: Schema.optional(Schema.Literal("fail", "restart")),
    storeMd5: Schema.optional(Schema.Boolean),
    verify: Schema.optional(Schema.Boolean),
    tags: Schema.optional(Schema.Boolean)
  },
  Schema.Record({
    key: Schema.String,
    value: Schema.Union(Schema.String, Schema.Number, Schema.Boolean, Schema.Undefined)
  })
)

const common = {
  version: Schema.Literal(1),
  queue: Schema.String,
  id: Schema.String,
  submittedAt: Schema.Date,
  /** The order among transfers that were submitted at the same time. */
  order: Schema.Int,
  paused: Schema.Boolean,
  /** The fields of the input that are dates, which JSON does not have. */
  dates: Schema.Record({ key: Schema.String, value: Schema.Date }),
  options: Options,
  /** The id of its checkpoint. */
  checkpoint: Schema.optional(Schema.String)
}

export const QueueRecord = Schema.Union(
  Schema.Struct({ ...common, kind: Schema.Literal("upload", "download"), input: File }),
  Schema.Struct({ ...common, kind: Schema.Literal("copy"), input: Copy })
)

export type QueueRecord = typeof QueueRecord.Type

// --- to the store ----------------------------------------------------------------------------------------------------

/** Nothing of a customer's key is ever stored, and a transfer that needs one cannot go on without it. */
export const isSecret = (input: object): boolean =>
  ("customerKey" in input && input.customerKey !== undefined) ||
  ("sourceCustomerKey" in input && input.sourceCustomerKey !== undefined)

export const inputFields = (input: object): { readonly input: object; readonly dates: QueueRecord["dates"] } => {
  const fields = Object.entries(input)
  return {
    input: Object.fromEntries(fields.filter(([, value]) => !Predicate.isDate(value))),
    dates: Object.fromEntries(fields.filter((field): field is [string, Date] => Predicate.isDate(field[1])))
  }
}

/** Sizes may be bigints, which JSON does not have. */
export const optionFields = (options: object): QueueRecord["options"] =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value])
  )

// --- from the store --------------------------------------------------------------------------------------------------

const read = (
  store: Checkpoint.Store.Service,
  id: string,
  queue: string
): Effect.Effect<Either.Either<QueueRecord, string>, CheckpointError> =>
  Effect.gen(function* () {
    const value = yield* store.get(id, Schema.Unknown)
    if (Option.isNone(value)) return Either.left("it is damaged")
    return Either.filterOrLeft(
      Either.mapLeft(Schema.decodeUnknownEither(QueueRecord)(value.value), ParseResult.TreeFormatter.formatErrorSync),
      (stored) => stored.queue === queue,
      (stored) => `it is of the queue ${JSON.stringify(stored.queue)}`
    )
  })

export interface Restored {
  /** In the order in which they were submitted. */
  readonly transfers: ReadonlyArray<QueueRecord>
  readonly unreadable: ReadonlyArray<UnreadableEntry>
}

/** What a queue has stored, and what of it cannot be read. */
export const restore = (
  store: Checkpoint.Store.Service,
  queue: string,
  prefix: string
): Effect.Effect<Restored, CheckpointError> =>
  Effect.gen(function* () {
    const transfers: Array<QueueRecord> = []
    const unreadable: Array<UnreadableEntry> = []
    for (const storeId of yield* store.list) {
      const id = storeId.slice(prefix.length)
      // The names of other queues may begin as this one's does.
      if (!storeId.startsWith(prefix) || !/^[0-9a-z]+-\d+$/.test(id)) continue
      const stored = yield* read(store, storeId, queue)
      if (Either.isRight(stored)) transfers.push(stored.right)
      else {
        unreadable.push({ id, reason: stored.left })
        yield* Effect.logWarning(
          "a stored transfer cannot be read and stays where it is",
          new Checkpoint.Unreadable({ id: storeId, reason: "of another format" })
        )
      }
    }
    transfers.sort((a, b) => a.submittedAt.getTime() - b.submittedAt.getTime() || a.order - b.order)
    return { transfers, unreadable }
  })

const checkpoints = { upload: Checkpoint.Upload, copy: Checkpoint.Upload, download: Checkpoint.Download } as const

/** The checkpoint of a transfer, if it is there and of the same kind and object. */
export const checkpointOf = (
  store: Checkpoint.Store.Service,
  { checkpoint: id, input, kind }: QueueRecord
): Effect.Effect<
  { readonly id: string; readonly checkpoint: Checkpoint.Upload | Checkpoint.Download } | undefined,
  CheckpointError
> => {
  if (id === undefined) return Effect.succeed(undefined)
  const schema: Schema.Schema<Checkpoint.Upload, any> | Schema.Schema<Checkpoint.Download, any> = checkpoints[kind]
  return Effect.map(store.get<Checkpoint.Upload | Checkpoint.Download, any>(id, schema as never), (found) => {
    const checkpoint = Option.getOrUndefined(found)
    return checkpoint !== undefined && checkpoint.key === input.key ? { id, checkpoint } : undefined
  })
}
