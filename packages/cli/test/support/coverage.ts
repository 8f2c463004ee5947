/**
 * Whether the tests used everything that the docs of the command line list: the commands and their options as they are
 * declared, the exit codes, and the types of lines.
 */

import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { commands } from "../../src/commands.js"
import type { AnyCommand } from "../../src/contract/command.js"
import * as CommandLine from "../../src/contract/commandLine.js"
import { exitCodes } from "../../src/contract/exitCode.js"
import { globalOptions } from "../../src/contract/globals.js"
import * as Help from "../../src/contract/help.js"
import { Line } from "../../src/contract/lines.js"
import type { Use } from "./uses.js"

/** They write documents of their own, and refuse `--json`. */
const writesNoLines: ReadonlySet<string> = new Set(["cat", "completion"])

const longOf = ({ names }: CommandLine.Spelling) => names.find((name) => name.startsWith("--")) ?? ""

const everywhere = CommandLine.spellingsOf(Object.values(globalOptions)).map(longOf)

/** Everything that has to be used. */
const documented = (all: ReadonlyArray<AnyCommand>): ReadonlyArray<string> => [
  ...["cos help", "cos --help", "cos --version", ...everywhere.map((name) => `cos ${name}`)],
  ...all.flatMap((command) => [
    `cos ${command.name}`,
    `cos ${command.name} --help`,
    ...(writesNoLines.has(command.name) ? [] : [`cos ${command.name} --json`]),
    ...CommandLine.spellingsOf(Help.ownOptions(command)).map((option) => `cos ${command.name} ${longOf(option)}`)
  ]),
  ...Object.keys(exitCodes).map((code) => `exit code ${code}`),
  ...Line.members.map(({ fields }) => `a line of type ${fields.type.literals[0]}`)
]

/** The command of a run, and the options that it was given. A raw command's own reader knows more than its declaration. */
const wordsOf = (args: ReadonlyArray<string>, all: ReadonlyMap<string, AnyCommand>) => {
  const leading = Either.getOrUndefined(Effect.runSync(Effect.either(CommandLine.readLeading(args))))
  const [name = "", ...more] = leading?.rest ?? args
  const command = all.get(name)
  const read =
    command === undefined || command.raw !== undefined
      ? undefined
      : Either.getOrUndefined(Effect.runSync(Effect.either(CommandLine.read(more, command.options, name))))
  return { name, options: [...(leading?.options ?? []), ...(read?.options ?? more)] }
}

/** What a run used. */
const usedBy = ({ args, code, types }: Use, all: ReadonlyMap<string, AnyCommand>): ReadonlyArray<string> => {
  const { name, options } = wordsOf(args, all)
  const told = [`exit code ${code}`, ...types.map((type) => `a line of type ${type}`)]
  // A command line that was refused used nothing of the command.
  if (code === 2) return told
  const given = options.map((word) => word.split("=")[0] ?? "").filter((word) => word.startsWith("--"))
  const isHelp = given.includes("--help")
  return [
    ...told,
    ...given.map((option) => `cos ${option}`),
    ...(isHelp && name !== "" ? [`cos ${name} --help`] : []),
    ...(name === "help" ? ["cos help", ...more(args).map((name) => `cos ${name} --help`)] : []),
    ...(isHelp || name === "help"
      ? []
      : [
          `cos ${name}`,
          ...given.filter((option) => option !== "--json" || types.length > 0).map((option) => `cos ${name} ${option}`)
        ])
  ]
}

const more = (args: ReadonlyArray<string>) => args.slice(args.indexOf("help") + 1)

export const judge = async (uses: ReadonlyArray<Use>) => {
  const loaded = await Promise.all(commands.map(({ load }) => load()))
  const all = loaded.map(({ command }) => command)
  const byName = new Map(all.map((command) => [command.name, command]))
  const tests = new Map(documented(all).map((what) => [what, new Map<string, number>()]))
  for (const use of uses) {
    for (const what of new Set(usedBy(use, byName))) {
      const counts = tests.get(what)
      counts?.set(use.test, (counts.get(use.test) ?? 0) + 1)
    }
  }
  const rows = [...tests].map(
    ([what, counts]) => `| \`${what}\` | ${[...counts].map(([test, count]) => `${test} (${count})`).join("; ")} |`
  )
  return {
    missing: [...tests].flatMap(([what, counts]) => (counts.size === 0 ? [what] : [])),
    summary: `${uses.length} runs of cos used ${tests.size} commands, options, exit codes and lines`,
    text: ["| used | by tests (runs) |", "| --- | --- |", ...rows, ""].join("\n")
  }
}
