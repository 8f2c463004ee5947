/** All bytes of an object, in memory: by one request, unless it breaks off. */
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as Stream from "effect/Stream"
import { CosClient } from "../../../CosClient.js"
import type { InvalidInput } from "../../../CosError.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import type { Response } from "../../http/response.js"
import { discard } from "../../operation/runner.js"
import type { DownloadError, DownloadSource } from "../model.js"
import { fetchRange, truncated } from "./fetchRange.js"
import { compareCrc64, sumAsFilled } from "./integrity.js"
import { type Got, getReading } from "./response.js"
import * as streams from "./stream.js"

interface Options extends streams.Options {
  readonly maxSize: number
}

interface Whole {
  readonly response: Response
  readonly bytes: Uint8Array
}

type Reading = Effect.Effect<Whole, DownloadError, CosClient>

export const bytes = (input: DownloadSource, options: Options): Reading =>
  Effect.flatMap(CosClient, ({ transport }) =>
    transport.rawBody
      ? Effect.flatten(getReading(input, (got) => read(input, got, options)))
      : Effect.scoped(Effect.flatMap(streams.open(input, options), (opened) => collect(opened, options)))
  )

const tooLarge = ({ operation }: Options, size: number | undefined): InvalidInput =>
  invalidInput(operation, "maxSize", `must be at least the object's size, ${size ?? "unknown"} bytes`)

/** Reads what comes; what is still to be done of it is the result. */
const read = (input: DownloadSource, got: Got, options: Options): Effect.Effect<Reading, never, CosClient> => {
  const { extent, response, total } = got
  const size = extent === undefined ? total : extent.end - extent.start + 1
  if (size === undefined) {
    const collected = Effect.flatMap(streams.follow(input, got, options), (opened) => collect(opened, options))
    return Effect.match(collected, { onFailure: Effect.fail, onSuccess: Effect.succeed })
  }
  return size > options.maxSize
    ? Effect.as(discard(response), Effect.fail(tooLarge(options, size)))
    : fill(input, got, size, options)
}

const fill = (
  input: DownloadSource,
  { extent, found, response, total }: Got,
  size: number,
  { operation, verify }: Options
): Effect.Effect<Reading> => {
  const bytes = new Uint8Array(size)
  const sum = verify && extent === undefined && found.crc64 !== undefined ? sumAsFilled(bytes) : undefined
  let filled = 0
  const filling = response.fill(bytes, ({ byteLength }) => {
    filled += byteLength
    sum?.filledTo(filled)
  })
  const verified = Effect.suspend((): Reading => {
    const whole = Effect.succeed({ response, bytes })
    return sum === undefined
      ? whole
      : Effect.zipRight(compareCrc64(operation, input, found.crc64, sum.crc.value), whole)
  })
  return Effect.match(filling, {
    onFailure: (broken): Reading => {
      const { eTag } = found
      if (eTag === undefined) return Effect.fail(broken)
      const range = { offset: extent?.start ?? 0, size }
      const rest = fetchRange(input, { eTag, total }, range, bytes, sum?.filledTo ?? constVoid, { filled, broken })
      return Effect.zipRight(rest, verified)
    },
    onSuccess: (): Reading => (filled === size ? verified : Effect.fail(truncated(input, size, filled, response)))
  })
}

/** All bytes of a stream that does not tell how many there are. */
const collect = ({ found, response, stream }: streams.Opened, options: Options): Reading =>
  Effect.suspend(() => {
    const { contentLength } = found
    const { maxSize } = options
    if (contentLength !== undefined && contentLength > maxSize) return Effect.fail(tooLarge(options, contentLength))
    let buffer = new Uint8Array(contentLength ?? 64 * 1024)
    let size = 0
    const collected = Stream.runForEachChunk(stream, (chunk) =>
      Effect.suspend(() => {
        for (const bytes of chunk) {
          if (size + bytes.byteLength > maxSize) return Effect.fail(tooLarge(options, contentLength))
          if (size + bytes.byteLength > buffer.byteLength) {
            const larger = new Uint8Array(Math.max(buffer.byteLength * 2, size + bytes.byteLength))
            larger.set(buffer.subarray(0, size))
            buffer = larger
          }
          buffer.set(bytes, size)
          size += bytes.byteLength
        }
        return Effect.void
      })
    )
    return Effect.map(collected, () => ({ response, bytes: buffer.subarray(0, size) }))
  })
