/** Services of credentials that others wrote: whatever they do is a typed error, within a limit. */
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { CredentialsError } from "../../CosError.js"
import type { AccessKey, Credentials } from "../../Credentials.js"
import { check, toOption } from "./accessKey.js"

/** Those of this package, which keep to their limits by themselves. */
const bounded = new WeakSet<Credentials.Service>()

export const markBounded = <S extends Credentials.Service>(service: S): S => {
  bounded.add(service)
  return service
}

const failure = (message: string, transient: boolean) =>
  new CredentialsError({ provider: "Credentials", message, transient })

/** Names a defect. Its message is left out, since it may hold secrets. */
export const nameOf = (cause: Cause.Cause<unknown>): string => {
  const defect = Option.getOrUndefined(Cause.dieOption(cause))
  return defect instanceof Error ? defect.name : typeof defect
}

/** Waits for `self` at most `limit`, also where neither `self` nor the caller can be interrupted. */
const within = <A>(
  self: Effect.Effect<A, CredentialsError>,
  limit: Duration.DurationInput
): Effect.Effect<A, CredentialsError> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDaemon(
        Effect.interruptible(
          Effect.timeoutFail(Effect.disconnect(self), {
            duration: limit,
            onTimeout: () => failure("took too long", true)
          })
        )
      ),
      (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => Fiber.interruptFork(fiber))
    )
  )

const typed = <A>(self: () => Effect.Effect<A, CredentialsError>): Effect.Effect<A, CredentialsError> =>
  Effect.catchAllCause(Effect.suspend(self), (cause) =>
    Effect.fail(
      Option.getOrElse(Cause.failureOption(cause), () =>
        Cause.isInterruptedOnly(cause) ? failure("was interrupted", true) : failure(`died (${nameOf(cause)})`, false)
      )
    )
  )

export const guard = (service: Credentials.Service, limit: Duration.DurationInput): Credentials.Service => {
  if (bounded.has(service)) return service
  const found = (self: () => Effect.Effect<Option.Option<AccessKey>, CredentialsError>) =>
    within(
      typed(() =>
        Effect.flatMap(self(), (found: unknown) =>
          Effect.flatMap(toOption("Credentials", found), (found) =>
            Option.match(found, {
              onNone: () => Effect.succeedNone,
              onSome: (accessKey) => Effect.asSome(check("Credentials", accessKey))
            })
          )
        )
      ),
      limit
    )
  return markBounded({
    get: found(() => service.get),
    last: Effect.orElseSucceed(
      found(() => service.last),
      Option.none
    ),
    invalidate: (rejected) =>
      Effect.ignore(
        within(
          typed(() => service.invalidate(rejected)),
          limit
        )
      )
  })
}
