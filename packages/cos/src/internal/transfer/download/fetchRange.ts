/** A range of an object into a buffer, continued where it broke off. `stream` does that for streams. */
import * as Effect from "effect/Effect"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import type { Response } from "../../http/response.js"
import type { DownloadError, DownloadSource } from "../model.js"
import { makeContinueDelay } from "./continueDelay.js"
import { get, type PinnedObject } from "./response.js"

export interface Range {
  readonly offset: number
  readonly size: number
}

/** What is there of a range. */
export interface Begun {
  /** So many bytes of the buffer. */
  readonly filled?: number
  /** By what a response to a request for the whole range was cut off. */
  readonly broken?: DownloadError
}

/**
 * Fills the buffer, which has the size of the range, from its beginning. `onFilled` is told how many bytes are there. A
 * response that is not this range of this object is an error.
 */
export const fetchRange = (
  input: DownloadSource,
  pinned: PinnedObject,
  { offset, size }: Range,
  buffer: Uint8Array,
  onFilled: (filled: number) => void,
  begun: Begun = {}
): Effect.Effect<void, DownloadError, CosClient> =>
  Effect.gen(function* () {
    const continueDelay = yield* makeContinueDelay
    let { filled = 0 } = begun
    let head: Response | undefined
    const request = Effect.suspend(() =>
      get({ ...input, range: { start: offset + filled, end: offset + size - 1 } }, pinned)
    )
    const rest = request.pipe(
      Effect.flatMap(({ response }) => {
        head = response
        return response.fill(buffer.subarray(filled), (bytes) => {
          filled += bytes.byteLength
          onFilled(filled)
        })
      }),
      Effect.scoped
    )
    const goOn = (error: DownloadError): Effect.Effect<void, DownloadError, CosClient> =>
      Effect.flatMap(continueDelay(error, filled), () => (filled === size ? Effect.void : Effect.catchAll(rest, goOn)))
    yield* begun.broken === undefined ? Effect.catchAll(rest, goOn) : goOn(begun.broken)
    if (filled === size) return
    return yield* truncated(input, size, filled, head)
  })

/** The response ended, though it had not announced so few bytes. */
export const truncated = ({ bucket, key }: DownloadSource, expected: number, received: number, head?: Response) =>
  new CosError.TruncatedBody({ operation: "getObject", expected, received, bucket, key, ...head?.facts })
