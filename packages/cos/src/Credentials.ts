/**
 * The access keys that requests are signed with, and where they come from.
 *
 * Every attempt of every request asks {@link Credentials} for the key, so one that changes while a program runs, such as
 * a temporary one, takes effect at once. Secrets are `Redacted`: a key that is printed, logged or encoded as JSON shows
 * `<redacted>`.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type CosError, CredentialsError, isRetryable } from "./CosError.js"
import { check, toOption } from "./internal/credentials/accessKey.js"
import * as environment from "./internal/credentials/environment.js"
import { errorOf, markBounded } from "./internal/credentials/guard.js"
import * as metadata from "./internal/credentials/instanceMetadata.js"
import * as refreshing from "./internal/credentials/refreshing.js"
import * as remoteKey from "./internal/credentials/remote.js"

/**
 * An id and its secret, with a token and a time of validity if they are temporary.
 *
 * @since 0.1.0
 * @category models
 */
export interface AccessKey {
  /** Names the key; it is part of every signature and not a secret. */
  readonly secretId: string
  readonly secretKey: Redacted.Redacted<string>
  /** The token of a temporary key, sent as `x-cos-security-token`. */
  readonly token?: Redacted.Redacted<string> | undefined
  /** From when the key is valid. Default: always. */
  readonly startsAt?: Date | undefined
  /** Until when the key is valid. Default: for ever. */
  readonly expiresAt?: Date | undefined
}

/**
 * Provides the access key of each request. Of a service of your own everything is a `CredentialsError` within the client's
 * time limit of an attempt, also that it dies or never answers.
 *
 * @since 0.1.0
 * @category tags
 */
export class Credentials extends Context.Tag("effect-cos/Credentials")<Credentials, Credentials.Service>() {}

/**
 * @since 0.1.0
 */
export declare namespace Credentials {
  /**
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /** The key to sign with now. `None`: the request is sent unsigned. */
    readonly get: Effect.Effect<Option.Option<AccessKey>, CredentialsError>
    /**
     * Reports that COS rejected this key (`ExpiredToken`, `InvalidAccessKeyId`), so that the next `get` gives another. A
     * newer key is not affected: any number of fibers may report the same one, and one refresh follows.
     */
    readonly invalidate: (rejected: AccessKey) => Effect.Effect<void>
    /**
     * The key that `get` gave last, even if it is expired or rejected. For requests that clean up when `get` fails, since
     * the service may still accept it.
     */
    readonly last: Effect.Effect<Option.Option<AccessKey>>
  }
}

/**
 * What {@link accessKey} takes: secrets as text or already `Redacted`.
 *
 * @since 0.1.0
 * @category models
 */
export interface AccessKeyInput {
  readonly secretId: string
  readonly secretKey: string | Redacted.Redacted<string>
  readonly token?: string | Redacted.Redacted<string> | undefined
  readonly startsAt?: Date | undefined
  readonly expiresAt?: Date | undefined
}

const redacted = (secret: string | Redacted.Redacted<string>): Redacted.Redacted<string> =>
  typeof secret === "string" ? Redacted.make(secret) : secret

/**
 * Makes an {@link AccessKey}, hiding the secrets.
 *
 * @since 0.1.0
 * @category constructors
 */
export const accessKey = (input: AccessKeyInput): AccessKey => ({
  ...input,
  secretKey: redacted(input.secretKey),
  token: input.token === undefined ? undefined : redacted(input.token)
})

/**
 * No access key: requests are sent unsigned and may do what the bucket allows to everyone.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerAnonymous: Layer.Layer<Credentials> = Layer.sync(Credentials, () =>
  markBounded({ get: Effect.succeedNone, invalidate: () => Effect.void, last: Effect.succeedNone })
)

const fixed = (provider: string, input: AccessKeyInput): Credentials.Service => {
  const get = Either.match(check(provider, accessKey(input ?? {})), {
    onLeft: Effect.fail,
    onRight: Effect.succeedSome
  })
  return markBounded({ get, invalidate: () => Effect.void, last: Effect.orElseSucceed(get, Option.none) })
}

/**
 * Always this access key. `get` fails if no request could carry it: where it is empty, or has blanks, line ends or
 * non-ASCII characters.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerStatic = (input: AccessKeyInput): Layer.Layer<Credentials> =>
  Layer.succeed(Credentials, fixed("static", input))

/**
 * Always the access key that a `Config` gives.
 *
 * ```ts
 * import { Config } from "effect"
 * import { Credentials } from "effect-cos"
 *
 * const Keys = Credentials.layerConfig({ secretId: Config.string("MY_ID"), secretKey: Config.redacted("MY_KEY") })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: Config.Config.Wrap<AccessKeyInput>
): Layer.Layer<Credentials, ConfigError.ConfigError> =>
  Layer.effect(
    Credentials,
    Effect.map(Config.unwrap(config), (input) => fixed("config", input))
  )

/**
 * Where an access key may come from. `None` says that nothing is configured there, so that a {@link chain} asks the next
 * one; a provider that always has one gives it as it is.
 *
 * Whatever a provider does is a `CredentialsError`: also that it dies, gives something else, or takes too long.
 *
 * @since 0.1.0
 * @category models
 */
export type Provider<R = never> = Effect.Effect<AccessKey | Option.Option<AccessKey>, CredentialsError, R>

/**
 * The access key of the environment, read through the `ConfigProvider`. The first family of which any variable is set:
 *
 * 1. `COS_SECRET_ID`, `COS_SECRET_KEY`, `COS_SESSION_TOKEN` (also `COS_SECRETID`, `COS_SECRETKEY`, `COS_SECURITY_TOKEN`)
 * 2. `TENCENTCLOUD_SECRET_ID`, `TENCENTCLOUD_SECRET_KEY`, `TENCENTCLOUD_SESSION_TOKEN` (also
 *    `TENCENTCLOUD_SECURITY_TOKEN`, and `TENCENTCLOUD_SECRETID`, `TENCENTCLOUD_SECRETKEY`, `TENCENTCLOUD_SESSIONTOKEN`, the
 *    names that cloud functions are given)
 *
 * The token is optional. An empty variable counts as not set. A family of which only a part is set is a
 * `CredentialsError` that names what is missing: going on to the next one could sign as somebody else.
 *
 * @since 0.1.0
 * @category providers
 */
export const env: Effect.Effect<Option.Option<AccessKey>, CredentialsError> = Effect.map(
  environment.read,
  Option.map(accessKey)
)

/**
 * The variables that {@link env} reads: each family with the names of each of its values, the one to recommend first.
 *
 * @since 0.1.0
 * @category providers
 */
export const envVariables: ReadonlyArray<{
  readonly secretId: ReadonlyArray<string>
  readonly secretKey: ReadonlyArray<string>
  readonly token: ReadonlyArray<string>
}> = environment.families

/**
 * The keys of {@link env}, read once when the layer is built. None, or half of them, is a `CredentialsError`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerEnv: Layer.Layer<Credentials, CredentialsError> = Layer.effect(
  Credentials,
  env.pipe(
    Effect.flatMap(
      Option.match({
        onNone: environment.nothingSet,
        onSome: (found) => check("environment", found)
      })
    ),
    Effect.map((found) => fixed("environment", found))
  )
)

/**
 * The temporary access key of the role that is bound to this cloud server (CVM) or container, from its metadata service.
 * For {@link layerProvider} or {@link layerChain}.
 *
 * Without `role`, the service is asked which role is bound first.
 *
 * ```ts
 * import { NodeHttpClient } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { Credentials } from "effect-cos"
 *
 * const Keys = Credentials.layerProvider(Credentials.instanceMetadata()).pipe(Layer.provide(NodeHttpClient.layer))
 * ```
 *
 * Source: `http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/<role>`,
 * https://cloud.tencent.com/document/product/213/4934
 *
 * @since 0.1.0
 * @category providers
 */
export const instanceMetadata: (options?: {
  readonly role?: string | undefined
}) => Effect.Effect<AccessKey, CredentialsError, HttpClient.HttpClient> = (options) =>
  Effect.map(metadata.read(options?.role), accessKey)

/**
 * The access key of the first provider that has one. A provider that fails ends the search, since going on could sign as
 * somebody else. Where none has a key, it fails with a `CredentialsError`.
 *
 * @since 0.1.0
 * @category providers
 */
export const chain = <const Providers extends ReadonlyArray<Provider<unknown>>>(
  providers: Providers
): Effect.Effect<AccessKey, CredentialsError, Effect.Effect.Context<Providers[number]>> =>
  Effect.gen(function* () {
    for (const provider of providers as ReadonlyArray<Provider<Effect.Effect.Context<Providers[number]>>>) {
      const found = yield* toOption("chain", yield* provider)
      if (Option.isSome(found)) return found.value
    }
    return yield* new CredentialsError({
      provider: "chain",
      message: `none of ${providers.length} providers has an access key`,
      transient: false
    })
  })

/**
 * A provider with a name, for {@link search}.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source<R = never> {
  /** What people know it by: `environment`, `profile backup`. */
  readonly name: string
  readonly provider: Provider<R>
}

/**
 * What became of a source in a {@link search}: the key was `found` there, nothing is configured (`none`), it `failed`, or it
 * was `notAsked` because the search had ended.
 *
 * @since 0.1.0
 * @category models
 */
export interface SourceOutcome {
  readonly name: string
  readonly outcome: "found" | "none" | "failed" | "notAsked"
  /** Of what failed. */
  readonly error?: CredentialsError | undefined
}

/**
 * What a {@link search} found, and where it looked.
 *
 * @since 0.1.0
 * @category models
 */
export interface SearchResult {
  readonly accessKey: Option.Option<AccessKey>
  /** In the order of the sources. */
  readonly sources: ReadonlyArray<SourceOutcome>
}

/**
 * Looks for an access key as {@link chain} does, and says what became of each source: for messages that explain which key a
 * program uses, and why. It does not fail: a source that does ends the search, and its error is among the outcomes.
 *
 * A key that no request could carry, with a blank in its secret for example, is a source that failed.
 *
 * @since 0.1.0
 * @category providers
 */
export const search = <R = never>(sources: ReadonlyArray<Source<R>>): Effect.Effect<SearchResult, never, R> =>
  Effect.gen(function* () {
    const outcomes: Array<SourceOutcome> = []
    for (const [index, { name, provider }] of sources.entries()) {
      const found = yield* provider.pipe(
        Effect.flatMap((given) => toOption(name, given)),
        Effect.flatMap(
          Option.match({
            onNone: () => Effect.succeedNone,
            onSome: (given) => Effect.asSome(check(name, given))
          })
        ),
        Effect.sandbox,
        Effect.mapError((cause) => errorOf(name, "", cause)),
        Effect.either
      )
      if (Either.isRight(found) && Option.isNone(found.right)) {
        outcomes.push({ name, outcome: "none" })
        continue
      }
      const rest = sources.slice(index + 1).map(({ name }) => ({ name, outcome: "notAsked" }) as const)
      return Either.match(found, {
        onLeft: (error): SearchResult => ({
          accessKey: Option.none(),
          sources: [...outcomes, { name, outcome: "failed", error }, ...rest]
        }),
        onRight: (accessKey) => ({ accessKey, sources: [...outcomes, { name, outcome: "found" }, ...rest] })
      })
    }
    return { accessKey: Option.none(), sources: outcomes }
  })

/**
 * How an access key is renewed.
 *
 * @since 0.1.0
 * @category models
 */
export interface RefreshOptions {
  /** Names the provider in errors and warnings. Default: `"provider"`. */
  readonly name?: string | undefined
  /**
   * How long before it expires the key is renewed; at most half of the time for which it is valid.
   * Default: 60 seconds.
   */
  readonly refreshBefore?: Duration.DurationInput | undefined
  /** How long one refresh may take, also of a provider that cannot be interrupted. Default: 10 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * An access key that is fetched, kept while it is valid, and renewed before it expires.
 *
 * - There is at most one fetch at a time, for any number of fibers, and interrupting those who wait for it does not
 *   interrupt it: it belongs to the surrounding scope.
 * - In the first half of the time before expiry (`refreshBefore`) the fetch goes on in the background; in the second half
 *   requests wait for it.
 * - When it fails while the key is still valid, the key goes on being served, a warning is logged, and the next attempt is
 *   made after 5 seconds at the earliest. When the key is not valid any more, everyone who waits gets the error.
 * - A key without `expiresAt` is kept until the service rejects it.
 * - A key that the service rejected is replaced at once; if the provider gives the same one again, it is not asked for the
 *   next 5 seconds.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: <R>(
  provider: Provider<R>,
  options?: RefreshOptions
) => Effect.Effect<Credentials.Service, never, Exclude<R, Scope.Scope> | Scope.Scope> = refreshing.make

/**
 * Provides {@link Credentials} from an effect that fetches access keys, for example from your own service that hands out
 * temporary ones. {@link make} says how they are kept and renewed.
 *
 * ```ts
 * import { HttpClient, HttpClientResponse } from "@effect/platform"
 * import { Effect, Schema } from "effect"
 * import { CosError, Credentials } from "effect-cos"
 *
 * const Document = Schema.Struct({ id: Schema.String, key: Schema.String, token: Schema.String, expires: Schema.Date })
 *
 * const fetchKeys = HttpClient.get("https://example.com/keys").pipe(
 *   Effect.flatMap(HttpClientResponse.schemaBodyJson(Document)),
 *   Effect.mapBoth({
 *     onFailure: () => new CosError.CredentialsError({ provider: "keys", message: "no response", transient: true }),
 *     onSuccess: ({ id, key, token, expires }) =>
 *       Credentials.accessKey({ secretId: id, secretKey: key, token, expiresAt: expires })
 *   })
 * )
 *
 * const Keys = Credentials.layerProvider(fetchKeys, { name: "keys" })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerProvider = <R>(
  provider: Provider<R>,
  options?: RefreshOptions
): Layer.Layer<Credentials, never, Exclude<R, Scope.Scope>> => Layer.scoped(Credentials, make(provider, options))

/**
 * Provides {@link Credentials} from the first provider that has an access key ({@link chain}), renewed as by
 * {@link layerProvider}; each time the whole chain is asked again.
 *
 * ```ts
 * import { Credentials } from "effect-cos"
 *
 * const Keys = Credentials.layerChain([Credentials.env, Credentials.instanceMetadata()])
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerChain = <const Providers extends ReadonlyArray<Provider<unknown>>>(
  providers: Providers,
  options?: RefreshOptions
): Layer.Layer<Credentials, never, Exclude<Effect.Effect.Context<Providers[number]>, Scope.Scope>> =>
  layerProvider(chain(providers), { name: "chain", ...options })

/**
 * A temporary key of STS as a provider: what `Sts.federationToken` or `Sts.assumeRole` fails with is a `CredentialsError`.
 *
 * @since 0.1.0
 * @category providers
 */
export const sts = <R>(request: Effect.Effect<AccessKey, CosError, R>): Effect.Effect<AccessKey, CredentialsError, R> =>
  Effect.mapError(request, (error) =>
    error._tag === "CredentialsError"
      ? error
      : new CredentialsError({ provider: "STS", message: error.message, transient: isRetryable(error) })
  )

/**
 * Provides {@link Credentials} from STS, renewed as by {@link layerProvider}. With `Sts` go the permanent keys that ask for
 * them.
 *
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Credentials, Sts } from "effect-cos"
 * import { Layer } from "effect"
 *
 * const Keys = Credentials.layerSts(
 *   Sts.assumeRole({ roleArn: "qcs::cam::uin/100000000001:roleName/uploader", duration: "1 hour" })
 * ).pipe(Layer.provide(Sts.layer()), Layer.provide(Credentials.layerEnv), Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * `options.timeout` is for a whole renewal, the retries of STS included. Default: 30 seconds.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSts = <R>(
  request: Effect.Effect<AccessKey, CosError, R>,
  options?: RefreshOptions
): Layer.Layer<Credentials, never, Exclude<R, Scope.Scope>> =>
  layerProvider(sts(request), { name: "STS", timeout: "30 seconds", ...options })

/**
 * How a server of your own is asked for temporary keys.
 *
 * @since 0.1.0
 * @category models
 */
export interface RemoteOptions {
  /**
   * Headers for the server, such as a session's token; run for each request. Cookies of the page's own origin are sent
   * anyway. Default: none.
   */
  readonly headers?: Effect.Effect<{ readonly [name: string]: string }> | undefined
  /** What the page wants to do, as JSON: the request is then a POST. Default: a GET. */
  readonly body?: unknown
}

/**
 * The temporary access key that a server of your own gives out, for pages and apps. For {@link layerRemote} or
 * {@link layerChain}.
 *
 * `CredentialsHandler` is such a server. So is any that responds as the demos of `qcloud-cos-sts` do (times in seconds
 * since 1970):
 *
 * ```json
 * {
 *   "credentials": { "tmpSecretId": "AKID…", "tmpSecretKey": "…", "sessionToken": "…" },
 *   "startTime": 1700000000,
 *   "expiredTime": 1700001800
 * }
 * ```
 *
 * A refusal, a response that is no such document, and a key that has expired already are a `CredentialsError`.
 *
 * @since 0.1.0
 * @category providers
 */
export const remote = (
  url: string,
  options: RemoteOptions = {}
): Effect.Effect<AccessKey, CredentialsError, HttpClient.HttpClient> =>
  Effect.map(remoteKey.read(url, options), accessKey)

/**
 * Provides {@link Credentials} from a server of your own ({@link remote}), renewed as by {@link layerProvider}.
 *
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { CosClient, Credentials } from "effect-cos"
 * import { Layer } from "effect"
 *
 * const Cos = CosClient.layer({ bucket: "examplebucket-1250000000", region: "ap-guangzhou" }).pipe(
 *   Layer.provide(Credentials.layerRemote("/keys")),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerRemote = (
  url: string,
  options?: RemoteOptions & RefreshOptions
): Layer.Layer<Credentials, never, HttpClient.HttpClient> =>
  layerProvider(remote(url, options), { name: "remote", ...options })
