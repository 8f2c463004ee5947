// Written by `pnpm generate` from ../processing.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type { PicOperations } from "../../internal/operation/imageCodecs.js"
import type * as Operation from "../../Operation.js"
import type { PreviewWatermark } from "../processing.js"
import type { ImageInfo, ProcessedImage } from "./shared.js"

/**
 * The input of `processObject`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface ProcessObjectInput extends Operation.ObjectInput {
  /** The rule, or several joined by `|`. */
  readonly rule: string
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
}

/**
 * The output of `processObject`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface ProcessObjectOutput extends Operation.WithBody {
  readonly contentType?: string | undefined
  /** Bytes; absent when the service sends them in chunks. */
  readonly contentLength?: number | undefined
  readonly eTag?: string | undefined
  readonly lastModified?: Date | undefined
}

/**
 * The input of `imageProcess`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface ImageProcessInput extends Operation.ObjectInput {
  /** What is made, and where it is stored. */
  readonly operations: PicOperations
}

/**
 * The output of `imageProcess`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface ImageProcessOutput {
  /** The image that was processed. */
  readonly originalInfo?:
    | {
        readonly key?: string | undefined
        readonly location?: string | undefined
        readonly eTag?: string | undefined
        readonly imageInfo?: ImageInfo | undefined
      }
    | undefined
  /** What the rules of `picOperations` made. */
  readonly processResults?: ReadonlyArray<ProcessedImage> | undefined
  /** The text that a rule found, such as that of a blind watermark. */
  readonly processResultsText?: string | undefined
  /** How the search for a watermark ended. */
  readonly watermarkStatusCode?: number | undefined
  /** What a rule recognised, as it is in the document. */
  readonly imgTargetRecResult?: CosXml.Elements | string | undefined
}

/**
 * The input of `imageInfo`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface ImageInfoInput extends Operation.ObjectInput {
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
}

/**
 * The output of `imageInfo`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface ImageInfoOutput {
  /** Such as `jpeg`. */
  readonly format: string
  /** Pixels. */
  readonly width: number
  /** Pixels. */
  readonly height: number
  /** Bytes. */
  readonly size?: number | undefined
  readonly md5?: string | undefined
  /** Frames: 1 unless it moves. */
  readonly frameCount?: number | undefined
  /** Its average colour, such as `0x736246`. */
  readonly photoRgb?: string | undefined
  /** Bits of a colour. */
  readonly bitDepth?: number | undefined
  /** Dots per inch. */
  readonly verticalDpi?: number | undefined
  /** Dots per inch. */
  readonly horizontalDpi?: number | undefined
  /** `hdr`, `gainmap hdr`, `sdr`, or `unknow`, as the service writes it. */
  readonly dynamicRange?: "gainmap hdr" | "hdr" | "sdr" | "unknow" | (string & {}) | undefined
  /** What is said beside these, as it is. */
  readonly rest?: { readonly [name: string]: boolean | null | number | object | string } | undefined
}

/**
 * The input of `ciProcess`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface CiProcessInput extends Operation.ObjectInput {
  /** Its name. */
  readonly process: string
  /** Its parameters, by the names it gives them. */
  readonly parameters?: { readonly [name: string]: string } | undefined
}

/**
 * The output of `ciProcess`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface CiProcessOutput extends Operation.WithBody {
  readonly contentType?: string | undefined
  /** Bytes; absent when the service sends them in chunks. */
  readonly contentLength?: number | undefined
  readonly eTag?: string | undefined
  readonly lastModified?: Date | undefined
}

/**
 * The input of `docPreview`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface DocPreviewInput extends Operation.ObjectInput {
  /** What is made. Default `jpg`. `pdf` and `html` are of the whole document. */
  readonly dstType?: "html" | "jpg" | "pdf" | "png" | undefined
  /** From 1, the default; of a spreadsheet, the page of its `sheet`. */
  readonly page?: number | undefined
  /** The sheet of a spreadsheet, from 1, the default. */
  readonly sheet?: number | undefined
  /** The type of the document, if its key has no extension. */
  readonly srcType?: string | undefined
  /** The password of a protected document. It is part of the URL. */
  readonly password?: string | undefined
  /** Image processing of the page. */
  readonly imageParams?: string | undefined
  /** Whether comments and revisions are shown. Default `false`. */
  readonly comment?: boolean | undefined
  /** Of an image: 1 to 100, the default. */
  readonly quality?: number | undefined
  /** Percent that a page is enlarged or reduced by: 10 to 200. Default 100. */
  readonly zoom?: number | undefined
  /** Percent of the image's width and height: 10 to 200. */
  readonly scale?: number | undefined
  /** Dots per inch: 96, the default, to 600. */
  readonly imageDpi?: number | undefined
  /** Of a spreadsheet: 0, the default, for upright paper, 1 for landscape. */
  readonly excelPaperDirection?: number | undefined
  /** Of a spreadsheet: the size of the paper, by its number. Default 0, A4. */
  readonly excelPaperSize?: number | undefined
  /** Of a spreadsheet: 1 puts all rows onto one page. Default 0. */
  readonly excelRow?: number | undefined
  /** Of a spreadsheet: 1 puts all columns onto one page. Default 0. */
  readonly excelCol?: number | undefined
  /** Of a text: whether it is cut into pages. Default `false`. */
  readonly txtPagination?: boolean | undefined
  /** As the service names it. */
  readonly type?: string | undefined
  /** Text that is written over a preview in HTML. */
  readonly watermark?: PreviewWatermark | undefined
}

/**
 * The output of `docPreview`.
 *
 * @since 0.1.0
 * @category processing
 */
export interface DocPreviewOutput extends Operation.WithBody {
  readonly contentType?: string | undefined
  /** Bytes; absent when the service sends them in chunks. */
  readonly contentLength?: number | undefined
  readonly eTag?: string | undefined
  readonly lastModified?: Date | undefined
  /** Pages of the document, or of the sheet. */
  readonly totalPages?: number | undefined
  readonly totalSheets?: number | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProcessingOperations {
  readonly processObject: Operation.BodyOperation<
    ProcessObjectInput,
    ProcessObjectOutput,
    | CosError.InvalidArgument
    | CosError.InvalidObjectState
    | CosError.InvalidRequest
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.Common
  >
  readonly imageProcess: Operation.Operation<
    ImageProcessInput,
    ImageProcessOutput,
    | CosError.InvalidArgument
    | CosError.InvalidObjectState
    | CosError.InvalidRequest
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.Common
  >
  readonly imageInfo: Operation.Operation<
    ImageInfoInput,
    ImageInfoOutput,
    | CosError.InvalidArgument
    | CosError.InvalidObjectState
    | CosError.InvalidRequest
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.Common
  >
  readonly ciProcess: Operation.BodyOperation<
    CiProcessInput,
    CiProcessOutput,
    | CosError.InvalidArgument
    | CosError.InvalidObjectState
    | CosError.InvalidRequest
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.Common
  >
  readonly docPreview: Operation.BodyOperation<
    DocPreviewInput,
    DocPreviewOutput,
    | CosError.InvalidArgument
    | CosError.InvalidObjectState
    | CosError.InvalidRequest
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.Common
  >
}
