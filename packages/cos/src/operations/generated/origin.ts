// Written by `pnpm generate` from ../origin.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
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
  }
  /** How the origin is asked. */
  readonly originParameter?:
    | {
        /** `FOLLOW`: that of the request. */
        readonly protocol?: "FOLLOW" | "HTTP" | "HTTPS" | (string & {}) | undefined
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
                  }>
                | undefined
              /** Headers of the request to pass on. */
              readonly followHttpHeaders?:
                | ReadonlyArray<{
                    /** The header's name. */
                    readonly key: string
                  }>
                | undefined
            }
          | undefined
        /** Whether redirections of the origin are followed; else they are passed on. */
        readonly followRedirection?: boolean | undefined
        /** 301 or 302. */
        readonly httpRedirectCode?: number | undefined
        /** Whether what was fetched is stored. */
        readonly copyOriginData?: boolean | undefined
      }
    | undefined
  /** Where the origin is. */
  readonly originInfo: {
    /** Host or address, with a port where wanted. */
    readonly hostName: string
    /** What the key becomes there. */
    readonly fileInfo?:
      | {
          /** Whether `prefix` is put before the key. */
          readonly prefixDirective?: boolean | undefined
          /** Put before the key. */
          readonly prefix?: string | undefined
          /** Put after the key. */
          readonly suffix?: string | undefined
        }
      | undefined
  }
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
