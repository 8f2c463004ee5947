/** The first bytes of an object. Their response tells what HEAD would, so that a small object needs no other request. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import { CosClient } from "../../../CosClient.js"
import { ObjectChanged } from "../../../CosError.js"
import type { Response } from "../../http/response.js"
import { discard } from "../../operation/runner.js"
import { memoryOf } from "../memory.js"
import type { DownloadError, DownloadSource } from "../model.js"
import { withPartPermit } from "../partLimit.js"
import { fetchRange, truncated } from "./fetchRange.js"
import { type Got, getReading, type Head, headWithSize } from "./response.js"

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
  Effect.withFiberRuntime<Beginning | undefined, DownloadError, CosClient>(({ currentContext }) => {
    const client = Context.unsafeGet(currentContext, CosClient)
    // Of a response that the HTTP client has decoded, or whose headers it hides, the bytes cannot be counted.
    if (!client.transport.rawBody) return Effect.succeed(undefined)
    const most = Math.min(partSize, mostAtFirst)
    const fetched = Effect.flatMap(
      getReading(Object.assign({}, input, { range: { start: 0, end: most - 1 } }), (got) => readBeginning(got, most)),
      (read) => (read === undefined ? Effect.succeed(undefined) : whole(input, read))
    )
    return Effect.flatMap(memoryOf(client), (memory) =>
      Effect.flatMap(memory.withRoom(most, withPartPermit(fetched, most)), (begun) =>
        begun === undefined || !verify || begun.head.crc64 !== undefined
          ? Effect.succeed(begun)
          : Effect.map(headOfSame(input, begun.head.eTag), (head): Beginning => ({ ...begun, head }))
      )
    )
  }).pipe(Effect.catchTag("InvalidRange", () => Effect.succeed(undefined)))

interface Read extends Beginning {
  readonly response: Response
  /** How many of the bytes have come. */
  readonly filled: number
  /** By what the others were cut off. */
  readonly broken: DownloadError | undefined
}

const readBeginning = ({ found, response, total }: Got, most: number): Effect.Effect<Read | undefined> => {
  const { contentLength: _length, contentRange: _range, eTag, ...facts } = found
  if (total === undefined || eTag === undefined) return Effect.as(discard(response), undefined)
  const head: Head = { eTag, contentLength: total, ...facts }
  const bytes = new Uint8Array(Math.min(most, total))
  let filled = 0
  const filling = response.fill(bytes, ({ byteLength }) => {
    filled += byteLength
  })
  return Effect.match(filling, {
    onFailure: (broken): Read => ({ head, bytes, response, filled, broken }),
    onSuccess: (): Read => ({ head, bytes, response, filled, broken: undefined })
  })
}

/** With the bytes that were cut off. */
const whole = (
  input: DownloadSource,
  { broken, bytes, filled, head, response }: Read
): Effect.Effect<Beginning, DownloadError, CosClient> => {
  const size = bytes.byteLength
  const begun: Beginning = { head, bytes }
  if (broken === undefined) {
    return filled === size ? Effect.succeed(begun) : Effect.fail(truncated(input, size, filled, response))
  }
  const pinned = { eTag: head.eTag, total: head.contentLength }
  return Effect.as(fetchRange(input, pinned, { offset: 0, size }, bytes, constVoid, { filled, broken }), begun)
}
