/**
 * How an operation of COS is declared: once, as a value. The call, paging, presigning, the span's name, the retry facts
 * and the reference docs all come from that value; an operation that this SDK does not have yet can be declared likewise.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Body from "./Body.js"
import type { CosClient } from "./CosClient.js"
import * as CosError from "./CosError.js"
import * as CosXml from "./CosXml.js"
import type { Hash } from "./Hash.js"
import { largest } from "./internal/encoding/size.js"
import * as text from "./internal/encoding/text.js"
import type { HttpMethod, Request } from "./internal/http/request.js"
import { send, sendXml, xmlText } from "./internal/operation/documents.js"
import { describe, describeField, type Refusal } from "./internal/operation/refusal.js"
import * as internal from "./internal/operation/runner.js"
import * as wire from "./internal/operation/wire.js"

// ---------------------------------------------------------------------------------------------------------------------
// Parameters
// ---------------------------------------------------------------------------------------------------------------------

/**
 * A request that is being put together.
 *
 * @since 0.1.0
 * @category models
 */
export interface Draft {
  readonly query: Array<readonly [name: string, value: string]>
  readonly headers: Array<readonly [name: string, value: string]>
  body: Body.Body | undefined
  /** The elements of the operation's `document`, as {@link elements} write them. */
  readonly elements: { [name: string]: CosXml.Node | ReadonlyArray<CosXml.Node> }
  /** Whether the body's MD5 goes with it. */
  contentMd5: boolean
  copySource: CopySource | undefined
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

export type {
  /**
   * What a value should have been, in words; with the place of the part that is wrong where that is not all of it.
   *
   * @since 0.1.0
   * @category models
   */
  Refusal
}

/**
 * One parameter of an operation: where it goes and what it may be.
 *
 * @since 0.1.0
 * @category models
 */
export interface Param<A, Presence extends "required" | "optional"> {
  readonly presence: Presence
  readonly place: "query" | "header" | "headers" | "body"
  /** The name on the wire, for the docs. */
  readonly wireName: string
  /** What is written, for the docs. */
  readonly schema?: Schema.Schema.All | undefined
  /** Adds the value to the request, or gives the rule that it breaks: `must not be empty`. */
  readonly write: (draft: Draft, value: A) => Refusal | undefined
  /** Of types only. */
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
  readonly place: "query" | "header" | "headers" | "body"
  readonly wireName: string
  readonly schema?: Schema.Schema.All | undefined
  readonly write: (draft: Draft, value: never) => Refusal | undefined
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
 * A parameter that writes itself into the request, where none of the others fits.
 *
 * @since 0.1.0
 * @category parameters
 */
export const param = <A>(options: {
  readonly place: AnyParam["place"]
  readonly wireName: string
  readonly schema?: Schema.Schema.All | undefined
  readonly write: (draft: Draft, value: A) => Refusal | undefined
}): Param<A, "optional"> => ({ presence: "optional", ...options }) as Param<A, "optional">

/**
 * Makes a parameter required.
 *
 * @since 0.1.0
 * @category parameters
 */
export const required = <A>(self: Param<A, "optional">): Param<A, "required"> => ({ ...self, presence: "required" })

const encoded = <A>(
  place: "query" | "header",
  name: string,
  schema: Schema.Schema<A, string>
): Param<A, "optional"> => {
  const encode = ParseResult.encodeEither(schema)
  const rule = place === "query" ? text.wellFormed : text.headerValue
  const isSendable = place === "query" ? text.isWellFormed : text.isHeaderValue
  return param({
    place,
    wireName: name,
    schema,
    write: (draft, value: A) => {
      const sent = encode(value)
      if (Either.isLeft(sent)) return describe(sent.left)
      if (!isSendable(sent.right)) return rule
      const pairs = place === "query" ? draft.query : draft.headers
      pairs.push([name, sent.right])
      return undefined
    }
  })
}

/**
 * A parameter in the query.
 *
 * @since 0.1.0
 * @category parameters
 */
export const query: {
  (name: string): Param<string, "optional">
  <A>(name: string, schema: Schema.Schema<A, string>): Param<A, "optional">
} = (name: string, schema: Schema.Schema<any, string> = Schema.String) => encoded("query", name, schema)

/**
 * A parameter in a header.
 *
 * @since 0.1.0
 * @category parameters
 */
export const header: {
  (name: string): Param<string, "optional">
  <A>(name: string, schema: Schema.Schema<A, string>): Param<A, "optional">
} = (name: string, schema: Schema.Schema<any, string> = Schema.String) => encoded("header", name, schema)

/**
 * The body itself: text, bytes, a `Blob`, or a `Body`, of up to 5 GiB.
 *
 * @since 0.1.0
 * @category parameters
 */
export const requestBody: Param<Body.Input, "optional"> = param({
  place: "body",
  wireName: "(body)",
  write: (draft, value: Body.Input) => {
    const body = Body.fromInput(value)
    if (!(Number.isSafeInteger(body.size) && body.size >= 0)) return "of a size in whole bytes"
    if (body.size > largest) return `at most ${largest} bytes: Upload sends more, in parts`
    draft.body = body
    return undefined
  }
})

/**
 * A document as the body: XML under `root`, with `Content-Type` and `Content-MD5`.
 *
 * @since 0.1.0
 * @category parameters
 */
export const document = <A, I>(
  root: string,
  schema: Schema.Schema<A, I>,
  options?: {
    /** Default `true`. */
    readonly contentMd5?: boolean | undefined
  }
): Param<A, "optional"> => {
  const encode = ParseResult.encodeEither(schema)
  return param({
    place: "body",
    wireName: root,
    schema,
    write: (draft, value: A) => {
      const wireValue = encode(value)
      if (Either.isLeft(wireValue)) return describe(wireValue.left)
      return sendXml(draft, root, wire.write(wire.planOf(schema), wireValue.right), options?.contentMd5 ?? true)
    }
  })
}

/**
 * The parameters that a table of fields makes.
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

/**
 * The fields of the operation's `document`, each a parameter. The same table, in a `Schema.Struct`, reads the document:
 * what one operation answers another takes. Fields that an answer may lack and a request may not are named in `required`.
 *
 * @since 0.1.0
 * @category parameters
 */
export const elements = <F extends Schema.Struct.Fields, Required extends keyof F = never>(
  fields: F,
  ...required: ReadonlyArray<Required>
): ElementParams<F, Required> => {
  const params: { [field: string]: Param<unknown, "required" | "optional"> } = {}
  for (const field of Object.keys(fields)) {
    const schema = Schema.Struct({ [field]: fields[field] as Schema.Schema<unknown> })
    const encode = ParseResult.encodeUnknownEither(schema)
    const plan = wire.planOf(schema)
    const isOptional = !(required as ReadonlyArray<unknown>).includes(field) && wire.isOptional(schema, field)
    params[field] = {
      ...param({
        place: "body",
        wireName: wire.nameOf(schema),
        schema,
        write: (draft, value: unknown) => {
          const sent = encode({ [field]: value })
          if (Either.isLeft(sent)) return describeField(sent.left)
          if (Either.isLeft(CosXml.build(field, wire.write(plan, sent.right)))) return xmlText
          wire.write(plan, sent.right, draft.elements)
          return undefined
        }
      }),
      presence: isOptional ? "optional" : "required"
    }
  }
  return params as ElementParams<F, Required>
}

/**
 * JSON as the body, with `Content-Type` and `Content-MD5`.
 *
 * @since 0.1.0
 * @category parameters
 */
export const json = <A, I>(schema: Schema.Schema<A, I>): Param<A, "optional"> => {
  const encode = ParseResult.encodeEither(schema)
  return param({
    place: "body",
    wireName: "(body)",
    schema,
    write: (draft, value: A) => {
      const sent = encode(value)
      if (Either.isLeft(sent)) return describe(sent.left)
      send(draft, JSON.stringify(sent.right), "application/json", true)
      return undefined
    }
  })
}

/**
 * A parameter that stands in two places.
 *
 * @since 0.1.0
 * @category parameters
 */
export const both = <A, Presence extends "required" | "optional">(
  self: Param<A, Presence>,
  that: Param<A, "optional">
): Param<A, Presence> => ({
  ...self,
  wireName: `${self.wireName} and ${that.wireName}`,
  write: (draft, value) => self.write(draft, value) ?? that.write(draft, value)
})

// ---------------------------------------------------------------------------------------------------------------------
// Answers
// ---------------------------------------------------------------------------------------------------------------------

/**
 * A field of an answer that stands in a header.
 *
 * @since 0.1.0
 * @category answers
 */
export const fromHeader = <A>(name: string, schema: Schema.Schema<A, string>): Schema.Schema<A, string> =>
  wire.at({ in: "header", name: name.toLowerCase() }, schema)

/**
 * Like {@link fromHeader}, for what some answers say in an element of their document instead.
 *
 * @since 0.1.0
 * @category answers
 */
export const fromHeaderOrElement = <A>(
  name: string,
  path: string,
  schema: Schema.Schema<A, string>
): Schema.Schema<A, string> => wire.at({ in: "header", name: name.toLowerCase(), orElement: path.split("/") }, schema)

/**
 * All headers whose names begin with `prefix`, as a record of what follows it.
 *
 * @since 0.1.0
 * @category answers
 */
export const fromHeaders = (
  prefix: string
): Schema.Schema<{ readonly [name: string]: string }, { readonly [name: string]: string }> =>
  wire.at({ in: "headers", prefix: prefix.toLowerCase() }, Schema.Record({ key: Schema.String, value: Schema.String }))

/**
 * A field that stands in an element whose name is not the field's with a capital: a path such as `Buckets/Bucket`, or
 * several spellings, the first of which is written.
 *
 * @since 0.1.0
 * @category answers
 */
export const fromElement = <A, I>(
  path: string | ReadonlyArray<string>,
  schema: Schema.Schema<A, I>
): Schema.Schema<A, I> =>
  wire.at(
    {
      in: "element",
      paths: (typeof path === "string" ? [path] : path).map((one) => one.split("/")),
      urlEncoded: false
    },
    schema
  )

/**
 * Like {@link fromElement}, for text that the service percent-encodes when `encoding-type=url` was asked.
 *
 * @since 0.1.0
 * @category answers
 */
export const fromUrlEncoded = <A, I>(
  path: string | ReadonlyArray<string>,
  schema: Schema.Schema<A, I>
): Schema.Schema<A, I> =>
  wire.at(
    { in: "element", paths: (typeof path === "string" ? [path] : path).map((one) => one.split("/")), urlEncoded: true },
    schema
  )

/**
 * The text of the document's root.
 *
 * @since 0.1.0
 * @category answers
 */
export const fromRoot = <A>(schema: Schema.Schema<A, string>): Schema.Schema<A, string> =>
  wire.at({ in: "root" }, schema)

/**
 * The whole body, as text: for answers that are not XML.
 *
 * @since 0.1.0
 * @category answers
 */
export const fromBody = <A>(schema: Schema.Schema<A, string>): Schema.Schema<A, string> =>
  wire.at({ in: "body" }, schema)

/**
 * The order of a list whose entries are of several elements, read one by one into lists of their own: the name of each.
 *
 * @since 0.1.0
 * @category answers
 */
export const orderOf = <const Names extends ReadonlyArray<string>>(
  ...names: Names
): Schema.Schema<ReadonlyArray<Names[number]>> =>
  wire.at({ in: "order", names }, Schema.Array(Schema.Literal(...names)))

/**
 * Conditions of a filter: several of them stand together in an `And`.
 *
 * @since 0.1.0
 * @category answers
 */
export const conditions = <A, I>(
  schema: Schema.Schema<A, I>,
  options: {
    /** Elements that may stand outside of an `And` when they are the only condition. */
    readonly alone: ReadonlyArray<string>
    /** Elements that never stand in it. */
    readonly beside?: ReadonlyArray<string>
  }
): Schema.Schema<A, I> => wire.conditions(schema, { alone: options.alone, beside: options.beside ?? [] })

/**
 * An answer whose body is data: its headers as `A`, its bytes as a `Stream`.
 *
 * @since 0.1.0
 * @category models
 */
export interface BodyAnswer<A> {
  readonly _tag: "Body"
  readonly schema: Schema.Schema<A, any>
}

/**
 * An answer that is a body with headers: its `body` is a `Stream` whose connection is released with the scope.
 *
 * @since 0.1.0
 * @category answers
 */
export const body = <A, I>(schema: Schema.Schema<A, I>): BodyAnswer<A> => ({ _tag: "Body", schema })

/**
 * An answer that is a stream of events.
 *
 * @since 0.1.0
 * @category models
 */
export interface EventsAnswer<A> {
  readonly _tag: "Events"
  readonly decode: (
    body: Stream.Stream<Uint8Array, CosError.BodyError>,
    operation: string
  ) => Stream.Stream<A, CosError.BodyError | CosError.CosServiceError>
}

/**
 * An answer that is a stream of events, decoded as it arrives.
 *
 * @since 0.1.0
 * @category answers
 */
export const events = <A>(decode: EventsAnswer<A>["decode"]): EventsAnswer<A> => ({ _tag: "Events", decode })

// ---------------------------------------------------------------------------------------------------------------------
// Operations
// ---------------------------------------------------------------------------------------------------------------------

/**
 * What a request is addressed to.
 *
 * @since 0.1.0
 * @category models
 */
export type Target = "service" | "bucket" | "object"

/**
 * Everything about an operation but its types.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpecData {
  readonly name: string
  readonly method: HttpMethod
  readonly target: Target
  /** Sent first in the query, without a value. */
  readonly subresource: string | undefined
  /** The root of the document that is the body, whose elements are parameters made by {@link elements}. */
  readonly document: string | undefined
  /** Parameters that are always sent, with these values. */
  readonly fixed: ReadonlyArray<readonly [name: string, value: string]>
  readonly params: Params
  readonly success: Schema.Schema.All | BodyAnswer<unknown> | EventsAnswer<unknown>
  /** Names of the document's root that are read as a success. */
  readonly root: ReadonlyArray<string>
  /** Whether the answer may come without its document. */
  readonly optionalDocument: boolean
  readonly errors: ReadonlyArray<CosError.AnyErrorClass>
  /** Whether sending it twice is the same as sending it once. */
  readonly idempotent: boolean
  /** Whether a 200 may carry an `<Error>` document. */
  readonly errorIn200: boolean
  /** See {@link recoverLostResponse}. */
  readonly settle?: ((error: any, input: any) => Effect.Effect<Option.Option<unknown>, never, CosClient>) | undefined
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
 * Whatever carries a spec.
 *
 * @since 0.1.0
 * @category models
 */
export interface Has<in I, out A, out E> {
  readonly spec: Spec<I, A, E>
}

/**
 * The arguments of a call: none are needed where no field is required.
 *
 * @since 0.1.0
 * @category models
 */
export type Args<I> = {} extends I ? [input?: I] : [input: I]

/**
 * An operation that answers with a value.
 *
 * @since 0.1.0
 * @category models
 */
export interface Operation<I, A, E> {
  (...args: Args<I>): Effect.Effect<A, E, CosClient>
  readonly spec: Spec<I, A, E>
}

/**
 * An operation whose answer has a body, bound to a scope.
 *
 * @since 0.1.0
 * @category models
 */
export interface BodyOperation<I, A extends WithBody, E> {
  (...args: Args<I>): Effect.Effect<A, E, CosClient | Scope.Scope>
  readonly spec: Spec<I, A, E>
}

/**
 * The body of an answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithBody {
  /** The bytes, as they are stored. Runs once. */
  readonly body: Stream.Stream<Uint8Array, CosError.BodyError>
}

/**
 * An operation that answers with events.
 *
 * @since 0.1.0
 * @category models
 */
export interface EventsOperation<I, A, E> {
  (...args: Args<I>): Stream.Stream<A, E | CosError.BodyError | CosError.CosServiceError, CosClient>
  readonly spec: Spec<I, A, E>
}

/**
 * A list that comes in pages.
 *
 * @since 0.1.0
 * @category models
 */
export interface Paginated<I, A, E, Item> extends Operation<I, A, E> {
  /** Every page, each asked for when the one before has been taken. */
  readonly pages: (...args: Args<I>) => Stream.Stream<A, E | CosError.PaginationStuck, CosClient>
  /** Every entry of every page. */
  readonly items: (...args: Args<I>) => Stream.Stream<Item, E | CosError.PaginationStuck, CosClient>
}

/**
 * The input of an operation.
 *
 * @since 0.1.0
 * @category types
 */
export type Input<O> = O extends Has<infer I, any, any> ? I : never

/**
 * What an operation answers with.
 *
 * @since 0.1.0
 * @category types
 */
export type Success<O> = O extends Has<never, infer A, any> ? A : never

/**
 * What an operation fails with.
 *
 * @since 0.1.0
 * @category types
 */
export type Error<O> = O extends Has<never, any, infer E> ? E : never

/**
 * What every input may have.
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
 * What the input of an operation on a bucket has.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketInput extends InputBase {
  /** With its APPID, such as `examplebucket-1250000000`. Default: `CosClient.withBucket`, then the client's settings. */
  readonly bucket?: string | undefined
}

/**
 * What the input of an operation on an object has.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectInput extends BucketInput {
  /** 1 to 850 bytes of UTF-8, not beginning with `/`. */
  readonly key: string
}

/**
 * The inputs of the targets.
 *
 * @since 0.1.0
 * @category models
 */
export interface Targets {
  readonly service: InputBase
  readonly bucket: BucketInput
  readonly object: ObjectInput
}

/**
 * The input that a table of parameters makes.
 *
 * @since 0.1.0
 * @category types
 */
export type InputOf<T extends Target, P extends Params> = Targets[T] & {
  readonly [K in keyof P as P[K]["presence"] extends "required" ? K : never]: P[K]["Type"]
} & {
  readonly [K in keyof P as P[K]["presence"] extends "required" ? never : K]?: P[K]["Type"] | undefined
}

interface Options<T extends Target, P extends Params, S, E extends ReadonlyArray<CosError.AnyErrorClass>> {
  readonly name: string
  readonly method: HttpMethod
  readonly target: T
  readonly subresource?: string
  readonly document?: string
  readonly fixed?: ReadonlyArray<readonly [name: string, value: string]>
  readonly params?: P
  readonly success: S
  readonly root?: string | ReadonlyArray<string>
  readonly optionalDocument?: boolean
  readonly errors: E
  readonly idempotent?: boolean
  readonly errorIn200?: boolean
  readonly doc: string
}

/**
 * Declares an operation. The shape of `success` decides the shape of the call: a Schema, {@link body} or {@link events}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: {
  <T extends Target, A, I, const E extends ReadonlyArray<CosError.AnyErrorClass>, P extends Params = {}>(
    options: Options<T, P, Schema.Schema<A, I>, E>
  ): Operation<InputOf<T, P>, A, InstanceType<E[number]> | CosError.Common>
  <T extends Target, A, const E extends ReadonlyArray<CosError.AnyErrorClass>, P extends Params = {}>(
    options: Options<T, P, BodyAnswer<A>, E>
  ): BodyOperation<InputOf<T, P>, A & WithBody, InstanceType<E[number]> | CosError.Common>
  <T extends Target, A, const E extends ReadonlyArray<CosError.AnyErrorClass>, P extends Params = {}>(
    options: Options<T, P, EventsAnswer<A>, E>
  ): EventsOperation<InputOf<T, P>, A, InstanceType<E[number]> | CosError.Common>
} = (options: Options<Target, Params, SpecData["success"], ReadonlyArray<CosError.AnyErrorClass>>): any => {
  const spec: SpecData = {
    name: options.name,
    method: options.method,
    target: options.target,
    subresource: options.subresource,
    document: options.document,
    fixed: options.fixed ?? [],
    params: options.params ?? {},
    success: options.success,
    root: options.root === undefined ? [] : typeof options.root === "string" ? [options.root] : options.root,
    optionalDocument: options.optionalDocument ?? false,
    errors: options.errors,
    idempotent: options.idempotent ?? options.method !== "POST",
    errorIn200: options.errorIn200 ?? false,
    doc: options.doc
  }
  const { success } = spec
  if (internal.isAnswer(success, "Body")) {
    return Object.assign((input?: internal.AnyInput) => Effect.map(internal.runBody(spec, success, input), valueOf), {
      spec
    })
  }
  if (internal.isAnswer(success, "Events")) {
    return Object.assign((input?: internal.AnyInput) => internal.runEvents(spec, success, input), { spec })
  }
  return fromSpec(spec)
}

const valueOf = <A>({ value }: Responded<A>): A => value

const fromSpec = (spec: SpecData): Operation<any, any, any> =>
  Object.assign((input?: internal.AnyInput) => Effect.map(internal.run(spec, input), valueOf), { spec })

/**
 * An operation that can be in its own way: its first attempt is carried out, the answer is lost, and the next attempt is
 * refused because of the first. `settle` is asked about each error that comes after a lost answer, and gives what the
 * operation would have answered, if that is what happened.
 *
 * @since 0.1.0
 * @category combinators
 */
export const recoverLostResponse = <I, A, E>(
  operation: Operation<I, A, E>,
  settle: (
    error: Extract<E, CosError.ServiceFields>,
    input: NoInfer<I>
  ) => Effect.Effect<Option.Option<NoInfer<A>>, never, CosClient>
): Operation<I, A, E> => fromSpec({ ...operation.spec, settle })

/**
 * Adds `.pages` and `.items` to a list.
 *
 * @since 0.1.0
 * @category constructors
 */
export const paginated = <I extends object, A, E, Item>(
  operation: Operation<I, A, E>,
  options: {
    readonly items: (page: A) => ReadonlyArray<Item>
    /** The fields of the input that ask for the page after this one; `undefined` at the end. */
    readonly next: (page: A) => Partial<NoInfer<I>> | undefined
  }
): Paginated<I, A, E, Item> => {
  const call = operation as unknown as (input?: I) => Effect.Effect<A, E, CosClient>
  const pagesOf = <B>(input: I | undefined, select: (page: A) => Chunk.Chunk<B>) =>
    Stream.paginateChunkEffect(
      input,
      (
        current
      ): Effect.Effect<
        readonly [Chunk.Chunk<B>, Option.Option<I | undefined>],
        E | CosError.PaginationStuck,
        CosClient
      > =>
        Effect.flatMap(call(current), (page) => {
          const next = options.next(page)
          if (next === undefined) return Effect.succeed([select(page), Option.none()])
          if (isWithin(next, current)) {
            const marker = Object.values(next).join(" ")
            return Effect.fail(new CosError.PaginationStuck({ operation: operation.spec.name, marker }))
          }
          return Effect.succeed([select(page), Option.some({ ...current, ...next } as I)])
        })
    )
  return Object.assign((...args: Args<I>) => operation(...args), {
    spec: operation.spec,
    pages: (...[input]: Args<I>) => pagesOf(input, Chunk.of),
    items: (...[input]: Args<I>) => pagesOf(input, (page) => Chunk.unsafeFromArray(options.items(page)))
  })
}

/** The next page would be asked for as this one was. */
const isWithin = (next: object, current: object | undefined): boolean =>
  current !== undefined &&
  Object.entries(next).every(([field, value]) => (current as { readonly [field: string]: unknown })[field] === value)

/**
 * The value of an operation together with the facts of its answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Responded<A> {
  readonly value: A
  readonly response: {
    readonly status: number
    /** `x-cos-request-id`. */
    readonly requestId: string | undefined
    /** By lower-case name. */
    readonly headers: { readonly [name: string]: string | undefined }
  }
}

/**
 * The operation, with its answer's status, request id and headers beside its value.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withResponse: {
  <I, A, E>(operation: Operation<I, A, E>): (...args: Args<I>) => Effect.Effect<Responded<A>, E, CosClient>
  <I, A extends WithBody, E>(
    operation: BodyOperation<I, A, E>
  ): (...args: Args<I>) => Effect.Effect<Responded<A>, E, CosClient | Scope.Scope>
} =
  (operation: { readonly spec: SpecData }): any =>
  (input?: internal.AnyInput) => {
    const { spec } = operation
    return internal.isAnswer(spec.success, "Body")
      ? internal.runBody(spec, spec.success, input)
      : internal.run(spec, input)
  }

/**
 * The request that an input makes, before bucket, region and signature.
 *
 * @since 0.1.0
 * @category low level
 */
export const request: (
  spec: SpecData,
  input?: Partial<internal.AnyInput>
) => Effect.Effect<Request, CosError.InvalidInput, CosClient> = internal.request
