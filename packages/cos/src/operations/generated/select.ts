// Written by `pnpm generate` from ../select.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as Operation from "../../Operation.js"
import type { SelectEvent } from "../select.js"

/**
 * The input of `selectObjectContent`.
 *
 * @since 0.1.0
 * @category object
 */
export interface SelectObjectContentInput extends Operation.ObjectInput {
  /** SQL, such as `select * from COSObject`. */
  readonly expression: string
  /** What the object holds: one of `csv`, `json` and `parquet`. */
  readonly input: {
    /** Default `NONE`. */
    readonly compressionType?: "BZIP2" | "GZIP" | "NONE" | undefined
    /** Lines of fields. */
    readonly csv?:
      | {
          /** Default: a line feed. */
          readonly recordDelimiter?: string | undefined
          /** Default: a comma. */
          readonly fieldDelimiter?: string | undefined
          /** Default: `"`. */
          readonly quoteCharacter?: string | undefined
          /** Default: `"`. */
          readonly quoteEscapeCharacter?: string | undefined
          /** What the first line is: `USE` by name, `IGNORE`, or `NONE`, the default: a record like others. */
          readonly fileHeaderInfo?: "IGNORE" | "NONE" | "USE" | undefined
          /** Lines that begin so are skipped. Default `#`. */
          readonly comments?: string | undefined
          /** Whether quoted fields may hold the delimiter of records. Default `false`. */
          readonly allowQuotedRecordDelimiter?: boolean | undefined
        }
      | undefined
    /** JSON. */
    readonly json?:
      | {
          /** One value a line, or one in all. */
          readonly type: "DOCUMENT" | "LINES"
        }
      | undefined
    /** `true`: the object is self-describing. */
    readonly parquet?: true | undefined
  }
  /** How the result is written: `csv` or `json`. */
  readonly output: {
    /** As lines of fields. */
    readonly csv?:
      | {
          /** Default: a line feed. */
          readonly recordDelimiter?: string | undefined
          /** Default: a comma. */
          readonly fieldDelimiter?: string | undefined
          /** Default: `"`. */
          readonly quoteCharacter?: string | undefined
          /** Default: `"`. */
          readonly quoteEscapeCharacter?: string | undefined
          /** Default `ASNEEDED`. */
          readonly quoteFields?: "ALWAYS" | "ASNEEDED" | undefined
        }
      | undefined
    /** As JSON, one value a record. */
    readonly json?:
      | {
          /** Default: a line feed. */
          readonly recordDelimiter?: string | undefined
        }
      | undefined
  }
  /** Whether `Progress` events are sent. Default `false`. */
  readonly progress?: boolean | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface SelectOperations {
  readonly selectObjectContent: Operation.EventsOperation<
    SelectObjectContentInput,
    SelectEvent,
    | CosError.InvalidArgument
    | CosError.InvalidObjectState
    | CosError.InvalidRequest
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.Common
  >
}
