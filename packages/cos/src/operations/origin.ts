import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/origin.js"

/**
 * Where an object that is missing is fetched from.
 *
 * @since 0.1.0
 * @category origin
 */
const OriginRule = Schema.Struct({
  /** From 1, the first to be tried. */
  rulePriority: Schema.optional(c.Count),
  /** `Mirror`: fetched and stored, then sent. `Proxy`: sent at once, stored meanwhile. `Redirect`: the client is sent there. */
  originType: c.knownWords<"Mirror" | "Proxy" | "Redirect">(),
  /** When the rule applies. */
  originCondition: Schema.Struct({
    /** Such as `404`. */
    httpStatusCode: Schema.optional(Operation.fromElement("HTTPStatusCode", Schema.String)),
    /** Keys that begin so. */
    prefix: Schema.optional(Schema.String)
  }),
  /** How the origin is asked. */
  originParameter: Schema.optional(
    Schema.Struct({
      /** `FOLLOW`: that of the request. */
      protocol: Schema.optional(c.word("HTTP", "HTTPS", "FOLLOW")),
      /** Whether the query is passed on. */
      followQueryString: Schema.optional(c.Flag),
      /** With which headers. */
      httpHeader: Schema.optional(
        Schema.Struct({
          /** Whether all headers of the request are passed on. */
          followAllHeaders: Schema.optional(c.Flag),
          /** Headers to add, 10 at most. */
          newHttpHeaders: Schema.optional(
            Operation.fromElement(
              "NewHttpHeaders/Header",
              Schema.Array(
                Schema.Struct({
                  /** The header's name. */
                  key: Schema.String,
                  /** Its value. */
                  value: Schema.String
                })
              )
            )
          ),
          /** Headers of the request to pass on. */
          followHttpHeaders: Schema.optional(
            Operation.fromElement(
              "FollowHttpHeaders/Header",
              Schema.Array(
                Schema.Struct({
                  /** The header's name. */
                  key: Schema.String
                })
              )
            )
          )
        })
      ),
      /** Whether redirections of the origin are followed; else they are passed on. */
      followRedirection: Schema.optional(c.Flag),
      /** 301 or 302. */
      httpRedirectCode: Schema.optional(c.Count),
      /** Whether what was fetched is stored. */
      copyOriginData: Schema.optional(c.Flag)
    })
  ),
  /** Where the origin is. */
  originInfo: Schema.Struct({
    /** Host or address, with a port where wanted. */
    hostName: Operation.fromElement("HostInfo/HostName", Schema.String),
    /** What the key becomes there. */
    fileInfo: Schema.optional(
      Schema.Struct({
        /** Whether `prefix` is put before the key. */
        prefixDirective: Schema.optional(c.Flag),
        /** Put before the key. */
        prefix: Schema.optional(Operation.fromElement(["Prefix", "PrefixConfiguration/Prefix"], Schema.String)),
        /** Put after the key. */
        suffix: Schema.optional(Operation.fromElement(["Suffix", "SuffixConfiguration/Suffix"], Schema.String))
      })
    )
  })
})

const configuration = {
  /** Tried by their `rulePriority`. */
  rules: Operation.fromElement("OriginRule", Schema.Array(OriginRule))
}

/**
 * Replaces the rules by which objects that are missing are fetched from elsewhere.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category origin
 */
export const putBucketOrigin: types.OriginOperations["putBucketOrigin"] = Operation.make({
  name: "putBucketOrigin",
  method: "PUT",
  target: "bucket",
  subresource: "origin",
  doc: "https://www.tencentcloud.com/document/product/436/10111",
  document: "OriginConfiguration",
  params: Operation.elements(configuration),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
})

/**
 * Reads those rules. Without any it is `OriginConfigurationNotFoundError`, see `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category origin
 */
export const getBucketOrigin: types.OriginOperations["getBucketOrigin"] = Operation.make({
  name: "getBucketOrigin",
  method: "GET",
  target: "bucket",
  subresource: "origin",
  doc: "https://www.tencentcloud.com/document/product/436/10111",
  root: "OriginConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.OriginConfigurationNotFoundError, CosError.NoSuchBucket]
})

/**
 * Removes those rules.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category origin
 */
export const deleteBucketOrigin: types.OriginOperations["deleteBucketOrigin"] = Operation.make({
  name: "deleteBucketOrigin",
  method: "DELETE",
  target: "bucket",
  subresource: "origin",
  doc: "https://www.tencentcloud.com/document/product/436/10111",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})
