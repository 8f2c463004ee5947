// Written by `pnpm generate` from ../origin.ts: change the declarations there.

import type * as Redacted from "effect/Redacted"
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * Where an object that is missing is fetched from.
 *
 * @since 0.1.0
 * @category origin
 */
export interface OriginRule {
  /** From 1, the first to be tried. */
  readonly rulePriority?: number | undefined
  /**
   * `Mirror`: fetched and stored, then sent. `Proxy`: sent at once, stored meanwhile. `Redirect`: the client is sent
   * there.
   */
  readonly originType: "Mirror" | "Proxy" | "Redirect" | (string & {})
  /** When the rule applies. */
  readonly originCondition: {
    /** Such as `404`. */
    readonly httpStatusCode?: string | undefined
    /** Keys that begin so. */
    readonly prefix?: string | undefined
    /** Keys that end so. */
    readonly suffix?: string | undefined
    /** Hosts of the bucket to whose requests the rule does not apply. */
    readonly forbiddenHosts?: ReadonlyArray<string> | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** How the origin is asked. */
  readonly originParameter?:
    | {
        /** `FOLLOW`: that of the request. */
        readonly protocol?: "FOLLOW" | "HTTP" | "HTTPS" | (string & {}) | undefined
        /** Whether an error of the origin is passed on with its status. */
        readonly transparentErrorCode?: boolean | undefined
        /** Whether the query is passed on. */
        readonly followQueryString?: boolean | undefined
        /** With which headers. */
        readonly httpHeader?:
          | {
              /** Whether all headers of the request are passed on. */
              readonly followAllHeaders?: boolean | undefined
              /** Headers to add, 10 at most. */
              readonly newHttpHeaders?:
                | ReadonlyArray<{
                    /** The header's name. */
                    readonly key: string
                    /** Its value. */
                    readonly value: string
                    /** What this SDK does not know of it: kept, and written again where it stood. */
                    readonly unknownElements?: CosXml.Elements | undefined
                  }>
                | undefined
              /** Headers of the request to pass on. */
              readonly followHttpHeaders?:
                | ReadonlyArray<{
                    /** The header's name. */
                    readonly key: string
                    /** What this SDK does not know of it: kept, and written again where it stood. */
                    readonly unknownElements?: CosXml.Elements | undefined
                  }>
                | undefined
              /** Headers of the request that are not passed on, though `followAllHeaders` says so. */
              readonly forbidFollowHeaders?:
                | ReadonlyArray<{
                    /** The header's name. */
                    readonly key: string
                    /** What this SDK does not know of it: kept, and written again where it stood. */
                    readonly unknownElements?: CosXml.Elements | undefined
                  }>
                | undefined
              /** What this SDK does not know of it: kept, and written again where it stood. */
              readonly unknownElements?: CosXml.Elements | undefined
            }
          | undefined
        /** Whether redirections of the origin are followed; else they are passed on. */
        readonly followRedirection?: boolean | undefined
        /** How they are followed. */
        readonly followRedirectionConfiguration?:
          | {
              /** Whether the headers of the first request are sent again. */
              readonly followOriginHeaders?: boolean | undefined
              /** Whether the address is decoded before it is followed. */
              readonly followUrlAutoDecode?: boolean | undefined
              /** What this SDK does not know of it: kept, and written again where it stood. */
              readonly unknownElements?: CosXml.Elements | undefined
            }
          | undefined
        /** 301, 302 or 307, of `Redirect`. */
        readonly httpRedirectCode?: number | undefined
        /** Whether what was fetched is stored. */
        readonly copyOriginData?: boolean | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** Where the origin is. */
  readonly originInfo: {
    /** 10 at most. */
    readonly hosts: ReadonlyArray<{
      /** Host or address, with a port where wanted. */
      readonly hostName?: string | undefined
      /** Its share of the requests, among several hosts. */
      readonly weight?: number | undefined
      /** In place of `hostName`: an origin that wants signed requests. */
      readonly privateHost?:
        | {
            /** Host or address. */
            readonly host?: string | undefined
            /** The keys. */
            readonly credentialProvider?:
              | {
                  /** How requests are signed, such as `AWS4-HMAC-SHA256`. */
                  readonly authorizationAlgorithm?: string | undefined
                  /** The region of the origin. */
                  readonly region?: string | undefined
                  /** The id of the key. */
                  readonly secretId?: string | undefined
                  /** The key itself, for sending. */
                  readonly secretKey?: Redacted.Redacted<string> | undefined
                  /** The key as the service gives it back. */
                  readonly encryptedSecretKey?: Redacted.Redacted<string> | undefined
                  /** A role in place of a key. */
                  readonly role?: string | undefined
                  /** What this SDK does not know of it: kept, and written again where it stood. */
                  readonly unknownElements?: CosXml.Elements | undefined
                }
              | undefined
            /** What this SDK does not know of it: kept, and written again where it stood. */
            readonly unknownElements?: CosXml.Elements | undefined
          }
        | undefined
      /** Hosts that are asked in turn where this one fails, 10 at most: `StandbyHostName_1` and so on. */
      readonly standbyHostNames?: ReadonlyArray<string> | undefined
      /** The same of private origins: `PrivateStandbyHost_1` and so on. */
      readonly privateStandbyHosts?:
        | ReadonlyArray<{
            /** Host or address. */
            readonly host?: string | undefined
            /** The keys. */
            readonly credentialProvider?:
              | {
                  /** How requests are signed, such as `AWS4-HMAC-SHA256`. */
                  readonly authorizationAlgorithm?: string | undefined
                  /** The region of the origin. */
                  readonly region?: string | undefined
                  /** The id of the key. */
                  readonly secretId?: string | undefined
                  /** The key itself, for sending. */
                  readonly secretKey?: Redacted.Redacted<string> | undefined
                  /** The key as the service gives it back. */
                  readonly encryptedSecretKey?: Redacted.Redacted<string> | undefined
                  /** A role in place of a key. */
                  readonly role?: string | undefined
                  /** What this SDK does not know of it: kept, and written again where it stood. */
                  readonly unknownElements?: CosXml.Elements | undefined
                }
              | undefined
            /** What this SDK does not know of it: kept, and written again where it stood. */
            readonly unknownElements?: CosXml.Elements | undefined
          }>
        | undefined
      /** What this SDK does not know of it: kept, and written again where it stood. */
      readonly unknownElements?: CosXml.Elements | undefined
    }>
    /** What the key becomes there. */
    readonly fileInfo?:
      | {
          /** Whether `prefix` is put before the key. */
          readonly prefixDirective?: boolean | undefined
          /** Put before the key. Of the old form of a rule, which has no `prefixConfiguration`. */
          readonly prefix?: string | undefined
          /** Put after the key. Of the old form of a rule, which has no `suffixConfiguration`. */
          readonly suffix?: string | undefined
          /** What becomes of the beginning of the key. */
          readonly prefixConfiguration?:
            | {
                /** Put before the key, or replaced by `replacedWithPrefix` where that is given. */
                readonly prefix?: string | undefined
                /** What `prefix` is replaced by. */
                readonly replacedWithPrefix?: string | undefined
                /** What this SDK does not know of it: kept, and written again where it stood. */
                readonly unknownElements?: CosXml.Elements | undefined
              }
            | undefined
          /** What becomes of the end of the key. */
          readonly suffixConfiguration?:
            | {
                /** Put after the key, or replaced by `replacedWithSuffix` where that is given. */
                readonly suffix?: string | undefined
                /** What `suffix` is replaced by. */
                readonly replacedWithSuffix?: string | undefined
                /** What this SDK does not know of it: kept, and written again where it stood. */
                readonly unknownElements?: CosXml.Elements | undefined
              }
            | undefined
          /** The one file that every key becomes. */
          readonly fixedFilePath?: string | undefined
          /** What this SDK does not know of it: kept, and written again where it stood. */
          readonly unknownElements?: CosXml.Elements | undefined
        }
      | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** Statuses of the origin for which the standby hosts are asked. */
  readonly httpStandbyCodes?: ReadonlyArray<string> | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketOrigin`.
 *
 * @since 0.1.0
 * @category origin
 */
export interface PutBucketOriginInput extends Operation.BucketInput {
  /** Tried by their `rulePriority`. */
  readonly rules: ReadonlyArray<OriginRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketOrigin`.
 *
 * @since 0.1.0
 * @category origin
 */
export interface GetBucketOriginInput extends Operation.BucketInput {}

/**
 * The output of `getBucketOrigin`.
 *
 * @since 0.1.0
 * @category origin
 */
export interface GetBucketOriginOutput {
  /** Tried by their `rulePriority`. */
  readonly rules: ReadonlyArray<OriginRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `deleteBucketOrigin`.
 *
 * @since 0.1.0
 * @category origin
 */
export interface DeleteBucketOriginInput extends Operation.BucketInput {}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface OriginOperations {
  readonly putBucketOrigin: Operation.Operation<
    PutBucketOriginInput,
    void,
    CosError.InvalidArgument | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketOrigin: Operation.Operation<
    GetBucketOriginInput,
    GetBucketOriginOutput,
    CosError.NoSuchBucket | CosError.OriginConfigurationNotFoundError | CosError.Common
  >
  readonly deleteBucketOrigin: Operation.Operation<
    DeleteBucketOriginInput,
    void,
    CosError.NoSuchBucket | CosError.Common
  >
}
