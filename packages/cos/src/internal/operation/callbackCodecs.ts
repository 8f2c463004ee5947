/** The values of upload callbacks. */
import * as Schema from "effect/Schema"
import { renamed } from "./codecs.js"

/**
 * What COS sends to a server of yours once the object is stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadCallback {
  /** 1 to 5 URLs, without `;`, which are tried in turn until one of them responds with success. */
  readonly url: string | ReadonlyArray<string>
  /** The header `Host` of that request. Default: the host of the URL. */
  readonly host?: string | undefined
  /** Its body, in which `${bucket}`, `${object}`, `${size}`, `${etag}`, `${x:name}` and others are replaced. */
  readonly body: string
  /** Default `application/x-www-form-urlencoded`. */
  readonly bodyType?: "application/x-www-form-urlencoded" | "application/json" | undefined
}

/** JSON in Base64. */
const Base64Json = <A, I extends object>(schema: Schema.Schema<A, I>): Schema.Schema<A, string> =>
  Schema.compose(Schema.StringFromBase64, Schema.parseJson(schema))

const CallbackJson = Base64Json(
  Schema.Struct({
    callbackUrl: Schema.String,
    callbackHost: Schema.optional(Schema.String),
    callbackBody: Schema.String,
    callbackBodyType: Schema.optional(Schema.Literal("application/x-www-form-urlencoded", "application/json"))
  })
)

const isUrlList = (urls: ReadonlyArray<unknown>): boolean =>
  urls.length >= 1 && urls.length <= 5 && urls.every((url) => typeof url === "string" && /^[^;\s]+$/.test(url))

const bodyTypes = ["application/x-www-form-urlencoded", "application/json", undefined] as const

const isUploadCallback = (value: unknown): value is UploadCallback => {
  if (typeof value !== "object" || value === null) return false
  const { body, bodyType, host, url } = value as { readonly [name in keyof UploadCallback]: unknown }
  return (
    isUrlList(Array.isArray(url) ? url : [url]) &&
    typeof body === "string" &&
    body !== "" &&
    (host === undefined || (typeof host === "string" && host !== "")) &&
    (bodyTypes as ReadonlyArray<unknown>).includes(bodyType)
  )
}

export const UploadCallback: Schema.Schema<UploadCallback, string> = Schema.transform(
  CallbackJson,
  Schema.declare(isUploadCallback).annotations({
    description: "1 to 5 URLs without blanks and ;, a body that is not empty, and one of the two types of a body"
  }),
  {
    strict: true,
    decode: ({ callbackBody, callbackBodyType, callbackHost, callbackUrl }) => ({
      url: callbackUrl.split(";"),
      host: callbackHost,
      body: callbackBody,
      bodyType: callbackBodyType
    }),
    encode: ({ body, bodyType, host, url }) => ({
      callbackUrl: typeof url === "string" ? url : url.join(";"),
      callbackHost: host,
      callbackBody: body,
      callbackBodyType: bodyType
    })
  }
)

const Variables = Schema.Record({ key: Schema.String, value: Schema.String })

/** The variables `${x:name}` of a callback, by `name`. */
export const CallbackVariables: Schema.Schema<{ readonly [name: string]: string }, string> = Schema.transform(
  Base64Json(Variables),
  Variables,
  {
    strict: true,
    decode: (variables) => renamed(variables, (name) => name.replace(/^x:/, "")) as { [name: string]: string },
    encode: (variables) => renamed(variables, (name) => `x:${name}`) as { [name: string]: string }
  }
)
