/** An access key that is fetched, kept while it is valid, and renewed before it expires. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import { CredentialsError } from "../../CosError.js"
import type { AccessKey, Credentials, Provider, RefreshOptions } from "../../Credentials.js"
import { isDuration } from "../time/isDuration.js"
import { monotonicMillis } from "../time/monotonic.js"
import { check, toOption } from "./accessKey.js"
import { errorOf, markBounded } from "./guard.js"

/** An access key as it was fetched. Times are in ms: those of the key by the wall clock, the others monotonic. */
interface CachedAccessKey {
  readonly accessKey: AccessKey
  /** Monotonic. */
  readonly fetchedAt: number
  /** From here on it is renewed in the background. */
  readonly refreshAt: number
  /** From here on requests wait for the new one. */
  readonly waitAt: number
  readonly expiresAt: number
  /** The service rejected it. */
  readonly rejected: boolean
  /** The provider gave it again after the service had rejected it. */
  readonly repeated: boolean
}

interface State {
  readonly cached: CachedAccessKey | undefined
  readonly refresh: Deferred.Deferred<AccessKey, CredentialsError> | undefined
  /** Monotonic, in ms. */
  readonly failedAt: number
}

/** How long a provider is left alone after it failed, or gave a rejected key again. In ms. */
const pause = 5_000

const same = (a: AccessKey, b: AccessKey): boolean =>
  a.secretId === b.secretId && Equal.equals(a.secretKey, b.secretKey) && Equal.equals(a.token, b.token)

const isUsable = (cached: CachedAccessKey | undefined, now: number): cached is CachedAccessKey =>
  cached !== undefined && !cached.rejected && now < cached.expiresAt

const cache = (
  accessKey: AccessKey,
  now: number,
  fetchedAt: number,
  refreshBefore: number,
  before: CachedAccessKey | undefined
): CachedAccessKey => {
  const expiresAt = accessKey.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY
  const refreshAt = expiresAt - Math.min(refreshBefore, (expiresAt - now) / 2)
  return {
    accessKey,
    fetchedAt,
    refreshAt,
    waitAt: expiresAt - (expiresAt - refreshAt) / 2,
    expiresAt,
    rejected: false,
    repeated: before?.rejected === true && same(before.accessKey, accessKey)
  }
}

const failure = (provider: string, message: string, transient: boolean) =>
  new CredentialsError({ provider, message, transient })

/** Fetches and checks an access key. It ends within the time limit, whatever the source does. */
const fetchKey = <R>(
  source: Provider<R>,
  provider: string,
  { timeout = "10 seconds" }: RefreshOptions
): Effect.Effect<AccessKey, CredentialsError, Exclude<R, Scope.Scope>> =>
  Effect.suspend(() => Effect.scoped(source)).pipe(
    Effect.flatMap((found: unknown) => toOption(provider, found)),
    Effect.flatMap(
      Option.match({
        onNone: () => failure(provider, "has no access key", false),
        onSome: (found) => check(provider, found)
      })
    ),
    // A provider that cannot be interrupted is not waited for.
    Effect.disconnect,
    Effect.timeoutFail({ duration: timeout, onTimeout: () => failure(provider, "fetching keys took too long", true) }),
    Effect.catchAllCause((cause) => Effect.fail(errorOf(provider, "fetching keys ", cause))),
    // The caller who happens to start a refresh may be uninterruptible, where time limits do nothing.
    Effect.interruptible
  )

export const make = <R>(
  source: Provider<R>,
  options: RefreshOptions = {}
): Effect.Effect<Credentials.Service, never, Exclude<R, Scope.Scope> | Scope.Scope> =>
  Effect.gen(function* () {
    const provider = options.name ?? "provider"
    const wrong = (["refreshBefore", "timeout"] as const).find(
      (field) => options[field] !== undefined && !isDuration(options[field])
    )
    if (wrong !== undefined) {
      return yield* make<R>(failure(provider, `${wrong} must be a duration of 0 or more`, false), { name: provider })
    }
    // Of two infinite times, this and that of a key which never expires, the difference is no time.
    const refreshBefore = Math.min(Duration.toMillis(options.refreshBefore ?? "60 seconds"), Number.MAX_SAFE_INTEGER)
    const scope = yield* Effect.scope
    const context = yield* Effect.context<Exclude<R, Scope.Scope>>()
    const state = yield* Ref.make<State>({
      cached: undefined,
      refresh: undefined,
      failedAt: Number.NEGATIVE_INFINITY
    })
    // Not in the context of the caller who happens to start a refresh: its retries, for example, are only its own.
    const fetch = Effect.mapInputContext(fetchKey(source, provider, options), (_: Context.Context<never>) => context)

    const finish = Effect.fnUntraced(function* (
      done: Deferred.Deferred<AccessKey, CredentialsError>,
      exit: Exit.Exit<AccessKey, CredentialsError>
    ) {
      const now = yield* Clock.currentTimeMillis
      const since = yield* monotonicMillis
      const isServed = yield* Ref.modify(state, (s): [boolean, State] =>
        Exit.isSuccess(exit)
          ? [false, { ...s, cached: cache(exit.value, now, since, refreshBefore, s.cached), refresh: undefined }]
          : [isUsable(s.cached, now), { ...s, refresh: undefined, failedAt: since }]
      )
      const cause = Exit.isFailure(exit) ? exit.cause : Cause.empty
      yield* Deferred.done(
        done,
        Cause.isInterrupted(cause) ? Exit.fail(failure(provider, "fetching keys was interrupted", true)) : exit
      )
      if (isServed) {
        const reason = Option.match(Cause.failureOption(cause), {
          onNone: () => "interrupted",
          onSome: (e) => e.message
        })
        yield* Effect.logWarning("The access key could not be renewed; the current one is still valid", {
          provider,
          reason
        })
      }
    })

    /** Joins the refresh in progress, or starts one. It ends with the scope of the provider, not with its caller. */
    const refresh = Effect.uninterruptible(
      Effect.gen(function* () {
        const mine = yield* Deferred.make<AccessKey, CredentialsError>()
        const current = yield* Ref.modify(state, (s): [Deferred.Deferred<AccessKey, CredentialsError>, State] =>
          s.refresh === undefined ? [mine, { ...s, refresh: mine }] : [s.refresh, s]
        )
        if (current === mine) {
          yield* Effect.forkIn(
            Effect.flatMap(Effect.exit(fetch), (exit) => finish(mine, exit)),
            scope
          )
        }
        return current
      })
    )
    const refreshed = Effect.flatMap(refresh, Deferred.await)

    const get = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const { cached, failedAt } = yield* Ref.get(state)
      if (!isUsable(cached, now)) return yield* refreshed
      if (now < cached.refreshAt || (yield* monotonicMillis) < failedAt + pause) return cached.accessKey
      if (now < cached.waitAt) return yield* Effect.as(refresh, cached.accessKey)
      return yield* Effect.catchAll(refreshed, (error) =>
        Effect.zipWith(Clock.currentTimeMillis, Ref.get(state), (now, { cached }) =>
          isUsable(cached, now) ? Either.right(cached.accessKey) : Either.left(error)
        ).pipe(Effect.flatten)
      )
    })

    return markBounded({
      get: Effect.asSome(get),
      invalidate: (rejected) =>
        Effect.flatMap(monotonicMillis, (now) =>
          Ref.update(state, (s) =>
            s.cached !== undefined &&
            same(s.cached.accessKey, rejected) &&
            !(s.cached.repeated && now < s.cached.fetchedAt + pause)
              ? { ...s, cached: { ...s.cached, rejected: true } }
              : s
          )
        ),
      last: Effect.map(Ref.get(state), ({ cached }) =>
        Option.map(Option.fromNullable(cached), ({ accessKey }) => accessKey)
      )
    })
  })
