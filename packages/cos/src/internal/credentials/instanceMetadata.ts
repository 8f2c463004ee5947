/** Access keys from the metadata service of a cloud server. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { CredentialsError } from "../../CosError.js"
import { quietClient } from "./quietClient.js"
import { smallText } from "./smallText.js"

const url = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"

const Document = Schema.Struct({
  TmpSecretId: Schema.String,
  TmpSecretKey: Schema.String,
  Token: Schema.String,
  /** Seconds since 1970. */
  ExpiredTime: Schema.Number
})

const failure = (message: string, transient: boolean) =>
  new CredentialsError({ provider: "instance metadata", message, transient })

const noAccessKey = () => failure("the response of the metadata service is not an access key", true)

const text = (response: HttpClientResponse.HttpClientResponse) => smallText(response, noAccessKey)

/** Drops the cause, because a response that cannot be decoded may hold the keys. */
const translate = (
  error: HttpClientError.HttpClientError | ParseResult.ParseError | CredentialsError
): CredentialsError =>
  error._tag === "RequestError"
    ? failure("the metadata service cannot be reached", true)
    : error._tag === "ResponseError" && error.reason === "StatusCode"
      ? error.response.status === 404
        ? failure("no such role is bound to this instance", false)
        : failure(`the metadata service responded with status ${error.response.status}`, true)
      : noAccessKey()

/** The temporary access key of the given role, or of the one that is bound to the instance. */
export const read = (
  role: string | undefined
): Effect.Effect<
  { readonly secretId: string; readonly secretKey: string; readonly token: string; readonly expiresAt: Date },
  CredentialsError,
  HttpClient.HttpClient
> =>
  Effect.gen(function* () {
    const client = quietClient(HttpClient.filterStatusOk(yield* HttpClient.HttpClient))
    const name = role ?? (yield* Effect.flatMap(client.get(url), text)).trim()
    const document = yield* client
      .get(url + encodeURIComponent(name))
      .pipe(Effect.flatMap(text), Effect.flatMap(Schema.decode(Schema.parseJson(Document))))
    return {
      secretId: document.TmpSecretId,
      secretKey: document.TmpSecretKey,
      token: document.Token,
      expiresAt: new Date(document.ExpiredTime * 1000)
    }
  }).pipe(Effect.mapError(translate), Effect.scoped)
