/** The types of `Signature.explain`. */
/**
 * A request as a client sent it.
 *
 * @since 0.1.0
 * @category explanations
 */
export interface SentRequest {
  readonly method: string
  /** As it was sent: percent-encoded, with its query. A path alone is enough where `headers` have `Host`. */
  readonly url: string
  /** As they were sent, with `Authorization`. Names in any case. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
}

/**
 * What the service said when it refused a request.
 *
 * @since 0.1.0
 * @category explanations
 */
export interface Refusal {
  readonly code: string
  readonly message: string
  /** Host and path of the request, as the service saw them. */
  readonly resource?: string | undefined
  /** What the service computed; with `SignatureDoesNotMatch` only. */
  readonly stringToSign?: string | undefined
  /** The request as the service saw it; with `SignatureDoesNotMatch` only. */
  readonly formatString?: string | undefined
  /** `ServerTime` of the document, or the `Date` of the response. */
  readonly serverTime?: Date | undefined
  readonly requestId?: string | undefined
}

/**
 * What {@link explain} takes. Each field that is there tells more.
 *
 * @since 0.1.0
 * @category explanations
 */
export interface ExplainInput {
  /** The request that was sent, or is meant to be sent. */
  readonly request?: SentRequest | undefined
  /** What came back. */
  readonly refusal?: Refusal | undefined
  /** The key pair that signed, or should have: with it causes are proved where they are guessed without. */
  readonly accessKey?: { readonly secretId: string; readonly secretKey: string } | undefined
  /** When the request was sent, by the clock of the client. Default: not known. */
  readonly sentAt?: Date | undefined
}

/**
 * One thing in which what the client signed and what the service saw differ.
 *
 * @since 0.1.0
 * @category explanations
 */
export interface Difference {
  readonly part: "method" | "path" | "parameter" | "header" | "time"
  /** Of a parameter or header, in lower case. */
  readonly name?: string | undefined
  /** What the client signed; absent where it signed no such thing. Secrets read `<redacted>`. */
  readonly client: string | undefined
  /** What the service saw; absent where nothing of the kind arrived. */
  readonly service: string | undefined
  /** The first character in which they differ, counted from 0 in UTF-16 units. */
  readonly at: number
}

/**
 * Why a request was refused.
 *
 * @since 0.1.0
 * @category explanations
 */
export type CauseKind =
  | "Anonymous"
  | "BlankInSecret"
  | "ClockAhead"
  | "ClockBehind"
  | "DamagedRefusal"
  | "HeaderChanged"
  | "HeaderMissing"
  | "HostChanged"
  | "MalformedSignature"
  | "MethodChanged"
  | "NotAllowed"
  | "OtherAccessKey"
  | "ParameterAdded"
  | "ParameterChanged"
  | "ParameterMissing"
  | "PathChanged"
  | "PathEncodedTwice"
  | "PathNormalized"
  | "PathNotDecoded"
  | "PathStyle"
  | "PlusInPath"
  | "SignatureExpired"
  | "TokenExpired"
  | "UnicodeForm"
  | "UnknownSecretId"
  | "WrongSecret"
  | "WrongToken"

/**
 * A reason why a request was refused, and what to do.
 *
 * @since 0.1.0
 * @category explanations
 */
export interface Cause {
  readonly kind: CauseKind
  /**
   * Whether it must be so: the signature that was sent is the one of this mistake. Otherwise it is what the texts suggest.
   */
  readonly proven: boolean
  /** What is wrong, in a sentence. */
  readonly message: string
  /** What to do about it, in a sentence. */
  readonly advice: string
}

/**
 * The texts that a signature is made of.
 *
 * @since 0.1.0
 * @category explanations
 */
export interface CanonicalTexts {
  /** Step 5, which error documents call `FormatString`. Secrets in it read `<redacted>`. */
  readonly httpString: string
  /** Step 6. */
  readonly stringToSign: string
}

/**
 * What {@link explain} found.
 *
 * @since 0.1.0
 * @category explanations
 */
export interface Explanation {
  /** What this package makes of the request; absent without one. */
  readonly client: CanonicalTexts | undefined
  /** What the service said that it computed. */
  readonly service: CanonicalTexts | undefined
  /** Whether the signature that was sent is the one of `client` with the access key; absent where one of them is. */
  readonly isValid: boolean | undefined
  readonly differences: ReadonlyArray<Difference>
  /** The likeliest first. Empty where nothing is wrong, or nothing is known. */
  readonly causes: ReadonlyArray<Cause>
}
