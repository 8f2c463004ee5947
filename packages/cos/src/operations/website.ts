import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/website.js"

/**
 * A routing rule of a website: which requests are redirected, and where to.
 *
 * @since 0.1.0
 * @category website
 */
const WebsiteRoutingRule = Schema.Struct({
  /** One of the two. */
  condition: Schema.Struct({
    /** A status such as 404. */
    httpErrorCodeReturnedEquals: Schema.optional(c.Count),
    /** Keys that begin so. */
    keyPrefixEquals: Schema.optional(Schema.String),
    ...fields.unknown
  }),
  /** Where to. */
  redirect: Schema.Struct({
    /** `https`; default: as the request. */
    protocol: Schema.optional(Schema.String),
    /** The whole key. */
    replaceKeyWith: Schema.optional(Schema.String),
    /** The prefix that matched. */
    replaceKeyPrefixWith: Schema.optional(Schema.String),
    /** Whether `replaceKeyWith` and `replaceKeyPrefixWith` are addresses, not keys. */
    urlRedirect: Schema.optional(Operation.fromElement("URLRedirect", c.word("Enabled", "Disabled"))),
    ...fields.unknown
  }),
  ...fields.unknown
})

const configuration = {
  /** What a request for a folder gets, such as `index.html`. */
  indexDocument: Schema.optional(Operation.fromElement("IndexDocument/Suffix", Schema.String)),
  /** `https`: every request is sent there. */
  redirectAllRequestsTo: Schema.optional(Operation.fromElement("RedirectAllRequestsTo/Protocol", Schema.String)),
  /** Whether the extension of a page may be left out. */
  autoAddressing: Schema.optional(Operation.fromElement("AutoAddressing/Status", c.word("Enabled", "Disabled"))),
  /** The page that is shown for an error. */
  errorDocument: Schema.optional(
    Schema.Struct({
      /** The page's key. */
      key: Schema.optional(Schema.String),
      /** Whether it comes with the error's status; else with 200. */
      originalHttpStatus: Schema.optional(c.word("Enabled", "Disabled")),
      /** Whether a 404 shows the page of a charity, in place of `key`. */
      charity404: Schema.optional(c.word("Enabled", "Disabled")),
      ...fields.unknown
    })
  ),
  /** Which requests are sent elsewhere. */
  routingRules: Schema.optional(Operation.fromElement("RoutingRules/RoutingRule", Schema.Array(WebsiteRoutingRule))),
  ...fields.unknown
}

/**
 * Makes the bucket a static website, at its `cos-website` host.
 *
 * @see https://www.tencentcloud.com/document/product/436/30617
 * @since 0.1.0
 * @category website
 */
export const putBucketWebsite: types.WebsiteOperations["putBucketWebsite"] = Operation.make({
  name: "putBucketWebsite",
  method: "PUT",
  target: "bucket",
  subresource: "website",
  doc: "https://www.tencentcloud.com/document/product/436/30617",
  document: "WebsiteConfiguration",
  params: Operation.elements(configuration, "indexDocument"),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument, CosError.InvalidRequest]
})

/**
 * Reads how the bucket is a website. Where it is none it is `NoSuchWebsiteConfiguration`, see `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/30616
 * @since 0.1.0
 * @category website
 */
export const getBucketWebsite: types.WebsiteOperations["getBucketWebsite"] = Operation.make({
  name: "getBucketWebsite",
  method: "GET",
  target: "bucket",
  subresource: "website",
  doc: "https://www.tencentcloud.com/document/product/436/30616",
  root: "WebsiteConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchWebsiteConfiguration, CosError.NoSuchBucket]
})

/**
 * Ends the website.
 *
 * @see https://www.tencentcloud.com/document/product/436/30629
 * @since 0.1.0
 * @category website
 */
export const deleteBucketWebsite: types.WebsiteOperations["deleteBucketWebsite"] = Operation.make({
  name: "deleteBucketWebsite",
  method: "DELETE",
  target: "bucket",
  subresource: "website",
  doc: "https://www.tencentcloud.com/document/product/436/30629",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})
