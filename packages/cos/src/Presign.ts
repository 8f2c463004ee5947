/**
 * Requests that others can send: signed with the access key of this client, and valid until they expire, for example in a
 * browser: {@link url} for a link, {@link request} (PUT) or {@link form} (POST) for an upload.
 *
 * These functions send nothing. Whoever has what they make can send that one request, so its secrets are `Redacted`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { CosClient, type Presigned } from "./CosClient.js"
import * as CosError from "./CosError.js"
import { invalidInput } from "./internal/encoding/invalidInput.js"
import { maxRequestBytes } from "./internal/encoding/size.js"
import type { Request } from "./internal/http/request.js"
import * as fields from "./internal/operation/fields.js"
import * as Operation from "./Operation.js"
import type { PutObjectInput } from "./operations/generated/object.js"
import * as Signature from "./Signature.js"

export type {
  /**
   * What whoever sends the request needs: method, URL, headers and body, and until when.
   *
   * @since 0.1.0
   * @category models
   */
  Presigned
}

/**
 * How long a signature is valid.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * At least 1 second. Default 15 minutes. Never longer than the keys themselves are valid: temporary keys end what was
   * signed with them.
   */
  readonly expiresIn?: Duration.DurationInput | undefined
}

/**
 * What presigning can fail with: nothing is sent.
 *
 * @since 0.1.0
 * @category errors
 */
export type PresignError = CosError.InvalidInput | CosError.CredentialsError

const validity = (options: Options | undefined): Duration.DurationInput => options?.expiresIn ?? "15 minutes"

/**
 * A request of any operation, signed: whoever has it can send it, with exactly its `headers`, until `expiresAt`.
 *
 * The URL is text: a `URL` object would rewrite keys with `.` and `..` segments. The host is signed too, unless the
 * client's `signHost` is off.
 *
 * ```ts
 * import { Effect, Redacted } from "effect"
 * import { Presign } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * const forBrowser = Effect.gen(function* () {
 *   const { expiresAt, headers, method, url } = yield* Presign.request(
 *     Cos.putObject,
 *     { key: "photos/1.png", contentType: "image/png" },
 *     { expiresIn: "10 minutes" }
 *   )
 *   return { expiresAt, headers, method, url: Redacted.value(url) }
 * })
 * ```
 *
 * Source: "Request Signature", https://www.tencentcloud.com/document/product/436/7778
 *
 * @since 0.1.0
 * @category presigning
 */
export const request = <I>(
  operation: Operation.Has<I, unknown, unknown>,
  input: NoInfer<I>,
  options?: Options
): Effect.Effect<Presigned, PresignError, CosClient> =>
  Effect.flatMap(Operation.request(operation.spec, input as object), (request) =>
    Effect.flatMap(CosClient, (client) => client.presign(withQueryLimit(request), validity(options)))
  )

/** The header that the service also reads from the query, where a link can carry it. */
const trafficLimit = "x-cos-traffic-limit"

const withQueryLimit = (request: Request): Request => {
  const limit = request.headers.filter(([name]) => name === trafficLimit)
  return limit.length === 0
    ? request
    : {
        ...request,
        headers: request.headers.filter(([name]) => name !== trafficLimit),
        query: [...request.query, ...limit]
      }
}

/**
 * The URL of {@link request}, for inputs that put nothing into headers or a body, which a URL cannot carry: those are an
 * `InvalidInput` that names the header. For links and `<img>`; for an upload use {@link request}.
 *
 * ```ts
 * import { Presign } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * const link = Presign.url(Cos.getObject, { key: "report.pdf", responseContentDisposition: "attachment" })
 * const thumbnail = Presign.url(Cos.processObject, { key: "cat.png", rule: "imageMogr2/thumbnail/200x" })
 * ```
 *
 * @since 0.1.0
 * @category presigning
 */
export const url = <I>(
  operation: Operation.Has<I, unknown, unknown>,
  input: NoInfer<I>,
  options?: Options
): Effect.Effect<Redacted.Redacted<string>, PresignError, CosClient> =>
  Effect.flatMap(request(operation, input, options), ({ body, headers, url }) => {
    const field = body === undefined ? Object.keys(headers)[0] : "body"
    if (field === undefined) return Effect.succeed(url)
    const rule = "must be absent, since a URL cannot carry it: use Presign.request"
    return Effect.fail(invalidInput(operation.spec.name, field, rule))
  })

/**
 * What {@link objectUrl} takes.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectUrlInput {
  /** Default: `CosClient.withBucket`, then the client's settings. */
  readonly bucket?: string | undefined
  /** Default: `CosClient.withBucket`, then the client's settings. */
  readonly region?: string | undefined
  /** 1 to 850 bytes of UTF-8, not beginning with `/`. Default: none, for the URL of the bucket. */
  readonly key?: string | undefined
  readonly versionId?: string | undefined
  /** More parameters, such as a rule of image processing: `{ "imageMogr2/thumbnail/200x": "" }`. */
  readonly query?: { readonly [name: string]: string } | undefined
}

/**
 * The URL of an object, or of a bucket, unsigned: for what everyone may read. It never expires and needs no access key.
 *
 * @since 0.1.0
 * @category urls
 */
export const objectUrl = (input: ObjectUrlInput): Effect.Effect<string, CosError.InvalidInput, CosClient> =>
  Effect.gen(function* () {
    const { key, query, ...rest } = input
    const request = yield* Operation.request(plain.spec, { ...rest, extra: { query } })
    const { url } = yield* (yield* CosClient).locate({ ...request, key })
    return url
  })

const plain = Operation.make({
  name: "objectUrl",
  method: "GET",
  target: "bucket",
  doc: "https://www.tencentcloud.com/document/product/436/6224",
  params: fields.version,
  success: Schema.Void,
  errors: []
})

// ---------------------------------------------------------------------------------------------------------------------
// Forms
// ---------------------------------------------------------------------------------------------------------------------

const SuccessStatus = Schema.compose(Schema.NumberFromString, Schema.Literal(200, 201, 204)).annotations({
  description: "200, 201 or 204"
})

/** A form may fix what a request may say in headers, under the same names except for `acl`. */
const postObject = Operation.make({
  name: "postObject",
  method: "POST",
  target: "object",
  doc: "https://www.tencentcloud.com/document/product/436/14690",
  params: {
    ...fields.content,
    overwrite: fields.creation.overwrite,
    ...fields.customerKey,
    ...fields.callback,
    /** Base64 of the file's MD5. */
    contentMd5: Operation.header("Content-MD5"),
    ...fields.trafficLimit,
    /** The status of success: 200, 201 or 204. Default 204. */
    successActionStatus: Operation.header("success_action_status", SuccessStatus),
    /**
     * Where the browser is sent after success, with `bucket`, `key` and `etag` in the query. The status is then that of
     * the redirect.
     */
    successActionRedirect: Operation.header("success_action_redirect")
  },
  success: Schema.Void,
  errors: []
})

/**
 * What is fixed in a form. In `key`, `${filename}` stands for the name of the file that is chosen. `extra.headers` are
 * more fields.
 *
 * @since 0.1.0
 * @category models
 */
export interface FormInput
  extends Omit<
    PutObjectInput,
    | "body"
    | "contentSha1"
    | "storeMd5"
    | "mimeLimit"
    | "picOperations"
    | "expectContinue"
    | "onProgress"
    | "progressInterval"
  > {
  /** The status of success: 200, 201 or 204. Default 204. */
  readonly successActionStatus?: 200 | 201 | 204 | undefined
  /**
   * Where the browser is sent after success, with `bucket`, `key` and `etag` in the query. `successActionStatus` is then
   * without effect.
   */
  readonly successActionRedirect?: string | undefined
}

/**
 * The limits of a form.
 *
 * @since 0.1.0
 * @category models
 */
export interface FormOptions extends Options {
  /** Bytes that the file may have: up to 5 GB. Default: any number. */
  readonly size?: { readonly min?: number | undefined; readonly max: number } | undefined
  /**
   * More conditions, such as `["starts-with", "$Content-Type", "image/"]`. A field that one of them restricts must be in
   * the form that is sent: put it there.
   */
  readonly conditions?: ReadonlyArray<Signature.Condition> | undefined
}

/**
 * A form that uploads one file.
 *
 * @since 0.1.0
 * @category models
 */
export interface Form {
  /** Where the form is sent, as `multipart/form-data`. */
  readonly url: string
  /** All but the field `file`, which goes last. They carry the signature: whoever has them can upload. */
  readonly fields: Redacted.Redacted<{ readonly [name: string]: string }>
  readonly expiresAt: Date
}

const isSize = ({ max, min = 0 }: { readonly min?: number | undefined; readonly max: number }): boolean =>
  Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0 && min <= max && max <= maxRequestBytes

/**
 * A form for browsers that uploads a file of up to 5 GB straight to the bucket, within what its policy fixes: each field
 * given here, and the conditions.
 *
 * ```ts
 * import { Effect, Redacted } from "effect"
 * import { Presign } from "effect-cos"
 *
 * const upload = (file: File) =>
 *   Effect.gen(function* () {
 *     const form = yield* Presign.form(
 *       { key: "inbox/${filename}", acl: "private", successActionStatus: 200 },
 *       { expiresIn: "5 minutes", size: { max: 10 * 1024 * 1024 } }
 *     )
 *     const data = new FormData()
 *     for (const [name, value] of Object.entries(Redacted.value(form.fields))) data.append(name, value)
 *     data.append("file", file)
 *     return yield* Effect.promise(() => fetch(form.url, { method: "POST", body: data }))
 *   })
 * ```
 *
 * Source: "POST Object", https://www.tencentcloud.com/document/product/436/14690
 *
 * @since 0.1.0
 * @category forms
 */
export const form: (input: FormInput, options?: FormOptions) => Effect.Effect<Form, PresignError, CosClient> =
  Effect.fnUntraced(function* (input: FormInput, options?: FormOptions) {
    const client = yield* CosClient
    const { key, ...draft } = yield* Operation.request(postObject.spec, input)
    // Located twice: with the key for the checks, and without it for the URL.
    yield* client.locate({ ...draft, key })
    const { request, url } = yield* client.locate({ ...draft, key: undefined })
    if (options?.size !== undefined && !isSize(options.size)) {
      const rule = `must be { min, max } in bytes, with 0 <= min <= max <= ${maxRequestBytes}`
      return yield* invalidInput(request.operation, "size", rule)
    }
    const { accessKey, keyTime } = yield* client.signingWindow(request.operation, validity(options))
    const expiresAt = new Date(keyTime.end * 1000)
    const given: ReadonlyArray<readonly [string, string]> = request.headers.map(([name, value]) =>
      name === "x-cos-acl" ? ["acl", value] : [name, value]
    )
    const fields: { [name: string]: string } = { key: input.key, ...Object.fromEntries(given) }
    if (accessKey === undefined) return { url, fields: Redacted.make(fields), expiresAt }

    const policy = Signature.policy({
      expiration: expiresAt,
      conditions: [
        { bucket: request.bucket ?? "" },
        keyCondition(input.key),
        ...given.map(([name, value]) => ({ [name]: value })),
        ...(options?.size === undefined
          ? []
          : [["content-length-range", options.size.min ?? 0, options.size.max] as const]),
        ...(options?.conditions ?? [])
      ],
      secretId: accessKey.secretId,
      keyTime
    })
    const signed = Signature.signPolicy(client.hash, {
      policy,
      secretId: accessKey.secretId,
      secretKey: Redacted.value(accessKey.secretKey),
      keyTime
    })
    Object.assign(fields, signed)
    if (accessKey.token !== undefined) fields["x-cos-security-token"] = Redacted.value(accessKey.token)
    return { url, fields: Redacted.make(fields), expiresAt }
  })

/** The name of the file is not known yet, so the condition covers only what stands before it. */
const keyCondition = (key: string): Signature.Condition => {
  const at = key.search(/\$\{filename\}/)
  return at === -1 ? { key } : ["starts-with", "$key", key.slice(0, at)]
}
