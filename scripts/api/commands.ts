/** The pages of the command line: every command as it is declared, and every line of `--json` by its Schema. */
import * as Effect from "effect/Effect"
import * as JSONSchema from "effect/JSONSchema"
import { commands } from "../../packages/cli/src/commands.js"
import type { AnyCommand } from "../../packages/cli/src/contract/command.js"
import { exitCodes } from "../../packages/cli/src/contract/exitCode.js"
import { globalOptions } from "../../packages/cli/src/contract/globals.js"
import * as Help from "../../packages/cli/src/contract/help.js"
import { Line } from "../../packages/cli/src/contract/lines.js"
import { code, note, type Page, table } from "./reference.js"

/** From the docs of the SDK, in which the other pages are. */
const folder = "../../cli/docs"

/** What stands outside of code, where some characters would begin a tag, an emphasis or a link. */
const prose = (text: string): string =>
  text.replace(/`[^`]*`|[<>*[\]]/g, (found) =>
    found === "<" ? "&lt;" : found === ">" ? "&gt;" : found.length === 1 ? `\\${found}` : found
  )

/** Paragraphs as they are, and what is indented as code. */
const paragraphs = (text: string): ReadonlyArray<string> =>
  text
    .trim()
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph !== "")
    .flatMap((paragraph) => (/^ {2}/.test(paragraph) ? ["```text", paragraph, "```", ""] : [prose(paragraph), ""]))

const examples = ({ examples }: AnyCommand): ReadonlyArray<string> => {
  if (examples.length === 0) return []
  const width = Math.max(...examples.map(([line]) => line.length))
  return [
    "```sh",
    ...examples.map(([line, what]) => (what === "" ? line : `${line.padEnd(width)}  # ${what}`)),
    "```",
    ""
  ]
}

const options = (rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> =>
  table(
    ["", ""],
    rows.map(([option, what]) => [code(option), prose(what)])
  )

const section = (command: AnyCommand): ReadonlyArray<string> => {
  const rows = [...Help.argumentRows(command), ...Help.optionRows(Help.ownOptions(command))]
  return [
    `## cos ${command.name}`,
    "",
    `${prose(command.summary)}.`,
    "",
    "```text",
    Help.usage(command),
    "```",
    "",
    ...paragraphs(command.description ?? ""),
    ...(rows.length === 0 ? [] : [...options(rows), ""]),
    ...examples(command)
  ].slice(0, -1)
}

const reference = (all: ReadonlyArray<AnyCommand>): Page => ({
  path: `${folder}/commands.md`,
  text: `${[
    "# Commands",
    "",
    note,
    "",
    "What `cos help` and `cos help COMMAND` print. [The command line](README.md) says what is the same for all of them.",
    "",
    ...table(
      ["", ""],
      all.map(({ name, summary }) => [`[${code(`cos ${name}`)}](#cos-${name})`, prose(summary)])
    ),
    "",
    "## Options of every command",
    "",
    ...options([
      ...Help.optionRows(Object.values(globalOptions)),
      ["-h, --help", "what a command does, and how it is written"],
      ["--version", "the version"]
    ]),
    "",
    "## Exit codes",
    "",
    ...table(["", ""], Object.entries(exitCodes)),
    "",
    ...all.flatMap((command) => [...section(command), ""])
  ]
    .join("\n")
    .trim()}\n`
})

/** The part of a JSON Schema that Effect makes of a line. */
interface LineSchema {
  readonly description?: string
  readonly required: ReadonlyArray<string>
  readonly properties: Readonly<Record<string, JsonType>>
}

interface JsonType {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<JsonType>
  readonly items?: JsonType
  readonly $ref?: string
  readonly description?: string
}

/** What Effect says of a type, which the type says already. */
const trivial = /^an? (string|integer|number|boolean|non-negative (integer|number)|positive number|non empty string)$/

const typeOf = (type: JsonType, definitions: Readonly<Record<string, JsonType>>): string => {
  if (type.$ref !== undefined) return typeOf(definitions[type.$ref.split("/").at(-1) ?? ""] ?? {}, definitions)
  if (type.enum !== undefined) return type.enum.map((value) => code(JSON.stringify(value))).join(", ")
  if (type.anyOf !== undefined) return type.anyOf.map((one) => typeOf(one, definitions)).join(", ")
  if (type.items !== undefined) return `list of ${typeOf(type.items, definitions)}`
  return type.type ?? "any"
}

const lines = (): Page => {
  const { $defs } = JSONSchema.make(Line, { target: "jsonSchema2020-12" }) as unknown as {
    readonly $defs: Readonly<Record<string, JsonType>>
  }
  const types = Object.entries($defs).flatMap(([name, schema]) => {
    if (!name.endsWith("Line") || name === "Line") return []
    const { description, properties, required } = schema as unknown as LineSchema
    const { type, v: _, ...fields } = properties
    const rows = Object.entries(fields).map(([field, type]) => [
      `${code(field)}${required.includes(field) ? "" : "?"}`,
      typeOf(type, $defs),
      trivial.test(type.description ?? "") ? "" : prose(type.description ?? "")
    ])
    return [
      `## ${type?.enum?.join() ?? name}`,
      "",
      ...(description === undefined ? [] : [prose(description), ""]),
      ...table(["field", "type", ""], rows),
      ""
    ]
  })
  return {
    path: `${folder}/lines.md`,
    text: `${[
      "# Lines of `--json`",
      "",
      note,
      "",
      'Each line is a JSON object with `"v": 1`, a `"type"`, and the fields of that type; `?` marks those that may be absent.',
      "Fields may be added; a change of their meaning changes `v`. [The JSON Schema](../schema/lines.schema.json) is in the",
      "package.",
      "",
      ...types
    ]
      .join("\n")
      .trim()}\n`
  }
}

/** All of them. */
export const commandPages: Effect.Effect<ReadonlyArray<Page>> = Effect.map(
  Effect.forEach(commands, ({ load }) => Effect.promise(load)),
  (loaded) => [reference(loaded.map(({ command }) => command)), lines()]
)
