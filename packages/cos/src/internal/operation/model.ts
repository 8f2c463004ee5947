/** The types of operations: parameters, declarations, and the functions that `Operation.make` returns. */
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type * as Body from "../../Body.js"
import type { CosClient } from "../../CosClient.js"
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type { Hash } from "../../Hash.js"
import type * as Progress from "../../Progress.js"
import type { ResponseFacts } from "../http/headers.js"
import type { HttpMethod, Watch } from "../http/request.js"
import type { Refusal } from "./violatedRule.js"

// --- parameters ------------------------------------------------------------------------------------------------------

/**
 * The request that the parameters of an operation write themselves into.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestDraft {
  /** By the names in the operation's `path`. */
  readonly path: { [name: string]: string }
  readonly query: Array<readonly [name: string, value: string]>
  readonly headers: Array<readonly [name: string, value: string]>
  body: Body.Body | undefined
  /** The elements of the operation's `document`. */
  readonly elements: { [name: string]: CosXml.Node | ReadonlyArray<CosXml.Node> }
  /** Whether the MD5 of the body is sent with it. */
  contentMd5: boolean
  copySource: CopySource | undefined
  /** Who is told how much of the body has been sent. */
  progress?: Progress.Options | undefined
  /** Tells them. */
  watch?: Watch | undefined
  readonly hash: Hash.Service
}

/**
 * The object that is copied.
 *
 * @since 0.1.0
 * @category models
 */
export interface CopySource {
  /** Default: the bucket of the request. */
  readonly bucket?: string | undefined
  /** Default: the region of the request. */
  readonly region?: string | undefined
  readonly key: string
  readonly versionId?: string | undefined
}

/**
 * One parameter of an operation: where it goes and what it may be.
 *
 * @since 0.1.0
 * @category models
 */
export interface Param<A, Presence extends "required" | "optional"> {
  readonly presence: Presence
  /** `client`: it is not sent. */
  readonly place: "path" | "query" | "header" | "headers" | "body" | "client"
  /** The name on the wire, for the docs. */
  readonly wireName: string
  /** The Schema of what is written, for the docs. */
  readonly schema?: Schema.Schema.All | undefined
  /** Adds the value to the request, or gives the rule that it breaks: `must not be empty`. */
  readonly write: (draft: RequestDraft, value: A) => Refusal | undefined
  /** Exists for the compiler only. */
  readonly Type: A
}

/**
 * Any parameter.
 *
 * @since 0.1.0
 * @category models
 */
export interface AnyParam {
  readonly presence: "required" | "optional"
  readonly place: "path" | "query" | "header" | "headers" | "body" | "client"
  readonly wireName: string
  readonly schema?: Schema.Schema.All | undefined
  readonly write: (draft: RequestDraft, value: never) => Refusal | undefined
  readonly Type: unknown
}

/**
 * The parameters of an operation, by the names of the input's fields.
 *
 * @since 0.1.0
 * @category models
 */
export interface Params {
  readonly [field: string]: AnyParam
}

/**
 * The parameters that `elements` makes of a table of fields.
 *
 * @since 0.1.0
 * @category types
 */
export type ElementParams<F extends Schema.Struct.Fields, Required extends keyof F> = {
  readonly [K in keyof F]: Param<
    Exclude<Schema.Schema.Type<F[K]>, undefined>,
    F[K] extends Schema.Struct.OptionalTypePropertySignature
      ? K extends Required
        ? "required"
        : "optional"
      : "required"
  >
}

// --- responses -------------------------------------------------------------------------------------------------------

/**
 * A response whose body is data: its headers as `A`, its bytes as a `Stream`.
 *
 * @since 0.1.0
 * @category models
 */
export interface BodyResponse<A> {
  readonly _tag: "Body"
  readonly schema: Schema.Schema<A, any>
}

/**
 * A response that is a stream of events.
 *
 * @since 0.1.0
 * @category models
 */
export interface EventsResponse<A> {
  readonly _tag: "Events"
  readonly decode: (
    body: Stream.Stream<Uint8Array, CosError.BodyError>,
    operation: string,
    /** For the errors: what the head of the response said. */
    response: ResponseFacts
  ) => Stream.Stream<A, CosError.BodyError | CosError.CosServiceError>
}

/**
 * The body of a response.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithBody {
  /** The bytes, as they are stored. The stream can be run once. */
  readonly body: Stream.Stream<Uint8Array, CosError.BodyError>
}

/**
 * A response without its body.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseSummary {
  readonly status: number
  /** `x-cos-request-id`. */
  readonly requestId: string | undefined
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string | undefined }
}

/**
 * What a value may say of the call that gave it: see `fromCall`.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallSummary {
  /** The address of the object, or bucket, as the client's endpoint spells it, with the key percent-encoded. */
  readonly location: string
  readonly bucket: string
  /** Absent where the endpoint needs none, and none was given. */
  readonly region: string
  readonly response: ResponseSummary
}

/**
 * The value of an operation, with the facts of its response.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithResponse<A> {
  readonly value: A
  readonly response: ResponseSummary
}

// --- inputs ----------------------------------------------------------------------------------------------------------

/**
 * The fields of every input.
 *
 * @since 0.1.0
 * @category models
 */
export interface InputBase {
  /** More headers and query parameters, signed like the rest. */
  readonly extra?:
    | {
        readonly headers?: { readonly [name: string]: string } | undefined
        readonly query?: { readonly [name: string]: string } | undefined
      }
    | undefined
  /** Such as `ap-guangzhou`. Default: `CosClient.withBucket`, then the client's settings. */
  readonly region?: string | undefined
}

/**
 * The fields of the input of every operation on a bucket.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketInput extends InputBase {
  /** With its APPID, such as `examplebucket-1250000000`. Default: `CosClient.withBucket`, then the client's settings. */
  readonly bucket?: string | undefined
}

/**
 * The fields of the input of every operation on an object.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectInput extends BucketInput {
  /** 1 to 850 bytes of UTF-8, not beginning with `/`. */
  readonly key: string
}

/**
 * The fields of the input of every operation on the batch jobs of an account.
 *
 * @since 0.1.0
 * @category models
 */
export interface ControlInput extends InputBase {
  /** The account that the jobs belong to, such as `100000000001`. */
  readonly uin: string
}

/**
 * The common fields of inputs, by target.
 *
 * @since 0.1.0
 * @category models
 */
export interface Targets {
  readonly service: InputBase
  readonly bucket: BucketInput
  readonly object: ObjectInput
  readonly control: ControlInput
}

/**
 * The input of an operation with these parameters.
 *
 * @since 0.1.0
 * @category types
 */
export type InputOf<T extends Target, P extends Params> = Targets[T] & {
  readonly [K in keyof P as P[K]["presence"] extends "required" ? K : never]: P[K]["Type"]
} & {
  readonly [K in keyof P as P[K]["presence"] extends "required" ? never : K]?: P[K]["Type"] | undefined
}

/**
 * The arguments of a call: none where no field of the input is required.
 *
 * @since 0.1.0
 * @category models
 */
export type Args<I> = {} extends I ? [input?: I] : [input: I]

// --- declarations ----------------------------------------------------------------------------------------------------

/**
 * What a request is sent to.
 *
 * @since 0.1.0
 * @category models
 */
export type Target = "service" | "bucket" | "object" | "control"

/**
 * What a policy has to allow for an operation. `Policy.allow` makes policies of these.
 *
 * @since 0.1.0
 * @category models
 */
export interface Permissions {
  /** Without `name/cos:`. Where pages and SDKs know an action by several names, all of them. */
  readonly actions: ReadonlyArray<string>
  /** What the actions are done to. */
  readonly on: Target
  /** What has to be allowed on the object that is copied. */
  readonly source: ReadonlyArray<string>
}

/**
 * The declaration of an operation: the argument of `Operation.make`.
 *
 * @since 0.1.0
 * @category models
 */
export interface MakeOptions<T extends Target, P extends Params, S, E extends ReadonlyArray<CosError.AnyErrorClass>> {
  /** The name of the constant, which spans and errors show. */
  readonly name: string
  readonly method: HttpMethod
  readonly target: T
  /** Where no key is, such as `jobs/{jobId}`: each name in braces is a parameter made by `pathSegment`. Default: none. */
  readonly path?: string
  /** Sent first in the query, without a value, such as `cors`. Default: none. */
  readonly subresource?: string
  /** The root of the document that is the body, whose elements are parameters made by `elements`. Default: none. */
  readonly document?: string
  /** Query parameters that are always sent, with these values. */
  readonly fixed?: ReadonlyArray<readonly [name: string, value: string]>
  /** By the names of the input's fields. Default: none. */
  readonly params?: P
  /** A Schema of the response's headers and document, `body` or `events`. `Schema.Void`: nothing. */
  readonly success: S
  /** The name of the response document's root, or several that are read alike. Default: the response has no document. */
  readonly root?: string | ReadonlyArray<string>
  /** Whether the response may come without its document. Default `false`. */
  readonly optionalDocument?: boolean
  /** The errors that the service is known to respond with, beside those of `CosError.Common`. */
  readonly errors: E
  /** Whether sending it twice is the same as sending it once, so that it may be retried. Default: all but `POST`. */
  readonly idempotent?: boolean
  /** Whether a 200 may carry an `<Error>` document. Default `false`. */
  readonly errorIn200?: boolean
  /** What a policy has to allow. Default: the action that has the operation's name, with a capital, on its target. */
  readonly permissions?: Partial<Permissions>
  /** The page of the API reference. */
  readonly doc: string
}

/**
 * An operation as data: everything but its types.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpecData {
  readonly name: string
  readonly method: HttpMethod
  readonly target: Target
  /** Where no key is, such as `jobs/{jobId}`. */
  readonly path: string | undefined
  /** Sent first in the query, without a value. */
  readonly subresource: string | undefined
  /** The root of the document that is the body, whose elements are parameters made by `elements`. */
  readonly document: string | undefined
  /** Parameters that are always sent, with these values. */
  readonly fixed: ReadonlyArray<readonly [name: string, value: string]>
  readonly params: Params
  readonly success: Schema.Schema.All | BodyResponse<unknown> | EventsResponse<unknown>
  /** Names of the document's root that are read as a success. */
  readonly root: ReadonlyArray<string>
  /** Whether the response may come without its document. */
  readonly optionalDocument: boolean
  readonly errors: ReadonlyArray<CosError.AnyErrorClass>
  /** Whether sending it twice is the same as sending it once. */
  readonly idempotent: boolean
  /** Whether a 200 may carry an `<Error>` document. */
  readonly errorIn200: boolean
  readonly permissions: Permissions
  /** See `recoverLostResponse`. */
  readonly recover?: ((error: any, input: any) => Effect.Effect<Option.Option<unknown>, never, CosClient>) | undefined
  /** The page of the API reference. */
  readonly doc: string
}

/**
 * An operation's facts and types. `Types` exists for the compiler only.
 *
 * @since 0.1.0
 * @category models
 */
export interface Spec<in I, out A, out E> extends SpecData {
  readonly Types?: { readonly input: (_: I) => void; readonly success: () => A; readonly error: () => E }
}

/**
 * Anything that carries a spec.
 *
 * @since 0.1.0
 * @category models
 */
export interface Has<in I, out A, out E> {
  readonly spec: Spec<I, A, E>
}

/**
 * The input of an operation.
 *
 * @since 0.1.0
 * @category types
 */
export type Input<O> = O extends Has<infer I, any, any> ? I : never

/**
 * The output of an operation.
 *
 * @since 0.1.0
 * @category types
 */
export type Success<O> = O extends Has<never, infer A, any> ? A : never

/**
 * The errors of an operation.
 *
 * @since 0.1.0
 * @category types
 */
export type Error<O> = O extends Has<never, any, infer E> ? E : never

// --- operations ------------------------------------------------------------------------------------------------------

/**
 * An operation whose response is a value.
 *
 * @since 0.1.0
 * @category models
 */
export interface Operation<I, A, E> {
  (...args: Args<I>): Effect.Effect<A, E, CosClient>
  readonly spec: Spec<I, A, E>
}

/**
 * An operation whose response has a body, which is bound to a scope.
 *
 * @since 0.1.0
 * @category models
 */
export interface BodyOperation<I, A extends WithBody, E> {
  (...args: Args<I>): Effect.Effect<A, E, CosClient | Scope.Scope>
  readonly spec: Spec<I, A, E>
}

/**
 * An operation whose response is a stream of events.
 *
 * @since 0.1.0
 * @category models
 */
export interface EventsOperation<I, A, E> {
  (...args: Args<I>): Stream.Stream<A, E | CosError.BodyError | CosError.CosServiceError, CosClient>
  readonly spec: Spec<I, A, E>
}

/**
 * An operation whose response is one page of a list.
 *
 * @since 0.1.0
 * @category models
 */
export interface Paginated<I, A, E, Item> extends Operation<I, A, E> {
  /** Every page, each requested when the one before it has been taken. */
  readonly pages: (...args: Args<I>) => Stream.Stream<A, E | CosError.PaginationStuck, CosClient>
  /** Every entry of every page. */
  readonly items: (...args: Args<I>) => Stream.Stream<Item, E | CosError.PaginationStuck, CosClient>
}
