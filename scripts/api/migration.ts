/** The migration table: every method, parameter and result field of the official Node SDK, and what it is here. Its rows come
 * from the types of that SDK; what cannot be derived stands in `migrationExceptions.ts`. */
import { readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { root } from "../tool.js"
import { type Field, outputFields, parameters, specs } from "./facts.js"
import { exceptions, forms, methodNotes, modelled } from "./migrationExceptions.js"
import { fieldsOf, type Method, methods } from "./official.js"
import { code, groupOf, note, type Page, table } from "./reference.js"
import { rows } from "./rows.js"

/** Upper and lower case, punctuation, the plural and the prefix of headers aside: `x-cos-storage-class`, `StorageClass`. */
const normal = (name: string): string =>
  name
    .replace(/^x-cos-(?!meta-)/i, "")
    .replace(/[^A-Za-z0-9*]/g, "")
    .toLowerCase()
    .replace(/s$/, "")

/** Lists whose element it names without the element around them. */
const wrapped: Record<string, string> = {
  Tags: "TagSet/Tag",
  Grants: "AccessControlList/Grant",
  Buckets: "Buckets/Bucket",
  Domains: "Domain",
  RoutingRules: "RoutingRules/RoutingRule",
  OptionalFields: "OptionalFields/Field",
  InventoryConfigurations: "InventoryConfiguration"
}

const wireKey = (path: string): string => path.split("/").map(normal).join("/")

const segments = (path: string): ReadonlyArray<string> => path.replaceAll("[]", "").split(".")

const common = (paths: ReadonlyArray<string>): string => {
  const [first = "", ...rest] = paths
    .map((path) => path.split("."))
    .toSorted((a, b) => a.length - b.length)
    .map((path) => path.join("."))
  const parts = first.split(".")
  while (
    parts.length > 0 &&
    !rest.every((path) => path === parts.join(".") || path.startsWith(`${parts.join(".")}.`))
  ) {
    parts.pop()
  }
  return parts.join(".").replace(/\[\]$/, "")
}

/** By the rule: the field that stands in the same place on the wire. */
const byRule = (
  path: string,
  fields: ReadonlyArray<Field>,
  documents: ReadonlyArray<string>,
  arrow: string
): string | undefined => {
  const names = segments(path)
  const inDocument = documents.map(normal).includes(normal(names[0] ?? "")) ? names.slice(1) : names
  if (inDocument.length === 0) return `No wrapping: its fields are those of the ${arrow === "" ? "input" : "output"}`
  const key = inDocument.map((name) => wireKey(wrapped[name] ?? name)).join("/")
  const exact = fields.find(({ names }) => names.some((name) => wireKey(name) === key))
  if (exact !== undefined) return code(exact.path)
  const inside = fields.filter(({ wire }) => wireKey(wire).startsWith(`${key}/`))
  return inside.length === 0 ? undefined : code(common(inside.map((field) => field.path)))
}

/** What is said of a field, or of one that it is in; `→` for fields of results. */
const byException = (method: string, path: string, arrow: string): string | undefined => {
  for (const of of [`${method}.${arrow}`, `${method}.`, "*."]) {
    for (let names = path.split("."); names.length > 0; names = names.slice(0, -1)) {
      const text = exceptions[of + names.join(".")]
      if (text !== undefined) return text
    }
  }
  return undefined
}

/** Said once for all methods. */
const shared = new Set(["Bucket", "Region", "Key", "Headers", "Query", "statusCode", "headers", "RequestId"])

const isShared = (path: string): boolean => shared.has(segments(path)[0] ?? "")

/** What the table lacks, or says wrongly. */
export const problems: Array<string> = []

/** An entry of the input of `uploadFiles` has the fields of a file. */
const withoutFile = (path: string): string => path.replace(/^files\[\]\.(?!options|error|data)/, "")

const section = (method: Method): ReadonlyArray<string> => {
  const { name } = method
  const operation = modelled[name] ?? rows.find(({ node }) => node === name)?.operation
  const spec = operation === undefined ? undefined : specs.get(operation)
  const link = spec && `[\`Cos.${spec.name}\`](reference/${groupOf(spec.name)}.md#${spec.name.toLowerCase()})`
  const counterpart = methodNotes[name] ?? link
  if (counterpart === undefined) problems.push(`${name}: no counterpart`)
  const documents = [spec?.document, ...(spec?.root ?? [])].filter((document) => document !== undefined)
  const cells = (paths: ReadonlyArray<string>, ours: ReadonlyArray<Field>, arrow: string) =>
    paths
      .filter((path) => !isShared(withoutFile(path)) || exceptions[`${name}.${arrow}${path}`] !== undefined)
      .map((path) => {
        const bare = withoutFile(path)
        const found =
          byException(name, path, arrow) ?? byException(name, bare, arrow) ?? byRule(bare, ours, documents, arrow)
        if (found === undefined) problems.push(`${name}: ${arrow}${path} has no counterpart`)
        return [arrow + code(path), found ?? ""]
      })
  const fields = [
    ...(forms[name] ?? []),
    ...cells(method.params, spec === undefined ? [] : parameters(spec), ""),
    ...cells(method.results, spec === undefined ? [] : outputFields(spec), "→ ")
  ]
  return [
    `## ${name}`,
    "",
    counterpart ?? "",
    "",
    ...(fields.length === 0 ? [] : [...table(["There", "Here"], fields), ""])
  ]
}

const counterpart = (of: string, paths: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> =>
  paths.map((path) => {
    const text = byException(of, path, "")
    if (text === undefined) problems.push(`${of}: ${path} has no counterpart`)
    return [code(path), text ?? ""]
  })

const files = new Map<string, string>()

/** A file with the files that it exports whole. */
const withReexports = (path: string): string => {
  const text = readFileSync(path, "utf8")
  const parts = Array.from(text.matchAll(/^export (?:type )?\* from "(\.[^"]+)\.js"/gm), ([, file = ""]) =>
    withReexports(resolve(dirname(path), `${file}.ts`))
  )
  return [text, ...parts].join("\n")
}

/** The source of a public module. */
const source = (module: string): string => {
  const known = files.get(module)
  if (known !== undefined) return known
  const folder = /^(NodeCos|NodeHash|UndiciTransport)$/.test(module) ? "node" : "cos"
  const text = withReexports(`${root}/packages/${folder}/src/${module}.ts`)
  files.set(module, text)
  return text
}

/** The file of types that public modules re-export. */
const model = readFileSync(`${root}/packages/cos/src/internal/transfer/model.ts`, "utf8")

const hasField = (text: string, name: string): boolean =>
  new RegExp(`readonly ${name}\\??:|\\b${name}: string;|\\b${name}: Style`).test(text)

const exports = (text: string, name: string): boolean =>
  new RegExp(
    `export (declare )?(const|class|interface|type|namespace) ${name}\\b|\\bas ${name}\\b|export (type )?\\{[^}]*\\b${name}\\b`
  ).test(text)

/** Not of ours. */
const foreign = new Set(["Effect"])

/** Whether what is named in a text is there: `Module.member`, and "`member` of `Module.Type`". What is not. */
export const verify = (text: string): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const owners = Array.from(text.matchAll(/((?:`\w+`(?: and |, )?)+) of `([A-Z]\w+)\.\w+`/g))
  for (const [, members = "", module = ""] of owners) {
    for (const [, member = ""] of members.matchAll(/`(\w+)`/g)) {
      if (![source(module), model].some((text) => hasField(text, member))) {
        problems.push(`${module} has no ${member}`)
      }
    }
  }
  for (const [, module = "", member = ""] of text.matchAll(/`([A-Z]\w+)\.(\w+)`/g)) {
    if (foreign.has(module)) continue
    if (!exports(source(module), member)) problems.push(`${module} has no ${member}`)
  }
  return problems
}

/** A name that a text about a method uses for a field of its operation. */
const verifyFields = (key: string, text: string): void => {
  const method = key.slice(0, key.indexOf("."))
  const spec = specs.get(modelled[method] ?? rows.find(({ node }) => node === method)?.operation ?? "")
  if (spec === undefined || method in modelled) return
  const ours = new Set([...parameters(spec), ...outputFields(spec)].map(({ path }) => path.replaceAll("[]", "")))
  const extra = new Set(["extra", "extra.query", "body", "partNumber", "eTag"])
  const bare = text.replace(/(`\w+`(?: and |, )?)+ of `[A-Z]\w+\.\w+`/g, "")
  for (const [, name = ""] of bare.matchAll(/`([a-z][\w.[\]]*)`/g)) {
    const path = name.replaceAll("[]", "")
    if (!ours.has(path) && !extra.has(path)) problems.push(`${key}: ${spec.name} has no ${name}`)
  }
}

const used = (): ReadonlyArray<string> => [
  ...methods.flatMap(({ name, params, results }) => [
    name,
    ...params.flatMap((path) => [path, withoutFile(path)].map((path) => `${name}.${path}`)),
    ...results.flatMap((path) => [`${name}.${path}`, `${name}.→ ${path}`]),
    ...[...params, ...results].map((path) => `*.${withoutFile(path)}`)
  ]),
  ...fieldsOf("COSOptions").map((path) => `COS.${path}`),
  ...fieldsOf("StaticGetAuthorizationOptions").map((path) => `getAuth.${path}`),
  ...fieldsOf("Util").map((path) => `COS.util.${path}`),
  "COS.getAuthorization()",
  "COS.version"
]

const intro: ReadonlyArray<string> = [
  note,
  "",
  "# From the official Node SDK",
  "",
  "Every method, parameter and result field of `cos-nodejs-sdk-v5` 3.0.0, and what it is here; `→` marks results.",
  "The rule: a field has the name that the service gives it, in camelCase, and is a field of the input or of the output, not",
  "an element of a document around it. Exceptions from that rule are described in words.",
  "",
  "Numbers, booleans and dates, which are strings there, are `number`, `boolean` and `Date` here, and lists are always",
  "lists. A callback or a promise is an Effect. The type of an operation lists its errors; their `_tag` is the code of the",
  "service. Where nothing is configured (CORS, tags, lifecycle, website, referer) there is a typed error, not an empty",
  "result; `CosError.orNone` turns it into `None`.",
  "",
  "## Of every method",
  "",
  ...table(
    ["There", "Here"],
    [
      [
        "`Bucket`, `Region`",
        "`bucket`, `region`; may be left out: `CosClient.withBucket`, or `bucket` and `region` of `CosClient.Settings`"
      ],
      ["`Key`", "`key`"],
      ["`Headers`, `Query`", "`extra.headers`, `extra.query`"],
      ["`x-cos-…` as a parameter", "its own parameter, `metadata` for `x-cos-meta-*`; else `extra.headers`"],
      [
        "→ `statusCode`, `headers`, `RequestId`",
        "`response` of what `Operation.withResponse` gives, and of the result of uploads and copies: `status`, `headers` and `requestId`"
      ],
      [
        "an error's `code`, `message`, `statusCode`, `RequestId`, `headers`",
        "`code`, `message`, `status`, `requestId` and `headers` of the error, without secrets; its class by `_tag`"
      ],
      [
        "an error's `error`, `url`, `method`",
        "not given: they can show secrets; `operation`, `resource` and `traceId` identify the request"
      ]
    ]
  ),
  ""
]

/** The page. */
export const migration = (): Page => {
  const sections = methods.flatMap(section)
  const text = [
    ...intro,
    "## new COS(options)",
    "",
    "`CosClient.layer`, `CosClient.layerConfig`; on Node `NodeCos.layer`.",
    "",
    ...table(["There", "Here"], counterpart("COS", fieldsOf("COSOptions"))),
    "",
    "## COS.getAuthorization, COS.util, COS.version",
    "",
    ...table(
      ["There", "Here"],
      [
        ...counterpart("COS", ["getAuthorization()", "version"]),
        ...counterpart(
          "getAuth",
          fieldsOf("StaticGetAuthorizationOptions").filter((path) => !isShared(path))
        ),
        ...counterpart(
          "COS",
          fieldsOf("Util").map((path) => `util.${path}`)
        )
      ]
    ),
    "",
    ...sections
  ].join("\n")
  const formWords = Object.values(forms).flatMap((rows) => rows.map(([, here]) => here))
  for (const words of [...intro, ...Object.values(methodNotes), ...Object.values(exceptions), ...formWords]) {
    problems.push(...verify(words))
  }
  for (const [key, words] of Object.entries(exceptions)) verifyFields(key, words)
  const known = new Set(used())
  for (const key of [...Object.keys(exceptions), ...Object.keys(methodNotes)]) {
    if (!known.has(key)) problems.push(`${key} is no method or field of the official SDK`)
  }
  return { path: "migration.md", text }
}
