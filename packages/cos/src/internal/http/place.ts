/** Where an object is, with all that its input may leave out. */
import * as Effect from "effect/Effect"
import { CosClient } from "../../CosClient.js"
import type { InvalidInput } from "../../CosError.js"

/** Which object, in which bucket. */
export interface ObjectLocation {
  readonly key: string
  readonly bucket?: string | undefined
  readonly region?: string | undefined
}

export interface Place {
  /** The object's address, as the client's endpoint spells it, with its key percent-encoded. */
  readonly location: string
  readonly bucket: string
  /** Absent where the endpoint needs none, and none was given. */
  readonly region?: string | undefined
}

export const placeOf = (
  { bucket, key, region }: ObjectLocation,
  operation: string
): Effect.Effect<Place, InvalidInput, CosClient> =>
  Effect.flatMap(CosClient, (client) =>
    client.locate({
      operation,
      method: "GET",
      host: "bucket",
      bucket,
      region,
      key,
      query: [],
      headers: [],
      body: undefined,
      copySource: undefined,
      idempotent: true
    })
  ).pipe(
    Effect.map(({ request, url }) => ({ location: url, bucket: request.bucket as string, region: request.region }))
  )
