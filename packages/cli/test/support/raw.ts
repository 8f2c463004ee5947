/** Requests as other clients make them, mistakes included, by `node:http`: the path goes as it is. */
import { request } from "node:http"
import * as Effect from "effect/Effect"
import { portable } from "effect-cos/Hash"
import * as Signature from "effect-cos/Signature"

export interface Sent {
  readonly method: string
  /** With its query, as it is sent. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Came {
  readonly status: number
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly body: string
}

export const send = (endpoint: string, { headers, method, path }: Sent): Effect.Effect<Came> =>
  Effect.async((resume) => {
    const { hostname, port } = new URL(endpoint)
    const sent = request({ method, path, headers, hostname, port }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk) => chunks.push(chunk))
      response.on("end", () =>
        resume(
          Effect.succeed({
            status: response.statusCode ?? 0,
            headers: Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const),
            body: Buffer.concat(chunks).toString()
          })
        )
      )
    })
    sent.on("error", (error) => resume(Effect.die(error)))
    sent.end()
  })

/** What `curl -v` shows of it. */
export const transcript = (sent: Sent, came: Came): string =>
  [
    "*   Trying 127.0.0.1:80...",
    `> ${sent.method} ${sent.path} HTTP/1.1`,
    ...Object.entries(sent.headers).map(([name, value]) => `> ${name}: ${value}`),
    "> ",
    `< HTTP/1.1 ${came.status} Forbidden`,
    ...came.headers.map(([name, value]) => `< ${name}: ${value}`),
    "< ",
    came.body
  ].join("\n")

export interface ToSign {
  readonly method?: string
  /** Decoded, with `/`. */
  readonly path: string
  readonly query?: ReadonlyArray<readonly [string, string]>
  readonly headers?: Readonly<Record<string, string>>
  readonly secretId: string
  readonly secretKey: string
  /** How far the clock of the client is ahead, in seconds. */
  readonly ahead?: number
}

export const authorization = (input: ToSign): string => {
  const now = Math.floor(Date.now() / 1000) + (input.ahead ?? 0)
  return Signature.sign(portable, {
    method: input.method ?? "GET",
    pathname: input.path,
    query: input.query ?? [],
    headers: Object.entries(input.headers ?? {}),
    secretId: input.secretId,
    secretKey: input.secretKey,
    keyTime: { start: now - 60, end: now + 600 }
  }).authorization
}
