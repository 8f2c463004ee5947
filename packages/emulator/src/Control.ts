/**
 * The control service of an emulator: tests use it to set faults, read the journal and inspect what is stored.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Credential, Session } from "./Access.js"
import type { FaultSpec } from "./Fault.js"
import type { Snapshot } from "./internal/storage/Storage.js"
import type { JournalEntry } from "./Journal.js"

/**
 * A command to the control service failed: the bucket does not exist, a name is not allowed, the disk failed, a port is
 * taken.
 *
 * @since 0.1.0
 * @category errors
 */
export class EmulatorError extends Data.TaggedError("EmulatorError")<{
  /** COS's code where there is one (`NoSuchBucket`, …), else `Storage` or `Listen`. */
  readonly code: string
  readonly message: string
}> {}

/**
 * A bucket to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketOptions {
  /** Default: the emulator's region. */
  readonly region?: string | undefined
  /** Default: versioning was never enabled. */
  readonly versioning?: "Enabled" | "Suspended" | undefined
  /** Default `private`. */
  readonly acl?: "private" | "public-read" | "public-read-write" | undefined
}

/**
 * What an object is seeded with.
 *
 * @since 0.1.0
 * @category models
 */
export interface SeedOptions {
  /** Default: by the extension of the key, as of a PUT without one. */
  readonly contentType?: string | undefined
  /** Default `STANDARD`. */
  readonly storageClass?: string | undefined
  /** The tier of an object of `INTELLIGENT_TIERING`, to which otherwise only time brings it. Default `FREQUENT`. */
  readonly storageTier?: "FREQUENT" | "INFREQUENT" | "ARCHIVE" | "DEEP_ARCHIVE" | undefined
}

/**
 * A fault that was set.
 *
 * @since 0.1.0
 * @category models
 */
export interface FaultHandle {
  /** The journal's `faults` refer to it. */
  readonly id: number
  /** How many requests it acted on. A test that sets a fault should check that it fired. */
  readonly fired: Effect.Effect<number>
  /** How many requests it matched, whether or not it acted on them. */
  readonly matched: Effect.Effect<number>
  /** Removes the fault. */
  readonly remove: Effect.Effect<void>
}

/**
 * A fault that is set, as data.
 *
 * @since 0.1.0
 * @category models
 */
export interface FaultState extends FaultSpec {
  readonly id: number
  /** How many requests it acted on. */
  readonly fired: number
  /** How many requests it matched, whether or not it acted on them. */
  readonly matched: number
}

/**
 * A stored version of an object, or a delete marker.
 *
 * @since 0.1.0
 * @category models
 */
export interface VersionInfo {
  readonly key: string
  /** `null` where the bucket had no versioning. */
  readonly versionId: string
  readonly latest: boolean
  readonly deleteMarker: boolean
  /** In bytes; 0 for a delete marker. */
  readonly size: number
  /** With quotes; empty for a delete marker. */
  readonly eTag: string
  readonly crc64: bigint | undefined
  readonly lastModified: Date
  readonly storageClass: string
  /** The headers that a GET returns, in lower case: content-type, x-cos-meta-*, … */
  readonly headers: Readonly<Record<string, string>>
  /** The sizes of the parts of a multipart upload. */
  readonly partSizes: ReadonlyArray<number> | undefined
}

/**
 * A multipart upload that was neither completed nor aborted.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnfinishedUpload {
  readonly bucket: string
  readonly key: string
  readonly uploadId: string
  readonly initiatedAt: Date
  readonly parts: ReadonlyArray<{ readonly partNumber: number; readonly size: number; readonly eTag: string }>
}

export type { Snapshot }

/**
 * The control service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Control {
  /** The owner's access key: a fixed fake, the same at every start. */
  readonly credentials: Credential
  readonly region: string
  readonly appId: string
  readonly owner: string
  /** Base URL of the path-style endpoint, without a trailing slash. In process any host works; this is one. */
  readonly endpoint: string
  /** Where the server listens; absent in process. */
  readonly address: { readonly host: string; readonly port: number } | undefined

  /** How to reach it with TLS; absent in process, and unless the `tls` option is set. */
  readonly tls:
    | {
        /** The certificate of its authority, PEM, for clients to trust. Generated at every start. */
        readonly certificate: string
        /** Like `endpoint`, with `https`. */
        readonly endpoint: string
      }
    | undefined
  /** Base URL of the control service over HTTP; absent in process, and unless `controlPort` is set. */
  readonly controlEndpoint: string | undefined
  /**
   * The token that requests to `controlEndpoint` carry as `Authorization: Bearer`. A `Die` fault in `x-emulator-fault`
   * needs it too. Absent in process; this service itself needs no token.
   */
  readonly controlToken: Redacted.Redacted | undefined

  /** Adds an access key, permanent or temporary. It replaces a key of the same id. */
  readonly addCredentials: (credential: Credential) => Effect.Effect<void>
  /** Removes an access key: its requests get 403 `InvalidAccessKeyId` from then on. */
  readonly removeCredentials: (secretId: string) => Effect.Effect<void>
  /** The temporary keys that STS gave out, the oldest first; the last 10,000 of them, expired ones too. */
  readonly sessions: Effect.Effect<ReadonlyArray<Session>>

  /** Creates a bucket, `name-appid`. */
  readonly createBucket: (name: string, options?: BucketOptions) => Effect.Effect<void, EmulatorError>
  /** Changes a bucket's ACL or versioning; its region stays. */
  readonly updateBucket: (name: string, options: Omit<BucketOptions, "region">) => Effect.Effect<void, EmulatorError>

  /**
   * Sets a fault. By default it acts once, on the next matching request. Faults act in the order in which they were
   * set. An unknown operation name is a defect.
   */
  readonly fault: (spec: FaultSpec) => Effect.Effect<FaultHandle>
  /**
   * Sets a fault until the scope closes. If the scope succeeds and the fault never acted, that is a defect: the test
   * did not test what it was written for.
   */
  readonly scopedFault: (spec: FaultSpec) => Effect.Effect<FaultHandle, never, Scope.Scope>
  /** The faults in the order in which they were set, with how often each acted. */
  readonly faults: Effect.Effect<ReadonlyArray<FaultState>>
  /** Removes a fault by its id. An unknown id is not an error. */
  readonly removeFault: (id: number) => Effect.Effect<void>
  /** Removes all faults. */
  readonly clearFaults: Effect.Effect<void>

  /** Every request so far, in order of arrival. */
  readonly journal: Effect.Effect<ReadonlyArray<JournalEntry>>
  readonly clearJournal: Effect.Effect<void>

  /** The names of all buckets, in order. */
  readonly buckets: Effect.Effect<ReadonlyArray<string>, EmulatorError>
  /** Stores an object without a request. */
  readonly seed: <E = never, R = never>(
    bucket: string,
    key: string,
    body: string | Uint8Array | Stream.Stream<Uint8Array, E, R>,
    options?: SeedOptions
  ) => Effect.Effect<void, EmulatorError | E, R>
  /** The current objects of a bucket, in order. */
  readonly objects: (bucket: string) => Effect.Effect<ReadonlyArray<VersionInfo>, EmulatorError>
  /** All versions and delete markers of a bucket, by key and then newest first. */
  readonly versions: (bucket: string) => Effect.Effect<ReadonlyArray<VersionInfo>, EmulatorError>
  /** The bytes of an object, by default of its current version. */
  readonly bytes: (
    bucket: string,
    key: string,
    options?: { readonly versionId?: string | undefined }
  ) => Effect.Effect<Uint8Array, EmulatorError>
  /** The multipart uploads that were neither completed nor aborted, in all buckets. */
  readonly unfinishedUploads: Effect.Effect<ReadonlyArray<UnfinishedUpload>, EmulatorError>

  /** The emulator's own time: the runtime's clock plus an offset, between the years 1 and 9999, where it stops. */
  readonly clock: {
    readonly now: Effect.Effect<Date>
    /** Moves it forward. */
    readonly adjust: (duration: Duration.DurationInput) => Effect.Effect<void>
    /** Sets it; it runs on from there. */
    readonly set: (date: Date) => Effect.Effect<void>
  }

  /**
   * Restores the initial state: removes stored data, snapshots, journal, faults and added keys, resets the clock, and
   * creates the buckets of the options again.
   */
  readonly reset: Effect.Effect<void, EmulatorError>
  /** Saves what is stored, until the snapshot is removed, `reset`, or the process ends. On disk it keeps its files. */
  readonly snapshot: Effect.Effect<Snapshot, EmulatorError>
  /** Restores what was stored; journal, faults, keys and clock stay. Fails with `NoSuchSnapshot` after its removal. */
  readonly restore: (snapshot: Snapshot) => Effect.Effect<void, EmulatorError>
  /** Removes a snapshot and the files that only it needs. Removing it twice is not an error. */
  readonly removeSnapshot: (snapshot: Snapshot) => Effect.Effect<void, EmulatorError>
}
