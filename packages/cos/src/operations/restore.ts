import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/restore.js"

/**
 * Asks for a readable copy of an archived object, or for a longer life of the one there is. It takes minutes to hours:
 * meanwhile `headObject` has `restore: { ongoing: true }`, and then `{ ongoing: false, expiresAt }`.
 *
 * An object of `INTELLIGENT_TIERING` in one of its archive tiers has no copy: without `days`, it goes back to the tier
 * `FREQUENT` itself.
 *
 * 100 requests a second at most.
 *
 * @see https://www.tencentcloud.com/document/product/436/12633
 * @since 0.1.0
 * @category object
 */
export const restoreObject: types.RestoreOperations["restoreObject"] = Operation.recoverLostResponse(
  Operation.make({
    name: "restoreObject",
    method: "POST",
    target: "object",
    subresource: "restore",
    document: "RestoreRequest",
    idempotent: true,
    permissions: { actions: ["PostObjectRestore", "RestoreObject"] },
    doc: "https://www.tencentcloud.com/document/product/436/12633",
    params: {
      ...fields.version,
      ...Operation.elements({
        /** How long the copy can be read: days, from 1. Needed but for `INTELLIGENT_TIERING`. */
        days: Schema.optional(c.integer(1, 36_500, "an integer of days, from 1")),
        /** How fast: default `Standard`. `Expedited` is not for `DEEP_ARCHIVE`. */
        tier: Schema.optional(Operation.fromElement("CASJobParameters/Tier", c.RestoreTier))
      })
    },
    success: Schema.Void,
    errors: [
      CosError.NoSuchKey,
      CosError.NoSuchBucket,
      CosError.NoSuchVersion,
      CosError.RestoreAlreadyInProgress,
      CosError.RestoreNonArchiveObject,
      CosError.InvalidArgument,
      CosError.MalformedXML
    ]
  }),
  (error) => Effect.succeed(error._tag === "RestoreAlreadyInProgress" ? Option.some(undefined) : Option.none())
)
