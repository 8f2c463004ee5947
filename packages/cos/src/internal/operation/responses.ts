/** Where the fields of a response stand: in a header, in an element of its document, or in its body. */
import * as Schema from "effect/Schema"
import type { Elements } from "../../CosXml.js"
import type { BodyResponse, CallSummary, EventsResponse } from "./model.js"
import * as wire from "./wireFormat.js"

/**
 * A field of a response that stands in a header.
 *
 * @since 0.1.0
 * @category responses
 */
export const fromHeader = <A>(
  name: string,
  schema: Schema.Schema<A, string>,
  options?: {
    /** What is read where the header is left out or empty. Default: the field is absent. */
    readonly absent?: string | undefined
    /**
     * How the service sends it. `always`: a response without it is malformed, unless a browser may have hidden the header;
     * then the optional field is absent, and a warning names the header. `usually`: only the latter.
     */
    readonly sent?: "always" | "usually" | undefined
  }
): Schema.Schema<A, string> =>
  wire.at({ in: "header", name: name.toLowerCase(), absent: options?.absent, sent: options?.sent }, schema)

/**
 * Like {@link fromHeader}, for what some responses say in an element of their document instead.
 *
 * @since 0.1.0
 * @category responses
 */
export const fromHeaderOrElement = <A>(
  name: string,
  path: string,
  schema: Schema.Schema<A, string>,
  options?: { readonly sent?: "usually" | undefined }
): Schema.Schema<A, string> =>
  wire.at({ in: "header", name: name.toLowerCase(), orElement: path.split("/"), sent: options?.sent }, schema)

/**
 * All headers whose names begin with `prefix`, as a record by the rest of their names.
 *
 * @since 0.1.0
 * @category responses
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
 * @category responses
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
 * Like {@link fromElement}, for text that the service percent-encodes when the request says `encoding-type=url`.
 *
 * @since 0.1.0
 * @category responses
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
 * @category responses
 */
export const fromRoot = <A>(schema: Schema.Schema<A, string>): Schema.Schema<A, string> =>
  wire.at({ in: "root" }, schema)

/**
 * The whole body, as text: for responses that are not XML.
 *
 * @since 0.1.0
 * @category responses
 */
export const fromBody = <A>(schema: Schema.Schema<A, string>): Schema.Schema<A, string> =>
  wire.at({ in: "body" }, schema)

/**
 * A field that says something of the call itself: where it went, or its response.
 *
 * @since 0.1.0
 * @category responses
 */
export const fromCall = <K extends keyof CallSummary>(fact: K): Schema.Schema<CallSummary[K]> =>
  wire
    .at(
      { in: "call", fact },
      // Ours, not the service's: there is nothing to be checked.
      Schema.declare((_): _ is CallSummary[K] => true)
    )
    .annotations({ identifier: fact === "response" ? "ResponseSummary" : "string" })

/**
 * The order of a list whose entries are of several elements, read one by one into lists of their own: the name of each.
 *
 * @since 0.1.0
 * @category responses
 */
export const orderOf = <const Names extends ReadonlyArray<string>>(
  ...names: Names
): Schema.Schema<ReadonlyArray<Names[number]>> =>
  wire.at({ in: "order", names }, Schema.Array(Schema.Literal(...names)))

/**
 * A field for what the other fields of its struct do not name: elements and attributes as `CosXml.parse` reads them,
 * written again where they stood. Of an element that should be there once, the further ones are in it too, as an array.
 *
 * @since 0.1.0
 * @category responses
 */
export const unknownElements: Schema.Schema<Elements> = wire.Unknown

/**
 * The list of `Name_1`, `Name_2` and so on, as far as the numbers go without a gap.
 *
 * @since 0.1.0
 * @category responses
 */
export const fromNumbered = <A, I>(
  prefix: string,
  schema: Schema.Schema<ReadonlyArray<A>, ReadonlyArray<I>>
): Schema.Schema<ReadonlyArray<A>, ReadonlyArray<I>> => wire.at({ in: "numbered", prefix }, schema)

/**
 * A field that is the attribute `xsi:type` of its element.
 *
 * @since 0.1.0
 * @category responses
 */
export const fromXsiType = <A>(schema: Schema.Schema<A, string>): Schema.Schema<A, string> =>
  wire.at({ in: "attribute", name: "type", namespace: ["xsi", "http://www.w3.org/2001/XMLSchema-instance"] }, schema)

/**
 * Conditions of a filter: several of them stand together in an `And`.
 *
 * @since 0.1.0
 * @category responses
 */
export const filterConditions = <A, I>(
  schema: Schema.Schema<A, I>,
  options: {
    /** Elements that may stand outside of an `And` when they are the only condition. */
    readonly alone: ReadonlyArray<string>
    /** Elements that never stand in it. */
    readonly beside?: ReadonlyArray<string>
  }
): Schema.Schema<A, I> => wire.filterConditions(schema, { alone: options.alone, beside: options.beside ?? [] })

/**
 * A response that is a body with headers: its `body` is a `Stream` whose connection is released with the scope.
 *
 * @since 0.1.0
 * @category responses
 */
export const body = <A, I>(schema: Schema.Schema<A, I>): BodyResponse<A> => ({ _tag: "Body", schema })

/**
 * A response that is a stream of events, decoded as it arrives.
 *
 * @since 0.1.0
 * @category responses
 */
export const events = <A>(decode: EventsResponse<A>["decode"]): EventsResponse<A> => ({ _tag: "Events", decode })
