// Written by `pnpm generate` from ../logging.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * The input of `putBucketLogging`.
 *
 * @since 0.1.0
 * @category logging
 */
export interface PutBucketLoggingInput extends Operation.BucketInput {
  /** Absent: no logs are written. */
  readonly loggingEnabled?:
    | {
        /** A bucket of the same region, with its APPID. */
        readonly targetBucket: string
        /** What the keys of the logs begin with. It has to be given. */
        readonly targetPrefix?: string | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketLogging`.
 *
 * @since 0.1.0
 * @category logging
 */
export interface GetBucketLoggingInput extends Operation.BucketInput {}

/**
 * The output of `getBucketLogging`.
 *
 * @since 0.1.0
 * @category logging
 */
export interface GetBucketLoggingOutput {
  /** Absent: no logs are written. */
  readonly loggingEnabled?:
    | {
        /** A bucket of the same region, with its APPID. */
        readonly targetBucket: string
        /** What the keys of the logs begin with. It has to be given. */
        readonly targetPrefix?: string | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface LoggingOperations {
  readonly putBucketLogging: Operation.Operation<
    PutBucketLoggingInput,
    void,
    CosError.InvalidArgument | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketLogging: Operation.Operation<
    GetBucketLoggingInput,
    GetBucketLoggingOutput,
    CosError.NoSuchBucket | CosError.Common
  >
}
