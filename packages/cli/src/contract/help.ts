/**
 * The text of `cos help` and of `cos help COMMAND`.
 */
import * as Args from "@effect/cli/Args"
import type * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as Option from "effect/Option"
import type { AnyCommand, Entry } from "./command.js"
import { type Spelling, spellingsOf, textOf } from "./commandLine.js"
import { exitCodes } from "./exitCode.js"
import { globalOptions } from "./globals.js"

/** What `@effect/cli` says of every option of a kind. */
const stock = [
  "A true or false value.",
  "A user-defined piece of text.",
  "An integer.",
  "This setting is optional.",
  "This option may be repeated zero or more times.",
  "This argument may be repeated zero or more times.",
  "This argument may be repeated one or more times.",
  "This argument must be repeated at least 1 times.",
  "This argument is optional."
]

/** What was said of an option or argument with `withDescription`. */
export const descriptionOf = (doc: HelpDoc.HelpDoc): string => {
  const [definition] = doc._tag === "DescriptionList" ? doc.definitions : []
  const text = definition === undefined ? "" : textOf(definition[1])
  const own = stock.reduce((text, sentence) => text.replace(sentence, ""), text)
  return own.replace(/^\s*One of the following: (\S+, )*\S+/, "").trim()
}

const columns = (rows: ReadonlyArray<readonly [left: string, right: string]>): string => {
  const width = Math.min(30, Math.max(...rows.map(([left]) => left.length)))
  return rows
    .map(([left, right]) =>
      left.length > width ? `  ${left}\n  ${" ".repeat(width)}  ${right}\n` : `  ${left.padEnd(width)}  ${right}\n`
    )
    .join("")
}

const spelt = ({ names, value }: Spelling): string =>
  `${[...names].toSorted((a, b) => a.length - b.length).join(", ")}${value === undefined ? "" : ` ${value}`}`

/** How options are written, and what was said of each. */
export const optionRows = (options: ReadonlyArray<Options.Options<unknown>>) =>
  options.map(
    (option) => [spellingsOf([option]).map(spelt).join(", "), descriptionOf(Options.getHelp(option))] as const
  )

const globals = Object.values(globalOptions)

/** `cos help`. */
export const ofAll = (commands: ReadonlyArray<Entry>): string =>
  `cos COMMAND [OPTIONS] [ARGUMENTS]

Tencent Cloud Object Storage from the command line. Addresses are cos://bucket-appid/key, cos:///key in the bucket of
COS_BUCKET, local paths, and - for standard input and output.

Commands
${columns(commands.map(({ name, summary }) => [name, summary]))}
Options of every command
${columns([...optionRows(globals), ["-h, --help", "what a command does, and how it is written"], ["--version", "the version"]])}
Exit codes
${columns(Object.entries(exitCodes))}
\`cos help COMMAND\` says more.
`

/** The options that not every command has. */
export const ownOptions = ({ options }: AnyCommand) =>
  options.filter((option) => !(globals as ReadonlyArray<unknown>).includes(option))

/** How a command is written, such as `cos ls [OPTIONS] [ADDRESS]`. */
export const usage = (command: AnyCommand): string =>
  [
    `cos ${command.name}`,
    ...(ownOptions(command).length > 0 ? ["[OPTIONS]"] : []),
    ...command.args.map((arg) => argument(arg))
  ].join(" ")

/** `cos help COMMAND`. */
export const ofOne = (command: AnyCommand): string => {
  const own = ownOptions(command)
  const args = argumentRows(command)
  const parts = [
    `${usage(command)}\n\n${command.summary}.\n`,
    command.description === undefined ? "" : `${command.description}\n`,
    args.length === 0 ? "" : `Arguments\n${columns(args)}`,
    own.length === 0 ? "" : `Options\n${columns(optionRows(own))}`,
    command.examples.length === 0 ? "" : `Examples\n${columns(command.examples)}`,
    command.raw === undefined ? "`cos help` lists the options of every command.\n" : ""
  ]
  return parts.filter((part) => part !== "").join("\n")
}

/** How arguments are written, and what was said of each. */
export const argumentRows = ({ args }: AnyCommand) =>
  args.map((arg) => [argument(arg), descriptionOf(Args.getHelp(arg))] as const)

/** The name of an argument, without the brackets that `@effect/cli` puts around it. */
export const nameOf = (arg: Args.Args<unknown>): string =>
  Option.getOrElse(Args.getIdentifier(arg), () => "").replace(/[<>]/g, "")

/** In capitals, unless it is one of several words. */
const argument = (arg: Args.Args<unknown>): string => {
  const name = /[|=]/.test(nameOf(arg)) ? nameOf(arg) : nameOf(arg).toUpperCase()
  return `${Args.getMinSize(arg) === 0 ? `[${name}]` : name}${Args.getMaxSize(arg) > 1 ? "..." : ""}`
}
