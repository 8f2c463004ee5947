/** A range of an object into a buffer, continued where it broke off. */
import * as Effect from "effect/Effect"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import type { DownloadError, DownloadSource } from "../model.js"
import { resumeBackoff } from "./continue.js"
import { get, type PinnedObject } from "./response.js"

export interface Range {
  readonly offset: number
  readonly size: number
}

/**
 * Fills the beginning of the buffer. `onBytes` gets what it was filled with, piece by piece and in order, while the bytes
 * are still in the processor's cache. A response that is not this range of this object is an error.
 */
export const fetchRange = (
  input: DownloadSource,
  pinned: PinnedObject,
  { offset, size }: Range,
  buffer: Uint8Array,
  onBytes: (bytes: Uint8Array) => void
): Effect.Effect<void, DownloadError, CosClient> =>
  Effect.gen(function* () {
    const waitToContinue = yield* resumeBackoff
    let filled = 0
    const rest = Effect.suspend(() =>
      get({ ...input, range: { start: offset + filled, end: offset + size - 1 } }, pinned)
    ).pipe(
      Effect.flatMap(({ response }) =>
        response.fill(buffer.subarray(filled, size), (bytes) => {
          filled += bytes.byteLength
          onBytes(bytes)
        })
      ),
      Effect.scoped
    )
    const all: Effect.Effect<void, DownloadError, CosClient> = Effect.catchAll(rest, (error) =>
      Effect.flatMap(waitToContinue(error, filled), () => (filled === size ? Effect.void : all))
    )
    yield* all
    if (filled === size) return
    const { bucket, key } = input
    return yield* new CosError.TruncatedBody({ operation: "getObject", expected: size, received: filled, bucket, key })
  })
