// Written by `pnpm generate` from ../../internal/operation/fields.ts and ../../internal/operation/tags.ts and ../../internal/operation/codecs.ts: change the declarations there.
import type * as CosXml from "../../CosXml.js"

/**
 * The owner of a bucket, an object or an upload.
 *
 * @since 0.1.0
 * @category models
 */
export interface Owner {
  /** An account: `qcs::cam::uin/100000000001:uin/100000000011`, in lists of objects the APPID. */
  readonly id?: string | undefined
  /** As the service names it. */
  readonly displayName?: string | undefined
}

/**
 * The properties of an image.
 *
 * @since 0.1.0
 * @category processing
 */
export interface ImageInfo {
  readonly format?: string | undefined
  /** Pixels. */
  readonly width?: number | undefined
  /** Pixels. */
  readonly height?: number | undefined
  /** 1 to 100. */
  readonly quality?: number | undefined
  /** Its average colour, such as `0xa59a8c`. */
  readonly ave?: string | undefined
  /** That of Exif: 1 to 8. */
  readonly orientation?: number | undefined
}

/**
 * A QR code in an image.
 *
 * @since 0.1.0
 * @category processing
 */
export interface QrCode {
  /** What it says. */
  readonly codeUrl?: string | undefined
  /** Its corners, as `x,y` in pixels. */
  readonly points: ReadonlyArray<string>
}

/**
 * The label of content that a model made.
 *
 * @since 0.1.0
 * @category processing
 */
export interface AigcMetadata {
  readonly label?: string | undefined
  readonly contentProducer?: string | undefined
  readonly produceId?: string | undefined
  readonly reservedCode1?: string | undefined
  readonly contentPropagator?: string | undefined
  readonly propagateId?: string | undefined
  readonly reservedCode2?: string | undefined
}

/**
 * An object that a rule of image processing made.
 *
 * @since 0.1.0
 * @category processing
 */
export interface ProcessedImage {
  /** Absent where the rule makes no object. */
  readonly key?: string | undefined
  readonly location?: string | undefined
  readonly format?: string | undefined
  /** Pixels. */
  readonly width?: number | undefined
  /** Pixels. */
  readonly height?: number | undefined
  /** Bytes. */
  readonly size?: number | undefined
  /** 1 to 100. */
  readonly quality?: number | undefined
  readonly eTag?: string | undefined
  readonly md5?: string | undefined
  /** Frames: 1 unless it moves. */
  readonly frameCount?: number | undefined
  /** Bits of a colour. */
  readonly bitDepth?: number | undefined
  /** Of a rule that looks for a watermark: how sure it is, from 0 to 100. */
  readonly watermarkStatus?: number | undefined
  /** Of a rule that looks for QR codes: whether there is one, 0 or 1. */
  readonly codeStatus?: number | undefined
  /** The QR codes that were found; absent where none was. */
  readonly qrCodeInfo?: ReadonlyArray<QrCode> | undefined
  /** The label of content that a model made. */
  readonly aigcMetadata?: AigcMetadata | undefined
}

/**
 * A tag: a key of 1 to 128 bytes and a value of up to 256 bytes, of letters, digits, spaces and `+ - _ = . : /`.
 *
 * @since 0.1.0
 * @category tagging
 */
export interface Tag {
  /** 1 to 128 bytes: letters, digits, spaces and `+ - _ = . : /`. */
  readonly key: string
  /** Up to 256 bytes of the same. */
  readonly value: string
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}
