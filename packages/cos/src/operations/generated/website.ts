// Written by `pnpm generate` from ../website.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * A routing rule of a website: which requests are redirected, and where to.
 *
 * @since 0.1.0
 * @category website
 */
export interface WebsiteRoutingRule {
  /** One of the two. */
  readonly condition: {
    /** A status such as 404. */
    readonly httpErrorCodeReturnedEquals?: number | undefined
    /** Keys that begin so. */
    readonly keyPrefixEquals?: string | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** Where to. */
  readonly redirect: {
    /** `https`; default: as the request. */
    readonly protocol?: string | undefined
    /** The whole key. */
    readonly replaceKeyWith?: string | undefined
    /** The prefix that matched. */
    readonly replaceKeyPrefixWith?: string | undefined
    /** Whether `replaceKeyWith` and `replaceKeyPrefixWith` are addresses, not keys. */
    readonly urlRedirect?: "Disabled" | "Enabled" | (string & {}) | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketWebsite`.
 *
 * @since 0.1.0
 * @category website
 */
export interface PutBucketWebsiteInput extends Operation.BucketInput {
  /** What a request for a folder gets, such as `index.html`. */
  readonly indexDocument: string
  /** `https`: every request is sent there. */
  readonly redirectAllRequestsTo?: string | undefined
  /** Whether the extension of a page may be left out. */
  readonly autoAddressing?: "Disabled" | "Enabled" | (string & {}) | undefined
  /** The page that is shown for an error. */
  readonly errorDocument?:
    | {
        /** The page's key. */
        readonly key?: string | undefined
        /** Whether it comes with the error's status; else with 200. */
        readonly originalHttpStatus?: "Disabled" | "Enabled" | (string & {}) | undefined
        /** Whether a 404 shows the page of a charity, in place of `key`. */
        readonly charity404?: "Disabled" | "Enabled" | (string & {}) | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** Which requests are sent elsewhere. */
  readonly routingRules?: ReadonlyArray<WebsiteRoutingRule> | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketWebsite`.
 *
 * @since 0.1.0
 * @category website
 */
export interface GetBucketWebsiteInput extends Operation.BucketInput {}

/**
 * The output of `getBucketWebsite`.
 *
 * @since 0.1.0
 * @category website
 */
export interface GetBucketWebsiteOutput {
  /** What a request for a folder gets, such as `index.html`. */
  readonly indexDocument?: string | undefined
  /** `https`: every request is sent there. */
  readonly redirectAllRequestsTo?: string | undefined
  /** Whether the extension of a page may be left out. */
  readonly autoAddressing?: "Disabled" | "Enabled" | (string & {}) | undefined
  /** The page that is shown for an error. */
  readonly errorDocument?:
    | {
        /** The page's key. */
        readonly key?: string | undefined
        /** Whether it comes with the error's status; else with 200. */
        readonly originalHttpStatus?: "Disabled" | "Enabled" | (string & {}) | undefined
        /** Whether a 404 shows the page of a charity, in place of `key`. */
        readonly charity404?: "Disabled" | "Enabled" | (string & {}) | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** Which requests are sent elsewhere. */
  readonly routingRules?: ReadonlyArray<WebsiteRoutingRule> | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `deleteBucketWebsite`.
 *
 * @since 0.1.0
 * @category website
 */
export interface DeleteBucketWebsiteInput extends Operation.BucketInput {}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebsiteOperations {
  readonly putBucketWebsite: Operation.Operation<
    PutBucketWebsiteInput,
    void,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketWebsite: Operation.Operation<
    GetBucketWebsiteInput,
    GetBucketWebsiteOutput,
    CosError.NoSuchBucket | CosError.NoSuchWebsiteConfiguration | CosError.Common
  >
  readonly deleteBucketWebsite: Operation.Operation<
    DeleteBucketWebsiteInput,
    void,
    CosError.NoSuchBucket | CosError.Common
  >
}
