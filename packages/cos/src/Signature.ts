/**
 * The request signature of COS, `q-sign-algorithm=sha1`, as pure synchronous functions over a {@link Hash.Service}.
 *
 * The client signs with it on every attempt; a server that lets browsers talk to COS can sign for them with the same
 * functions. Nothing here reads a clock, an environment or a credential store.
 *
 * Source: "Request Signature", https://www.tencentcloud.com/document/product/436/7778
 *
 * @since 0.1.0
 */
import * as Encoding from "effect/Encoding"
import type { Hash } from "./Hash.js"
import * as percent from "./internal/encoding/percent.js"
import * as canonical from "./internal/signing/canonical.js"
import * as explanation from "./internal/signing/explain/explain.js"
import type { ExplainInput, Explanation, Refusal } from "./internal/signing/explain/model.js"

/**
 * A validity window in unix seconds, both ends included.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeyTime {
  readonly start: number
  readonly end: number
}

/**
 * What is signed. The server checks exactly the listed names, so sign only what reaches it unchanged: leave out headers
 * that the HTTP layer may add, drop or rewrite.
 *
 * @since 0.1.0
 * @category models
 */
export interface Input {
  /** Any case; signed in lower case. */
  readonly method: string
  /** The decoded path, beginning with `/`: `/` and the key as it is, not percent-encoded. No bucket. */
  readonly pathname: string
  /** Decoded names and values; a parameter without a value has the value `""`. A name may occur once. */
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  /** Every header given is signed: choose with {@link isSignedHeader}. Names in any case; a name may occur once. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly secretId: string
  readonly secretKey: string
  /** How long the signing key is valid (`q-key-time`). */
  readonly keyTime: KeyTime
  /** How long this signature is valid (`q-sign-time`). Default: `keyTime`, as all official SDKs do. */
  readonly signTime?: KeyTime | undefined
}

/**
 * A signature and the steps that led to it, for comparison with what a server computed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Signed {
  /** The value of the `Authorization` header. */
  readonly authorization: string
  /** `q-header-list`: the signed header names, sorted, joined by `;`. */
  readonly headerList: string
  /** `q-url-param-list`: the signed parameter names, sorted, joined by `;`. */
  readonly urlParamList: string
  /** Step 2. A secret: whoever has it can sign anything within `keyTime`. */
  readonly signKey: string
  /** Step 5; error documents call it `FormatString`. */
  readonly httpString: string
  /** Step 6. */
  readonly stringToSign: string
  /** Step 7, 40 hex digits. */
  readonly signature: string
}

/**
 * What is signed of a POST Object form.
 *
 * @since 0.1.0
 * @category models
 */
export interface PolicyInput {
  /** The policy document, JSON text: see {@link policy}. */
  readonly policy: string
  readonly secretId: string
  readonly secretKey: string
  /** Must be the `q-sign-time` condition of the policy. */
  readonly keyTime: KeyTime
}

/**
 * The form fields that carry the signature; they come before the field `file`.
 *
 * @since 0.1.0
 * @category models
 */
export interface SignedPolicy {
  readonly policy: string
  readonly "q-sign-algorithm": "sha1"
  readonly "q-ak": string
  readonly "q-key-time": string
  readonly "q-signature": string
}

/**
 * Signs requests, keeping the last few signing keys so that a key is derived once for each window.
 *
 * @since 0.1.0
 * @category models
 */
export interface Signer {
  readonly sign: (input: Input) => Signed
  readonly signPolicy: (input: PolicyInput) => SignedPolicy
}

/**
 * Percent-encodes UTF-8 with upper-case hex, leaving only `A-Z a-z 0-9 - _ . ~`.
 * Throws `URIError` on a lone surrogate: validate names, values and keys first.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode: (text: string) => string = percent.encode

/**
 * Whether COS SDKs sign a header of this name (any case): a fixed list, `x-cos-*` and `x-ci-*`.
 *
 * @since 0.1.0
 * @category headers
 */
export const isSignedHeader: (name: string) => boolean = canonical.isSignedHeader

const renderTime = (time: KeyTime): string => `${time.start};${time.end}`

const signWith = (hash: Hash.Service, signKeyOf: SignKeyOf, input: Input): Signed => {
  const keyTime = renderTime(input.keyTime)
  const signTime = input.signTime === undefined ? keyTime : renderTime(input.signTime)
  const [headerList, headers] = canonical.canonical(input.headers)
  const [urlParamList, query] = canonical.canonical(input.query)
  const signKey = signKeyOf(input.secretKey, keyTime)
  const httpString = canonical.httpStringOf({ method: input.method, pathname: input.pathname, query, headers })
  const stringToSign = canonical.stringToSignOf(signTime, hash.sha1Hex(httpString))
  const signature = hash.hmacSha1Hex(signKey, stringToSign)
  const authorization =
    `q-sign-algorithm=sha1&q-ak=${input.secretId}&q-sign-time=${signTime}&q-key-time=${keyTime}` +
    `&q-header-list=${headerList}&q-url-param-list=${urlParamList}&q-signature=${signature}`
  return { authorization, headerList, urlParamList, signKey, httpString, stringToSign, signature }
}

const signPolicyWith = (hash: Hash.Service, signKeyOf: SignKeyOf, input: PolicyInput): SignedPolicy => {
  const keyTime = renderTime(input.keyTime)
  return {
    policy: Encoding.encodeBase64(input.policy),
    "q-sign-algorithm": "sha1",
    "q-ak": input.secretId,
    "q-key-time": keyTime,
    "q-signature": hash.hmacSha1Hex(signKeyOf(input.secretKey, keyTime), hash.sha1Hex(input.policy))
  }
}

type SignKeyOf = (secretKey: string, keyTime: string) => string

const maxSignKeys = 16

/**
 * A signer that remembers up to 16 signing keys (credentials × validity window). Nothing else is kept.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (hash: Hash.Service): Signer => {
  const signKeys = new Map<string, string>()
  const signKeyOf: SignKeyOf = (secretKey, keyTime) => {
    const id = `${keyTime}\n${secretKey}`
    const known = signKeys.get(id)
    if (known !== undefined) return known
    const signKey = hash.hmacSha1Hex(secretKey, keyTime)
    if (signKeys.size >= maxSignKeys) signKeys.delete(signKeys.keys().next().value as string)
    signKeys.set(id, signKey)
    return signKey
  }
  return {
    sign: (input) => signWith(hash, signKeyOf, input),
    signPolicy: (input) => signPolicyWith(hash, signKeyOf, input)
  }
}

/**
 * Signs one request. For many, {@link make} a signer.
 *
 * @since 0.1.0
 * @category signing
 */
export const sign = (hash: Hash.Service, input: Input): Signed => signWith(hash, hash.hmacSha1Hex, input)

/**
 * The signature as query text for a URL, without `?`. It goes before the request's own parameters.
 *
 * The list of parameters is percent-encoded once more and lower-cased, the spelling that the official SDK hands to
 * callbacks: names that contain encoded characters decode correctly in no other.
 *
 * @since 0.1.0
 * @category signing
 */
export const presignQuery = (signed: Pick<Signed, "authorization" | "urlParamList">): string =>
  signed.authorization.replace(
    `&q-url-param-list=${signed.urlParamList}&`,
    () => `&q-url-param-list=${encode(signed.urlParamList).toLowerCase()}&`
  )

/**
 * Signs the policy of a POST Object form. COS requires the conditions that {@link policy} writes.
 *
 * Source: "POST Object", https://www.tencentcloud.com/document/product/436/14690
 *
 * @since 0.1.0
 * @category signing
 */
export const signPolicy = (hash: Hash.Service, input: PolicyInput): SignedPolicy =>
  signPolicyWith(hash, hash.hmacSha1Hex, input)

/**
 * One condition of a form policy: an exact value, a comparison of a `$field`, or the bounds of the file in bytes.
 *
 * @since 0.1.0
 * @category models
 */
export type Condition =
  | { readonly [field: string]: string }
  | readonly ["eq" | "starts-with", field: `$${string}`, value: string]
  | readonly ["content-length-range", min: number, max: number]

/**
 * The JSON text of a form policy, with the conditions on the signature fields that COS requires added.
 *
 * @since 0.1.0
 * @category signing
 */
export const policy = (options: {
  /** When forms stop being accepted. */
  readonly expiration: Date
  /** `x-cos-*` and `bucket` match exactly; the rest may match by prefix. Each but `bucket` must be a form field. */
  readonly conditions: ReadonlyArray<Condition>
  readonly secretId: string
  readonly keyTime: KeyTime
}): string =>
  JSON.stringify({
    expiration: options.expiration.toISOString(),
    conditions: [
      ...options.conditions,
      { "q-sign-algorithm": "sha1" },
      { "q-ak": options.secretId },
      { "q-sign-time": renderTime(options.keyTime) }
    ]
  })

// ---------------------------------------------------------------------------------------------------------------------
// Explanations
// ---------------------------------------------------------------------------------------------------------------------

export type {
  CanonicalTexts,
  Cause,
  CauseKind,
  Difference,
  ExplainInput,
  Explanation,
  Refusal,
  SentRequest
} from "./internal/signing/explain/model.js"

/**
 * Why the service refused a request: what was signed beside what arrived, and the mistakes that would explain it. For logs,
 * support and tests; nothing is sent, and no secret is in what comes out.
 *
 * - Of a request and its refusal it says in which method, path, parameter or header they differ, and at which character.
 * - With the access key it tries mistakes out (the path encoded twice, a `+` in a key, a line end in the secret, …) and says
 *   which one gives the signature that was sent.
 * - Of a refusal alone it says what is suspicious in it; of a request alone whether its signature is right.
 *
 * ```ts
 * import { Signature } from "effect-cos"
 * import { portable } from "effect-cos/Hash"
 *
 * const why = (body: string, authorization: string) =>
 *   Signature.explain(portable, {
 *     request: {
 *       method: "GET",
 *       url: "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/a%2520b.txt",
 *       headers: [["authorization", authorization]]
 *     },
 *     refusal: Signature.readRefusal(body)
 *   }).causes.map(({ advice, message }) => `${message} ${advice}`)
 * ```
 *
 * @since 0.1.0
 * @category explanations
 */
export const explain: (hash: Hash.Service, input: ExplainInput) => Explanation = explanation.explain

/**
 * The refusal in a document of the service, also in the middle of other text: a log, or what a terminal showed. `undefined`
 * where there is none. `headers` are those of the response, of which the `Date` tells about clocks.
 *
 * @since 0.1.0
 * @category explanations
 */
export const readRefusal: (
  text: string,
  headers?: ReadonlyArray<readonly [name: string, value: string]>
) => Refusal | undefined = explanation.readRefusal
