/**
 * From words to a command's input.
 *
 * `@effect/cli` declares and decodes, but takes an option that it does not know for an argument (`rm --versoins key` would
 * remove `--versoins`), as it does `--meta=-v` and an option without its value. So the words are read here first, by the
 * names that the command declares, and handed over in the one form of which it is sure.
 */
import * as CliConfig from "@effect/cli/CliConfig"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type * as Span from "@effect/cli/HelpDoc/Span"
import * as Options from "@effect/cli/Options"
import type * as Usage from "@effect/cli/Usage"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AnyCommand } from "./command.js"
import { UsageError } from "./errors.js"
import { globalOptions } from "./globals.js"
import { meant } from "./spelling.js"

/** An option as it may be spelt. */
export interface Spelling {
  /** With their dashes. */
  readonly names: ReadonlyArray<string>
  /** What stands for its value; `undefined` for a flag. */
  readonly value: string | undefined
  /** Whether it may be given several times, each time with another value. */
  readonly repeats?: boolean
}

const spellings = (usage: Usage.Usage): ReadonlyArray<Spelling> => {
  switch (usage._tag) {
    case "Named":
      return [{ names: usage.names, value: Option.getOrUndefined(usage.acceptedValues) }]
    case "Optional":
      return spellings(usage.usage)
    case "Repeated":
      return spellings(usage.usage).map((spelling) => ({ ...spelling, repeats: true }))
    case "Alternation":
    case "Concat":
      return [...spellings(usage.left), ...spellings(usage.right)]
    default:
      return []
  }
}

export const spellingsOf = (options: ReadonlyArray<Options.Options<unknown>>): ReadonlyArray<Spelling> =>
  options.flatMap((option) => spellings(Options.getUsage(option)))

/** The words in order: options with their values, and arguments. */
interface Read {
  readonly options: ReadonlyArray<string>
  readonly args: ReadonlyArray<string>
  /** How many words were read. */
  readonly length: number
}

const builtIn: Spelling = { names: ["--help", "-h"], value: undefined }

/** Reads words by the options that are known. `untilArgument` stops before the first argument. */
export const read = (
  words: ReadonlyArray<string>,
  options: ReadonlyArray<Options.Options<unknown>>,
  where: string,
  untilArgument = false
): Effect.Effect<Read, UsageError> =>
  Effect.gen(function* () {
    const known = [builtIn, ...spellingsOf(options)]
    const find = (name: string) => known.find(({ names }) => names.includes(name))
    const unknown = (name: string) => {
      const similar = meant(
        name,
        known.flatMap(({ names }) => names)
      )
      return new UsageError({
        message: `unknown option ${name}`,
        advice:
          similar === undefined
            ? `\`cos help ${where}\` lists the options`.replace(" `", "`")
            : `Did you mean ${similar}?`
      })
    }
    const read: Array<string> = []
    const args: Array<string> = []
    let index = 0
    for (; index < words.length; index++) {
      const word = words[index] as string
      if (word === "--") {
        args.push(...words.slice(index + 1))
        index = words.length
        break
      }
      if (!word.startsWith("-") || word === "-") {
        if (untilArgument) break
        args.push(word)
        continue
      }
      const [name = "", value] = word.startsWith("--") ? split(word) : [word.slice(0, 2), word.slice(2) || undefined]
      const option = find(name)
      if (option === undefined) return yield* unknown(word.startsWith("--") ? name : word)
      const full = option.names.find((name) => name.startsWith("--")) ?? name
      if (option.value !== undefined) {
        const given = value ?? words[++index]
        // `@effect/cli` takes an empty value for none: a pattern that is not set would select everything.
        if (given === undefined || given === "") {
          return yield* new UsageError({ message: `${name} needs a value`, advice: `Write ${name} ${option.value}` })
        }
        read.push(full, given)
      } else if (value === undefined) {
        read.push(full)
      } else if (word.startsWith("--")) {
        return yield* new UsageError({ message: `${name} takes no value` })
      } else if (value.startsWith("-")) {
        return yield* unknown(word)
      } else {
        // Several flags of one letter in a word: the rest is read as a word of its own.
        read.push(full)
        words = [...words.slice(0, index + 1), `-${value}`, ...words.slice(index + 1)]
      }
    }
    return { options: read, args, length: index }
  })

const split = (word: string): readonly [name: string, value: string | undefined] => {
  const at = word.indexOf("=")
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

/** The options before the command's name, and what comes after them. */
export const readLeading = (words: ReadonlyArray<string>) =>
  Effect.map(read(words, Object.values(globalOptions), "", true), ({ args, length, options }) => ({
    options,
    rest: [...words.slice(length), ...args]
  }))

/** Each flag once. `@effect/cli` takes an option that comes again for an argument, and its value for the next. */
const once = (
  options: ReadonlyArray<string>,
  known: ReadonlyArray<Spelling>
): Effect.Effect<ReadonlyArray<string>, UsageError> => {
  const given = new Set<string>()
  const words: Array<string> = []
  for (let index = 0; index < options.length; index++) {
    const name = options[index] as string
    const { repeats, value } = known.find(({ names }) => names.includes(name)) ?? builtIn
    if (value !== undefined) {
      if (given.has(name) && repeats !== true) return Effect.fail(new UsageError({ message: `${name} is given twice` }))
      words.push(name, options[++index] as string)
    } else if (!given.has(name)) words.push(name)
    given.add(name)
  }
  return Effect.succeed(words)
}

/** The input of a command, decoded. */
export const decode = (command: AnyCommand, { args, options }: Read): Effect.Effect<unknown, UsageError> =>
  once(options, spellingsOf(command.options)).pipe(
    Effect.flatMap(
      (words) =>
        CommandDescriptor.parse(
          command.descriptor,
          [command.name, ...words, "--", ...args],
          CliConfig.defaultConfig
        ) as Effect.Effect<
          { readonly _tag: string; readonly value?: unknown; readonly leftover?: ReadonlyArray<string> },
          any
        >
    ),
    Effect.mapError((error: UsageError | { readonly error?: HelpDoc.HelpDoc }) =>
      error instanceof UsageError ? error : wrong(command, textOf(error.error))
    ),
    Effect.flatMap((directive) =>
      directive.leftover !== undefined && directive.leftover.length > 0
        ? Effect.fail(wrong(command, `too many arguments: ${directive.leftover.join(" ")}`))
        : Effect.succeed(directive.value)
    )
  )

const wrong = (command: AnyCommand, message: string) =>
  new UsageError({
    message: message.replace(/\.$/, "") || "the arguments are wrong",
    advice: `\`cos help ${command.name}\` shows how it is written`
  })

/** The text of a document of `@effect/cli`, without its colours. */
export const textOf = (doc: HelpDoc.HelpDoc | undefined): string => {
  switch (doc?._tag) {
    case "Header":
    case "Paragraph":
      return spanText(doc.value)
    case "Sequence":
      return [textOf(doc.left), textOf(doc.right)].filter((text) => text !== "").join(" ")
    default:
      return ""
  }
}

const spanText = (span: Span.Span): string => {
  switch (span._tag) {
    case "Sequence":
      return spanText(span.left) + spanText(span.right)
    case "Text":
    case "URI":
      return span.value
    default:
      return spanText(span.value)
  }
}
