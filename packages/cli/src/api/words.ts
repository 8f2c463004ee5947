/** The words after an operation: its fields as options, an address, and where document and body come from. */
import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Body from "effect-cos/Body"
import type { InvalidInput } from "effect-cos/CosError"
import type * as Operation from "effect-cos/Operation"
import { parseRemote } from "../address.js"
import { UsageError } from "../contract/errors.js"
import * as Input from "../contract/input.js"
import type { Output } from "../contract/output.js"
import { type Field, fieldsOf, hasOption, inputOf, optionName } from "./input.js"

/** What was said of a field in its declaration. */
export type Docs = ReadonlyMap<string, { readonly type: string; readonly doc: string }>

const types: Readonly<Record<string, string>> = {
  string: "TEXT",
  number: "NUMBER",
  boolean: "true|false",
  Date: "TIME",
  "string[]": "TEXT"
}

const fieldOption = ({ isRequired, name }: Field, docs: Docs) =>
  Options.text(optionName(name)).pipe(
    Options.withPseudoName(types[docs.get(name)?.type ?? ""] ?? "JSON"),
    Options.withDescription(`${docs.get(name)?.doc ?? ""}${isRequired ? " Required." : ""}`.trim()),
    Options.repeated
  )

const text = (name: string, pseudo: string, description: string) =>
  Options.text(name).pipe(Options.withPseudoName(pseudo), Options.withDescription(description), Options.optional)

const hasBody = (spec: Operation.SpecData): boolean => fieldsOf(spec).some(({ isBody }) => isBody)
const hasDocument = (spec: Operation.SpecData): boolean => fieldsOf(spec).some(({ isDocument }) => isDocument)

/** The options of an operation, and its address. */
export const optionsOf = (spec: Operation.SpecData, docs: Docs) => {
  const fields = fieldsOf(spec).filter(hasOption)
  return {
    fields: Object.fromEntries(fields.map((field) => [field.name, fieldOption(field, docs)])) as Record<
      string,
      Options.Options<Array<string>>
    >,
    ...(spec.target === "object" ? { key: text("key", "KEY", "of the object; or give its address") } : {}),
    ...(spec.target === "control" ? { uin: text("uin", "UIN", "the account, such as 100000000001. Required.") } : {}),
    document: text(
      "input-json",
      "FILE",
      `a JSON object of fields, or - for standard input${hasDocument(spec) ? "; read from there where the document is not given otherwise" : ""}`
    ),
    ...(hasBody(spec) ? { body: text("body", "FILE", "the bytes; default - for standard input") } : {}),
    address: Args.text({ name: "address" }).pipe(
      Args.withDescription("cos://bucket-appid/key, in place of --bucket and --key"),
      Args.optional
    )
  }
}

/** What the options came to. */
export interface Parsed {
  readonly fields: Readonly<Record<string, ReadonlyArray<string>>>
  readonly key?: Option.Option<string>
  readonly uin?: Option.Option<string>
  readonly document: Option.Option<string>
  readonly body?: Option.Option<string>
  readonly address: Option.Option<string>
}

const parse = (operation: string, text: string): Effect.Effect<unknown, UsageError> =>
  text.trim() === ""
    ? Effect.succeed({})
    : Effect.try({
        try: () => JSON.parse(text.replace(/^\ufeff/, "")),
        catch: (error) =>
          new UsageError({
            message: `${operation}: the document is not JSON: ${error instanceof Error ? error.message : ""}`
          })
      })

/**
 * Where the document comes from. Standard input is read only if the document is needed from there: in a script it may be what
 * something else reads. Nobody types one.
 */
const documentOf = (spec: Operation.SpecData, parsed: Parsed, words: ReadonlyMap<string, unknown>) => {
  const given = Option.getOrUndefined(parsed.document)
  if (given !== undefined) return Effect.flatMap(Input.text(given), (text) => parse(spec.name, text))
  const wanted = fieldsOf(spec).filter(({ isDocument }) => isDocument)
  const isNeeded = wanted.some(({ isRequired, name }) => isRequired && !words.has(name))
  const isGiven = [...words.keys()].some((name) => name in parsed.fields)
  if (wanted.length === 0 || (isGiven && !isNeeded)) return Effect.succeed({})
  return Effect.flatMap(Input.isTyped, (typed) =>
    typed ? Effect.succeed({}) : Effect.flatMap(Input.text("-"), (text) => parse(spec.name, text))
  )
}

const bodyOf = (
  spec: Operation.SpecData,
  parsed: Parsed
): Effect.Effect<Body.Body | undefined, UsageError | PlatformError | InvalidInput, FileSystem.FileSystem | Output> => {
  const given = parsed.body === undefined ? undefined : Option.getOrUndefined(parsed.body)
  if (given !== undefined && given !== "-") return Body.file(given)
  const isTaken = given === undefined && Option.contains(parsed.document, "-")
  if (!hasBody(spec) || isTaken) return Effect.succeed(undefined)
  return Effect.flatMap(Input.isTyped, (typed) =>
    typed && given === undefined ? Effect.succeed(undefined) : Effect.map(Input.standard, Body.bytes)
  )
}

/** The input that the words came to. */
export const readInput = (spec: Operation.SpecData, parsed: Parsed, options: { readonly withBody: boolean }) =>
  Effect.gen(function* () {
    const words = new Map(Object.entries(parsed.fields).filter(([, given]) => given.length > 0))
    for (const name of ["key", "uin"] as const) {
      const given = parsed[name] === undefined ? undefined : Option.getOrUndefined(parsed[name])
      if (given !== undefined) words.set(name, [given])
    }
    if (Option.isSome(parsed.address)) {
      const { bucket, key } = yield* parseRemote(parsed.address.value)
      if (bucket !== undefined) words.set("bucket", [bucket])
      if (key !== "" && spec.target !== "object") {
        return yield* new UsageError({ message: `${spec.name} is about a bucket, and ${key} is a key` })
      }
      if (key !== "") words.set("key", [key])
    }
    const document = yield* documentOf(spec, parsed, words)
    const body = options.withBody ? yield* bodyOf(spec, parsed) : undefined
    return yield* inputOf(spec, { words, document, body })
  })
