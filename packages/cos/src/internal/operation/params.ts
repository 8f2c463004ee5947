/** The parameters of an operation: each writes its value into the request, or returns the rule that the value breaks. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Body from "../../Body.js"
import { maxRequestBytes } from "../encoding/size.js"
import * as text from "../encoding/text.js"
import { build } from "../xml/writer.js"
import { bodyRule } from "./bodyRule.js"
import { send, sendXml, xmlTextRule } from "./documents.js"
import type { AnyParam, ElementParams, Param, RequestDraft } from "./model.js"
import { describe, describeField, type Refusal } from "./violatedRule.js"
import * as wire from "./wireFormat.js"

/** Compiled by the first value: a program uses few of the parameters that it loads. */
const encoderOf = <A, I>(
  schema: () => Schema.Schema<A, I>
): ((value: A) => Either.Either<I, ParseResult.ParseIssue>) => {
  let encode: ((value: A) => Either.Either<I, ParseResult.ParseIssue>) | undefined
  return (value) => {
    encode ??= ParseResult.encodeEither(schema())
    return encode(value)
  }
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
  readonly write: (draft: RequestDraft, value: A) => Refusal | undefined
}): Param<A, "optional"> => ({ presence: "optional", ...options }) as Param<A, "optional">

/**
 * Makes a parameter required. Outside of the body it may not be empty either: a service may take what is empty for absent,
 * and `DELETE` of an upload without an id is one of the object.
 *
 * @since 0.1.0
 * @category parameters
 */
export const required = <A>(self: Param<A, "optional">): Param<A, "required"> => ({
  ...self,
  presence: "required",
  write: (draft, value) =>
    self.write(draft, value) ?? (value === "" && self.place !== "body" ? "must not be empty" : undefined)
})

/**
 * A parameter that is a segment of the operation's `path`: `{name}` in it.
 *
 * @since 0.1.0
 * @category parameters
 */
export const pathSegment = (name: string): Param<string, "optional"> =>
  param({
    place: "path",
    wireName: `{${name}}`,
    schema: Schema.String,
    write: (draft, value: string) => {
      if (!text.isWellFormed(value)) return text.wellFormedRule
      if (value === "" || value === "." || value === ".." || value.includes("/")) {
        return "must be a segment of a path: not empty, without /, and neither . nor .."
      }
      draft.path[name] = value
      return undefined
    }
  })

const encoded = <A>(
  place: "query" | "header",
  name: string,
  schema: Schema.Schema<A, string>
): Param<A, "optional"> => {
  const encode = encoderOf(() => schema)
  const rule = place === "query" ? text.wellFormedRule : text.headerValueRule
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
 * The body itself: text, bytes in any form, a `Blob`, or a `Body`, of up to 5 GiB.
 *
 * @since 0.1.0
 * @category parameters
 */
export const requestBody: Param<Body.Input, "optional"> = param({
  place: "body",
  wireName: "(body)",
  write: (draft, value: Body.Input) => {
    const rule = bodyRule(value)
    if (rule !== undefined) return rule
    const body = Body.fromInput(value)
    if (!(Number.isSafeInteger(body.size) && body.size >= 0)) return "must be of a size in whole bytes"
    if (body.size > maxRequestBytes) return `must be at most ${maxRequestBytes} bytes: Upload sends more, in parts`
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
  const encode = encoderOf(() => schema)
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
 * The fields of the operation's `document`, each a parameter. In a `Schema.Struct` the same table reads the document, so
 * that what one operation reads another writes. Fields that are optional in a response but not in a request are named in
 * `required`.
 *
 * @since 0.1.0
 * @category parameters
 */
export const elements = <F extends Schema.Struct.Fields, Required extends keyof F = never>(
  fields: F,
  ...required: ReadonlyArray<Required>
): ElementParams<F, Required> => {
  const params: { [field: string]: Omit<AnyParam, "Type"> } = {}
  for (const name of Object.keys(fields)) {
    const field = fields[name] as Schema.Struct.Field
    // Made by the first value: a struct goes through all that its fields hold.
    let struct: Schema.Schema<{ readonly [field: string]: unknown }> | undefined
    const schema = () => (struct ??= Schema.Struct({ [name]: field as Schema.Schema<unknown> }))
    const encode = encoderOf(schema)
    const isOptional = !(required as ReadonlyArray<unknown>).includes(name) && wire.isOptional(field)
    params[name] = {
      presence: isOptional ? "optional" : "required",
      place: "body",
      wireName: wire.nameOf(name, field),
      get schema() {
        return schema()
      },
      write: (draft, value: unknown) => {
        const sent = encode({ [name]: value })
        if (Either.isLeft(sent)) return describeField(sent.left)
        const plan = wire.planOf(schema())
        if (Either.isLeft(build(name, wire.write(plan, sent.right)))) return xmlTextRule
        wire.write(plan, sent.right, draft.elements)
        return undefined
      }
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
  const encode = encoderOf(() => schema)
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
): Param<A, Presence> => {
  const other = self.presence === "required" ? required(that) : that
  return {
    ...self,
    wireName: `${self.wireName} and ${that.wireName}`,
    write: (draft, value) => self.write(draft, value) ?? other.write(draft, value)
  }
}
