/** The effective settings, for transfers: the fiber's override, else the client's. */
import * as Effect from "effect/Effect"
import { CosClient } from "../../CosClient.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import { CurrentBucket, inheritLocation, inheritPolicy, type Location } from "./settingPrecedence.js"

export const effectivePolicy: Effect.Effect<RetryPolicy.RetryPolicy, never, CosClient> = Effect.gen(function* () {
  return inheritPolicy(yield* RetryPolicy.CurrentPolicy, (yield* CosClient).settings)
})

export const effectiveLocation = (
  input: Location
): Effect.Effect<ReturnType<typeof inheritLocation>, never, CosClient> =>
  Effect.gen(function* () {
    return inheritLocation(input, yield* CurrentBucket, (yield* CosClient).settings)
  })

/** Empty where none is named: the first request then fails with `InvalidInput`. */
export const effectiveBucket = (input: {
  readonly bucket?: string | undefined
}): Effect.Effect<string, never, CosClient> => Effect.map(effectiveLocation(input), ({ bucket = "" }) => bucket)
