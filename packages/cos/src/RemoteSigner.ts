/**
 * A client without an access key, whose requests a server signs one by one: for pages, which must not hold keys.
 *
 * Before each attempt the page asks the server for the signature of this request: its method, its key, its query and its
 * headers. `SigningHandler` is the server's side; it decides what a page may do. The bytes go straight to the bucket.
 *
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { CosClient, RemoteSigner } from "effect-cos"
 * import { Layer } from "effect"
 *
 * const Cos = CosClient.layer({ bucket: "examplebucket-1250000000", region: "ap-guangzhou" }).pipe(
 *   Layer.provide(RemoteSigner.layer({ url: "/sign" })),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as CosError from "./CosError.js"
import { type Credentials, layerAnonymous } from "./Credentials.js"
import { quietClient } from "./internal/credentials/quietClient.js"
import { smallText } from "./internal/credentials/smallText.js"
import { isTransientStatus } from "./internal/credentials/transientStatus.js"
import { type Authorization, guard, RemoteSigner, type Service, type ToSign } from "./internal/http/remoteSigner.js"
import * as protocol from "./internal/signing/protocol.js"
import { isDuration } from "./internal/time/isDuration.js"

export type { Authorization, Service, ToSign } from "./internal/http/remoteSigner.js"

export {
  /**
   * Signs the requests of the clients that are made with it, instead of an access key. Default: none.
   *
   * @since 0.1.0
   * @category context
   */
  RemoteSigner
}

/**
 * Where the server is, and how it knows the page's user.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Where the server takes the requests to sign: `/sign`, or a whole URL. */
  readonly url: string
  /**
   * Headers for the server, such as a session's token; run for each request. Cookies of the page's own origin are sent
   * anyway. Default: none.
   */
  readonly headers?: Effect.Effect<{ readonly [name: string]: string }> | undefined
  /** How long the server may take. Default 10 s. */
  readonly timeout?: Duration.DurationInput | undefined
}

const provider = "RemoteSigner"

const failed = (message: string, transient: boolean) => new CosError.CredentialsError({ provider, message, transient })

const refused = (
  { request: { bucket, key, operation } }: ToSign,
  { message, reason }: typeof protocol.Refusal.Type
): CosError.AccessDenied =>
  new CosError.AccessDenied({
    operation,
    status: 403,
    code: `Signing${reason}`,
    message: `${operation}: the server did not sign the request: ${message}`,
    bucket,
    key
  })

const readRefusal = Schema.decodeUnknownOption(Schema.parseJson(protocol.Refusal))
const readAnswer = Schema.decodeUnknownOption(Schema.parseJson(protocol.Answer))

const read = (asked: ToSign, response: HttpClientResponse) =>
  Effect.flatMap(
    smallText(response, () => failed("the response of the signing server is too large", false)).pipe(
      Effect.catchTag("ResponseError", () => failed("the response of the signing server broke off", true))
    ),
    (text): Effect.Effect<Authorization, CosError.AccessDenied | CosError.CredentialsError> => {
      const { status } = response
      const refusal = status === 403 ? readRefusal(text) : Option.none()
      if (Option.isSome(refusal)) return Effect.fail(refused(asked, refusal.value))
      const answer = status === 200 ? readAnswer(text) : Option.none()
      return Option.isSome(answer)
        ? Effect.succeed(answer.value)
        : Effect.fail(failed(`the signing server responded ${status} without a signature`, isTransientStatus(status)))
    }
  )

/**
 * A signer that asks a server; a custom one can be given with `Layer.succeed` of {@link RemoteSigner}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Effect.Effect<Service, never, HttpClient.HttpClient> =>
  Effect.map(HttpClient.HttpClient, (client): Service => {
    const http = quietClient(client)
    const { headers: ownHeaders = Effect.succeed({}), timeout = "10 seconds" } = options
    if (!isDuration(timeout)) {
      return { sign: () => Effect.fail(failed("timeout must be a duration of 0 or more", false)) }
    }
    const signer: Service = {
      sign: (asked) => {
        const { bucket, key, method } = asked.request
        const { headers, host, query, region } = asked
        const question = JSON.stringify({ method, bucket, region, key, host, query, headers } satisfies protocol.Asked)
        return ownHeaders.pipe(
          Effect.flatMap((own) =>
            http.execute(
              HttpClientRequest.post(options.url, { headers: own }).pipe(
                HttpClientRequest.bodyText(question, "application/json")
              )
            )
          ),
          Effect.mapError(() => failed("the signing server cannot be reached", true)),
          Effect.flatMap((response) => read(asked, response)),
          Effect.scoped
        )
      }
    }
    return guard(signer, timeout)
  })

/**
 * What `CosClient.layer` needs beside an HTTP client, for a page: no access key, and a server that signs. What the server
 * refuses is `AccessDenied` with a code such as `SigningUnauthorized` or `SigningPathNotAllowed`, sent nowhere and not
 * retried; a server that cannot be reached is a transient `CredentialsError`. `Presign` needs a key and fails.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<RemoteSigner | Credentials, never, HttpClient.HttpClient> =>
  Layer.merge(Layer.effect(RemoteSigner, make(options)), layerAnonymous)
