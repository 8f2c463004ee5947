/** Headers that a server sent and a browser hides from the page, because no CORS rule exposes them. */
import * as Effect from "effect/Effect"
import * as CosError from "../../CosError.js"
import type { CrossOrigin } from "./crossOrigin.js"
import type { Headers, ResponseFacts } from "./headers.js"
import type { RequestSummary } from "./request.js"

/**
 * What a browser may have hidden of a response.
 *
 * @since 0.1.0
 * @category models
 */
export interface Hidden {
  /** Whether the absence of a header, or of all that begin so where the name ends in `*`, tells nothing. */
  readonly mayHide: (name: string) => boolean
  /** Warns of headers that were missed, once for each client. */
  readonly warn: (names: ReadonlyArray<string>) => Effect.Effect<void>
}

/** What every page may read: the safelist of the Fetch standard. */
const safelisted: ReadonlySet<string> = new Set([
  "cache-control",
  "content-language",
  "content-length",
  "content-type",
  "expires",
  "last-modified",
  "pragma"
])

const exposure = "access-control-expose-headers"

export const nothing: Hidden = { mayHide: () => false, warn: () => Effect.void }

/** Of a response to a page of another origin. It tells which headers it exposes only where it exposes that header too. */
export const make = (headers: Headers, host: string, crossOrigin: CrossOrigin): Hidden => {
  const listed = headers[exposure]
  const exposed = listed === undefined ? undefined : new Set(listed.split(",").map((name) => name.trim().toLowerCase()))
  return {
    mayHide: (name) =>
      headers[name] === undefined &&
      !safelisted.has(name) &&
      !(exposed !== undefined && (exposed.has(name) || exposed.has("*") || name.endsWith("*"))),
    warn: (names) =>
      Effect.suspend(() => {
        const fresh = names.filter((name) => crossOrigin.isFirstWarning(name))
        return fresh.length === 0
          ? Effect.void
          : Effect.logWarning(
              `the browser hides headers of responses from ${host}: the bucket's CORS rules should expose ${fresh.map(spell).join(", ")} (see Cors.forBrowser); ${consequence(fresh)}`
            )
      })
  }
}

const spelled: Readonly<Record<string, string>> = {
  etag: "ETag",
  "content-range": "Content-Range",
  "content-encoding": "Content-Encoding",
  "content-length": "Content-Length"
}

const spell = (name: string): string => spelled[name] ?? name

const consequence = (names: ReadonlyArray<string>): string =>
  names.includes("x-cos-hash-crc64ecma")
    ? "until then the stored bytes are not compared with the checksum"
    : "until then they are absent from outputs"

/** What cannot be done without a header. Never worth another attempt. */
export const hiddenHeaderError = (
  request: RequestSummary,
  header: string,
  facts: ResponseFacts | undefined,
  what = "the response cannot be understood without it"
): CosError.TransportError =>
  new CosError.TransportError({
    operation: request.operation,
    reason: "Cors",
    phase: "response",
    message: `${request.operation}: the browser hides the header ${spell(header)}, which the bucket's CORS rules must expose (see Cors.forBrowser): ${what}`,
    bucket: request.bucket,
    key: request.key,
    hiddenHeader: spell(header),
    ...facts
  })
