/** The HTTP side of handlers for pages: origins, preflights, small bodies. */
import type * as Headers from "@effect/platform/Headers"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Browsers say the origin of every request that is not of the same origin, and of every POST. */
export const isOwnOrigin = (headers: Headers.Headers, origins: ReadonlyArray<string>): boolean => {
  const { host, origin } = headers
  if (origin === undefined) return headers["sec-fetch-site"] !== "cross-site"
  return origins.includes(origin) || (host !== undefined && origin.replace(/^https?:\/\//, "") === host)
}

/** What a browser must see to let a page of another origin read the response. */
const corsHeaders = (headers: Headers.Headers, origins: ReadonlyArray<string>): Record<string, string> => {
  const { origin } = headers
  const vary: Record<string, string> = origins.length > 0 ? { vary: "Origin" } : {}
  return origin !== undefined && origins.includes(origin)
    ? { ...vary, "access-control-allow-origin": origin, "access-control-allow-credentials": "true" }
    : vary
}

/** The path and the parameters of a request. A `URL` would take `//` for the beginning of a host. */
export const partsOf = (url: string): readonly [path: string, query: URLSearchParams] => {
  const at = url.indexOf("?")
  return at < 0 ? [url, new URLSearchParams()] : [url.slice(0, at), new URLSearchParams(url.slice(at + 1))]
}

/** No cache may keep what was made for one user. */
export const json = (status: number, value: unknown): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(JSON.stringify(value), {
    status,
    contentType: "application/json",
    headers: { "cache-control": "no-store" }
  })

export class TooLarge extends Data.TaggedError("TooLarge") {}

/** What came of a body may look like a whole one. */
export class BrokenOff extends Data.TaggedError("BrokenOff") {}

const maxBytes = 256 * 1024

const decoder = new TextDecoder()

export const smallText = (
  request: HttpServerRequest.HttpServerRequest
): Effect.Effect<string, TooLarge | BrokenOff> => {
  let size = 0
  const chunks: Array<Uint8Array> = []
  return Stream.runForEach(request.stream, (chunk) => {
    size += chunk.byteLength
    chunks.push(chunk)
    return size > maxBytes ? Effect.fail(new TooLarge()) : Effect.void
  }).pipe(
    // Without a cause there is no body.
    Effect.catchTag("RequestError", ({ cause }) => (cause === undefined ? Effect.void : Effect.fail(new BrokenOff()))),
    Effect.map(() => chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode())
  )
}

/** Answers preflights and refuses other methods. */
export const handle = <R>(
  options: { readonly methods: ReadonlyArray<string>; readonly origins: ReadonlyArray<string> },
  app: HttpApp.Default<never, R>
): HttpApp.Default<never, R> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    const { headers, method } = request
    const cors = corsHeaders(headers, options.origins)
    const allow = [...options.methods, "OPTIONS"].join(", ")
    if (method === "OPTIONS") {
      const isAllowed = "access-control-allow-origin" in cors
      return HttpServerResponse.empty({
        status: isAllowed ? 204 : 403,
        headers: isAllowed
          ? {
              ...cors,
              "access-control-allow-methods": allow,
              "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
              "access-control-max-age": "600"
            }
          : cors
      })
    }
    if (!options.methods.includes(method)) return HttpServerResponse.empty({ status: 405, headers: { allow } })
    return Effect.map(app, HttpServerResponse.setHeaders(cors))
  })
