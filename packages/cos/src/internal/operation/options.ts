/** The ranges of options, and the error for one that is out of its range. */
import * as Either from "effect/Either"
import type { InvalidInput } from "../../CosError.js"
import { invalidInput } from "../encoding/invalidInput.js"
import { grouped } from "../encoding/text.js"
import { isDuration } from "../time/isDuration.js"

/** What an option may be. Not a Schema, which takes longer to make and to ask than a small transfer has. */
export interface Range {
  readonly holds: (value: unknown) => boolean
  /** Follows `must be`. */
  readonly description: string
}

const isBetween =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most

/** A number of things. */
export const count = (least: number, most: number): Range => ({
  holds: isBetween(least, most),
  description: `an integer from ${grouped(least)} to ${grouped(most)}`
})

/** The same, or `auto`: as many as prove worth it. */
export const countOrAuto = (least: number, most: number): Range => {
  const number = count(least, most)
  return {
    holds: (value) => value === "auto" || number.holds(value),
    description: `auto, or ${number.description}`
  }
}

const units = ["bytes", "KiB", "MiB", "GiB", "TiB"]

const inUnits = (bytes: number): string => {
  const unit = bytes === 0 ? 0 : units.findLastIndex((_, i) => bytes % 1024 ** i === 0)
  return unit === 0 ? String(bytes) : `${bytes / 1024 ** unit} ${units[unit]}`
}

/** A number of bytes. */
export const bytes = (least: number, most: number): Range => ({
  holds: isBetween(least, most),
  description: `from ${inUnits(least)} to ${inUnits(most)}, in bytes`
})

export const duration: Range = { holds: isDuration, description: "a duration of 0 or more" }

/** An option that is absent is not checked. */
export const checkOption = (
  operation: string,
  field: string,
  value: unknown,
  { description, holds }: Range
): Either.Either<void, InvalidInput> =>
  value === undefined || holds(value)
    ? Either.void
    : Either.left(invalidInput(operation, field, `must be ${description}`))

/** The options themselves, or the first that is out of its range. */
export const checkOptions = <A extends object>(
  operation: string,
  options: A,
  ranges: { readonly [K in keyof A]?: Range }
): Either.Either<A, InvalidInput> => {
  for (const field in ranges) {
    const checked = checkOption(operation, field, options[field], ranges[field] as Range)
    if (Either.isLeft(checked)) return Either.left(checked.left)
  }
  return Either.right(options)
}

const durations = {
  progressInterval: duration,
  abortGrace: duration,
  releaseLimit: duration,
  changesInterval: duration
}

/** The durations that transfers take as options, or the first that is none. */
export const checkDurations = (
  operation: string,
  options: { readonly [field in keyof typeof durations]?: unknown }
): Either.Either<unknown, InvalidInput> => checkOptions(operation, options, durations)
