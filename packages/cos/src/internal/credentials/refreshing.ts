import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import { CredentialsError } from "../../CosError.js"
import type { AccessKey, Credentials, RefreshOptions } from "../../Credentials.js"

/** What a header can carry; a line end copied along with a key is the usual mistake. */
const sendable = /^[\x21-\x7e]+$/

/** Refuses keys that no request could carry. Names the field, never its value. */
export const check = (provider: string, keys: AccessKey): Either.Either<AccessKey, CredentialsError> => {
  const fields = { secretId: keys.secretId, secretKey: Redacted.value(keys.secretKey) }
  const all = keys.token === undefined ? fields : { ...fields, token: Redacted.value(keys.token) }
  for (const [field, value] of Object.entries(all)) {
    if (!sendable.test(value)) {
      return Either.left(
        new CredentialsError({
          provider,
          message: `${field} must be visible ASCII characters, without blanks or line ends`,
          transient: false
        })
      )
    }
  }
  return Either.right(keys)
}

/** Keys as they were fetched, with the times (ms) at which they want attention. */
interface Held {
  readonly keys: AccessKey
  readonly fetchedAt: number
  /** From here on they are renewed in the background. */
  readonly refreshAt: number
  /** From here on requests wait for the new ones. */
  readonly waitAt: number
  readonly expiresAt: number
  /** The service refused them. */
  readonly refused: boolean
  /** The provider gave them although the service had refused the same ones. */
  readonly repeated: boolean
}

interface State {
  readonly held: Held | undefined
  readonly refresh: Deferred.Deferred<AccessKey, CredentialsError> | undefined
  readonly failedAt: number
}

/** How long a provider is left alone that failed, or gave refused keys again. */
const pause = 5_000

const same = (a: AccessKey, b: AccessKey): boolean =>
  a.secretId === b.secretId && Equal.equals(a.secretKey, b.secretKey) && Equal.equals(a.token, b.token)

const usable = (held: Held | undefined, now: number): held is Held =>
  held !== undefined && !held.refused && now < held.expiresAt

const hold = (keys: AccessKey, now: number, refreshBefore: number, before: Held | undefined): Held => {
  const expiresAt = keys.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY
  const refreshAt = expiresAt - Math.min(refreshBefore, (expiresAt - now) / 2)
  return {
    keys,
    fetchedAt: now,
    refreshAt,
    waitAt: expiresAt - (expiresAt - refreshAt) / 2,
    expiresAt,
    refused: false,
    repeated: before?.refused === true && same(before.keys, keys)
  }
}

export const make = <R>(
  fetch: Effect.Effect<AccessKey, CredentialsError, R>,
  options: RefreshOptions = {}
): Effect.Effect<Credentials.Service, never, Exclude<R, Scope.Scope> | Scope.Scope> =>
  Effect.gen(function* () {
    const provider = options.name ?? "provider"
    const refreshBefore = Duration.toMillis(options.refreshBefore ?? "60 seconds")
    const scope = yield* Effect.scope
    const state = yield* Ref.make<State>({
      held: undefined,
      refresh: undefined,
      failedAt: Number.NEGATIVE_INFINITY
    })
    const failure = (message: string) => new CredentialsError({ provider, message, transient: true })

    const attempt = Effect.scoped(fetch).pipe(
      Effect.timeoutFail({
        duration: options.timeout ?? "10 seconds",
        onTimeout: () => failure("fetching keys took too long")
      }),
      Effect.flatMap((keys) => check(provider, keys)),
      // The caller who happens to start a refresh may be uninterruptible: a time limit would do nothing there.
      Effect.interruptible,
      Effect.provide(yield* Effect.context<Exclude<R, Scope.Scope>>())
    )

    const settle = Effect.fnUntraced(function* (
      done: Deferred.Deferred<AccessKey, CredentialsError>,
      exit: Exit.Exit<AccessKey, CredentialsError>
    ) {
      const now = yield* Clock.currentTimeMillis
      const served = yield* Ref.modify(state, (s): [boolean, State] =>
        Exit.isSuccess(exit)
          ? [false, { ...s, held: hold(exit.value, now, refreshBefore, s.held), refresh: undefined }]
          : [usable(s.held, now), { ...s, refresh: undefined, failedAt: now }]
      )
      const cause = Exit.isFailure(exit) ? exit.cause : Cause.empty
      yield* Deferred.done(
        done,
        Cause.isInterrupted(cause) ? Exit.fail(failure("fetching keys was interrupted")) : exit
      )
      if (served) {
        const reason = Option.match(Cause.failureOption(cause), { onNone: () => "defect", onSome: (e) => e.message })
        yield* Effect.logWarning("Keys could not be renewed; those at hand are still valid", { provider, reason })
      }
    })

    /** Joins the refresh under way, or starts one; it ends with the scope of the provider, not with its caller. */
    const refresh = Effect.uninterruptible(
      Effect.gen(function* () {
        const mine = yield* Deferred.make<AccessKey, CredentialsError>()
        const current = yield* Ref.modify(state, (s): [Deferred.Deferred<AccessKey, CredentialsError>, State] =>
          s.refresh === undefined ? [mine, { ...s, refresh: mine }] : [s.refresh, s]
        )
        if (current === mine) {
          yield* Effect.forkIn(
            Effect.flatMap(Effect.exit(attempt), (exit) => settle(mine, exit)),
            scope
          )
        }
        return current
      })
    )
    const refreshed = Effect.flatMap(refresh, Deferred.await)

    const get = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const { failedAt, held } = yield* Ref.get(state)
      if (!usable(held, now)) return yield* refreshed
      if (now < held.refreshAt || now < failedAt + pause) return held.keys
      if (now < held.waitAt) return yield* Effect.as(refresh, held.keys)
      return yield* Effect.catchAll(refreshed, (error) =>
        Effect.zipWith(Clock.currentTimeMillis, Ref.get(state), (now, { held }) =>
          usable(held, now) ? Either.right(held.keys) : Either.left(error)
        ).pipe(Effect.flatten)
      )
    })

    return {
      get: Effect.asSome(get),
      invalidate: (refused) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Ref.update(state, (s) =>
            s.held !== undefined && same(s.held.keys, refused) && !(s.held.repeated && now < s.held.fetchedAt + pause)
              ? { ...s, held: { ...s.held, refused: true } }
              : s
          )
        ),
      last: Effect.map(Ref.get(state), ({ held }) => Option.map(Option.fromNullable(held), ({ keys }) => keys))
    }
  })
