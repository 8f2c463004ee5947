/**
 * Objects as answers of your own HTTP server: streamed through, with the statuses and headers that browsers and caches
 * count on.
 *
 * @since 0.1.0
 */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import * as Operation from "./Operation.js"
import { getObject, headObject } from "./operations/object.js"

/**
 * The object to answer with.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectInput
  extends Pick<
    Operation.Input<typeof getObject>,
    "bucket" | "region" | "key" | "versionId" | "customerKey" | "trafficLimit"
  > {}

/** Of the browser's request, what the service decides by. */
const asked = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"]

/** Of the service's answer, what is for the browser. */
const told = [
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
 * Answers the current request with an object. `GET` and `HEAD`; anything else is 405.
 *
 * - 200 and 206: the request's `Range` and conditions are passed on, and the bytes stream through as they come: none are
 *   kept. A `Range` under an `If-Range` is left out, which gives the whole object.
 * - 304, 412 and 416 as the service decides; 404 for a missing object or version.
 * - Every other failure stays one: it is for your handler to say what becomes of `AccessDenied` or `Throttled`.
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
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) => {
    const { bucket, customerKey, key, region, versionId } = input
    const answer =
      method === "HEAD"
        ? Effect.map(
            readHead({ bucket, customerKey, key, region, versionId, extra: { headers: only(asked, headers) } }),
            ({ response }) =>
              HttpServerResponse.empty({ status: response.status, headers: only(told, response.headers) })
          )
        : method === "GET"
          ? Effect.map(
              readBody({
                ...input,
                extra: { headers: only("if-range" in headers ? asked : ["range", ...asked], headers) }
              }),
              ({ response, value }) =>
                HttpServerResponse.stream(value.body, {
                  status: response.status,
                  headers: only(told, response.headers),
                  contentType: value.contentType ?? "application/octet-stream"
                })
            )
          : empty(405, { allow: "GET, HEAD" })
    return Effect.catchTags(answer, {
      NotModified: ({ eTag, lastModified }) => empty(304, { etag: eTag, "last-modified": lastModified?.toUTCString() }),
      PreconditionFailed: () => empty(412),
      InvalidRange: () => empty(416),
      NoSuchKey: () => empty(404),
      NoSuchVersion: () => empty(404)
    })
  })

const readHead = Operation.withResponse(headObject)
const readBody = Operation.withResponse(getObject)
