/** The settings of a request. The nearest wins: its input, then its fiber, then the client. */
import * as Context from "effect/Context"
import type { Settings } from "../../CosClient.js"
import * as RetryPolicy from "../../RetryPolicy.js"

/**
 * A bucket and its region, as far as they are given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Location {
  readonly bucket?: string | undefined
  readonly region?: string | undefined
}

export class CurrentBucket extends Context.Reference<CurrentBucket>()("effect-cos/CosClient/CurrentBucket", {
  defaultValue: (): Location => ({})
}) {}

/**
 * Whether requests may be signed with the last access key, even if it is expired or rejected, when there is no newer one.
 * For those that remove what an interrupted transfer left on the server.
 */
export class AllowStaleCredentials extends Context.Reference<AllowStaleCredentials>()(
  "effect-cos/internal/AllowStaleCredentials",
  { defaultValue: (): boolean => false }
) {}

export const inheritLocation = (
  input: Location,
  current: Location,
  settings: Settings
): { readonly bucket: string | undefined; readonly region: string | undefined } => ({
  bucket: input.bucket ?? current.bucket ?? settings.bucket,
  region: input.region ?? current.region ?? settings.region
})

export const inheritPolicy = (
  current: RetryPolicy.RetryPolicy | undefined,
  settings: Settings
): RetryPolicy.RetryPolicy => current ?? settings.retry ?? RetryPolicy.default
