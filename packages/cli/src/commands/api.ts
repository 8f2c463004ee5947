import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CosClient } from "effect-cos/CosClient"
import type { CosError } from "effect-cos/CosError"
import { fieldsOf } from "../api/input.js"
import * as Json from "../api/json.js"
import { type AnyOperation, find, operations } from "../api/operations.js"
import * as Reference from "../api/reference.js"
import * as Words from "../api/words.js"
import { withClient } from "../client.js"
import { type AnyCommand, make, makeRaw } from "../contract/command.js"
import * as CommandLine from "../contract/commandLine.js"
import { UsageError } from "../contract/errors.js"
import * as Help from "../contract/help.js"
import { noLines, Output } from "../contract/output.js"

const summary = "Call any operation of COS by its name: fields as options or as a JSON document, outputs as JSON"

/** What an operation gives, as JSON: a document, or a line of `--json`. */
const print = (operation: string, output: unknown) =>
  Effect.flatMap(Output, (out) =>
    output === undefined && !out.json
      ? Effect.void
      : out.line({ type: "output", operation, output: Json.toJson(output) }, () =>
          JSON.stringify(Json.toJson(output), undefined, 2)
        )
  )

/** Writes bytes to a file or to standard output, and says which of both it was. */
const save = <E>(bytes: Stream.Stream<Uint8Array, E, CosClient>, out: string | undefined) =>
  Effect.gen(function* () {
    const output = yield* Output
    if (out !== undefined && out !== "-") {
      const fs = yield* FileSystem.FileSystem
      return yield* Stream.run(bytes, fs.sink(out))
    }
    yield* noLines("bytes, unless --out names a file")
    if (out === undefined && process.stdout.isTTY === true) {
      return yield* new UsageError({
        message: "these are bytes, and standard output is a terminal",
        advice: "Give --out FILE, or --out -"
      })
    }
    yield* Stream.runForEach(bytes, output.bytes)
  })

type Tag = "Body" | "Events" | "Value"

const tagOf = ({ spec }: AnyOperation): Tag =>
  "_tag" in spec.success && (spec.success._tag === "Body" || spec.success._tag === "Events")
    ? spec.success._tag
    : "Value"

const call = (
  operation: AnyOperation,
  input: object,
  options: { readonly all: boolean; readonly out: string | undefined }
) => {
  const { name } = operation.spec
  switch (tagOf(operation)) {
    case "Body":
      return Effect.scoped(
        Effect.gen(function* () {
          const { body, ...head } = yield* operation(input) as Effect.Effect<
            { readonly body: Stream.Stream<Uint8Array, CosError> },
            CosError,
            CosClient | Scope.Scope
          >
          yield* save(body, options.out)
          if (options.out !== undefined && options.out !== "-") yield* print(name, head)
        })
      )
    case "Events": {
      const events = operation(input) as Stream.Stream<
        { readonly _tag: string; readonly bytes?: Uint8Array },
        CosError,
        CosClient
      >
      return save(
        Stream.filterMap(events, ({ bytes }) => Option.fromNullable(bytes)),
        options.out
      )
    }
    case "Value":
      return options.all && operation.items !== undefined
        ? Stream.runForEach(operation.items(input) as Stream.Stream<unknown, CosError, CosClient>, (item) =>
            print(name, item)
          )
        : Effect.flatMap(operation(input) as Effect.Effect<unknown, CosError, CosClient>, (output) =>
            print(name, output)
          )
  }
}

const extraOptions = {
  all: Options.boolean("all").pipe(Options.withDescription("every entry of every page of a list, each as a document")),
  out: Options.text("out").pipe(
    Options.withPseudoName("FILE"),
    Options.withDescription("where the bytes go that come; default - for standard output"),
    Options.optional
  )
}

/** The command of one operation. */
const commandOf = (operation: AnyOperation, docs: Words.Docs, description: string): AnyCommand => {
  const { spec } = operation
  const { fields, ...own } = Words.optionsOf(spec, docs)
  const config = {
    ...fields,
    // Names that no field has: they are those of options, and not of fields.
    "@document": own.document,
    "@address": own.address,
    ...("key" in own ? { "@key": own.key } : {}),
    ...("uin" in own ? { "@uin": own.uin } : {}),
    ...("body" in own ? { "@body": own.body } : {}),
    ...(operation.items === undefined ? {} : { "@all": extraOptions.all }),
    ...(tagOf(operation) === "Value" ? {} : { "@out": extraOptions.out })
  }
  return make(
    {
      name: `api ${spec.name}`,
      summary: Reference.firstSentence(description),
      description: description.slice(Reference.firstSentence(description).length).replace(/^[.:]\s*/, "") || undefined,
      examples: [],
      changes: spec.method !== "GET" && spec.method !== "HEAD"
    },
    config as {},
    (parsed) => {
      const given = parsed as Readonly<Record<string, unknown>>
      const optional = <A>(name: string) => given[name] as Option.Option<A> | undefined
      return withClient(
        Effect.gen(function* () {
          const input = yield* Words.readInput(
            spec,
            {
              fields: Object.fromEntries(
                Object.entries(given).filter(([name]) => !name.startsWith("@"))
              ) as Words.Parsed["fields"],
              document: optional<string>("@document") ?? Option.none(),
              address: optional<string>("@address") ?? Option.none(),
              ...(given["@key"] === undefined ? {} : { key: optional<string>("@key") ?? Option.none() }),
              ...(given["@uin"] === undefined ? {} : { uin: optional<string>("@uin") ?? Option.none() }),
              ...(given["@body"] === undefined ? {} : { body: optional<string>("@body") ?? Option.none() })
            },
            { withBody: true }
          )
          yield* call(operation, input, {
            all: given["@all"] === true,
            out: Option.getOrUndefined(optional<string>("@out") ?? Option.none())
          })
        })
      )
    }
  )
}

/** How a person writes a value of a type of the SDK. */
const typeText = (type: string): string =>
  type
    .replace("Redacted.Redacted<Uint8Array>", "base64 of 32 bytes")
    .replace("Operation.CopySource", "{ key, bucket?, region?, versionId? }")
    .replace("Body.Input", "bytes")
    .replaceAll("Date", "time")
    .replace("bigint", "digits")

const fieldText = ({ doc, name, required, type }: Reference.ReferenceField): string =>
  `  ${name}${required === true ? " *" : ""}${type === "" ? "" : `: ${typeText(type)}`}${doc === "" ? "" : `\n      ${doc}`}`

const helpOf = (operation: AnyOperation, entry: Reference.Entry | undefined, command: AnyCommand): string => {
  const documents = fieldsOf(operation.spec).filter(({ isDocument }) => isDocument)
  const inner = (entry?.fields ?? []).filter(({ name }) => documents.some((field) => name.startsWith(field.name)))
  return [
    Help.ofOne(command),
    ...(inner.length === 0 ? [] : ["Fields of the document (* required)", ...inner.map(fieldText), ""]),
    ...(entry === undefined || entry.output.length === 0 ? [] : ["Output", ...entry.output.map(fieldText), ""]),
    `Request      ${entry?.request ?? ""}`,
    `Permissions  ${entry?.permissions.join(", ") ?? ""}`,
    `Errors       ${["what is common to all", ...(entry?.errors ?? [])].join(", ")}`,
    `Reference    ${operation.spec.doc}`,
    ""
  ].join("\n")
}

const list = Effect.gen(function* () {
  const output = yield* Output
  const reference = yield* Reference.load
  const width = Math.max(...[...operations.keys()].map((name) => name.length))
  for (const name of operations.keys()) {
    const what = Reference.firstSentence(reference[name]?.doc ?? "")
    yield* output.line({ type: "operation", operation: name, summary: what }, () => `${name.padEnd(width)}  ${what}`)
  }
})

const run = (words: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { options: leading, rest } = yield* CommandLine.readLeading(words)
    const [name, ...more] = rest
    if (name === undefined) return yield* leading.includes("--help") ? output.text(Help.ofOne(command)) : list
    const operation = yield* find(name)
    const isHelp = leading.includes("--help") || more.includes("--help") || more.includes("-h")
    const entry = isHelp ? (yield* Reference.load)[name] : undefined
    const docs: Words.Docs = new Map((entry?.fields ?? []).map((field) => [field.name, field]))
    const own = commandOf(operation, docs, entry?.doc ?? name)
    if (isHelp) return yield* output.text(helpOf(operation, entry, own))
    const read = yield* CommandLine.read(more, own.options, `api ${name}`)
    yield* own.run(yield* CommandLine.decode(own, { ...read, options: [...leading, ...read.options] }))
  })

const declared = makeRaw(
  {
    name: "api",
    summary,
    description:
      "`cos api` lists the operations, `cos api OPERATION --help` says what one takes and gives. Fields are options, spelt " +
      "with hyphens; lists may be given one by one, what has fields of its own as JSON. A document (a configuration) is read " +
      "from standard input as JSON unless it is given by options, and what `get` prints is what `put` takes. Bytes are read " +
      "from --body and written to --out, - being standard input and output.",
    examples: [
      ["cos api putBucketLifecycle < rules.json", "a configuration"],
      ["cos api getBucketLifecycle | jq …", "the same, read"],
      ["cos api headObject cos:///a.txt --json", "an object's headers"],
      ["cos api putObject --key a.txt --body a.txt --metadata a=1", "bytes"],
      ["cos api listObjects --prefix a/ --all --json", "every page"]
    ],
    changes: false
  },
  run
)

export const command: AnyCommand = {
  ...declared,
  options: Object.values(extraOptions),
  args: [
    Args.text({ name: "operation" }).pipe(Args.withDescription("default: list them"), Args.optional),
    Args.text({ name: "address" }).pipe(
      Args.withDescription("cos://bucket-appid/key, in place of --bucket and --key"),
      Args.optional
    )
  ]
}
