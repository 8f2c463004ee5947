/**
 * Each operation of COS: whether the SDK has it, with every parameter, field and code that the protocol notes give it, the
 * emulator implements it, and a test sends it through both.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Cos from "effect-cos/Cos"
import * as CosError from "effect-cos/CosError"
import type * as Operation from "effect-cos/Operation"
import * as Presign from "effect-cos/Presign"
import { checkHeaders } from "../../packages/emulator/src/internal/operations/parameters.js"
import { operations } from "../../packages/emulator/src/internal/operations/registry.js"
import { Failed, main, root } from "../tool.js"
import { type Addition, additions, allRows } from "./additions.js"
import { type Field, outputFields, parameters, specs } from "./facts.js"
import { leaves, rootOf } from "./notation.js"
import { elsewhere, type Row } from "./rows.js"

const words = (text: string): ReadonlyArray<string> => text.split(" ").filter((word) => word !== "")

// --- the SDK ---------------------------------------------------------------------------------------------------------

const modules: Record<string, Record<string, unknown>> = { Presign }

const inSdk = ({ operation }: Row): boolean => {
  const [module, name] = operation.includes(".") ? operation.split(".") : [undefined, operation]
  return typeof (module === undefined ? (Cos as Record<string, unknown>) : modules[module])?.[name ?? ""] === "function"
}

/** `x-{a,b}` is `x-a` and `x-b`. */
const braces = (name: string): ReadonlyArray<string> => {
  const [, before = "", inner = "", after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(name) ?? []
  return inner === "" ? [name] : inner.split(",").map((one) => before + one + after)
}

/** The names of all fields: of headers in lower case, of elements as paths, in every spelling. */
const namesOf = (fields: ReadonlyArray<Field>): ReadonlySet<string> =>
  new Set(
    fields.flatMap(({ names, place }) =>
      names.flatMap((name) => (place === "header" || place === "headers" ? braces(name.toLowerCase()) : braces(name)))
    )
  )

const requestNames = (spec: Operation.SpecData): ReadonlySet<string> =>
  new Set([...namesOf(parameters(spec)), ...spec.fixed.map(([name]) => name), spec.subresource ?? ""])

const has = (names: ReadonlySet<string>, name: string): boolean =>
  names.has(name) || names.has(name.toLowerCase()) || name in elsewhere

/** The root, and the elements that hold text; ours know no `And`. */
const documentNames = (notation: string): ReadonlyArray<string> =>
  notation === "" ? [] : [rootOf(notation), ...leaves(notation).map((path) => path.replaceAll("And/", ""))]

interface Count {
  readonly of: number
  readonly lacking: ReadonlyArray<string>
}

const count = (all: ReadonlyArray<string>, isThere: (name: string) => boolean): Count => ({
  of: all.length,
  lacking: all.filter((name) => !isThere(name))
})

/** `PUT bucket ?cors&id`: what is not so. */
const line = (row: Row, spec: Operation.SpecData): ReadonlyArray<string> => {
  const [method, target, query = ""] = (row.wire.split(",")[0] ?? "").split(" ")
  const names = requestNames(spec)
  return [
    ...(method === spec.method ? [] : [`method ${method}`]),
    ...(target === spec.target ? [] : [`target ${target}`]),
    ...query
      .replace("?", "")
      .split("&")
      .filter((name) => !names.has(name))
  ]
}

/** What a row and what is added to it ask for. */
const asked = (row: Row, added: ReadonlyArray<Addition>) => {
  const all: ReadonlyArray<Partial<Row>> = [row, ...added]
  const named = (field: "takes" | "headers" | "codes") => all.flatMap((one) => words(one[field] ?? ""))
  const documents = (field: "sends" | "responds") => all.flatMap((one) => documentNames(one[field] ?? ""))
  return {
    takes: named("takes"),
    request: [...new Set([...named("takes"), ...documents("sends")])],
    response: [...new Set([...named("headers"), ...documents("responds")])],
    errors: [...new Set(named("codes"))]
  }
}

const counts = (row: Row, names: ReturnType<typeof asked>): Record<"request" | "response" | "errors", Count> => {
  const spec = specs.get(row.operation)
  const none: Count = { of: 0, lacking: [] }
  if (spec === undefined) return { request: none, response: none, errors: none }
  const sent = requestNames(spec)
  const received = namesOf(outputFields(spec))
  const request = count(names.request, (name) => has(sent, name) || name === spec.document)
  return {
    request: { of: request.of, lacking: [...line(row, spec), ...request.lacking] },
    response: count(names.response, (name) => has(received, name) || spec.root.includes(name)),
    // A code without a class of its own is `CosServiceError` everywhere.
    errors: count(names.errors, (code) => {
      const own = code === "NotModified" ? CosError.NotModified : CosError.byCode.get(code)
      return own === undefined || common.has(own) || spec.errors.includes(own)
    })
  }
}

const common: ReadonlySet<unknown> = new Set([
  CosError.AccessDenied,
  CosError.AuthenticationFailed,
  CosError.Throttled,
  CosError.ServerFault
])

// --- the emulator ----------------------------------------------------------------------------------------------------

/** What sends no request of its own, by the operation whose request it prepares. */
const standsFor: Record<string, string> = {
  "Presign.url": "getObject",
  "Presign.form": "postObject",
  request: "getObject",
  docPreview: "ciProcess"
}

const emulated = new Map(operations.map((operation) => [operation.name, operation]))

/** The parameters that a strict one would refuse; all where it does not know the operation. */
const unknownToEmulator = (operation: string, takes: ReadonlyArray<string>): ReadonlyArray<string> => {
  const own = emulated.get(standsFor[operation] ?? operation)
  if (own === undefined) return [operation]
  const queries =
    own.optionalQuery === "any" ? undefined : new Set([...(own.requiredQuery ?? []), ...(own.optionalQuery ?? [])])
  const spec = specs.get(operation)
  return takes.filter((name) =>
    spec !== undefined && isQuery(spec, name)
      ? queries !== undefined && !queries.has(name)
      : Either.isLeft(checkHeaders({ [name.toLowerCase().replace("*", "a")]: "1" }, { strict: true }))
  )
}

const isQuery = (spec: Operation.SpecData, name: string): boolean =>
  spec.fixed.some(([fixed]) => fixed === name) ||
  parameters(spec).some(({ place, wire }) => place === "query" && wire === name)

// --- the table -------------------------------------------------------------------------------------------------------

const mark = (value: boolean): string => (value ? "✓" : "–")

const share = ({ lacking, of }: Count): string => (of === 0 ? "" : `${of - lacking.length}/${of}`).padStart(7)

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = `${root}/test/operations`
    const files = yield* fs.readDirectory(directory, { recursive: true })
    const tests = yield* Effect.forEach(
      files.filter((file) => file.endsWith(".ts")),
      (file) => fs.readFileString(`${directory}/${file}`)
    )
    const text = tests.join("\n")
    const isTested = ({ operation }: Row): boolean =>
      new RegExp(`\\b${operation.includes(".") ? operation.replace(".", "\\.") : `Cos\\.${operation}`}\\b`).test(text)

    const width = Math.max(...allRows.map(({ row }) => row.operation.length))
    console.log(`${"".padEnd(4)} ${"operation".padEnd(width)}  SDK  emulator  test  request  response  errors`)
    let complete = 0
    for (const { added, row } of allRows) {
      const names = asked(row, added)
      const { errors, request, response } = counts(row, names)
      const refused = unknownToEmulator(row.operation, names.takes)
      const lacking = [request, response, errors].flatMap(({ lacking }) => lacking)
      const marks = { sdk: inSdk(row), emulator: refused.length === 0, test: isTested(row) }
      if (marks.sdk && marks.emulator && marks.test && lacking.length === 0) complete++
      console.log(
        `${row.section.padEnd(4)} ${row.operation.padEnd(width)}   ${mark(marks.sdk)}       ${mark(marks.emulator)}      ${mark(marks.test)}  ${share(request)}  ${share(response)} ${share(errors)}   ${row.wire}`
      )
      if (lacking.length > 0) console.log(`     lacks ${lacking.join(", ")}`)
      if (refused.length > 0) console.log(`     the emulator does not know ${refused.join(", ")}`)
    }
    console.log("No fields of their own:")
    for (const [name, why] of Object.entries(elsewhere)) console.log(`     ${name}: ${why}`)
    const known = new Set(allRows.map(({ row }) => row.operation))
    const lost = additions.flatMap(({ operations }) => operations.filter((name) => !known.has(name)))
    if (lost.length > 0) return yield* new Failed(`No row for ${lost.join(", ")}, which additions name`)
    console.log(`${complete} of ${allRows.length} operations`)
    if (complete < allRows.length) return yield* new Failed()
  })
)
