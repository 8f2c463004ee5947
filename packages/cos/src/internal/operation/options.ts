/** The ranges of options, and the error for one that is out of its range. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { InvalidInput } from "../../CosError.js"
import { invalidInput } from "../encoding/invalidInput.js"
import { isDuration } from "../time/isDuration.js"
import { describeField } from "./violatedRule.js"

const between = (least: number, most: number, description: string): Schema.Schema<number> =>
  Schema.Number.pipe(
    Schema.filter((value) => Number.isSafeInteger(value) && value >= least && value <= most)
  ).annotations({ description })

/** A number of things. */
export const count = (least: number, most: number): Schema.Schema<number> =>
  between(least, most, `an integer from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}`)

/** The same, or `auto`: as many as prove worth it. */
export const countOrAuto = (least: number, most: number): Schema.Schema<number | "auto"> =>
  Schema.Union(Schema.Literal("auto"), Schema.Number)
    .pipe(
      Schema.filter((value) => value === "auto" || (Number.isSafeInteger(value) && value >= least && value <= most))
    )
    .annotations({
      description: `auto, or an integer from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}`
    })

const units = ["bytes", "KiB", "MiB", "GiB", "TiB"]

const inUnits = (bytes: number): string => {
  const unit = bytes === 0 ? 0 : units.findLastIndex((_, i) => bytes % 1024 ** i === 0)
  return unit === 0 ? String(bytes) : `${bytes / 1024 ** unit} ${units[unit]}`
}

/** A number of bytes. */
export const bytes = (least: number, most: number): Schema.Schema<number> =>
  between(least, most, `from ${inUnits(least)} to ${inUnits(most)}, in bytes`)

export const duration = Schema.Unknown.pipe(Schema.filter(isDuration)).annotations({
  description: "a duration of 0 or more"
})

/** An option that is absent is not checked. */
export const checkOption = (
  operation: string,
  field: string,
  value: unknown,
  range: Schema.Schema<any>
): Either.Either<void, InvalidInput> => {
  if (value === undefined) return Either.void
  return Either.mapBoth(ParseResult.validateEither(range)(value), {
    onLeft: (issue) => invalidInput(operation, field, String(describeField(issue))),
    onRight: () => undefined
  })
}

/** The options themselves, or the first that is out of its range. */
export const checkOptions = <A extends object>(
  operation: string,
  options: A,
  ranges: { readonly [K in keyof A]?: Schema.Schema<any> }
): Either.Either<A, InvalidInput> => {
  for (const [field, range] of Object.entries(ranges) as ReadonlyArray<[string, Schema.Schema<any>]>) {
    const checked = checkOption(operation, field, options[field as keyof A], range)
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
