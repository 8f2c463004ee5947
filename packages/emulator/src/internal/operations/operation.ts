/**
 * The declaration of an operation: one entry of the registry, selected by method, target and query parameters.
 */
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { AclPermission } from "../access/acl.js"
import type { CosFailure } from "../http/failure.js"
import type { IncompleteBody, Reply } from "../http/message.js"
import type { Target } from "../http/target.js"
import type { Bucket, BucketExists, BucketNotEmpty, Hook, NotFound, Storage, StorageError } from "../storage/Storage.js"

/** The settings of the emulator that operations see. */
export interface Settings {
  readonly region: string
  /** The uin of the account that owns everything. */
  readonly owner: string
  readonly appId: string
  /** In bytes. */
  readonly minPartSize: number
  /** In bytes: of one PUT, one part, one copy. */
  readonly maxBodySize: number
  /** Whether unknown query parameters, headers and elements are refused rather than ignored. */
  readonly strict: boolean
}

/** The errors of operations. */
export type OperationError = CosFailure | NotFound | StorageError | IncompleteBody | BucketExists | BucketNotEmpty

/** What an operation works with. Faults may change it. */
export interface RequestContext {
  readonly storage: Storage.Service
  readonly storageHook: Hook.Service
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Stream.Stream<Uint8Array, IncompleteBody | CosFailure>
  /** The whole body, if it is short. Use either this or the stream, not both. */
  readonly bufferedBody: Effect.Effect<Uint8Array, IncompleteBody> | undefined
  /** The emulator's clock, in milliseconds. */
  readonly now: number
  /** Listings leave out what was written after this time. */
  readonly listedUntil: number
}

/** Checks whether the caller may do an action on a key of a bucket. */
export type Authorize = (
  permission: Pick<Operation, "action" | "actionAliases" | "aclPermission" | "on">,
  bucket: Bucket,
  key: string,
  versionId?: string
) => Effect.Effect<void, CosFailure | StorageError | NotFound>

/** A request to the service, as its handler sees it. */
export interface ServiceCall extends RequestContext {
  readonly settings: Settings
  readonly method: string
  readonly region: string | undefined
  readonly anonymous: boolean
  /** A header by its lower-case name; an empty value counts as absent. */
  readonly header: (name: string) => string | undefined
  readonly query: ReadonlyMap<string, string>
  readonly contentLength: number | undefined
  /** Resolves host and raw target to bucket and key: the source of a copy. */
  readonly resolve: (host: string, target: string) => Either.Either<Target, CosFailure>
  /**
   * Checks the permission for something else than the request's target: the source of a copy, each key of a
   * multi-delete.
   */
  readonly authorize: Authorize
  /** Checks the signature that a form carries. Returns `authorize` for the caller who signed it. */
  readonly authorizeForm: (form: ReadonlyMap<string, string>) => Either.Either<Authorize, CosFailure>
}

/** A request to a bucket's name, whether the bucket exists or not. */
export interface BucketNameCall extends ServiceCall {
  readonly name: string
}

/** A request to a bucket that exists. */
export interface BucketCall extends BucketNameCall {
  readonly bucket: Bucket
}

/** A request to a key of a bucket that exists. */
export interface ObjectCall extends BucketCall {
  readonly key: string
}

/** A request about batch jobs. */
export interface ControlCall extends ServiceCall {
  /** The job that the path names. */
  readonly jobId: string
}

interface Declaration<On extends string, Call> {
  /** The name that the SDK, the journal and the faults use. */
  readonly name: string
  /** The action that permissions name. */
  readonly action: string
  /** Names by which other pages, or the official SDKs, know the action: policies may use them as well. */
  readonly actionAliases?: ReadonlyArray<string>
  readonly on: On
  readonly method: string
  /** Of batch jobs: the path, in which `*` stands for the id of the job. */
  readonly path?: string
  /** Query parameters that select this operation; all must be present. */
  readonly requiredQuery?: ReadonlyArray<string>
  /** A header that selects this operation. */
  readonly requiredHeader?: string
  /** Other query parameters that it reads. */
  readonly optionalQuery?: ReadonlyArray<string> | "any"
  /** What the ACL must grant to an anonymous caller. */
  readonly aclPermission: AclPermission
  readonly run: (call: Call) => Effect.Effect<Reply, OperationError, Scope.Scope>
}

export type Operation =
  | Declaration<"service", ServiceCall>
  | Declaration<"bucketName", BucketNameCall>
  | Declaration<"bucket", BucketCall>
  | Declaration<"object", ObjectCall>
  | Declaration<"control", ControlCall>
