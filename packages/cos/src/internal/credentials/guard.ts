/** Services of credentials that others wrote: whatever they do is a typed error, within a limit. */
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { CredentialsError } from "../../CosError.js"
import type { AccessKey, Credentials } from "../../Credentials.js"
import { runInterruptible } from "../time/runBounded.js"
import { check, toOption } from "./accessKey.js"

/** The services of this package, which keep to their time limits by themselves. */
const bounded = new WeakSet<Credentials.Service>()

export const markBounded = <S extends Credentials.Service>(service: S): S => {
  bounded.add(service)
  return service
}

const failure = (message: string, transient: boolean) =>
  new CredentialsError({ provider: "Credentials", message, transient })

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)

/**
 * What a provider fails with, dies of, or is interrupted by, as a typed error. What it says of defects and of errors of
 * other types is left out, since it may hold secrets.
 */
export const errorOf = (provider: string, what: string, cause: Cause.Cause<unknown>): CredentialsError => {
  const because = (message: string, transient: boolean) =>
    new CredentialsError({ provider, message: `${what}${message}`, transient })
  return Option.match(Cause.failureOption(cause), {
    onNone: () =>
      Cause.isInterruptedOnly(cause)
        ? because("was interrupted", true)
        : because(`died (${nameOf(Option.getOrUndefined(Cause.dieOption(cause)))})`, false),
    onSome: (error) =>
      error instanceof CredentialsError
        ? error
        : because(`failed with what is no CredentialsError (${nameOf(error)})`, false)
  })
}

const typed = <A>(self: () => Effect.Effect<A, CredentialsError>): Effect.Effect<A, CredentialsError> =>
  Effect.catchAllCause(Effect.suspend(self), (cause) => Effect.fail(errorOf("Credentials", "", cause)))

export const guard = (service: Credentials.Service, limit: Duration.DurationInput): Credentials.Service => {
  if (bounded.has(service)) return service
  const timeLimit = { limit, onTimeout: () => failure("took too long", true) }
  // The service may know its keys by identity.
  const given = new WeakMap<AccessKey, AccessKey>()
  const checked = (accessKey: AccessKey) =>
    Either.map(check("Credentials", accessKey), (copy) => {
      given.set(copy, accessKey)
      return copy
    })
  const found = (self: () => Effect.Effect<Option.Option<AccessKey>, CredentialsError>) =>
    runInterruptible(
      typed(() =>
        Effect.flatMap(self(), (found: unknown) =>
          Effect.flatMap(toOption("Credentials", found), (found) =>
            Option.match(found, {
              onNone: () => Effect.succeedNone,
              onSome: (accessKey) => Effect.asSome(checked(accessKey))
            })
          )
        )
      ),
      timeLimit
    )
  return markBounded({
    get: found(() => service.get),
    last: Effect.orElseSucceed(
      found(() => service.last),
      Option.none
    ),
    invalidate: (rejected) =>
      Effect.ignore(
        runInterruptible(
          typed(() => service.invalidate(given.get(rejected) ?? rejected)),
          timeLimit
        )
      )
  })
}
