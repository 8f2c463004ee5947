/**
 * The server's side of Uppy's uploads: `@uppy/aws-s3` 5 and 6 talk to it as to Companion, and send the bytes straight to the
 * bucket. The page has no key, and gets URLs and forms that hold for one part, or one object, and a short time.
 *
 * ```ts
 * import { NodeCos } from "effect-cos-node"
 * import { SigningHandler, UppyHandler } from "effect-cos"
 * import { Effect } from "effect"
 *
 * const { handler } = UppyHandler.toWebHandler(
 *   {
 *     prefix: "uploads/",
 *     authorize: ({ filename, headers }) =>
 *       headers.cookie?.includes("session=") === true
 *         ? Effect.succeed({ key: `uploads/${crypto.randomUUID()}/${filename}` })
 *         : SigningHandler.refuse("sign in first")
 *   },
 *   NodeCos.layer({ bucket: "examplebucket-1250000000", region: "ap-guangzhou" })
 * )
 *
 * // All requests below /s3 go to it. On the page: uppy.use(AwsS3, { companionEndpoint: location.origin }),
 * // and with version 5 { endpoint: location.origin }.
 * export const fetch: (request: Request) => Promise<Response> = handler
 * ```
 *
 * The bucket's CORS rules must expose `ETag`: `Cors.forBrowser` makes them. Keys with `.` or `..` segments are refused.
 *
 * @since 0.1.0
 */
import type * as Headers from "@effect/platform/Headers"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CosClient } from "./CosClient.js"
import { invalidInput } from "./internal/encoding/invalidInput.js"
import * as web from "./internal/signing/web.js"
import * as ObjectKey from "./ObjectKey.js"
import * as multipart from "./operations/multipart.js"
import * as Presign from "./Presign.js"
import { refuse, type SigningRefused } from "./SigningHandler.js"

/**
 * A file that a page wants to upload.
 *
 * @since 0.1.0
 * @category models
 */
export interface UppyFile {
  readonly filename: string
  /** Its media type, as the browser says; empty where it says none. */
  readonly type: string
  /** Uppy's `allowedMetaFields`. */
  readonly metadata: { readonly [name: string]: string }
  /** Of the page's request to this server: its cookies, its session's token. */
  readonly headers: Headers.Headers
}

/**
 * Where a file goes, and what is stored with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface UppyTarget {
  readonly key: string
  /** Default: the type that the browser says. */
  readonly contentType?: string | undefined
  /** Stored with the object. Default: none of what the page sends. */
  readonly metadata?: { readonly [name: string]: string } | undefined
}

/**
 * A step of an upload in parts that has been begun.
 *
 * @since 0.1.0
 * @category models
 */
export interface UppyStep {
  readonly operation: "uploadPart" | "listParts" | "completeMultipartUpload" | "abortMultipartUpload"
  readonly key: string
  readonly uploadId: string
  readonly headers: Headers.Headers
}

/**
 * What pages may upload.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<R = never> {
  /** Gives a file its key, or refuses it with `SigningHandler.refuse`. */
  readonly authorize: (file: UppyFile) => Effect.Effect<UppyTarget, SigningRefused, R>
  /**
   * Succeeds for the steps that this user may take. Default: whoever knows the id of an upload, which cannot be guessed, may
   * go on with it.
   */
  readonly authorizeStep?: ((step: UppyStep) => Effect.Effect<void, SigningRefused, R>) | undefined
  /** What keys begin with, also those that pages name in later steps. Default: nothing. */
  readonly prefix?: string | undefined
  /** Origins of pages beside the server's own. Default: none. */
  readonly origins?: ReadonlyArray<string> | undefined
  /** How long a URL or a form holds. Default 15 minutes. */
  readonly expiresIn?: Duration.DurationInput | undefined
}

const File = Schema.Struct({
  filename: Schema.String,
  type: Schema.optional(Schema.NullOr(Schema.String)),
  metadata: Schema.optional(Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.Unknown })))
})

const Parts = Schema.Struct({
  parts: Schema.Array(
    Schema.Struct({ PartNumber: Schema.Union(Schema.Number, Schema.NumberFromString), ETag: Schema.String })
  )
})

const readFile = Schema.decodeUnknown(Schema.parseJson(File))
const readParts = Schema.decodeUnknown(Schema.parseJson(Parts))

/** Of one `batch`, which signs a URL for each. Uppy asks for as many as it uploads at once. */
const maxPartNumbers = 100

/** Throws for what is no text, also for lists within lists: each level would copy all that is in it. */
const textOf = (value: unknown): string => {
  if (Array.isArray(value) && value.some(Array.isArray)) throw new TypeError("a list within a list")
  return String(value)
}

/** The path below wherever the handler is mounted. */
const route = /\/(params|multipart)(?:\/([^/]+)(?:\/([^/]*))?)?$/

const handleUppy = <R>(options: Options<R>) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { headers, method } = request
    if (!web.isOwnOrigin(headers, options.origins ?? [])) {
      return yield* refuse(`the origin ${headers.origin} is not among those allowed`, "ForeignOrigin")
    }
    const [path, searchParams] = web.partsOf(request.url)
    const [, what, id, step] = route.exec(path) ?? []
    const expiresIn = options.expiresIn ?? "15 minutes"
    const seconds = () => Math.floor(Duration.toSeconds(expiresIn))

    const within = (key: string) =>
      key.startsWith(options.prefix ?? "") && !ObjectKey.hasDotSegments(key)
        ? Effect.succeed(key)
        : refuse(`${key} is outside of what is allowed`, "PathNotAllowed")
    const targetOf = ({ filename, metadata, type }: typeof File.Type) =>
      Effect.gen(function* () {
        const texts = yield* Effect.try({
          try: () => Object.entries(metadata ?? {}).map(([name, value]) => [name, textOf(value)]),
          catch: () => invalidInput("UppyHandler", "metadata", "must be texts")
        })
        const file = { filename, type: type ?? "", metadata: Object.fromEntries(texts), headers }
        const target = yield* options.authorize(file)
        yield* within(target.key)
        const contentType = target.contentType ?? (file.type === "" ? undefined : file.type)
        return { key: target.key, metadata: target.metadata, contentType }
      })

    if (what === "params" && method === "GET") {
      const metadata = Array.from(searchParams, ([name, value]) => [/^metadata\[(.*)\]$/.exec(name)?.[1], value])
      const target = yield* targetOf({
        filename: searchParams.get("filename") ?? "",
        type: searchParams.get("type"),
        metadata: Object.fromEntries(metadata.filter(([name]) => name !== undefined))
      })
      const form = yield* Presign.form({ ...target, successActionStatus: 201 }, { expiresIn })
      return { method: "POST", url: form.url, fields: Redacted.value(form.fields), expires: seconds() }
    }
    if (what !== "multipart") return undefined
    if (id === undefined) {
      if (method !== "POST") return undefined
      const target = yield* targetOf(yield* readFile(yield* web.smallText(request)))
      const { bucket, key, uploadId } = yield* multipart.initiateMultipartUpload(target)
      return { key, uploadId, bucket }
    }

    const uploadId = yield* Effect.try({
      try: () => decodeURIComponent(id),
      catch: () => invalidInput("UppyHandler", "uploadId", "must be percent-encoded")
    })
    const key = yield* within(searchParams.get("key") ?? "")
    const allow = (operation: UppyStep["operation"]) =>
      options.authorizeStep?.({ operation, key, uploadId, headers }) ?? Effect.void
    const partUrl = (partNumber: number) =>
      Effect.map(
        Presign.request(multipart.uploadPart, { key, uploadId, partNumber, body: "" }, { expiresIn }),
        ({ url }) => Redacted.value(url)
      )
    if (method === "GET" && step === undefined) {
      yield* allow("listParts")
      const parts = yield* Stream.runCollect(multipart.listParts.items({ key, uploadId }))
      return Chunk.toArray(parts).map(({ eTag, partNumber, size }) => ({
        PartNumber: partNumber,
        ETag: eTag,
        Size: size
      }))
    }
    if (method === "GET" && step === "batch") {
      yield* allow("uploadPart")
      const numbers = (searchParams.get("partNumbers") ?? "").split(",", maxPartNumbers + 1).map(Number)
      if (numbers.length > maxPartNumbers) {
        return yield* invalidInput("UppyHandler", "partNumbers", `must be at most ${maxPartNumbers} numbers`)
      }
      const urls = yield* Effect.forEach(numbers, (number) => Effect.map(partUrl(number), (url) => [number, url]))
      return { presignedUrls: Object.fromEntries(urls) }
    }
    if (method === "GET") {
      yield* allow("uploadPart")
      return { url: yield* partUrl(Number(step)), expires: seconds() }
    }
    if (method === "POST" && step === "complete") {
      yield* allow("completeMultipartUpload")
      const { parts } = yield* readParts(yield* web.smallText(request))
      const completed = yield* multipart.completeMultipartUpload({
        key,
        uploadId,
        parts: parts
          .map(({ ETag, PartNumber }) => ({ partNumber: PartNumber, eTag: ETag }))
          .sort((a, b) => a.partNumber - b.partNumber)
      })
      return { location: yield* Presign.objectUrl({ key }), bucket: completed.bucket, key }
    }
    if (method === "DELETE" && step === undefined) {
      yield* allow("abortMultipartUpload")
      yield* multipart.abortMultipartUpload({ key, uploadId })
      return {}
    }
    return undefined
  })

const failed = (status: number, error: string) => Effect.succeed(web.json(status, { error, message: error }))

/**
 * Handles what `@uppy/aws-s3` asks, below any path that ends in `/s3` as Companion's does: for a router of
 * `@effect/platform`. What is refused is 403, what the service refuses 400, each `{ error }`.
 *
 * @since 0.1.0
 * @category handlers
 */
export const httpApp = <R>(options: Options<R>): HttpApp.Default<never, CosClient | R> =>
  web.handle(
    { methods: ["GET", "POST", "DELETE"], origins: options.origins ?? [] },
    handleUppy(options).pipe(
      Effect.flatMap(
        (found): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
          found === undefined ? failed(404, "there is nothing here") : Effect.succeed(web.json(200, found))
      ),
      Effect.catchAll((error) => {
        switch (error._tag) {
          case "SigningRefused":
            return failed(403, error.message)
          case "ParseError":
          case "BrokenOff":
            return failed(400, "the request cannot be read")
          case "TooLarge":
            return failed(413, "the request is too large")
          case "NoSuchUpload":
            return failed(404, "there is no such upload")
          case "InvalidInput":
            return failed(400, error.reason)
          default:
            return Effect.zipRight(Effect.logError("an upload failed", error), failed(400, error._tag))
        }
      })
    )
  )

/**
 * {@link httpApp} as a function from `Request` to `Response`; `layer` gives it its client. `dispose` ends the client.
 *
 * @since 0.1.0
 * @category handlers
 */
export const toWebHandler = <R, E>(
  options: Options<R>,
  layer: Layer.Layer<CosClient | R, E>
): { readonly handler: (request: Request) => Promise<Response>; readonly dispose: () => Promise<void> } =>
  HttpApp.toWebHandlerLayer(httpApp(options), layer)
