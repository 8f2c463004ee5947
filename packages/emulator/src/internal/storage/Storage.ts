/**
 * What the emulator keeps: buckets, object versions, multipart uploads, and their bytes.
 *
 * Storage knows atomicity, order and bytes, and nothing of the protocol: quoting of ETags, conditions, permissions and
 * XML are the handlers'. Where a decision must be atomic with a write (forbid-overwrite, the append position, the parts
 * of a Complete), the handler passes a synchronous function that is run **inside** the transaction and answers with
 * the new value or with its own error.
 *
 * Names (buckets, keys, documents) are ordered by their UTF-8 bytes. Times are milliseconds since the epoch. Every
 * record is plain data that must not be mutated.
 *
 * Two implementations, `memory.ts` and `disk/directoryStorage.ts`, share `engine/engine.ts` and pass one conformance suite.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"

// -------------------------------------------------------------------------------------
// errors
// -------------------------------------------------------------------------------------

/**
 * The disk (or what stands for it) failed. `DiskFull` is `ENOSPC`, `EDQUOT` or an injected one.
 *
 * @since 0.1.0
 * @category errors
 */
export class StorageError extends Data.TaggedError("StorageError")<{
  readonly reason: "DiskFull" | "Io"
  readonly message: string
  readonly path?: string
}> {}

/**
 * What was asked for does not exist. `object`: the key has no version at all; `version`: it lacks that one.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends Data.TaggedError("NotFound")<{
  readonly what: "bucket" | "object" | "version" | "upload"
}> {}

/**
 * A bucket of that name exists already; `bucket` is that one, so that its owner can be compared.
 *
 * @since 0.1.0
 * @category errors
 */
export class BucketExists extends Data.TaggedError("BucketExists")<{ readonly bucket: Bucket }> {}

/**
 * The bucket still holds objects, versions, delete markers or uploads.
 *
 * @since 0.1.0
 * @category errors
 */
export class BucketNotEmpty extends Data.TaggedError("BucketNotEmpty")<{ readonly name: string }> {}

// -------------------------------------------------------------------------------------
// models
// -------------------------------------------------------------------------------------

/**
 * An access control list as it was put: the canned name, the grants, or both.
 *
 * @since 0.1.0
 * @category models
 */
export interface Acl {
  readonly canned?: string
  readonly grants: ReadonlyArray<{ readonly grantee: string; readonly permission: string }>
  /** As it was put, where it holds more than these. */
  readonly document?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Bucket {
  /** The long name, `<name>-<appid>`. */
  readonly name: string
  readonly region: string
  readonly owner: string
  readonly createdAt: number
  /** Absent: versioning was never set. It decides what {@link Storage.Service.putObject} replaces. */
  readonly versioning?: "Enabled" | "Suspended"
  readonly multiAz?: boolean
  readonly acl: Acl
  readonly tags?: ReadonlyArray<readonly [key: string, value: string]>
  /** Their document as it was put, where it holds more. */
  readonly tagsDocument?: string | undefined
  readonly rules?: BucketRules
}

/**
 * What a bucket's documents say about requests for its objects: kept here too, so that no request has to read them.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketRules {
  readonly cors?: { readonly rules: ReadonlyArray<CorsRule>; readonly vary: boolean } | undefined
  /** The encryption headers of new objects that ask for none. */
  readonly encryption?: Readonly<Record<string, string>> | undefined
  /** What HEAD says of the bucket's architecture. */
  readonly arch?: string | undefined
  /** The storage class of new objects that ask for none. */
  readonly storageClass?: string | undefined
  /** Object lock is on; new objects are locked for so many days. */
  readonly lock?: { readonly days: number | undefined } | undefined
  readonly accelerated?: boolean | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface CorsRule {
  readonly origins: ReadonlyArray<string>
  readonly methods: ReadonlyArray<string>
  readonly headers: ReadonlyArray<string>
  readonly exposed: ReadonlyArray<string>
  /** Seconds. */
  readonly maxAge: string | undefined
}

/**
 * A run of bytes inside a stored body. A version's content is its segments, one after the other.
 *
 * @since 0.1.0
 * @category models
 */
export interface Segment {
  readonly body: string
  readonly offset: number
  readonly length: number
}

/**
 * Bytes that are written but belong to nothing yet. They are removed when the scope they were written in closes, unless
 * a commit has named them by then.
 *
 * @since 0.1.0
 * @category models
 */
export interface StagedBody {
  readonly size: number
  /** 32 lower-case hex digits. */
  readonly md5: string
  readonly crc64: bigint
  /** The whole body; empty when the body is. */
  readonly segments: ReadonlyArray<Segment>
}

/**
 * What an object is given when it is created, and an upload keeps until it completes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attributes {
  readonly owner: string
  readonly storageClass: string
  /** Headers to answer with, names in lower case: content-type, cache-control, x-cos-meta-*, encryption, … */
  readonly headers: Readonly<Record<string, string>>
  readonly tags: ReadonlyArray<readonly [key: string, value: string]>
  /** Their document as it was put, where it holds more. */
  readonly tagsDocument?: string | undefined
  /** Absent: the object has none of its own and inherits. */
  readonly acl?: Acl
  readonly retention?: { readonly mode?: string; readonly until: number; readonly document?: string | undefined }
  /** Of intelligent tiering: the tier that the object is in, unless it was restored since. Absent: `FREQUENT`. */
  readonly storageTier?: "FREQUENT" | "INFREQUENT" | "ARCHIVE" | "DEEP_ARCHIVE"
  /** An archived object that is being restored (`readyAt` in the future) or is (until `expiresAt`). */
  readonly restore?: {
    readonly tier: string
    readonly requestedAt: number
    readonly readyAt: number
    readonly expiresAt: number
  }
}

/**
 * What a write says of the version it makes; its key, version id and place in the order are given by storage.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewObject extends Attributes {
  readonly type: "normal" | "appendable" | "symlink"
  readonly lastModified: number
  /** The bytes of all segments together. */
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  readonly crc64?: bigint
  readonly segments: ReadonlyArray<Segment>
  /** Sizes of the parts it was completed from. */
  readonly partSizes?: ReadonlyArray<number>
  /** The encoded key a symlink points at. */
  readonly symlinkTarget?: string
}

/**
 * A stored version of an object.
 *
 * @since 0.1.0
 * @category models
 */
export interface StoredObject extends NewObject {
  readonly deleteMarker: false
  readonly key: string
  /** `"null"` when written without versioning or under suspension. */
  readonly versionId: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface DeleteMarker {
  readonly deleteMarker: true
  readonly key: string
  readonly versionId: string
  readonly lastModified: number
  readonly owner: string
}

/**
 * @since 0.1.0
 * @category models
 */
export type Version = StoredObject | DeleteMarker

/**
 * An object held open: its bytes stay readable, and may be shared with a new version or part by naming its segments,
 * until the scope it was opened in closes, whatever is overwritten or deleted meanwhile.
 *
 * @since 0.1.0
 * @category models
 */
export interface OpenVersion<V extends Version = Version> {
  readonly version: V
  /** Whether the version was the current one when it was opened. */
  readonly latest: boolean
  /** All bytes, if they are in memory in one piece (bodies up to 64 KiB are). Do not change them. */
  readonly bytes: Option.Option<Uint8Array>
  /** Fails if bytes of `[start, end)` are gone. Does not read them. */
  readonly check: (start?: number, end?: number) => Effect.Effect<void, StorageError>
  /**
   * Bytes `[start, end)`, by default all, in chunks of up to 512 KiB; empty for a delete marker. Where all are read and lie in
   * files that have changed since they were last compared with the object's CRC64, they are compared, and the stream fails
   * before the last chunk if they differ.
   */
  readonly read: (start?: number, end?: number) => Stream.Stream<Uint8Array, StorageError>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Upload extends Attributes {
  readonly key: string
  /** 74 hex digits, ordered by creation. */
  readonly uploadId: string
  readonly initiatedAt: number
  readonly initiator: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Part {
  /** 1 … 10000. */
  readonly partNumber: number
  readonly lastModified: number
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  readonly crc64: bigint
  readonly segments: ReadonlyArray<Segment>
}

/**
 * What to list. `delimiter` groups keys into common prefixes, which count towards `limit`; a group is skipped by seeking,
 * not by reading it. The empty string stands for "none".
 *
 * @since 0.1.0
 * @category models
 */
export interface ListOptions {
  readonly prefix: string
  readonly delimiter: string
  /** 0 gives an empty page that is not truncated. */
  readonly limit: number
}

/**
 * One page: items and common prefixes, each in order.
 *
 * @since 0.1.0
 * @category models
 */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly prefixes: ReadonlyArray<string>
  readonly truncated: boolean
  /** The last item (its key) or common prefix of the page; `id` is the item's version or upload id, "" for a prefix. */
  readonly last: Option.Option<{ readonly key: string; readonly id: string }>
}

/**
 * What a removal did: which version is gone for good, and which delete marker was written.
 *
 * @since 0.1.0
 * @category models
 */
export interface Removed {
  readonly removed: Option.Option<Version>
  readonly marker: Option.Option<DeleteMarker>
}

/**
 * Everything that was stored at one moment, for `Control.restore` of the same emulator. It does not outlive the process.
 *
 * @since 0.1.0
 * @category models
 */
export interface Snapshot {
  readonly entries: ReadonlyArray<readonly [key: string, value: unknown]>
}

// -------------------------------------------------------------------------------------
// interference
// -------------------------------------------------------------------------------------

/**
 * Where {@link Hook} is called: before bytes are stored (with the body's size including them), when a body is staged,
 * before a metadata transaction, and after its commit but before the response.
 *
 * @since 0.1.0
 * @category hooks
 */
export type HookPoint = "write" | "staged" | "commit" | "committed"

/**
 * Lets a fault interfere with the storage calls of the fiber it is provided to: fail with `DiskFull`, wait, or end the
 * process at a point. Absent by default. A failure at `committed` loses the response, not the write.
 *
 * @since 0.1.0
 * @category hooks
 */
export class Hook extends Context.Reference<Hook>()("effect-cos-emulator/StorageHook", {
  defaultValue: (): Hook.Service => undefined
}) {}

/**
 * @since 0.1.0
 * @category hooks
 */
export declare namespace Hook {
  export type Service = ((point: HookPoint, bytes: number) => Effect.Effect<void, StorageError>) | undefined
}

// -------------------------------------------------------------------------------------
// service
// -------------------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category services
 */
export class Storage extends Context.Tag("effect-cos-emulator/Storage")<Storage, Storage.Service>() {}

/**
 * @since 0.1.0
 * @category services
 */
export declare namespace Storage {
  export interface Service {
    // buckets

    readonly createBucket: (bucket: Bucket) => Effect.Effect<void, BucketExists | StorageError>
    readonly getBucket: (name: string) => Effect.Effect<Bucket, NotFound | StorageError>
    /** All buckets, ordered by name. */
    readonly listBuckets: Effect.Effect<ReadonlyArray<Bucket>, StorageError>
    /** Changes the record atomically; its name stays. */
    readonly updateBucket: (
      name: string,
      change: (bucket: Bucket) => Bucket
    ) => Effect.Effect<Bucket, NotFound | StorageError>
    /** Removes the bucket and its documents. */
    readonly removeBucket: (name: string) => Effect.Effect<void, NotFound | BucketNotEmpty | StorageError>

    // configuration documents: text by name, such as `cors` or `inventory/<id>`

    readonly putDocument: (bucket: string, name: string, text: string) => Effect.Effect<void, NotFound | StorageError>
    readonly getDocument: (
      bucket: string,
      name: string
    ) => Effect.Effect<Option.Option<string>, NotFound | StorageError>
    /** Returns whether there was one. */
    readonly removeDocument: (bucket: string, name: string) => Effect.Effect<boolean, NotFound | StorageError>
    /** The documents whose names begin with `prefix`, ordered by name. */
    readonly listDocuments: (
      bucket: string,
      prefix: string
    ) => Effect.Effect<ReadonlyArray<readonly [name: string, text: string]>, NotFound | StorageError>

    // bodies

    /**
     * Stores bytes as they come, hashing them. The chunks are copied, so their buffers may be used again. If the
     * whole body is in memory, pass it as bytes: that is cheaper for small ones.
     */
    readonly writeBody: <E = never, R = never>(
      body: Uint8Array | Stream.Stream<Uint8Array, E, R>
    ) => Effect.Effect<StagedBody, E | StorageError, R | Scope.Scope>

    // objects

    /** The current version, or the one named; it may be a delete marker. */
    readonly getObject: (
      bucket: string,
      key: string,
      versionId?: string
    ) => Effect.Effect<Version, NotFound | StorageError>
    /** The same, held open for reading. */
    readonly openObject: (
      bucket: string,
      key: string,
      versionId?: string
    ) => Effect.Effect<OpenVersion, NotFound | StorageError, Scope.Scope>
    /**
     * Writes a version: beside the others when versioning is enabled, else in the place of the `null` version. `make` sees
     * the current version, inside the transaction. Its segments must be staged, held open, or the current version's own
     * (append).
     */
    readonly putObject: <E = never>(
      bucket: string,
      key: string,
      make: (current: Option.Option<Version>, bucket: Bucket) => Either.Either<NewObject, E>
    ) => Effect.Effect<StoredObject, E | NotFound | StorageError>
    /** Changes a version in its place; key, version id and content stay. A delete marker is `NotFound`. */
    readonly updateObject: <E = never>(
      bucket: string,
      key: string,
      versionId: string | undefined,
      change: (object: StoredObject) => Either.Either<StoredObject, E>
    ) => Effect.Effect<StoredObject, E | NotFound | StorageError>
    /**
     * With a version id removes that version for good. Without: when versioning was never set, removes the object; enabled,
     * adds a delete marker; suspended, puts a delete marker in the place of the `null` version. A missing object is not an error.
     * `check` sees the version that would be gone for good.
     */
    readonly removeObject: <E = never>(
      bucket: string,
      key: string,
      options: {
        readonly versionId?: string
        readonly lastModified: number
        readonly owner: string
        readonly check?: (version: Version) => Either.Either<void, E>
      }
    ) => Effect.Effect<Removed, E | NotFound | StorageError>

    // lists

    /** Current versions that are objects. `after` is exclusive; equal to a common prefix it skips the group. */
    readonly listObjects: (
      bucket: string,
      options: ListOptions & { readonly after: string }
    ) => Effect.Effect<Page<StoredObject>, NotFound | StorageError>
    /**
     * All versions, by key and then newest first. Goes on after the version `afterId` of the key `after`, or with "" after
     * that key (or common prefix). An `afterId` that can be no version id is `NotFound`.
     */
    readonly listVersions: (
      bucket: string,
      options: ListOptions & { readonly after: string; readonly afterId: string }
    ) => Effect.Effect<Page<{ readonly version: Version; readonly latest: boolean }>, NotFound | StorageError>
    /** Ordered by key, then upload id. Continues as {@link listVersions} does. */
    readonly listUploads: (
      bucket: string,
      options: ListOptions & { readonly after: string; readonly afterId: string }
    ) => Effect.Effect<Page<Upload>, NotFound | StorageError>

    // uploads

    readonly createUpload: <E = never>(
      bucket: string,
      key: string,
      make: (current: Option.Option<Version>, bucket: Bucket) => Either.Either<Omit<Upload, "key" | "uploadId">, E>
    ) => Effect.Effect<Upload, E | NotFound | StorageError>
    readonly getUpload: (
      bucket: string,
      key: string,
      uploadId: string
    ) => Effect.Effect<Upload, NotFound | StorageError>
    /** A part of the same number is replaced. Segments as in {@link putObject}. */
    readonly putPart: (
      bucket: string,
      key: string,
      uploadId: string,
      part: Part
    ) => Effect.Effect<void, NotFound | StorageError>
    /** Parts with a number above `after`, at most `limit`, in order. */
    readonly listParts: (
      bucket: string,
      key: string,
      uploadId: string,
      options: { readonly after: number; readonly limit: number }
    ) => Effect.Effect<
      { readonly upload: Upload; readonly parts: ReadonlyArray<Part>; readonly truncated: boolean },
      NotFound | StorageError
    >
    /**
     * Makes an object of the parts and ends the upload, at once and without copying. `make` sees all parts in order and
     * chooses among them; the others are dropped.
     */
    readonly completeUpload: <E = never>(
      bucket: string,
      key: string,
      uploadId: string,
      make: (state: {
        readonly upload: Upload
        readonly parts: ReadonlyArray<Part>
        readonly current: Option.Option<Version>
        readonly bucket: Bucket
      }) => Either.Either<NewObject, E>
    ) => Effect.Effect<StoredObject, E | NotFound | StorageError>
    readonly abortUpload: (
      bucket: string,
      key: string,
      uploadId: string
    ) => Effect.Effect<void, NotFound | StorageError>

    // the whole

    /** Empties everything. Bodies held open stay readable until they are released. */
    readonly reset: Effect.Effect<void, StorageError>
    /**
     * Cheap in memory. On disk it holds the metadata and small bodies in memory, and the other bodies' files stay until
     * it is removed or storage is closed; it does not outlive the process.
     */
    readonly snapshot: Effect.Effect<Snapshot, StorageError>
    readonly restore: (snapshot: Snapshot) => Effect.Effect<void, StorageError>
    /** Removes the snapshot: it cannot be restored any more, and keeps no file. */
    readonly removeSnapshot: (snapshot: Snapshot) => Effect.Effect<void>
  }
}
