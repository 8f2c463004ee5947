/** How long something is valid. */
import * as Options from "@effect/cli/Options"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { UsageError } from "../contract/errors.js"

export const expiresOption = Options.text("expires-in").pipe(
  Options.withPseudoName("TIME"),
  Options.withDescription("how long it is valid, such as 30s, 15m, 2h, 7d; default 15m"),
  Options.optional
)

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const

export const readDuration = (
  given: Option.Option<string>
): Effect.Effect<Duration.Duration | undefined, UsageError> => {
  if (Option.isNone(given)) return Effect.succeed(undefined)
  const [, count, unit = "s"] = /^(\d+)\s*([smhd])?$/.exec(given.value) ?? []
  return count === undefined || Number(count) === 0
    ? Effect.fail(new UsageError({ message: `--expires-in must be such as 30s, 15m, 2h or 7d, not ${given.value}` }))
    : Effect.succeed(Duration.seconds(Number(count) * units[unit as keyof typeof units]))
}
