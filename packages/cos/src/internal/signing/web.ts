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

/** No cache may keep what was made for one user. */
export const json = (status: number, value: unknown): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(JSON.stringify(value), {
    status,
    contentType: "application/json",
    headers: { "cache-control": "no-store" }
  })

export class TooLarge extends Data.TaggedError("TooLarge") {}

const maxBytes = 256 * 1024

const decoder = new TextDecoder()

export const smallText = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<string, TooLarge> => {
  let size = 0
  const chunks: Array<Uint8Array> = []
  return Stream.runForEach(request.stream, (chunk) => {
    size += chunk.byteLength
    chunks.push(chunk)
    return size > maxBytes ? Effect.fail(new TooLarge()) : Effect.void
  }).pipe(
    Effect.catchTag("RequestError", () => Effect.void),
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
