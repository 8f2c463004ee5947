/**
 * The server's side of `Credentials.remote`: gives temporary keys to pages and apps, each with the policy that your
 * `authorize` decides on.
 *
 * A page that has such a key may do all that the policy allows until it expires, in any order and as often as it likes. Where
 * each request is to be decided on, or no secret may be in the page at all, sign on the server instead: `SigningHandler`.
 *
 * As a web handler, for Next, Hono, Workers, Bun and Deno:
 *
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Credentials, CredentialsHandler, Policy, Sts } from "effect-cos"
 * import { Layer } from "effect"
 *
 * const { handler } = CredentialsHandler.toWebHandler(
 *   {
 *     authorize: ({ headers }) =>
 *       headers.authorization === "Bearer of-user-7"
 *         ? Policy.allow(Policy.upload, { bucket: "examplebucket-1250000000", prefix: "users/7/" })
 *         : CredentialsHandler.refuse("sign in first")
 *   },
 *   Sts.layer().pipe(Layer.provide(Credentials.layerEnv), Layer.provide(FetchHttpClient.layer))
 * )
 *
 * export const GET: (request: Request) => Promise<Response> = handler
 * ```
 *
 * @since 0.1.0
 */
import type * as Headers from "@effect/platform/Headers"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type InvalidInput, isRetryable } from "./CosError.js"
import * as web from "./internal/signing/web.js"
import type { Policy } from "./Policy.js"
import * as Sts from "./Sts.js"

/**
 * Your `authorize` gives no key. The page gets it as a `CredentialsError` with this message.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsRefused extends Schema.TaggedError<CredentialsRefused>("effect-cos/CredentialsRefused")(
  "CredentialsRefused",
  { message: Schema.String }
) {}

/**
 * Fails with {@link CredentialsRefused}. The page sees the message.
 *
 * @since 0.1.0
 * @category errors
 */
export const refuse = (message: string): Effect.Effect<never, CredentialsRefused> =>
  Effect.fail(new CredentialsRefused({ message }))

/**
 * What a page asks with.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeyRequest {
  /** Of the page's request to this server: its cookies, its session's token. */
  readonly headers: Headers.Headers
  /** The parameters of its URL. */
  readonly query: { readonly [name: string]: string }
  /** The JSON that it posted: `body` of `Credentials.remote`. Whoever wrote it may be anybody. `undefined` for a GET. */
  readonly body: unknown
}

/**
 * What keys pages get.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<R = never> {
  /** The policy of this user's key; else {@link refuse}. A policy that cannot be made is refused as well. */
  readonly authorize: (request: KeyRequest) => Effect.Effect<Policy, CredentialsRefused | InvalidInput, R>
  /** Whole seconds for which a key is valid. Default 30 minutes. */
  readonly duration?: Duration.DurationInput | undefined
  /** The name of the session, which audits show. Default `effect-cos`. */
  readonly name?: string | undefined
  /** Assume this role rather than ask for a federation token. Default: none. */
  readonly roleArn?: string | undefined
  /** Origins of pages, such as `https://app.example.com`, beside the server's own. Default: none. */
  readonly origins?: ReadonlyArray<string> | undefined
}

/**
 * A key for a page, as `qcloud-cos-sts` spells it. Times are in seconds since 1970.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeyAnswer {
  readonly credentials: {
    readonly tmpSecretId: string
    readonly tmpSecretKey: string
    readonly sessionToken: string
  }
  readonly startTime: number
  readonly expiredTime: number
  readonly expiration: string
  readonly requestId: string | undefined
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)

const answerOf = (key: Sts.TemporaryKey): KeyAnswer => ({
  credentials: {
    tmpSecretId: key.secretId,
    tmpSecretKey: Redacted.value(key.secretKey),
    sessionToken: Redacted.value(key.token)
  },
  startTime: seconds(key.startsAt),
  expiredTime: seconds(key.expiresAt),
  expiration: key.expiresAt.toISOString(),
  requestId: key.requestId
})

/**
 * Asks `authorize`, and then STS. What it gives holds a secret: it is for the page, not for logs.
 *
 * @since 0.1.0
 * @category keys
 */
export const issue = <R>(
  request: KeyRequest,
  options: Options<R>
): Effect.Effect<KeyAnswer, CredentialsRefused | Sts.StsError, Sts.Sts | R> =>
  Effect.gen(function* () {
    const policy = yield* options
      .authorize(request)
      .pipe(Effect.catchTag("InvalidInput", ({ reason }) => refuse(`the policy cannot be made: ${reason}`)))
    const { duration = "30 minutes", name, roleArn } = options
    const key =
      roleArn === undefined
        ? yield* Sts.federationToken({ policy, duration, name })
        : yield* Sts.assumeRole({ policy, duration, roleArn, sessionName: name })
    return answerOf(key)
  })

const decodeBody = Schema.decodeUnknown(Schema.parseJson())

/**
 * Handles `GET` and `POST` of any path, and the preflights of `origins`: for a router of `@effect/platform`. 200 with a
 * {@link KeyAnswer}, 403 with a {@link CredentialsRefused}, 400 for what is no JSON, 405, and 503 or 500 where STS gives no
 * key, which is logged.
 *
 * @since 0.1.0
 * @category handlers
 */
export const httpApp = <R>(options: Options<R>): HttpApp.Default<never, Sts.Sts | R> =>
  web.handle(
    { methods: ["GET", "POST"], origins: options.origins ?? [] },
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const { headers, method, url } = request
      if (!web.isOwnOrigin(headers, options.origins ?? [])) {
        return yield* refuse(`the origin ${headers.origin} is not among those allowed`)
      }
      const text = method === "POST" ? yield* web.smallText(request) : ""
      const body = text === "" ? undefined : yield* decodeBody(text)
      const query = Object.fromEntries(web.partsOf(url)[1])
      return web.json(200, yield* issue({ headers, query, body }, options))
    }).pipe(
      Effect.catchTags({
        CredentialsRefused: ({ _tag, message }) => Effect.succeed(web.json(403, { _tag, message })),
        ParseError: () => Effect.succeed(web.json(400, { message: "no JSON" })),
        BrokenOff: () => Effect.succeed(web.json(400, { message: "the request broke off" })),
        TooLarge: () => Effect.succeed(web.json(413, { message: "too large" }))
      }),
      Effect.catchAll((error) =>
        Effect.as(
          Effect.logError("STS gave no temporary key", error),
          HttpServerResponse.empty({ status: isRetryable(error) ? 503 : 500 })
        )
      )
    )
  )

/**
 * {@link httpApp} as a function from `Request` to `Response`; `layer` gives it `Sts`. `dispose` releases that.
 *
 * @since 0.1.0
 * @category handlers
 */
export const toWebHandler = <R, E>(
  options: Options<R>,
  layer: Layer.Layer<Sts.Sts | R, E>
): { readonly handler: (request: Request) => Promise<Response>; readonly dispose: () => Promise<void> } =>
  HttpApp.toWebHandlerLayer(httpApp(options), layer)
