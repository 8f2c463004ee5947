/** Requests to STS, signed by the tests' own hand: version 1 with a form, version 3 with JSON. */
import { createHash, createHmac } from "node:crypto"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Emulator } from "effect-cos-emulator/Emulator"

export const host = "sts.tencentcloudapi.com"

export type Fields = Readonly<Record<string, string | number>>

export interface Send {
  readonly as?: { readonly secretId: string; readonly secretKey: Redacted.Redacted; readonly token?: Redacted.Redacted }
  readonly host?: string
  readonly version?: string
  /** Seconds before the emulator's clock. */
  readonly ago?: number
  readonly signature?: string
  readonly method?: "HmacSHA1" | "HmacSHA256"
}

export interface StsAnswer {
  readonly status: number
  readonly code: string | undefined
  readonly key: { readonly secretId: string; readonly secretKey: Redacted.Redacted; readonly token: string }
  readonly document: any
}

const answerOf = (status: number, document: any): StsAnswer => {
  const { Credentials, Error } = document.Response
  return {
    status,
    document,
    code: Error?.Code,
    key: {
      secretId: Credentials?.TmpSecretId ?? "",
      secretKey: Redacted.make(Credentials?.TmpSecretKey ?? ""),
      token: Credentials?.Token ?? ""
    }
  }
}

const execute = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.gen(function* () {
    const response = yield* (yield* HttpClient.HttpClient).execute(request)
    return answerOf(response.status, JSON.parse(yield* response.text))
  })

const text = (body: string, type: string) =>
  HttpBody.raw(new TextEncoder().encode(body), {
    contentType: type,
    contentLength: new TextEncoder().encode(body).length
  })

const now = Effect.flatMap(Emulator, ({ clock }) => Effect.map(clock.now, (now) => Math.floor(now.getTime() / 1000)))

/** By version 1. */
export const form = (fields: Fields, options: Send = {}) =>
  Effect.gen(function* () {
    const { credentials } = yield* Emulator
    const { as = credentials, host: to = host, ago = 0, version = "2018-08-13" } = options
    const all: Record<string, string> = {
      SecretId: as.secretId,
      Timestamp: String((yield* now) - ago),
      Nonce: "15000",
      Version: version,
      Region: "ap-guangzhou",
      ...(as.token === undefined ? {} : { Token: Redacted.value(as.token) }),
      ...(options.method === undefined ? {} : { SignatureMethod: options.method }),
      ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
    }
    const names = Object.keys(all).sort()
    const string = `POST${to}/?${names.map((name) => `${name}=${all[name]}`).join("&")}`
    const signature = createHmac(options.method === "HmacSHA256" ? "sha256" : "sha1", Redacted.value(as.secretKey))
      .update(string)
      .digest("base64")
    const body = new URLSearchParams({ ...all, Signature: options.signature ?? signature }).toString()
    return yield* execute(
      HttpClientRequest.post(`https://${to}/`).pipe(
        HttpClientRequest.setBody(text(body, "application/x-www-form-urlencoded"))
      )
    )
  })

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()

/** By version 3. */
export const json = ({ Action, ...fields }: Fields, options: Send = {}) =>
  Effect.gen(function* () {
    const { credentials } = yield* Emulator
    const { as = credentials, host: to = host, ago = 0, version = "2018-08-13" } = options
    const timestamp = (yield* now) - ago
    const date = new Date(timestamp * 1000).toISOString().slice(0, 10)
    const body = JSON.stringify(fields)
    const canonical = `POST\n/\n\ncontent-type:application/json\nhost:${to}\n\ncontent-type;host\n${sha256(body)}`
    const string = `TC3-HMAC-SHA256\n${timestamp}\n${date}/sts/tc3_request\n${sha256(canonical)}`
    const key = hmac(hmac(hmac(`TC3${Redacted.value(as.secretKey)}`, date), "sts"), "tc3_request")
    const signature = options.signature ?? hmac(key, string).toString("hex")
    return yield* execute(
      HttpClientRequest.post(`https://${to}/`, {
        headers: {
          "x-tc-action": String(Action),
          "x-tc-version": version,
          "x-tc-timestamp": String(timestamp),
          "x-tc-region": "ap-guangzhou",
          ...(as.token === undefined ? {} : { "x-tc-token": Redacted.value(as.token) }),
          authorization: `TC3-HMAC-SHA256 Credential=${as.secretId}/${date}/sts/tc3_request, SignedHeaders=content-type;host, Signature=${signature}`
        }
      }).pipe(HttpClientRequest.setBody(text(body, "application/json")))
    )
  })

export const encode = (policy: unknown): string => encodeURIComponent(JSON.stringify(policy))

/** Time that only the test moves; both clocks agree. */
export const at = (seconds: number) => Effect.flatMap(Emulator, ({ clock }) => clock.set(new Date(seconds * 1000)))
