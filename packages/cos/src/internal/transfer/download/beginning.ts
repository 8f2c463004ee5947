/** The first bytes of an object. Their response tells what HEAD would, so that a small object needs no other request. */
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import { CosClient } from "../../../CosClient.js"
import { ObjectChanged } from "../../../CosError.js"
import { clientMemory } from "../memory.js"
import type { DownloadError, DownloadSource } from "../model.js"
import { withPartPermit } from "../partLimit.js"
import { fetchRange } from "./fetchRange.js"
import { get, type Head, headWithSize } from "./response.js"

/** Bytes: what is held beside the buffers of parts until the size of the object is known. */
const mostAtFirst = 256 * 1024

export interface Beginning {
  readonly head: Head
  /** All bytes of an object that has no more, else so many of its first part. */
  readonly bytes: Uint8Array
}

/** HEAD of the object that has begun to come. */
const headOfSame = ({ trafficLimit: _, ...input }: DownloadSource, eTag: string) => {
  const conditions = { ifMatch: eTag, ifNoneMatch: undefined, ifModifiedSince: undefined, ifUnmodifiedSince: undefined }
  return Effect.catchTag(headWithSize({ ...input, ...conditions }), "PreconditionFailed", "NoSuchKey", () =>
    Effect.fail(new ObjectChanged({ bucket: input.bucket, key: input.key, expected: eTag }))
  )
}

/** None where there is no first byte, or where its response does not say of how many. Of a CRC64 HEAD is asked as well. */
export const fetchBeginning = (
  input: DownloadSource,
  { partSize, verify }: { readonly partSize: number; readonly verify: boolean }
): Effect.Effect<Beginning | undefined, DownloadError, CosClient> =>
  Effect.gen(function* () {
    // Of a response that the HTTP client has decoded, or whose headers it hides, the bytes cannot be counted.
    if (!(yield* CosClient).transport.rawBody) return undefined
    const most = Math.min(partSize, mostAtFirst)
    const fetched = Effect.gen(function* () {
      const { found, response, total } = yield* get({ ...input, range: { start: 0, end: most - 1 } })
      const { contentLength: _length, contentRange: _range, eTag, ...facts } = found
      if (total === undefined || eTag === undefined) return undefined
      const bytes = new Uint8Array(Math.min(most, total))
      const range = { offset: 0, size: bytes.byteLength }
      yield* fetchRange(input, { eTag, total }, range, bytes, constVoid, { response })
      return { head: { ...facts, eTag, contentLength: total }, bytes } satisfies Beginning
    })
    const memory = yield* clientMemory
    const begun = yield* memory.withBuffer(most, () => withPartPermit(Effect.scoped(fetched), most))
    if (begun === undefined || !verify || begun.head.crc64 !== undefined) return begun
    return { ...begun, head: yield* headOfSame(input, begun.head.eTag) }
  }).pipe(Effect.catchTag("InvalidRange", () => Effect.succeed(undefined)))
