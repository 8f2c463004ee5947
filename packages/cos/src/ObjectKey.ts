/**
 * Object keys: what COS accepts, how a key is written in a request path, and how it becomes a local file name.
 *
 * A key is exact text: never normalised, trimmed or collapsed.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import { keyMaxBytes, keyRule, loneSurrogate, utf8Length } from "./internal/encoding/objectKey.js"
import * as percent from "./internal/encoding/percent.js"

/**
 * An input that the protocol does not allow. Callers make `InvalidInput` of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Invalid {
  readonly field: string
  /** The rule that is broken, as a sentence: "key must have at most 850 bytes of UTF-8". */
  readonly reason: string
}

/**
 * The longest key, in bytes of UTF-8.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxBytes = keyMaxBytes

const refuse = (rule: string): Either.Either<never, Invalid> => Either.left({ field: "key", reason: `key ${rule}` })

/**
 * The key itself if COS accepts it, else the rule it breaks.
 *
 * Refused: the empty key and keys of `/` and `.` segments only (the request would address the bucket), more than 850 bytes
 * of UTF-8, a first character `/` or `\`, the control characters 24 to 27, and, since no request can carry them faithfully, NUL and lone surrogates.
 * Everything else passes, other dot segments included: those depend on the transport, see {@link hasDotSegments}.
 *
 * Source: "Object Overview", https://www.tencentcloud.com/document/product/436/13324
 *
 * @since 0.1.0
 * @category validation
 */
export const validate = (key: string): Either.Either<string, Invalid> => {
  const rule = keyRule(key)
  return rule === undefined ? Either.right(key) : refuse(rule)
}

/**
 * The key as a request path without its leading `/`: percent-encoded, except `/` and `A-Z a-z 0-9 - _ . ~`.
 * Throws `URIError` on a lone surrogate: {@link validate} first.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode = (key: string): string => percent.encode(key).replaceAll("%2F", "/")

/**
 * Whether a segment of the key is `.` or `..`. WHATWG `URL`, and so `fetch`, resolves such segments (also as `%2e`), and
 * the request would address another object: only a transport that sends the raw path may be given such a key.
 *
 * @since 0.1.0
 * @category validation
 */
export const hasDotSegments = (key: string): boolean => /(?:^|\/)\.{1,2}(?:\/|$)/.test(key)

/**
 * The order of COS lists: by bytes of UTF-8, which is by code point. JavaScript's own `<` compares UTF-16 and puts
 * U+10000 and above before U+E000.
 *
 * @since 0.1.0
 * @category ordering
 */
export const compare = (a: string, b: string): -1 | 0 | 1 => {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i)
    let y = b.charCodeAt(i)
    if (x !== y) {
      // Surrogates stand for code points above every other unit: lift them over U+E000 to U+FFFF.
      if (x >= 0xd800 && y >= 0xd800) {
        x = x >= 0xe000 ? x - 0x800 : x + 0x2000
        y = y >= 0xe000 ? y - 0x800 : y + 0x2000
      }
      return x < y ? -1 : 1
    }
  }
  return a.length < b.length ? -1 : a.length > b.length ? 1 : 0
}

/**
 * Where file names must work: `"portable"` allows only what every system keeps apart, Windows included; `"posix"` only
 * what POSIX systems need.
 *
 * @since 0.1.0
 * @category local names
 */
export type Platform = "portable" | "posix"

/**
 * A path below some root, one name for each segment.
 *
 * @since 0.1.0
 * @category local names
 */
export interface LocalPath {
  readonly segments: ReadonlyArray<string>
  /** The key ends in `/`: a folder marker. */
  readonly directory: boolean
}

/**
 * Why a key cannot be a local path.
 *
 * @since 0.1.0
 * @category local names
 */
export interface Unsafe {
  readonly reason:
    | "EmptySegment"
    | "DotSegment"
    | "ControlCharacter"
    | "LoneSurrogate"
    | "ReservedCharacter"
    | "ReservedName"
    | "TrailingDotOrSpace"
    | "TooLong"
  /** The first segment that is refused. */
  readonly segment: string
}

const reservedName = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])[ ]*(?:\.|$)/i

const unsafe = (segment: string, platform: Platform): Unsafe["reason"] | undefined => {
  if (segment.length === 0) return "EmptySegment"
  if (segment === "." || segment === "..") return "DotSegment"
  if (segment.includes("\0")) return "ControlCharacter"
  if (loneSurrogate.test(segment)) return "LoneSurrogate"
  if (utf8Length(segment) > 255) return "TooLong"
  if (platform === "posix") return undefined
  if (/[\x01-\x1f\x7f]/.test(segment)) return "ControlCharacter"
  if (/[<>:"|?*\\]/.test(segment)) return "ReservedCharacter"
  if (/[. ]$/.test(segment)) return "TrailingDotOrSpace"
  return reservedName.test(segment) ? "ReservedName" : undefined
}

/**
 * The local path of a key, or why there is none. Keys are hostile input: the result has no absolute, parent, drive or
 * device part, so joining it to a root stays below that root. Nothing is rewritten, so two keys never share a path, as
 * far as the file system tells names apart: see {@link collisionKey}. Links that already exist below the root are the
 * caller's to check.
 *
 * @since 0.1.0
 * @category local names
 */
export const toLocalPath = (
  key: string,
  options?: {
    /** Default `"portable"`: what is downloaded on one system can be moved to any other. */
    readonly platform?: Platform | undefined
  }
): Either.Either<LocalPath, Unsafe> => {
  const platform = options?.platform ?? "portable"
  const directory = key.endsWith("/")
  const segments = (directory ? key.slice(0, -1) : key).split("/")
  for (const segment of segments) {
    const reason = unsafe(segment, platform)
    if (reason !== undefined) return Either.left({ reason, segment })
  }
  return Either.right({ segments, directory })
}

/**
 * The key of a local path, the inverse of {@link toLocalPath}. The segments come from the file system, already split at
 * its separator, so on POSIX a name may contain `\`. The key is {@link validate}d.
 *
 * @since 0.1.0
 * @category local names
 */
export const fromLocalPath = (path: LocalPath): Either.Either<string, Invalid> =>
  path.segments.some((segment) => segment === "" || segment === "." || segment === ".." || segment.includes("/"))
    ? refuse("must be a relative path without empty, . or .. segments")
    : validate(path.segments.join("/") + (path.directory ? "/" : ""))

/**
 * Equal for keys that a file system ignoring case or Unicode normal forms (macOS, Windows) may keep as one file.
 *
 * @since 0.1.0
 * @category local names
 */
export const collisionKey = (key: string): string => key.normalize("NFD").toUpperCase().toLowerCase().normalize("NFC")
