/**
 * The control service of an emulator: what tests set, read and look at beside the requests they send.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Credential } from "./Access.js"
import type { FaultSpec } from "./Fault.js"
import type { Snapshot } from "./internal/storage/Storage.js"
import type { JournalEntry } from "./Journal.js"

/**
 * The emulator could not do what its control service was asked: a bucket that is not there, a name that is not allowed, a
 * disk that failed, a port that is taken.
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
  /** Default: never set. */
  readonly versioning?: "Enabled" | "Suspended" | undefined
  /** Default `private`. */
  readonly acl?: "private" | "public-read" | "public-read-write" | undefined
}

/**
 * A fault that was set.
 *
 * @since 0.1.0
 * @category models
 */
export interface FaultHandle {
  /** Named by the journal's `faults`. */
  readonly id: number
  /** How many requests it acted on. A test that sets a fault should check that it fired. */
  readonly fired: Effect.Effect<number>
  /** How many requests it matched, acted on or not. */
  readonly matched: Effect.Effect<number>
  /** Takes it away. */
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
  /** How many requests it matched, acted on or not. */
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
  /** The headers it is answered with, lower case: content-type, x-cos-meta-*, … */
  readonly headers: Readonly<Record<string, string>>
  /** Sizes of the parts that it was completed from. */
  readonly partSizes: ReadonlyArray<number> | undefined
}

/**
 * A multipart upload that was neither completed nor aborted.
 *
 * @since 0.1.0
 * @category models
 */
export interface PendingUpload {
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
  /** The owner's key, known from the start: a fixed fake. */
  readonly credentials: Credential
  readonly region: string
  readonly appId: string
  readonly owner: string
  /** Base URL of the path-style endpoint, without a slash at its end. In process any host will do; this is one. */
  readonly endpoint: string
  /** Where the server listens; absent in process. */
  readonly address: { readonly host: string; readonly port: number } | undefined

  /** How to reach it with TLS; absent in process, and where it was not asked for. */
  readonly tls:
    | {
        /** The certificate of its authority, PEM: what clients are told to trust. Made anew at every start. */
        readonly certificate: string
        /** Like `endpoint`, with `https`. */
        readonly endpoint: string
      }
    | undefined
  /** Base URL of the control service over HTTP, where it was asked for; absent in process. */
  readonly controlEndpoint: string | undefined
  /**
   * What requests to `controlEndpoint` carry as `Authorization: Bearer`, and what lets a request that brings a fault along
   * in `x-emulator-fault` kill the process; absent in process. This service itself needs none.
   */
  readonly controlToken: Redacted.Redacted | undefined

  /** Makes a key known: permanent, or temporary with a token, an expiry and permissions. One of the same id is replaced. */
  readonly addCredentials: (credential: Credential) => Effect.Effect<void>
  /** Forgets a key: its requests get 403 `InvalidAccessKeyId` from then on. */
  readonly removeCredentials: (secretId: string) => Effect.Effect<void>

  /** Creates a bucket, `name-appid`. */
  readonly createBucket: (name: string, options?: BucketOptions) => Effect.Effect<void, EmulatorError>
  /** Changes a bucket's ACL or versioning; its region stays. */
  readonly updateBucket: (name: string, options: Omit<BucketOptions, "region">) => Effect.Effect<void, EmulatorError>

  /**
   * Sets a fault: by default it acts on the next matching request, once. Faults act in the order they were set. To name an
   * operation that there is not is a defect.
   */
  readonly fault: (spec: FaultSpec) => Effect.Effect<FaultHandle>
  /**
   * The same until the scope closes. If the fault has not acted by then, though all went well, that is a defect: what it
   * was to test was not tested.
   */
  readonly scopedFault: (spec: FaultSpec) => Effect.Effect<FaultHandle, never, Scope.Scope>
  /** The faults that are set, in the order they were set, and how often each acted. */
  readonly faults: Effect.Effect<ReadonlyArray<FaultState>>
  /** Takes a fault away by its id; one that is not there is no error. */
  readonly removeFault: (id: number) => Effect.Effect<void>
  /** Takes all faults away. */
  readonly clearFaults: Effect.Effect<void>

  /** Every request so far, in order of arrival. */
  readonly journal: Effect.Effect<ReadonlyArray<JournalEntry>>
  readonly clearJournal: Effect.Effect<void>

  /** The names of all buckets, in order. */
  readonly buckets: Effect.Effect<ReadonlyArray<string>, EmulatorError>
  /** Stores an object without a request. Its type is `application/octet-stream` unless it is said. */
  readonly seed: <E = never, R = never>(
    bucket: string,
    key: string,
    body: string | Uint8Array | Stream.Stream<Uint8Array, E, R>,
    options?: { readonly contentType?: string | undefined }
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
  /** The multipart uploads that are open, in all buckets. */
  readonly pendingUploads: Effect.Effect<ReadonlyArray<PendingUpload>, EmulatorError>

  /** The emulator's own time: the runtime's clock, moved. */
  readonly clock: {
    readonly now: Effect.Effect<Date>
    /** Moves it ahead. */
    readonly adjust: (duration: Duration.DurationInput) => Effect.Effect<void>
    /** Sets it; it goes on from there. */
    readonly set: (date: Date) => Effect.Effect<void>
  }

  /**
   * Back to how it started: stored data, snapshots, journal, faults, keys and clock. The buckets of the options are there
   * again.
   */
  readonly reset: Effect.Effect<void, EmulatorError>
  /** Remembers what is stored, until it is removed, `reset` or the process ends. On disk it keeps the files that it needs. */
  readonly snapshot: Effect.Effect<Snapshot, EmulatorError>
  /** Brings back what was stored; journal, faults, keys and clock stay. Fails with `NoSuchSnapshot` for one that was removed. */
  readonly restore: (snapshot: Snapshot) => Effect.Effect<void, EmulatorError>
  /** Forgets a snapshot, and removes the files that only it needed. One that was removed already is no error. */
  readonly removeSnapshot: (snapshot: Snapshot) => Effect.Effect<void, EmulatorError>
}
