import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/location.js"

/**
 * Reads the region of the bucket. The request itself has to go to that region: in any other it is `NoSuchBucket`.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category bucket
 */
export const getBucketLocation: types.LocationOperations["getBucketLocation"] = Operation.make({
  name: "getBucketLocation",
  method: "GET",
  target: "bucket",
  subresource: "location",
  doc: "https://www.tencentcloud.com/document/product/436/10111",
  root: "LocationConstraint",
  success: Schema.Struct({
    /** Such as `ap-guangzhou`. */
    location: Operation.fromRoot(Schema.NonEmptyString)
  }),
  errors: [CosError.NoSuchBucket]
})
