/**
 * The server's side of {@link RemoteSigner}: signs single requests of pages, as far as your `authorize` allows.
 *
 * A signature is for one method, one key, one query, the headers that the page names, one host and a short time; the service
 * refuses anything else under it. A signature cannot forbid a header that it does not name, such as an ACL or the source of
 * a copy: give the server an access key that may do no more than pages may.
 *
 * As a web handler, for Next, Hono, Workers, Bun and Deno:
 *
 * ```ts
 * import { NodeCos } from "effect-cos-node"
 * import { SigningHandler } from "effect-cos"
 * import { Effect } from "effect"
 *
 * const { handler } = SigningHandler.toWebHandler(
 *   {
 *     prefix: "uploads/",
 *     authorize: ({ headers, key }) =>
 *       headers.authorization === "Bearer of-a-user" ? Effect.void : SigningHandler.refuse(`not for you: ${key}`)
 *   },
 *   NodeCos.layer({ bucket: "examplebucket-1250000000", region: "ap-guangzhou" })
 * )
 *
 * export const POST: (request: Request) => Promise<Response> = handler
 * ```
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { CosClient } from "./CosClient.js"
import type { CredentialsError, InvalidInput } from "./CosError.js"
import * as Endpoint from "./Endpoint.js"
import { byDefault, type OperationName, operationOf } from "./internal/signing/operations.js"
import * as protocol from "./internal/signing/protocol.js"
import * as web from "./internal/signing/web.js"
import * as ObjectKey from "./ObjectKey.js"
import * as Signature from "./Signature.js"

export type { OperationName } from "./internal/signing/operations.js"

/**
 * The server does not sign: your `authorize` refused, or a page asked for what the options do not allow. The page gets it as
 * `AccessDenied` with the code `Signing<reason>`.
 *
 * @since 0.1.0
 * @category errors
 */
export class SigningRefused extends Schema.TaggedError<SigningRefused>("effect-cos/SigningRefused")(
  "SigningRefused",
  { reason: protocol.Reason, message: Schema.String },
  HttpApiSchema.annotations({ status: 403 })
) {}

/**
 * Fails with {@link SigningRefused}. The page sees the message.
 *
 * @since 0.1.0
 * @category errors
 */
export const refuse = (
  message: string,
  reason: SigningRefused["reason"] = "Unauthorized"
): Effect.Effect<never, SigningRefused> => Effect.fail(new SigningRefused({ reason, message }))

/**
 * What a page asks to do.
 *
 * @since 0.1.0
 * @category models
 */
export interface SigningRequest {
  /** By its method and its query. */
  readonly operation: OperationName
  /** The object; of lists, the prefix to which they are limited. */
  readonly key: string
  /** The page's; absent where it is the client's own. */
  readonly bucket: string | undefined
  readonly region: string | undefined
  readonly query: { readonly [name: string]: string }
  /** The headers that are signed, by lower-case name. */
  readonly signedHeaders: { readonly [name: string]: string }
  /** Of the page's request to this server: its cookies, its session's token. */
  readonly headers: Headers.Headers
}

/**
 * What pages may do.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<R = never> {
  /** Succeeds for what this user may do; else {@link refuse}. Asked after everything else has been checked. */
  readonly authorize: (request: SigningRequest) => Effect.Effect<void, SigningRefused, R>
  /** What keys, and the prefixes of lists, begin with. Default: nothing, so that `authorize` alone decides. */
  readonly prefix?: string | undefined
  /** Default: what an upload in parts and reading need. Copying, deleting, appending and listing objects are not among them. */
  readonly operations?: ReadonlyArray<OperationName> | undefined
  /** Buckets beside the client's own. Default: none. */
  readonly buckets?: ReadonlyArray<string> | undefined
  /** Origins of pages, such as `https://app.example.com`, beside the server's own. Default: none. */
  readonly origins?: ReadonlyArray<string> | undefined
  /** How long a signature holds. A request must begin in that time. Default 5 minutes. */
  readonly expiresIn?: Duration.DurationInput | undefined
}

/**
 * A signature for a page.
 *
 * @since 0.1.0
 * @category models
 */
export interface SigningAnswer {
  /** The value of the header `Authorization`. */
  readonly authorization: string
  /** Of a temporary key: the value of `x-cos-security-token`. Worth nothing without the key's secret. */
  readonly token?: string | undefined
  readonly expiresAt: Date
}

/**
 * A request that a page wants to send, without its body.
 *
 * @since 0.1.0
 * @category models
 */
export interface SigningQuestion {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE" | "OPTIONS"
  readonly bucket?: string | undefined
  readonly region?: string | undefined
  /** As it is, not percent-encoded. Absent: the bucket itself. */
  readonly key?: string | undefined
  /** Where the page sends it. */
  readonly host: string
  readonly query: ReadonlyArray<readonly [string, string]>
  /** Those that are to be signed. */
  readonly headers: ReadonlyArray<readonly [string, string]>
}

/** Of a list it is the prefix, without which it would be of everything. */
const pathOf = ({ key, query }: SigningQuestion): string =>
  key === undefined || key === "" ? (query.find(([name]) => name === "prefix")?.[1] ?? "") : key

const check = (question: SigningQuestion, options: Options<any>, settings: CosClient.Service["settings"]) =>
  Effect.gen(function* () {
    const operation = operationOf(question)
    if (operation === undefined || !(options.operations ?? byDefault).includes(operation)) {
      return yield* refuse(`${operation ?? question.method} is not among the operations`, "OperationNotAllowed")
    }
    const { bucket } = question
    if (bucket !== undefined && bucket !== settings.bucket && options.buckets?.includes(bucket) !== true) {
      return yield* refuse(`the bucket ${bucket} is not among those allowed`, "BucketNotAllowed")
    }
    const key = pathOf(question)
    // Whoever resolves them on the way would reach another object.
    if (!key.startsWith(options.prefix ?? "") || ObjectKey.hasDotSegments(key)) {
      return yield* refuse(`${key} is outside of what is allowed`, "PathNotAllowed")
    }
    const seen = new Set(["host", "x-cos-security-token"])
    const wrong = question.headers
      .map(([name]) => name.toLowerCase())
      .find((name) => {
        const isNew = !seen.has(name)
        seen.add(name)
        return !(isNew && Signature.isSignedHeader(name))
      })
    if (wrong !== undefined) return yield* refuse(`the header ${wrong} cannot be signed`, "HeaderNotAllowed")
    return { operation, key }
  })

/**
 * Signs one request, if `options` and `authorize` allow it. `headers` are those of the page's request to this server.
 *
 * @since 0.1.0
 * @category signing
 */
export const sign = <R>(
  question: SigningQuestion,
  headers: Headers.Headers,
  options: Options<R>
): Effect.Effect<SigningAnswer, SigningRefused | InvalidInput | CredentialsError, CosClient | R> =>
  Effect.gen(function* () {
    const client = yield* CosClient
    if (!web.isOwnOrigin(headers, options.origins ?? [])) {
      return yield* refuse(`the origin ${headers.origin} is not among those allowed`, "ForeignOrigin")
    }
    const { key, operation } = yield* check(question, options, client.settings)
    const { target } = yield* client.locate({
      operation,
      method: question.method,
      host: "bucket",
      bucket: question.bucket,
      region: question.region,
      key: question.key,
      query: question.query,
      headers: question.headers,
      body: undefined,
      copySource: undefined,
      idempotent: true
    })
    if (question.host !== target.host && question.host !== Endpoint.backup(target).host) {
      return yield* refuse(`the bucket is not at ${question.host}`, "HostNotAllowed")
    }
    yield* options.authorize({
      operation,
      key,
      bucket: question.bucket,
      region: question.region,
      query: Object.fromEntries(question.query),
      signedHeaders: Object.fromEntries(question.headers.map(([name, value]) => [name.toLowerCase(), value])),
      headers
    })
    const { accessKey, keyTime } = yield* client.signingWindow("SigningHandler", options.expiresIn ?? "5 minutes")
    if (accessKey === undefined) return yield* refuse("the server has no access key to sign with")
    const token = accessKey.token === undefined ? undefined : Redacted.value(accessKey.token)
    const { authorization } = Signature.sign(client.hash, {
      method: question.method,
      pathname: `${target.pathPrefix}/${question.key ?? ""}`,
      query: question.query,
      headers: [
        ...((client.settings.signHost ?? true) ? [["host", question.host] as const] : []),
        ...(token === undefined ? [] : [["x-cos-security-token", token] as const]),
        ...question.headers
      ],
      secretId: accessKey.secretId,
      secretKey: Redacted.value(accessKey.secretKey),
      keyTime
    })
    return { authorization, token, expiresAt: new Date(keyTime.end * 1000) }
  })

/** What cannot be sent anyway is refused. */
const signOrRefuse = <R>(question: SigningQuestion, headers: Headers.Headers, options: Options<R>) =>
  Effect.catchTag(sign(question, headers, options), "InvalidInput", ({ reason }) => refuse(reason, "PathNotAllowed"))

/**
 * One endpoint, `POST /sign`, to be added to an `HttpApi`; {@link handle} is what it does.
 *
 * ```ts
 * import { HttpApi, HttpApiBuilder } from "@effect/platform"
 * import { SigningHandler } from "effect-cos"
 * import { Effect } from "effect"
 *
 * const api = HttpApi.make("api").add(SigningHandler.group)
 *
 * const Signing = HttpApiBuilder.group(api, "cosSigning", (handlers) =>
 *   handlers.handle("sign", SigningHandler.handle({ prefix: "uploads/", authorize: () => Effect.void }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category HttpApi
 */
export const group = HttpApiGroup.make("cosSigning").add(
  HttpApiEndpoint.post("sign", "/sign")
    .setPayload(protocol.Question)
    .addSuccess(protocol.Answer)
    .addError(SigningRefused)
)

/**
 * Handles the endpoint of {@link group}. A request that cannot be sent anyway is refused too; a server without credentials
 * dies, which is a 500.
 *
 * @since 0.1.0
 * @category HttpApi
 */
export const handle =
  <R>(options: Options<R>) =>
  ({
    payload,
    request
  }: {
    readonly payload: SigningQuestion
    readonly request: HttpServerRequest.HttpServerRequest
  }): Effect.Effect<SigningAnswer, SigningRefused, CosClient | R> =>
    Effect.catchTag(signOrRefuse(payload, request.headers, options), "CredentialsError", (error) => Effect.die(error))

const decodeQuestion = Schema.decodeUnknown(Schema.parseJson(protocol.Question))
const encodeAnswer = Schema.encodeSync(protocol.Answer)

/**
 * Handles `POST` of any path, and the preflights of `origins`: for a router of `@effect/platform`. 200 with the signature, 403
 * with a {@link SigningRefused}, 400 for what is no question, 405, and 503 without credentials.
 *
 * @since 0.1.0
 * @category handlers
 */
export const httpApp = <R>(options: Options<R>): HttpApp.Default<never, CosClient | R> =>
  web.handle(
    { methods: ["POST"], origins: options.origins ?? [] },
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const text = yield* web.smallText(request)
      const question = yield* decodeQuestion(text)
      return web.json(200, encodeAnswer(yield* signOrRefuse(question, request.headers, options)))
    }).pipe(
      Effect.catchTags({
        SigningRefused: ({ _tag, message, reason }) => Effect.succeed(web.json(403, { _tag, reason, message })),
        ParseError: () => Effect.succeed(web.json(400, { message: "no request to sign" })),
        BrokenOff: () => Effect.succeed(web.json(400, { message: "the request broke off" })),
        TooLarge: () => Effect.succeed(web.json(413, { message: "too large" })),
        CredentialsError: (error) =>
          Effect.as(Effect.logError("no credentials to sign with", error), HttpServerResponse.empty({ status: 503 }))
      })
    )
  )

/**
 * {@link httpApp} as a function from `Request` to `Response`; `layer` gives it its client. `dispose` ends the client.
 *
 * @since 0.1.0
 * @category handlers
 */
export const toWebHandler = <R, E>(
  options: Options<R>,
  layer: Layer.Layer<CosClient | R, E>
): { readonly handler: (request: Request) => Promise<Response>; readonly dispose: () => Promise<void> } =>
  HttpApp.toWebHandlerLayer(httpApp(options), layer)
