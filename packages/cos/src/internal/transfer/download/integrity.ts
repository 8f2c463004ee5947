/** Whether all bytes of an object are those that the service has. */
import * as Effect from "effect/Effect"
import type { CosClient } from "../../../CosClient.js"
import { IntegrityError, type InvalidInput } from "../../../CosError.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"
import type { DownloadSource } from "../model.js"

/** `expected` is what the service said, if it did. */
export const compareCrc64 = (
  input: DownloadSource,
  expected: bigint | undefined,
  actual: bigint | undefined
): Effect.Effect<void, IntegrityError | InvalidInput, CosClient> =>
  expected === undefined || expected === actual
    ? Effect.void
    : Effect.flatMap(effectiveBucket(input), (bucket) =>
        Effect.fail(
          new IntegrityError({
            operation: "Download.file",
            algorithm: "crc64",
            expected: String(expected),
            actual: String(actual),
            bucket,
            key: input.key
          })
        )
      )
