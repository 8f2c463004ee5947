/** Whether all bytes of an object are those that the service has. */
import * as Effect from "effect/Effect"
import type { CosClient } from "../../../CosClient.js"
import { IntegrityError, type InvalidInput } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"
import type { DownloadSource } from "../model.js"

/** `expected` is what the service said, if it did. */
export const compareCrc64 = (
  operation: string,
  input: DownloadSource,
  expected: bigint | undefined,
  actual: bigint | undefined
): Effect.Effect<void, IntegrityError | InvalidInput, CosClient> =>
  expected === undefined || expected === actual
    ? Effect.void
    : Effect.flatMap(effectiveBucket(input), (bucket) =>
        Effect.fail(
          new IntegrityError({
            operation,
            algorithm: "crc64",
            expected: String(expected),
            actual: String(actual),
            bucket,
            key: input.key
          })
        )
      )

/** How many bytes are summed at once: few enough that those of all ranges are still in the processor's cache. */
const sumStep = 256 * 1024

/** The CRC64 of a buffer that is being filled. */
export const sumAsFilled = (buffer: Uint8Array) => {
  const crc = Crc64.make()
  let summed = 0
  return {
    crc,
    filledTo: (filled: number): void => {
      if (filled - summed < sumStep && filled < buffer.byteLength) return
      crc.update(buffer.subarray(summed, filled))
      summed = filled
    }
  }
}
