/**
 * What a transfer has to remember so that it can go on later, also in another process, and where that is kept.
 *
 * A checkpoint is plain data with a Schema. It names buckets, keys, paths, upload ids and checksums; it never holds keys
 * of the account or of server-side encryption.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Checkpoint, Upload } from "effect-cos"
 *
 * // Killed and run again, it sends only the parts that the service has not acknowledged.
 * export const program = Upload.file(
 *   { key: "movie.mp4", path: "./movie.mp4" },
 *   { onInterrupt: "keep", onFailure: "keep" }
 * ).pipe(Effect.provide(Checkpoint.layerDirectory("./.checkpoints")))
 *
 * // Without a store: kept, and given, by the caller.
 * export const again = (checkpoint: Checkpoint.Upload) =>
 *   Upload.file({ key: "movie.mp4", path: "./movie.mp4" }, { resume: checkpoint })
 * ```
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Equivalence from "effect/Equivalence"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { CheckpointError } from "./CosError.js"
import { Hash } from "./Hash.js"
import * as internal from "./internal/transfer/checkpointStore.js"
import type { IfRunning } from "./internal/transfer/model.js"

export type { IfRunning } from "./internal/transfer/model.js"

// ---------------------------------------------------------------------------------------------------------------------
// What is remembered
// ---------------------------------------------------------------------------------------------------------------------

/** Unsigned, 64 bits; in JSON a decimal text, as in the header `x-cos-hash-crc64ecma`. */
const Crc64 = Schema.BigInt.pipe(Schema.betweenBigInt(0n, 0xffff_ffff_ffff_ffffn))

const Positive = Schema.Int.pipe(Schema.positive())

const common = {
  /** The version of this format. Others are not read. */
  version: Schema.Literal(1),
  bucket: Schema.String,
  key: Schema.String,
  region: Schema.optional(Schema.String),
  /** The size of the whole object, in bytes. */
  size: Schema.NonNegativeInt,
  /** The size of every part but the last, in bytes. */
  partSize: Positive,
  createdAt: Schema.Date,
  /** {@link digest} of the settings that have to be the same for the transfer to go on. */
  settings: Schema.String
}

/**
 * By what the source of an upload or a copy is known again.
 *
 * @since 0.1.0
 * @category models
 */
export const Source = Schema.Struct({
  kind: Schema.Literal("file", "memory", "object"),
  /** A file's absolute path; an object's bucket, key and version. */
  path: Schema.optional(Schema.String),
  /** In bytes. */
  size: Schema.NonNegativeInt,
  /** Milliseconds since 1970. */
  mtime: Schema.optional(Schema.Number),
  /** What else tells one source from another of the same name: of a file, device and inode; of an object, its ETag. */
  identity: Schema.optional(Schema.String)
})

/**
 * The value of {@link Source}.
 *
 * @since 0.1.0
 * @category models
 */
export type Source = typeof Source.Type

/**
 * Whether two descriptions are of the same, unchanged source.
 *
 * @since 0.1.0
 * @category models
 */
export const sameSource: Equivalence.Equivalence<Source> = Schema.equivalence(Source)

/**
 * A multipart upload, or a multipart copy, that is not complete.
 *
 * @since 0.1.0
 * @category models
 */
export const Upload = Schema.Struct({
  kind: Schema.Literal("upload"),
  ...common,
  uploadId: Schema.String,
  source: Source,
  /** The parts that the service acknowledged. */
  parts: Schema.Array(
    Schema.Struct({
      /** 1 to 10,000. */
      partNumber: Schema.Int.pipe(Schema.between(1, 10_000)),
      eTag: Schema.String,
      /** In bytes. */
      size: Schema.NonNegativeInt,
      crc64: Schema.optional(Crc64)
    })
  )
})

/**
 * The value of {@link Upload}.
 *
 * @since 0.1.0
 * @category models
 */
export type Upload = typeof Upload.Type

/**
 * A download into a file that is not complete.
 *
 * @since 0.1.0
 * @category models
 */
export const Download = Schema.Struct({
  kind: Schema.Literal("download"),
  ...common,
  versionId: Schema.optional(Schema.String),
  eTag: Schema.String,
  /** The CRC64 of the whole object; very old objects have none. */
  crc64: Schema.optional(Crc64),
  /** The target's absolute path. */
  path: Schema.String,
  /** Where the bytes are until all have come. */
  temporaryPath: Schema.String,
  /** The parts that are in the temporary file. */
  parts: Schema.Array(
    Schema.Struct({
      /** Where the part's first byte stands in the object. */
      offset: Schema.NonNegativeInt,
      /** In bytes. */
      size: Positive,
      crc64: Crc64
    })
  )
})

/**
 * The value of {@link Download}.
 *
 * @since 0.1.0
 * @category models
 */
export type Download = typeof Download.Type

/**
 * The name under which a transfer's checkpoint is kept: the same for the same kind, bucket, key and local path, so that a
 * later process finds it.
 *
 * @since 0.1.0
 * @category naming
 */
export const id = (transfer: {
  readonly kind: "upload" | "download" | "copy"
  readonly bucket: string
  readonly key: string
  /** The local file, absolute; of a copy, its source. Empty: none, such as of bytes in memory. */
  readonly path: string
}): Effect.Effect<string> =>
  Effect.map(Hash, (hash) => {
    const { bucket, key, kind, path } = transfer
    return `${kind}-${hash.sha1Hex(JSON.stringify([kind, bucket, key, path]))}`
  })

/**
 * A digest of settings, whatever their order; `undefined` is as good as absent. Of a secret setting, give the digest that
 * the protocol already sends (such as the MD5 of a customer's encryption key), not the secret.
 *
 * @since 0.1.0
 * @category naming
 */
export const digest = (settings: {
  readonly [name: string]: string | number | boolean | undefined
}): Effect.Effect<string> =>
  Effect.map(Hash, (hash) =>
    hash.sha1Hex(
      JSON.stringify(
        Object.entries(settings)
          .filter(([, value]) => value !== undefined)
          .sort(([a], [b]) => (a < b ? -1 : 1))
      )
    )
  )

// ---------------------------------------------------------------------------------------------------------------------
// Where it is kept
// ---------------------------------------------------------------------------------------------------------------------

/**
 * Keeps checkpoints, or other values with a Schema, by id.
 *
 * @since 0.1.0
 * @category store
 */
export class Store extends Context.Tag("effect-cos/Checkpoint/Store")<Store, Store.Service>() {}

/**
 * @since 0.1.0
 */
export declare namespace Store {
  /**
   * Transfers wait at most 5 seconds for a call, and then fail, or go on without the store, with `CheckpointError`. So
   * they do when a call dies, interrupts itself, or gives a value of another type.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /**
     * What is kept under this id. Something that cannot be read (damaged, cut off, of another format) counts as absent,
     * and a warning with {@link Unreadable} is logged.
     */
    readonly get: <A, I>(id: string, schema: Schema.Schema<A, I>) => Effect.Effect<Option.Option<A>, CheckpointError>
    /** Keeps the value instead of what was there. A value that its own schema refuses is a defect. */
    readonly set: <A, I>(id: string, schema: Schema.Schema<A, I>, value: A) => Effect.Effect<void, CheckpointError>
    /** Forgets what is kept, if anything. */
    readonly remove: (id: string) => Effect.Effect<void, CheckpointError>
    /** The ids of everything that is kept and can be read, sorted. */
    readonly list: Effect.Effect<ReadonlyArray<string>, CheckpointError>
    /**
     * Only of stores that several processes may share: until the scope closes, what is kept under the id belongs to one
     * transfer. `None` if it belongs to another one that is alive; with `wait`, waits until that has ended.
     */
    readonly lease?:
      | ((
          id: string,
          options: { readonly ifRunning: IfRunning }
        ) => Effect.Effect<Option.Option<Lease>, CheckpointError, Scope.Scope>)
      | undefined
  }
}

/**
 * That a transfer owns its checkpoint.
 *
 * @since 0.1.0
 * @category store
 */
export interface Lease {
  /** `false` for good once another process has taken over, or may have. */
  readonly isHeld: Effect.Effect<boolean>
  /** Waits until it is not held any more. */
  readonly lost: Effect.Effect<void>
}

/**
 * Why something kept counts as absent. Logged as a warning, never an error: the transfer starts over.
 *
 * @since 0.1.0
 * @category models
 */
export class Unreadable extends Data.TaggedClass("CheckpointUnreadable")<{
  /** The id, or, where that cannot be read either, the file. */
  readonly id: string
  readonly reason: "damaged" | "of another format"
}> {}

const store = internal.make((id, reason) =>
  Effect.logWarning("A checkpoint cannot be read and counts as absent", new Unreadable({ id, reason }))
)

/**
 * In a directory, which is made if need be: one file for each id, under a hashed name.
 *
 * A value is written into a file of another name, flushed to the disk, and renamed; so after a crash there is the old
 * value or the new one. A write that has begun is finished before an interruption is answered. What crashes left behind
 * is removed when the layer is built, once it is an hour old.
 *
 * Any number of processes may use the directory: each transfer owns its checkpoint while it runs, by a file that it
 * updates every 3 seconds. A later run takes over from a process that is gone at once where that can be told (on Linux,
 * on the same system), else after 15 seconds without a sign of life. What it does when the other one is alive is
 * `ifRunning`. The other stores are for one process. A queue of one name is for one process too.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerDirectory = (path: string): Layer.Layer<Store, CheckpointError, FileSystem.FileSystem> =>
  Layer.effect(
    Store,
    Effect.gen(function* () {
      const texts = yield* Effect.mapError(internal.directory(path), internal.openFailed)
      return { ...(yield* store(texts)), lease: yield* internal.directoryLease(path) }
    })
  )

/**
 * In a `KeyValueStore`, under keys that begin with `effect-cos/`.
 *
 * The list of ids is a value of its own, for such stores cannot be listed: of two processes that write at once, one may
 * be missing from `list`, though not from `get`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerKeyValueStore: Layer.Layer<Store, never, KeyValueStore.KeyValueStore> = Layer.effect(
  Store,
  Effect.flatMap(internal.keyValue, store)
)

/**
 * In memory: transfers go on after a failure, but not in another process.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<Store> = Layer.provide(layerKeyValueStore, KeyValueStore.layerMemory)

/**
 * Keeps a value that changes often: each change is cheap, and the last one is written.
 *
 * @since 0.1.0
 * @category journal
 */
export interface Journal<in A> {
  /** Notes the value, to be written within the interval. Never fails; a write that fails is logged as a warning. */
  readonly note: (value: A) => Effect.Effect<void>
  /** Writes the value that was noted last, if it is not written yet. */
  readonly flush: Effect.Effect<void, CheckpointError>
  /** Forgets the value: what was noted is not written any more, and what was written is removed. */
  readonly discard: Effect.Effect<void, CheckpointError>
}

/**
 * A {@link Journal} in the store. Closing the scope flushes it, also when the scope is interrupted.
 *
 * `interval` is how much time may pass between a note and its writing: the work that a killed process has to do
 * again. Default: 1 second.
 *
 * @since 0.1.0
 * @category journal
 */
export const journal: <A, I>(
  id: string,
  schema: Schema.Schema<A, I>,
  options?: { readonly interval?: Duration.DurationInput | undefined }
) => Effect.Effect<Journal<A>, never, Store | Scope.Scope> = (id, schema, options) =>
  Effect.flatMap(Store, (store) =>
    internal.journal(internal.withCallLimits(store), id, schema, options?.interval ?? "1 second")
  )
