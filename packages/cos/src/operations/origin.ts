import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/origin.js"

const Header = Schema.Struct({
  /** The header's name. */
  key: Schema.String,
  ...fields.unknown
})

const NewHeader = Schema.Struct({
  /** The header's name. */
  key: Schema.String,
  /** Its value. */
  value: Schema.String,
  ...fields.unknown
})

/** Which headers an origin is asked with. */
const OriginHeaders = Schema.Struct({
  /** Whether all headers of the request are passed on. */
  followAllHeaders: Schema.optional(c.Flag),
  /** Headers to add, 10 at most. */
  newHttpHeaders: Schema.optional(
    Operation.fromElement(["NewHttpHeaders/Header", "NewHttpHeader/Header"], Schema.Array(NewHeader))
  ),
  /** Headers of the request to pass on. */
  followHttpHeaders: Schema.optional(
    Operation.fromElement(["FollowHttpHeaders/Header", "FollowHttpHeader/Header"], Schema.Array(Header))
  ),
  /** Headers of the request that are not passed on, though `followAllHeaders` says so. */
  forbidFollowHeaders: Schema.optional(
    Operation.fromElement(["ForbidFollowHeaders/Header", "ForbidFollowHttpHeaders/Header"], Schema.Array(Header))
  ),
  ...fields.unknown
})

/** A private origin, and by which keys its requests are signed. */
const PrivateHost = Schema.Struct({
  /** Host or address. */
  host: Schema.optional(Schema.String),
  /** The keys. */
  credentialProvider: Schema.optional(
    Schema.Struct({
      /** How requests are signed, such as `AWS4-HMAC-SHA256`. */
      authorizationAlgorithm: Schema.optional(Schema.String),
      /** The region of the origin. */
      region: Schema.optional(Schema.String),
      /** The id of the key. */
      secretId: Schema.optional(Schema.String),
      /** The key itself, for sending. */
      secretKey: Schema.optional(Schema.Redacted(Schema.String)),
      /** The key as the service gives it back. */
      encryptedSecretKey: Schema.optional(Schema.Redacted(Schema.String)),
      /** A role in place of a key. */
      role: Schema.optional(Schema.String),
      ...fields.unknown
    })
  ),
  ...fields.unknown
})

/** A host that objects are fetched from. */
const OriginHost = Schema.Struct({
  /** Host or address, with a port where wanted. */
  hostName: Schema.optional(Schema.String),
  /** Its share of the requests, among several hosts. */
  weight: Schema.optional(c.Count),
  /** In place of `hostName`: an origin that wants signed requests. */
  privateHost: Schema.optional(PrivateHost),
  /** Hosts that are asked in turn where this one fails, 10 at most: `StandbyHostName_1` and so on. */
  standbyHostNames: Schema.optional(Operation.fromNumbered("StandbyHostName_", Schema.Array(Schema.String))),
  /** The same of private origins: `PrivateStandbyHost_1` and so on. */
  privateStandbyHosts: Schema.optional(Operation.fromNumbered("PrivateStandbyHost_", Schema.Array(PrivateHost))),
  ...fields.unknown
})

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
    prefix: Schema.optional(Schema.String),
    /** Keys that end so. */
    suffix: Schema.optional(Schema.String),
    /** Hosts of the bucket to whose requests the rule does not apply. */
    forbiddenHosts: Schema.optional(
      Operation.fromElement("FilterHost/ForbidHost/DomainList/Domain", Schema.Array(Schema.String))
    ),
    ...fields.unknown
  }),
  /** How the origin is asked. */
  originParameter: Schema.optional(
    Schema.Struct({
      /** `FOLLOW`: that of the request. */
      protocol: Schema.optional(c.word("HTTP", "HTTPS", "FOLLOW")),
      /** Whether an error of the origin is passed on with its status. */
      transparentErrorCode: Schema.optional(c.Flag),
      /** Whether the query is passed on. */
      followQueryString: Schema.optional(c.Flag),
      /** With which headers. */
      httpHeader: Schema.optional(Operation.fromElement(["HttpHeader", "HTTPHeader"], OriginHeaders)),
      /** Whether redirections of the origin are followed; else they are passed on. */
      followRedirection: Schema.optional(c.Flag),
      /** How they are followed. */
      followRedirectionConfiguration: Schema.optional(
        Schema.Struct({
          /** Whether the headers of the first request are sent again. */
          followOriginHeaders: Schema.optional(c.Flag),
          /** Whether the address is decoded before it is followed. */
          followUrlAutoDecode: Schema.optional(c.Flag),
          ...fields.unknown
        })
      ),
      /** 301, 302 or 307, of `Redirect`. */
      httpRedirectCode: Schema.optional(c.Count),
      /** Whether what was fetched is stored. */
      copyOriginData: Schema.optional(c.Flag),
      ...fields.unknown
    })
  ),
  /** Where the origin is. */
  originInfo: Schema.Struct({
    /** 10 at most. */
    hosts: Operation.fromElement("HostInfo", c.atMost(10, "hosts", OriginHost)),
    /** What the key becomes there. */
    fileInfo: Schema.optional(
      Schema.Struct({
        /** Whether `prefix` is put before the key. */
        prefixDirective: Schema.optional(c.Flag),
        /** Put before the key. Of the old form of a rule, which has no `prefixConfiguration`. */
        prefix: Schema.optional(Schema.String),
        /** Put after the key. Of the old form of a rule, which has no `suffixConfiguration`. */
        suffix: Schema.optional(Schema.String),
        /** What becomes of the beginning of the key. */
        prefixConfiguration: Schema.optional(
          Schema.Struct({
            /** Put before the key, or replaced by `replacedWithPrefix` where that is given. */
            prefix: Schema.optional(Schema.String),
            /** What `prefix` is replaced by. */
            replacedWithPrefix: Schema.optional(Schema.String),
            ...fields.unknown
          })
        ),
        /** What becomes of the end of the key. */
        suffixConfiguration: Schema.optional(
          Schema.Struct({
            /** Put after the key, or replaced by `replacedWithSuffix` where that is given. */
            suffix: Schema.optional(Schema.String),
            /** What `suffix` is replaced by. */
            replacedWithSuffix: Schema.optional(Schema.String),
            ...fields.unknown
          })
        ),
        /** The one file that every key becomes. */
        fixedFilePath: Schema.optional(Operation.fromElement("FixedFileConfiguration/FixedFilePath", Schema.String)),
        ...fields.unknown
      })
    ),
    ...fields.unknown
  }),
  /** Statuses of the origin for which the standby hosts are asked. */
  httpStandbyCodes: Schema.optional(Operation.fromElement("HTTPStandbyCode/StatusCode", Schema.Array(Schema.String))),
  ...fields.unknown
})

const configuration = {
  /** Tried by their `rulePriority`. */
  rules: Operation.fromElement("OriginRule", Schema.Array(OriginRule)),
  ...fields.unknown
}

/**
 * Replaces the rules by which objects that are missing are fetched from elsewhere.
 *
 * @see https://www.tencentcloud.com/document/product/436/52813
 * @since 0.1.0
 * @category origin
 */
export const putBucketOrigin: types.OriginOperations["putBucketOrigin"] = Operation.make({
  name: "putBucketOrigin",
  method: "PUT",
  target: "bucket",
  subresource: "origin",
  doc: "https://www.tencentcloud.com/document/product/436/52813",
  document: "OriginConfiguration",
  params: Operation.elements(configuration),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
})

/**
 * Reads those rules. Without any it is `OriginConfigurationNotFoundError`, see `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/52814
 * @since 0.1.0
 * @category origin
 */
export const getBucketOrigin: types.OriginOperations["getBucketOrigin"] = Operation.make({
  name: "getBucketOrigin",
  method: "GET",
  target: "bucket",
  subresource: "origin",
  doc: "https://www.tencentcloud.com/document/product/436/52814",
  root: "OriginConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.OriginConfigurationNotFoundError, CosError.NoSuchBucket]
})

/**
 * Removes those rules.
 *
 * @see https://www.tencentcloud.com/document/product/436/52812
 * @since 0.1.0
 * @category origin
 */
export const deleteBucketOrigin: types.OriginOperations["deleteBucketOrigin"] = Operation.make({
  name: "deleteBucketOrigin",
  method: "DELETE",
  target: "bucket",
  subresource: "origin",
  doc: "https://www.tencentcloud.com/document/product/436/52812",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})
