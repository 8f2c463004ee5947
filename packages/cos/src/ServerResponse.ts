/**
 * Objects as responses of your own HTTP server: streamed through, with the statuses and headers that browsers and caches
 * rely on.
 *
 * @since 0.1.0
 */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import { isCoded } from "./internal/http/headers.js"
import * as Operation from "./Operation.js"
import { getObject, headObject } from "./operations/object.js"

/**
 * The object to respond with.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectInput
  extends Pick<
    Operation.Input<typeof getObject>,
    "bucket" | "region" | "key" | "versionId" | "customerKey" | "trafficLimit"
  > {}

/** The headers of the browser's request by which the service decides. */
const conditions = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"]

/** The headers of the service's response that the browser gets. */
const forwardedHeaders = [
  "accept-ranges",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-type",
  "etag",
  "expires",
  "last-modified"
]

/** They tell of the coded bytes, and so are left out where the HTTP client has decoded the body. */
const ofCodedBody = new Set(["accept-ranges", "content-encoding", "content-length", "content-range"])

type Fields = { readonly [name: string]: string | undefined }

const only = (names: ReadonlyArray<string>, headers: Fields): { readonly [name: string]: string } =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [[name, value] as const]
    })
  )

const empty = (status: number, headers: Fields = {}): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.succeed(HttpServerResponse.empty({ status, headers: only(Object.keys(headers), headers) }))

/**
 * Responds to the current request with an object. `GET` and `HEAD`; anything else is 405.
 *
 * - 200 and 206: the request's `Range` and conditions are passed on, and the bytes stream through as they come: none are
 *   kept. A `Range` under an `If-Range` is left out, which gives the whole object.
 * - Of an object with a `Content-Encoding` the browser gets the coded bytes. On an HTTP client that decodes them, such as
 *   `fetch`, it gets the decoded ones, whole, without `Content-Encoding` and `Content-Length`.
 * - 304, 412 and 416 as the service decides; 404 for a missing object or version.
 * - Every other failure stays one: your handler decides what becomes of `AccessDenied` or `Throttled`.
 *
 * The connection to the service ends with the scope of the request. Take care which keys you let a request name.
 *
 * ```ts
 * import { HttpRouter } from "@effect/platform"
 * import { Effect } from "effect"
 * import { ServerResponse } from "effect-cos"
 *
 * const router = HttpRouter.empty.pipe(
 *   HttpRouter.get(
 *     "/files/:name",
 *     Effect.flatMap(HttpRouter.params, ({ name }) => ServerResponse.object({ key: `public/${name}` }))
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category responses
 */
export const object = (
  input: ObjectInput
): Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  Exclude<
    Operation.Error<typeof getObject>,
    | CosError.NoSuchKey
    | CosError.NoSuchVersion
    | CosError.NotModified
    | CosError.PreconditionFailed
    | CosError.InvalidRange
  >,
  CosClient | HttpServerRequest.HttpServerRequest | Scope.Scope
> =>
  Effect.gen(function* () {
    const { headers, method } = yield* HttpServerRequest.HttpServerRequest
    const { rawBody } = (yield* CosClient).transport
    const { bucket, customerKey, key, region, versionId } = input
    const forwarded = (found: Fields) => only(forwardedNames(found, rawBody), found)
    const response =
      method === "HEAD"
        ? Effect.map(
            readHead({ bucket, customerKey, key, region, versionId, extra: { headers: only(conditions, headers) } }),
            ({ response }) =>
              HttpServerResponse.empty({ status: response.status, headers: forwarded(response.headers) })
          )
        : method === "GET"
          ? Effect.map(readPart(input, headers, rawBody), ({ response, value }) =>
              HttpServerResponse.stream(value.body, {
                status: response.status,
                headers: forwarded(response.headers),
                contentType: value.contentType ?? "application/octet-stream"
              })
            )
          : empty(405, { allow: "GET, HEAD" })
    return yield* Effect.catchTags(response, {
      NotModified: ({ eTag, lastModified }) => empty(304, { etag: eTag, "last-modified": lastModified?.toUTCString() }),
      PreconditionFailed: () => empty(412),
      InvalidRange: () => empty(416),
      NoSuchKey: () => empty(404),
      NoSuchVersion: () => empty(404)
    })
  })

const isDecoded = (headers: Fields, rawBody: boolean): boolean => !rawBody && isCoded(headers["content-encoding"])

const forwardedNames = (headers: Fields, rawBody: boolean): ReadonlyArray<string> =>
  isDecoded(headers, rawBody) ? forwardedHeaders.filter((name) => !ofCodedBody.has(name)) : forwardedHeaders

/** A range of coded bytes cannot be decoded: of such an object the whole is read. */
const readPart = (input: ObjectInput, headers: Fields, rawBody: boolean) => {
  const read = (names: ReadonlyArray<string>) => readBody({ ...input, extra: { headers: only(names, headers) } })
  return "if-range" in headers
    ? read(conditions)
    : Effect.flatMap(read(["range", ...conditions]), (found) =>
        found.response.status === 206 && isDecoded(found.response.headers, rawBody)
          ? read(conditions)
          : Effect.succeed(found)
      )
}

const readHead = Operation.withResponse(headObject)
const readBody = Operation.withResponse(getObject)
