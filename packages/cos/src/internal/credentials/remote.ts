/** Temporary keys from a server of the user's own. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CredentialsError } from "../../CosError.js"
import type { RemoteOptions } from "../../Credentials.js"
import { quietClient } from "./quietClient.js"
import { smallText } from "./smallText.js"
import { isTransientStatus } from "./transientStatus.js"

/** Seconds since 1970. */
const Seconds = Schema.Union(Schema.Int, Schema.NumberFromString.pipe(Schema.int()))

/** As `qcloud-cos-sts` gives it, and as `CredentialsHandler` does. */
const Document = Schema.parseJson(
  Schema.Struct({
    credentials: Schema.Struct({
      tmpSecretId: Schema.String,
      tmpSecretKey: Schema.String,
      sessionToken: Schema.String
    }),
    startTime: Schema.optional(Schema.NullOr(Seconds)),
    expiredTime: Seconds
  })
)
const decode = Schema.decodeOption(Document)

const Refusal = Schema.parseJson(Schema.Struct({ _tag: Schema.Literal("CredentialsRefused"), message: Schema.String }))
const decodeRefusal = Schema.decodeOption(Refusal)

const failure = (message: string, transient: boolean) =>
  new CredentialsError({ provider: "remote", message, transient })

/** What the server says is left out, unless it is a refusal of ours: it may be anything. */
const statusError = (status: number, text: string): CredentialsError =>
  Option.match(status === 403 ? decodeRefusal(text) : Option.none(), {
    onNone: () =>
      failure(
        status === 401 || status === 403
          ? `the server refused to give keys, with status ${status}`
          : `the server that gives keys responded with status ${status}`,
        isTransientStatus(status)
      ),
    onSome: ({ message }) => failure(`the server refused to give keys: ${message}`, false)
  })

const noKey = () => failure("the response of the server is no temporary key", false)

const request = (url: string, body: unknown, headers: { readonly [name: string]: string }) =>
  body === undefined
    ? HttpClientRequest.get(url, { headers })
    : HttpClientRequest.post(url, { headers }).pipe(
        HttpClientRequest.bodyText(JSON.stringify(body), "application/json")
      )

export const read = (
  url: string,
  { body, headers = Effect.succeed({}) }: RemoteOptions
): Effect.Effect<
  {
    readonly secretId: string
    readonly secretKey: string
    readonly token: string
    readonly startsAt: Date | undefined
    readonly expiresAt: Date
  },
  CredentialsError,
  HttpClient.HttpClient
> =>
  Effect.gen(function* () {
    const client = quietClient(yield* HttpClient.HttpClient)
    const own = yield* headers
    const response = yield* Effect.mapError(client.execute(request(url, body, own)), () =>
      failure("the server that gives keys cannot be reached", true)
    )
    const text = yield* smallText(response, noKey).pipe(
      Effect.catchTag("ResponseError", () => failure("the response of the server that gives keys broke off", true))
    )
    const { status } = response
    if (status < 200 || status >= 300) return yield* statusError(status, text)
    const document = yield* Effect.mapError(decode(text), noKey)
    const { credentials, expiredTime, startTime } = document
    const now = yield* Clock.currentTimeMillis
    if (expiredTime * 1000 <= now) {
      const at = new Date(Math.min(expiredTime * 1000, 8.64e15)).toISOString()
      return yield* failure(`the key that the server gave expired at ${at}, by the clock of this machine`, false)
    }
    return {
      secretId: credentials.tmpSecretId,
      secretKey: credentials.tmpSecretKey,
      token: credentials.sessionToken,
      startsAt: startTime === undefined || startTime === null ? undefined : new Date(startTime * 1000),
      expiresAt: new Date(expiredTime * 1000)
    }
  }).pipe(Effect.scoped)
