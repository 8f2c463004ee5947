/** What is in force where nothing was said: the nearest setting of the fiber, then the client's. */
import * as Effect from "effect/Effect"
import { CosClient } from "../../CosClient.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import { CurrentBucket } from "./currentBucket.js"

export const effectivePolicy: Effect.Effect<RetryPolicy.RetryPolicy, never, CosClient> = Effect.gen(function* () {
  return (yield* RetryPolicy.CurrentPolicy) ?? (yield* CosClient).settings.retry ?? RetryPolicy.default
})

export const effectiveBucket = (input: {
  readonly bucket?: string | undefined
}): Effect.Effect<string, never, CosClient> =>
  Effect.gen(function* () {
    return input.bucket ?? (yield* CurrentBucket).bucket ?? (yield* CosClient).settings.bucket ?? ""
  })
