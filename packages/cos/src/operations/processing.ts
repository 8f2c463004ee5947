import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as Body from "../Body.js"
import { CosClient } from "../CosClient.js"
import * as CosError from "../CosError.js"
import type * as Endpoint from "../Endpoint.js"
import { requestIdOf } from "../internal/http/headers.js"
import type { HttpMethod } from "../internal/http/request.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as images from "../internal/operation/imageCodecs.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/processing.js"

const errors = [
  CosError.NoSuchKey,
  CosError.NoSuchBucket,
  CosError.InvalidObjectState,
  CosError.InvalidArgument,
  CosError.InvalidRequest
] as const

/** What stands beside the bytes that a processing makes. */
const made = {
  contentType: Schema.optional(Operation.fromHeader("Content-Type", Schema.String)),
  /** Bytes; absent when the service sends them in chunks. */
  contentLength: Schema.optional(Operation.fromHeader("Content-Length", c.ContentLength)),
  eTag: Schema.optional(Operation.fromHeader("ETag", c.ETag)),
  lastModified: Schema.optional(Operation.fromHeader("Last-Modified", c.HttpDate))
}

/**
 * Reads an object through a rule of image processing, such as `imageMogr2/thumbnail/200x`. With `Presign.url`, the link to
 * a thumbnail. Needs Cloud Infinite to be bound to the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/40592
 * @since 0.1.0
 * @category processing
 */
export const processObject: types.ProcessingOperations["processObject"] = Operation.make({
  name: "processObject",
  method: "GET",
  target: "object",
  permissions: { actions: ["PutObject"] },
  doc: "https://www.tencentcloud.com/document/product/436/40592",
  params: {
    /** The rule, or several joined by `|`. */
    rule: Operation.required(
      Operation.param<string>({
        place: "query",
        wireName: "(rule)",
        write: (draft, rule) => {
          if (rule === "") return "must not be empty"
          draft.query.push([rule, ""])
          return undefined
        }
      })
    ),
    ...fields.version
  },
  success: Operation.body(Schema.Struct(made)),
  errors
})

/**
 * Makes new objects of an image, by up to 5 rules.
 *
 * @see https://www.tencentcloud.com/document/product/436/40592
 * @since 0.1.0
 * @category processing
 */
export const imageProcess: types.ProcessingOperations["imageProcess"] = Operation.make({
  name: "imageProcess",
  method: "POST",
  target: "object",
  subresource: "image_process",
  idempotent: true,
  permissions: { actions: ["PutObject"] },
  doc: "https://www.tencentcloud.com/document/product/436/40592",
  params: {
    /** What is made, and where it is stored. */
    operations: Operation.required(fields.picOperations.picOperations)
  },
  root: "UploadResult",
  success: Schema.Struct(fields.uploadResult),
  errors
})

/**
 * Describes an image of up to 32 MB.
 *
 * @see https://www.tencentcloud.com/document/product/436/36375
 * @since 0.1.0
 * @category processing
 */
export const imageInfo: types.ProcessingOperations["imageInfo"] = Operation.make({
  name: "imageInfo",
  method: "GET",
  target: "object",
  subresource: "imageInfo",
  permissions: { actions: ["GetObject"] },
  doc: "https://www.tencentcloud.com/document/product/436/36375",
  params: fields.version,
  success: c.wholeBody(images.ImageInfoJson),
  errors
})

/**
 * Runs a synchronous processing of Cloud Infinite by its name, such as `snapshot`: the door to those that have no operation
 * of their own here. The format of the response depends on it: bytes of an image, JSON, or XML.
 *
 * @see https://www.tencentcloud.com/document/product/436/49404
 * @since 0.1.0
 * @category processing
 */
export const ciProcess: types.ProcessingOperations["ciProcess"] = Operation.make({
  name: "ciProcess",
  method: "GET",
  target: "object",
  permissions: { actions: ["GetObject"] },
  doc: "https://www.tencentcloud.com/document/product/436/49404",
  params: {
    /** Its name. */
    process: Operation.required(Operation.query("ci-process")),
    /** Its parameters, by the names it gives them. */
    parameters: Operation.param<{ readonly [name: string]: string }>({
      place: "query",
      wireName: "(parameters)",
      write: (draft, parameters) => {
        draft.query.push(...Object.entries(parameters))
        return undefined
      }
    })
  },
  success: Operation.body(Schema.Struct(made)),
  errors
})

/**
 * Text that is written over a preview in HTML.
 *
 * @since 0.1.0
 * @category processing
 */
export interface PreviewWatermark {
  readonly text: string
  /** A colour of CSS. Default `rgba(192,192,192,0.6)`. */
  readonly fillStyle?: string | undefined
  /** A font of CSS. Default `bold 20px Serif`. */
  readonly font?: string | undefined
  /** Degrees: 0 to 360. Default 315. */
  readonly rotate?: number | undefined
  /** Pixels between two texts. Default 50. */
  readonly horizontal?: number | undefined
  /** Pixels between two lines. Default 100. */
  readonly vertical?: number | undefined
}

/** `1` and `0`. */
const BinaryFlag: Schema.Schema<boolean, string> = Schema.transform(Schema.String, Schema.Boolean, {
  strict: true,
  decode: (text) => text === "1",
  encode: (value) => (value ? "1" : "0")
})

/**
 * Renders a page of a document (or all of it, as PDF or HTML). With `Presign.url`, the link to a preview.
 *
 * @see https://www.tencentcloud.com/document/product/436/49404
 * @since 0.1.0
 * @category processing
 */
export const docPreview: types.ProcessingOperations["docPreview"] = Operation.make({
  name: "docPreview",
  method: "GET",
  target: "object",
  fixed: [["ci-process", "doc-preview"]],
  permissions: { actions: ["GetObject"] },
  doc: "https://www.tencentcloud.com/document/product/436/49404",
  params: {
    /** What is made. Default `jpg`. `pdf` and `html` are of the whole document. */
    dstType: Operation.query("dstType", c.oneOf("jpg", "png", "pdf", "html")),
    /** From 1, the default; of a spreadsheet, the page of its `sheet`. */
    page: Operation.query("page", c.integer(1, Number.MAX_SAFE_INTEGER, "an integer from 1")),
    /** The sheet of a spreadsheet, from 1, the default. */
    sheet: Operation.query("sheet", c.integer(1, Number.MAX_SAFE_INTEGER, "an integer from 1")),
    /** The type of the document, if its key has no extension. */
    srcType: Operation.query("srcType"),
    /** The password of a protected document. It is part of the URL. */
    password: Operation.query("password"),
    /** Image processing of the page. */
    imageParams: Operation.query("ImageParams"),
    /** Whether comments and revisions are shown. Default `false`. */
    comment: Operation.query("comment", BinaryFlag),
    /** Of an image: 1 to 100, the default. */
    quality: Operation.query("quality", c.integer(1, 100, "an integer from 1 to 100")),
    /** Percent that a page is enlarged or reduced by: 10 to 200. Default 100. */
    zoom: Operation.query("zoom", c.integer(10, 200, "an integer from 10 to 200")),
    /** Percent of the image's width and height: 10 to 200. */
    scale: Operation.query("scale", c.integer(10, 200, "an integer from 10 to 200")),
    /** Dots per inch: 96, the default, to 600. */
    imageDpi: Operation.query("imageDpi", c.integer(96, 600, "an integer from 96 to 600")),
    /** Of a spreadsheet: 0, the default, for upright paper, 1 for landscape. */
    excelPaperDirection: Operation.query("excelPaperDirection", c.integer(0, 1, "0 or 1")),
    /** Of a spreadsheet: the size of the paper, by its number. Default 0, A4. */
    excelPaperSize: Operation.query("excelPaperSize", c.Count),
    /** Of a spreadsheet: 1 puts all rows onto one page. Default 0. */
    excelRow: Operation.query("excelRow", c.integer(0, 1, "0 or 1")),
    /** Of a spreadsheet: 1 puts all columns onto one page. Default 0. */
    excelCol: Operation.query("excelCol", c.integer(0, 1, "0 or 1")),
    /** Of a text: whether it is cut into pages. Default `false`. */
    txtPagination: Operation.query("txtPagination", c.Flag),
    /** As the service names it. */
    type: Operation.query("type"),
    /** Text that is written over a preview in HTML. */
    watermark: Operation.param<PreviewWatermark>({
      place: "query",
      wireName: "html{waterword,fillstyle,front,rotate,horizontal,vertical}",
      write: (draft, watermark) => {
        const { text } = watermark
        if (typeof text !== "string" || text === "") return "must have a text"
        const sent: ReadonlyArray<readonly [name: string, value: string | undefined]> = [
          ["waterword", Encoding.encodeBase64Url(text)],
          ["fillstyle", watermark.fillStyle && Encoding.encodeBase64Url(watermark.fillStyle)],
          ["front", watermark.font && Encoding.encodeBase64Url(watermark.font)],
          ["rotate", watermark.rotate?.toString()],
          ["horizontal", watermark.horizontal?.toString()],
          ["vertical", watermark.vertical?.toString()]
        ]
        for (const [name, value] of sent) if (value !== undefined) draft.query.push([`html${name}`, value])
        return undefined
      }
    })
  },
  success: Operation.body(
    Schema.Struct({
      ...made,
      /** Pages of the document, or of the sheet. */
      totalPages: Schema.optional(Operation.fromHeader("X-Total-Page", c.Count)),
      totalSheets: Schema.optional(Operation.fromHeader("X-Total-Sheet", c.Count))
    })
  ),
  errors
})

/**
 * A request to COS or Cloud Infinite that no operation makes.
 *
 * @since 0.1.0
 * @category models
 */
export interface RawRequest {
  readonly method: HttpMethod
  /**
   * Default `bucket`. `service` is `service.cos.myqcloud.com`, with a region `cos.<region>.myqcloud.com`; `processing`
   * `<bucket>.ci.<region>.myqcloud.com`; `control` `<uin>.cos-control.<region>.myqcloud.com`, with the header
   * `x-cos-appid`. Any other is given by its URL; where that is not a host of COS or of the client's endpoint, `sign` must
   * say whether it may have the signature and the token.
   */
  readonly host?: "bucket" | "service" | "processing" | "control" | Endpoint.GivenHost | undefined
  /** Default: `CosClient.withBucket`, then the client's settings. */
  readonly bucket?: string | undefined
  /** Default: `CosClient.withBucket`, then the client's settings. */
  readonly region?: string | undefined
  /** The account, such as `100000000001`, where the host is `control`. */
  readonly uin?: string | undefined
  /** The path without its first `/`, not encoded: a key, or such as `jobs`. Default: none. */
  readonly key?: string | undefined
  readonly query?: { readonly [name: string]: string } | undefined
  readonly headers?: { readonly [name: string]: string } | undefined
  readonly body?: Body.Input | undefined
  /** Whether sending it twice is the same as sending it once: else it is not retried. Default: all but POST. */
  readonly idempotent?: boolean | undefined
}

/**
 * The response to a request that no operation makes.
 *
 * @since 0.1.0
 * @category models
 */
export interface RawResponse {
  readonly status: number
  /** `x-cos-request-id`, of data processing `x-ci-request-id`. */
  readonly requestId: string | undefined
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: Stream.Stream<Uint8Array, CosError.BodyError>
}

/**
 * What {@link request} fails with.
 *
 * @since 0.1.0
 * @category processing
 */
export type RequestError = CosError.Common | CosError.SourceFailed | CosError.SourceChanged

/**
 * Sends a request that no operation makes, signed and retried as every other; a status that is not 2xx is an error. Where a
 * request is made more than once, declare it with `Operation.make`: then its input and output have types.
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { CosXml } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * const job = (id: string) =>
 *   Effect.scoped(
 *     Effect.gen(function* () {
 *       const response = yield* Cos.request({ method: "GET", host: "processing", key: `jobs/${id}` })
 *       return yield* CosXml.parse(yield* Stream.mkString(Stream.decodeText(response.body)))
 *     })
 *   )
 * ```
 *
 * @since 0.1.0
 * @category processing
 */
export const request = (input: RawRequest): Effect.Effect<RawResponse, RequestError, CosClient | Scope.Scope> =>
  Effect.flatMap(CosClient, (client) =>
    client.executeScoped(
      {
        operation: "request",
        method: input.method,
        host: input.host ?? "bucket",
        bucket: input.bucket,
        region: input.region,
        uin: input.uin,
        key: input.key,
        query: Object.entries(input.query ?? {}),
        headers: Object.entries(input.headers ?? {}),
        body: input.body === undefined ? undefined : Body.fromInput(input.body),
        copySource: undefined,
        idempotent: input.idempotent ?? input.method !== "POST"
      },
      [],
      ({ headers, status, stream }) =>
        Effect.succeed({
          status,
          requestId: requestIdOf(headers),
          headers,
          body: stream
        })
    )
  ) as Effect.Effect<RawResponse, RequestError, CosClient | Scope.Scope>
