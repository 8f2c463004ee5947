/** The reference of the operations: a page for each group, made of their declarations. */
import * as Cos from "effect-cos/Cos"
import type * as Operation from "effect-cos/Operation"
import { type Field, outputFields, parameters, specs } from "./facts.js"
import { docsOf, exportsOf, groups, typeOf } from "./source.js"

/** A file of the docs, by its path in `packages/cos/docs`. */
export interface Page {
  readonly path: string
  readonly text: string
}

export const note = "<!-- Made by `pnpm docs:api` from the declarations: change those. -->"

/** A table of Markdown. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell) => cell.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|")).join(" | ")} |`
  return [line(head), `|${" --- |".repeat(head.length)}`, ...rows.map(line)]
}

export const code = (text: string): string => (text === "" ? "" : `\`${text}\``)

/** `putBucketCors` in `cors`. */
export const groupOf = (operation: string): string => groups.find((group) => exportsOf(group).includes(operation)) ?? ""

/** What the type says already. */
const trivial =
  /^(an? (string|boolean|number|(non-negative )?bigint|non empty string|integer)|a valid Date.*|one of .*)$/

const typeCell = (field: Field, declared: string | undefined, doc: string): string => {
  const type = field.type === "" || field.type === "value" ? (declared ?? field.type) : field.type
  const { limit } = field
  const isSaid =
    limit === undefined || trivial.test(limit) || doc.toLowerCase().includes(limit.replace(/^from /, "").toLowerCase())
  const shown = type === "list" || type === "group" ? type : code(type)
  return isSaid ? shown : `${shown}: ${limit}`
}

const rows = (
  group: string,
  operation: string,
  side: "params" | "success",
  fields: ReadonlyArray<Field>
): ReadonlyArray<ReadonlyArray<string>> =>
  fields.map((field) => {
    const path = field.path.replaceAll("[]", "").split(".")
    const doc = docsOf(group, operation, side, ...path) ?? ""
    const declared = typeOf(group, operation, side, ...path)
    const name = `${code(field.path)}${side === "params" && field.isRequired && !field.path.includes(".") ? " *" : ""}`
    const optional = side === "success" && !field.isRequired ? "?" : ""
    return [`${name}${optional}`, `${field.place} ${code(field.wire)}`, typeCell(field, declared, doc), doc]
  })

export const line = ({ fixed, method, path, subresource, target }: Operation.SpecData): string => {
  const query = [subresource, ...fixed.map((pair) => pair.join("="))].filter((part) => part !== undefined)
  const host = target === "service" || target === "control" ? `(${target}) ` : ""
  return `${method} ${host}/${target === "object" ? "<key>" : (path ?? "")}${
    query.length > 0 ? `?${query.join("&")}` : ""
  }`
}

const common: Record<Operation.Target, string> = {
  service: "`region`, `extra`",
  bucket: "`bucket`, `region`, `extra`",
  object: "`key` *, `bucket`, `region`, `extra`",
  control: "`uin` *, `region`, `extra`"
}

const permissions = ({ actions, source }: Operation.Permissions): string => {
  const names = (actions: ReadonlyArray<string>) => actions.map((action) => code(`name/cos:${action}`)).join(", ")
  return `Permissions: ${names(actions)}${source.length === 0 ? "" : `; of the source ${names(source)}`}.`
}

const facts = (spec: Operation.SpecData): ReadonlyArray<string> => [
  permissions(spec.permissions),
  spec.idempotent
    ? "Retried when its response is lost or the service asks for it."
    : "Not retried when its response is lost.",
  ...(spec.recover === undefined ? [] : ["A retry that meets what the first attempt did is a success."]),
  ...(spec.errorIn200 ? ["A 200 may carry an error, one of those below."] : [])
]

const ofOperation = (group: string, operation: string, spec: Operation.SpecData): ReadonlyArray<string> => {
  const params = parameters(spec)
  const success = outputFields(spec)
  const tag = "_tag" in spec.success ? spec.success._tag : undefined
  const value = (Cos as Record<string, unknown>)[operation] as { readonly items?: unknown }
  const shape =
    tag === "Events"
      ? "Returns a `Stream` of events: see its type."
      : tag === "Body"
        ? "Returns `body`, a `Stream` of bytes that is released with the scope, and"
        : success.length === 0
          ? "Returns nothing."
          : "Returns"
  return [
    `## ${operation}`,
    "",
    docsOf(group, operation) ?? "",
    "",
    `${code(line(spec))} · [API page](${spec.doc}) · ${facts(spec).join(" ")}${
      value.items === undefined ? "" : ` \`${operation}.pages\` and \`${operation}.items\` are Streams of them all.`
    }`,
    "",
    `Takes ${common[spec.target]}${params.length === 0 ? "." : " and"}`,
    "",
    ...(params.length === 0
      ? []
      : [...table(["Parameter", "On the wire", "Type", ""], rows(group, operation, "params", params)), ""]),
    shape,
    "",
    ...(success.length === 0
      ? []
      : [...table(["Field", "On the wire", "Type", ""], rows(group, operation, "success", success)), ""]),
    spec.errors.length === 0
      ? "Fails with what is common to all."
      : `Fails with ${spec.errors.map((error) => code(tagOf(error))).join(", ")}, and what is common to all.`,
    ""
  ]
}

const tagOf = (error: unknown): string => (error as { readonly name: string }).name

const page = (group: string): Page => {
  const names = exportsOf(group)
  const operations = names.filter((name) => specs.has(name))
  const others = names.filter((name) => !specs.has(name) && docsOf(group, name) !== undefined)
  return {
    path: `reference/${group}.md`,
    text: [
      note,
      "",
      `# ${group}`,
      "",
      ...operations.flatMap((name) => {
        const spec = specs.get(name)
        return spec === undefined ? [] : ofOperation(group, name, spec)
      }),
      ...others.flatMap((name) => [`## ${name}`, "", docsOf(group, name) ?? "", ""])
    ].join("\n")
  }
}

const index = (): Page => ({
  path: "reference/README.md",
  text: [
    note,
    "",
    "# Operations",
    "",
    "Each is a function of `effect-cos/Cos` that takes one object and gives an Effect in need of a `CosClient`. A `*` marks",
    "what is required, a `?` what a response may lack, `[]` the entries of a list. Common to all:",
    "",
    ...table(
      ["Field", ""],
      [
        ["`key` *", "Of operations on objects: 1 to 850 bytes of UTF-8, not beginning with `/`."],
        ["`bucket`, `region`", "Default: `CosClient.withBucket`, then the client's settings."],
        ["`extra`", "`{ headers?, query? }`: more of them, signed like the rest."]
      ]
    ),
    "",
    "`Operation.withResponse(op)(input)` returns the status, request id and headers of the response beside the value. Common errors:",
    "`InvalidInput`, `CredentialsError`, `TransportError`, `MalformedResponse`, `AccessDenied`, `AuthenticationFailed`,",
    "`Throttled`, `ServerFault`, and `CosServiceError` for any other code.",
    "",
    ...table(
      ["Group", "Operations"],
      groups.flatMap((group) => {
        const names = exportsOf(group).filter((name) => specs.has(name) || docsOf(group, name) !== undefined)
        return names.length === 0
          ? []
          : [
              [
                `[${group}](${group}.md)`,
                names.map((name) => `[${name}](${group}.md#${name.toLowerCase()})`).join(", ")
              ]
            ]
      })
    ),
    ""
  ].join("\n")
})

/** Every page of the reference. */
export const reference = (): ReadonlyArray<Page> => [index(), ...groups.map(page)]
