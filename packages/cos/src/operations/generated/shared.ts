// Written by `pnpm generate` from ../../internal/operation/fields.ts and ../../internal/operation/tags.ts and ../../internal/operation/codecs.ts: change the declarations there.

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
 * An object that a rule of image processing made.
 *
 * @since 0.1.0
 * @category processing
 */
export interface ProcessedImage {
  readonly key: string
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
}
