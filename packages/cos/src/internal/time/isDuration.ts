import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** Whether it is a duration. Effect makes zero of a negative one and of `NaN`, which nobody asks for. */
export const isDuration = (value: unknown): value is Duration.DurationInput =>
  !(Array.isArray(value) ? value : [value]).some((part) => typeof part !== "object" && /^-|NaN/.test(String(part))) &&
  Option.isSome(Duration.decodeUnknown(value))
