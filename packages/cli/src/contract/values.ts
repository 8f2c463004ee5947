/**
 * Values of options that several commands take: sizes, ages, patterns, pairs.
 */
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Glob from "effect-cos/Glob"
import { meant } from "./spelling.js"

const wrong = (message: string) => ValidationError.invalidValue(HelpDoc.p(message))

type Read<A> = (text: string) => Either.Either<A, string>

const decoded = <A>(name: string, read: Read<A>, text: string) =>
  Either.match(read(text), {
    onLeft: (reason) => Effect.fail(wrong(`--${name} ${JSON.stringify(text)} ${reason}`)),
    onRight: Effect.succeed
  })

/** An option whose text is read by `read`, which says what is wrong with it. */
const readBy = <A>(name: string, value: string, description: string, read: Read<A>): Options.Options<A> =>
  Options.text(name).pipe(
    Options.mapEffect((text) => decoded(name, read, text)),
    Options.withPseudoName(value),
    Options.withDescription(description)
  )

/** The same, any number of times. */
const allReadBy = <A>(
  name: string,
  value: string,
  description: string,
  read: Read<A>
): Options.Options<ReadonlyArray<A>> =>
  Options.text(name).pipe(
    Options.withPseudoName(value),
    Options.withDescription(description),
    Options.repeated,
    Options.mapEffect((texts) => Effect.forEach(texts, (text) => decoded(name, read, text)))
  )

/** `undefined` where the option is not given. */
export const orNot = <A>(option: Options.Options<A>): Options.Options<A | undefined> =>
  Options.map(Options.optional(option), Option.getOrUndefined)

/** The same for an argument. */
export const argumentOrNot = <A>(arg: Args.Args<A>): Args.Args<A | undefined> =>
  Args.map(Args.optional(arg), Option.getOrUndefined)

export const flag = (name: string, description: string, alias?: string): Options.Options<boolean> => {
  const option = Options.boolean(name).pipe(Options.withDescription(description))
  return alias === undefined ? option : Options.withAlias(option, alias)
}

export const text = (name: string, value: string, description: string): Options.Options<string | undefined> =>
  orNot(Options.text(name).pipe(Options.withPseudoName(value), Options.withDescription(description)))

/** One of several words. */
export const choice = <const Words extends ReadonlyArray<string>>(
  name: string,
  words: Words,
  description: string
): Options.Options<Words[number] | undefined> =>
  orNot(
    readBy(name, words.join("|"), description, (text) => {
      const word = words.find((word) => word.toLowerCase() === text.toLowerCase())
      return word === undefined
        ? Either.left(`must be one of ${words.join(", ")}`)
        : Either.right(word as Words[number])
    })
  )

/** A whole number from 1. */
export const count = (name: string, value: string, description: string): Options.Options<number | undefined> =>
  orNot(
    readBy(name, value, description, (text) =>
      /^\d{1,15}$/.test(text) && Number(text) > 0
        ? Either.right(Number(text))
        : Either.left("must be a whole number from 1")
    )
  )

const units: Readonly<Record<string, number>> = {
  "": 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12
}

/** Reads bytes: `1048576`, `10M` and `10MiB` by 1,024, `10MB` by 1,000. */
export const readSize = (text: string): Either.Either<number, string> => {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]?|[kmgt]i?b|b)$/i.exec(text) ?? []
  const factor = units[unit.toLowerCase().replace(/^b$/, "")]
  return number === "" || factor === undefined
    ? Either.left("must be a size, such as 1048576, 10MiB or 10MB")
    : Either.right(Math.round(Number(number) * factor))
}

export const size = (name: string, description: string): Options.Options<number | undefined> =>
  orNot(readBy(name, "SIZE", description, readSize))

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Reads an age such as `90m` or `7d`, in milliseconds. */
export const readAge = (text: string): Either.Either<number, string> => {
  const [, number = "", unit = ""] = /^(\d+)([smhdw])$/i.exec(text) ?? []
  return number === ""
    ? Either.left("must be an age, such as 90m, 12h, 7d or 2w")
    : Either.right(Number(number) * (seconds[unit.toLowerCase()] ?? 0) * 1000)
}

export const age = (name: string, description: string): Options.Options<number | undefined> =>
  orNot(readBy(name, "AGE", description, readAge))

/** A time before now: an age, or a date. */
export const since = (name: string, description: string): Options.Options<((now: number) => number) | undefined> =>
  orNot(
    readBy(name, "AGE|DATE", description, (text) =>
      Either.match(readAge(text), {
        onRight: (age) => Either.right((now: number) => now - age),
        onLeft: () => {
          const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
          return Number.isNaN(time)
            ? Either.left("must be an age, such as 90m or 7d, or a date, such as 2026-11-29")
            : Either.right(() => time)
        }
      })
    )
  )

/** A pattern of the SDK. */
export const globs = (name: string, description: string): Options.Options<ReadonlyArray<Glob.Glob>> =>
  allReadBy(name, "GLOB", description, (pattern) =>
    Either.mapLeft(Glob.make(pattern), ({ reason }) => `is no pattern: ${reason}`)
  )

/** A pair such as `name=value`. */
export const readPair = (text: string): Either.Either<readonly [name: string, value: string], string> => {
  const at = text.indexOf("=")
  return at < 1 ? Either.left("must be a name, = and a value") : Either.right([text.slice(0, at), text.slice(at + 1)])
}

export const pairs = (name: string, description: string): Options.Options<ReadonlyArray<readonly [string, string]>> =>
  allReadBy(name, "NAME=VALUE", description, readPair)

/** The address of what a command works on. */
export const address = (description: string, name = "address"): Args.Args<string> =>
  Args.text({ name }).pipe(Args.withDescription(description))

export const addresses = (description: string): Args.Args<ReadonlyArray<string>> =>
  Args.atLeast(address(description), 1)

export const versionId = text("version-id", "ID", "this version of the object; default: the newest")

export const yes = flag("yes", "ask nothing", "y")

/** What is to be done, as the first argument: one of these words. */
export const action = <const Words extends ReadonlyArray<string>>(
  words: Words,
  description = "what to do"
): Args.Args<Words[number]> =>
  Args.text({ name: words.join("|") }).pipe(
    Args.withDescription(description),
    Args.mapEffect((text) => {
      const word = words.find((word) => word === text)
      if (word !== undefined) return Effect.succeed(word as Words[number])
      const similar = meant(text, words)
      const hint = similar === undefined ? `one of ${words.join(", ")}` : `${similar}?`
      return Effect.fail(HelpDoc.p(`${JSON.stringify(text)} is none of its actions: ${hint}`))
    })
  )
