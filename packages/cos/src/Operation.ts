/**
 * How an operation of COS is declared: once, as a value. The call, paging, presigning, the span's name, the retry facts
 * and the reference docs all come from that value; an operation that this SDK does not have yet can be declared likewise.
 * Those of COS stand in `operations/`, a file for each family.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CosClient } from "./CosClient.js"
import * as CosError from "./CosError.js"
import type { Request } from "./internal/http/request.js"
import type {
  Args,
  BodyOperation,
  BodyResponse,
  EventsOperation,
  EventsResponse,
  InputOf,
  MakeOptions,
  ObjectInput,
  Operation,
  Paginated,
  Params,
  SpecData,
  Target,
  WithBody,
  WithResponse
} from "./internal/operation/model.js"
import * as internal from "./internal/operation/runner.js"

export type * from "./internal/operation/model.js"
export * from "./internal/operation/params.js"
export * from "./internal/operation/responses.js"
export type { Refusal } from "./internal/operation/violatedRule.js"

/**
 * Declares an operation. The shape of `success` decides the shape of the call: a Schema, {@link body} or {@link events}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: {
  <T extends Target, A, I, const E extends ReadonlyArray<CosError.AnyErrorClass>, P extends Params = {}>(
    options: MakeOptions<T, P, Schema.Schema<A, I>, E>
  ): Operation<InputOf<T, P>, A, InstanceType<E[number]> | CosError.Common>
  <T extends Target, A, const E extends ReadonlyArray<CosError.AnyErrorClass>, P extends Params = {}>(
    options: MakeOptions<T, P, BodyResponse<A>, E>
  ): BodyOperation<InputOf<T, P>, A & WithBody, InstanceType<E[number]> | CosError.Common>
  <T extends Target, A, const E extends ReadonlyArray<CosError.AnyErrorClass>, P extends Params = {}>(
    options: MakeOptions<T, P, EventsResponse<A>, E>
  ): EventsOperation<InputOf<T, P>, A, InstanceType<E[number]> | CosError.Common>
} = (options: MakeOptions<Target, Params, SpecData["success"], ReadonlyArray<CosError.AnyErrorClass>>): any => {
  const spec: SpecData = {
    name: options.name,
    method: options.method,
    target: options.target,
    path: options.path,
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
    permissions: {
      actions: [`${options.name.charAt(0).toUpperCase()}${options.name.slice(1)}`],
      on: options.target,
      source: [],
      ...options.permissions
    },
    doc: options.doc
  }
  const { success } = spec
  if (internal.isSuccessOf(success, "Body")) {
    return Object.assign((input?: internal.AnyInput) => Effect.map(internal.runBody(spec, success, input), valueOf), {
      spec
    })
  }
  if (internal.isSuccessOf(success, "Events")) {
    return Object.assign((input?: internal.AnyInput) => internal.runEvents(spec, success, input), { spec })
  }
  return fromSpec(spec)
}

const valueOf = <A>({ value }: WithResponse<A>): A => value

const fromSpec = (spec: SpecData): Operation<any, any, any> =>
  Object.assign((input?: internal.AnyInput) => Effect.map(internal.run(spec, input), valueOf), { spec })

/**
 * Recovers what an operation has done although its response was lost: the first attempt is carried out, and the next one is
 * refused because of it. `recover` gets each error that follows a lost response, and gives the output that the operation
 * would have had, if that is what happened.
 *
 * @since 0.1.0
 * @category combinators
 */
export const recoverLostResponse: {
  <I, A, E>(
    recover: (
      error: Extract<E, CosError.ServiceFields>,
      input: I
    ) => Effect.Effect<Option.Option<NoInfer<A>>, never, CosClient>
  ): (self: Operation<I, A, E>) => Operation<I, A, E>
  <I, A, E>(
    self: Operation<I, A, E>,
    recover: (
      error: Extract<E, CosError.ServiceFields>,
      input: NoInfer<I>
    ) => Effect.Effect<Option.Option<NoInfer<A>>, never, CosClient>
  ): Operation<I, A, E>
} = dual(2, (self: Operation<any, any, any>, recover: SpecData["recover"]) => fromSpec({ ...self.spec, recover }))

/**
 * How the pages of a list follow one another.
 *
 * @since 0.1.0
 * @category models
 */
export interface PaginationOptions<I, A, Item> {
  readonly items: (page: A) => ReadonlyArray<Item>
  /** The fields of the input that ask for the page after this one; `undefined` at the end. */
  readonly next: (page: A) => Partial<I> | undefined
}

/**
 * Adds `.pages` and `.items` to an operation whose output is one page of a list.
 *
 * @since 0.1.0
 * @category combinators
 */
export const paginated: {
  <I extends object, A, Item>(
    options: PaginationOptions<NoInfer<I>, A, Item>
  ): <E>(self: Operation<I, A, E>) => Paginated<I, A, E, Item>
  <I extends object, A, E, Item>(
    self: Operation<I, A, E>,
    options: PaginationOptions<NoInfer<I>, A, Item>
  ): Paginated<I, A, E, Item>
} = dual(
  2,
  <I extends object, A, E, Item>(
    self: Operation<I, A, E>,
    options: PaginationOptions<I, A, Item>
  ): Paginated<I, A, E, Item> =>
    Object.assign((...args: Args<I>) => self(...args), {
      spec: self.spec,
      pages: (...[input]: Args<I>) => pagesOf(self, options, input, Chunk.of),
      items: (...[input]: Args<I>) =>
        pagesOf(self, options, input, (page) => Chunk.unsafeFromArray(options.items(page)))
    })
)

const pagesOf = <I extends object, A, E, Item, B>(
  operation: Operation<I, A, E>,
  { next }: PaginationOptions<I, A, Item>,
  input: I | undefined,
  select: (page: A) => Chunk.Chunk<B>
): Stream.Stream<B, E | CosError.PaginationStuck, CosClient> => {
  type Step = readonly [Chunk.Chunk<B>, Option.Option<I | undefined>]
  const call = operation as unknown as (input?: I) => Effect.Effect<A, E, CosClient>
  return Stream.paginateChunkEffect(input, (current) =>
    Effect.flatMap(call(current), (page): Effect.Effect<Step, CosError.PaginationStuck> => {
      const following = next(page)
      if (following === undefined) return Effect.succeed([select(page), Option.none()])
      if (isWithin(following, current)) {
        const marker = Object.values(following).join(" ")
        return Effect.fail(new CosError.PaginationStuck({ operation: operation.spec.name, marker }))
      }
      return Effect.succeed([select(page), Option.some({ ...current, ...following } as I)])
    })
  )
}

/** Whether the next page would be requested exactly as this one was: the list would never end. */
const isWithin = (next: object, current: object | undefined): boolean =>
  current !== undefined &&
  Object.entries(next).every(([field, value]) => (current as { readonly [field: string]: unknown })[field] === value)

/**
 * The operation, with the status, request id and headers of its response beside its value.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withResponse: {
  <I, A, E>(operation: Operation<I, A, E>): (...args: Args<I>) => Effect.Effect<WithResponse<A>, E, CosClient>
  <I, A extends WithBody, E>(
    operation: BodyOperation<I, A, E>
  ): (...args: Args<I>) => Effect.Effect<WithResponse<A>, E, CosClient | Scope.Scope>
} =
  (operation: { readonly spec: SpecData }): any =>
  (input?: internal.AnyInput) => {
    const { spec } = operation
    return internal.isSuccessOf(spec.success, "Body")
      ? internal.runBody(spec, spec.success, input)
      : internal.run(spec, input)
  }

/**
 * The request of an operation with this input, before bucket, region and signature.
 *
 * @since 0.1.0
 * @category low level
 */
export const request = (
  spec: SpecData,
  input?: Partial<ObjectInput>
): Effect.Effect<Request, CosError.InvalidInput, CosClient> =>
  internal.request(spec, input as Partial<internal.AnyInput>)
