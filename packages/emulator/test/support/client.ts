/**
 * Raw COS requests through any `HttpClient`, signed by the tests' own signer.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpMethod from "@effect/platform/HttpMethod"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Emulator } from "effect-cos-emulator/Emulator"
import { authorization, encodePath, encodeQuery } from "./signer.js"

export const bucket = "photos-1250000000"
export const host = `${bucket}.cos.ap-guangzhou.myqcloud.com`

export interface Send {
  readonly key?: string
  readonly host?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | HttpBody.HttpBody
  /** `null`: anonymous. Default: the owner's key. */
  readonly as?: { readonly secretId: string; readonly secretKey: Redacted.Redacted } | null
}

/** What came back, its body read. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly bytes: Uint8Array
  readonly code: string | undefined
}

const bodyOf = (body: Send["body"]): HttpBody.HttpBody =>
  body === undefined
    ? HttpBody.empty
    : typeof body === "string"
      ? HttpBody.raw(new TextEncoder().encode(body), { contentLength: new TextEncoder().encode(body).length })
      : body instanceof Uint8Array
        ? HttpBody.raw(body, { contentLength: body.length })
        : body

/** A signed request, not yet sent. */
export const request = (
  method: HttpMethod.HttpMethod,
  options: Send = {}
): Effect.Effect<HttpClientRequest.HttpClientRequest, never, Emulator> =>
  Effect.gen(function* () {
    const { credentials } = yield* Emulator
    const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const to = options.host ?? host
    const path = `/${options.key ?? ""}`
    const query = options.query ?? {}
    const as = options.as === undefined ? credentials : options.as
    const signed = { host: to, ...options.headers }
    const headers: Record<string, string> =
      as === null
        ? signed
        : {
            ...signed,
            authorization: authorization({
              secretId: as.secretId,
              secretKey: Redacted.value(as.secretKey),
              method,
              path,
              query,
              headers: signed,
              start: Math.max(0, now - 1),
              end: now + 900
            })
          }
    const search = encodeQuery(query)
    return HttpClientRequest.make(method)(`http://${to}${encodePath(path)}${search === "" ? "" : `?${search}`}`, {
      headers,
      body: bodyOf(options.body)
    }).pipe(HttpClientRequest.setHeaders(headers))
  })

/** Sends it and reads the whole answer. */
export const send = (
  method: HttpMethod.HttpMethod,
  options: Send = {}
): Effect.Effect<Answer, HttpClientError.HttpClientError, Emulator | HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const response = yield* client.execute(yield* request(method, options))
    const bytes = new Uint8Array(yield* response.arrayBuffer)
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
    return {
      status: response.status,
      headers: response.headers,
      text,
      bytes,
      code: /<Code>([^<]*)<\/Code>/.exec(text)?.[1]
    }
  })
