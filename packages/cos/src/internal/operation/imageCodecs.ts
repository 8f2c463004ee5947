/** The values of data processing: rules for images, and what is known of an image. */
import * as Schema from "effect/Schema"
import { knownWords } from "./codecs.js"

/**
 * What is done to an image.
 *
 * @since 0.1.0
 * @category processing
 */
export interface PicOperations {
  /** Whether the response describes the image. Default `false`. */
  readonly pictureInfo?: boolean | undefined
  readonly rules: ReadonlyArray<{
    /** The key of what is made; relative to the image's folder unless it begins with `/`. */
    readonly fileId: string
    /** Such as `imageMogr2/thumbnail/200x`. */
    readonly rule: string
    /** Default: the bucket of the image. */
    readonly bucket?: string | undefined
  }>
}

const PicOperationsJson = Schema.parseJson(
  Schema.Struct({
    is_pic_info: Schema.optional(Schema.Literal(0, 1)),
    rules: Schema.Array(
      Schema.Struct({ fileid: Schema.String, rule: Schema.String, bucket: Schema.optional(Schema.String) })
    ).pipe(Schema.maxItems(5))
  })
)

/** JSON, of ASCII so that a header can carry it. */
export const PicOperations: Schema.Schema<PicOperations, string> = Schema.transform(
  Schema.transform(Schema.String, Schema.String, {
    strict: true,
    decode: (json) => json,
    encode: (json) => json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
  }).pipe(Schema.compose(PicOperationsJson)),
  Schema.declare((value): value is PicOperations => typeof value === "object" && value !== null && "rules" in value),
  {
    strict: true,
    decode: ({ is_pic_info, rules }) => ({
      pictureInfo: is_pic_info === 1,
      rules: rules.map(({ bucket, fileid, rule }) => ({ fileId: fileid, rule, bucket }))
    }),
    encode: ({ pictureInfo, rules }) => ({
      is_pic_info: pictureInfo === true ? (1 as const) : (0 as const),
      rules: rules.map(({ bucket, fileId, rule }) => ({ fileid: fileId, rule, bucket }))
    })
  }
).annotations({ description: "up to 5 rules, each with a fileId and a rule" })

const Amount = Schema.Union(Schema.NonNegative, Schema.NumberFromString)

const imageInfo = {
  /** Such as `jpeg`. */
  format: Schema.String,
  /** Pixels. */
  width: Amount,
  /** Pixels. */
  height: Amount,
  /** Bytes. */
  size: Schema.optional(Amount),
  md5: Schema.optional(Schema.String),
  /** Frames: 1 unless it moves. */
  frameCount: Schema.optional(Amount).pipe(Schema.fromKey("frame_count")),
  /** Its average colour, such as `0x736246`. */
  photoRgb: Schema.optional(Schema.String).pipe(Schema.fromKey("photo_rgb")),
  /** Bits of a colour. */
  bitDepth: Schema.optional(Amount).pipe(Schema.fromKey("bit_depth")),
  /** Dots per inch. */
  verticalDpi: Schema.optional(Amount).pipe(Schema.fromKey("vertical_dpi")),
  /** Dots per inch. */
  horizontalDpi: Schema.optional(Amount).pipe(Schema.fromKey("horizontal_dpi")),
  /** `hdr`, `gainmap hdr`, `sdr`, or `unknow`, as the service writes it. */
  dynamicRange: Schema.optional(knownWords<"hdr" | "gainmap hdr" | "sdr" | "unknow">()).pipe(
    Schema.fromKey("dynamic_range")
  )
}

const imageInfoNames: ReadonlySet<string> = new Set(
  "format width height size md5 frame_count photo_rgb bit_depth vertical_dpi horizontal_dpi dynamic_range".split(" ")
)

const JsonObject = Schema.Record({
  key: Schema.String,
  value: Schema.Union(Schema.String, Schema.Number, Schema.Boolean, Schema.Null, Schema.Object)
})

/** The output of `imageInfo`: JSON whose numbers are strings. */
export const ImageInfoJson = Schema.parseJson(
  Schema.transform(
    JsonObject,
    Schema.Struct({
      ...imageInfo,
      /** What is said beside these, as it is. */
      rest: Schema.optional(JsonObject)
    }),
    {
      strict: false,
      decode: (json) => {
        const rest = Object.entries(json).filter(([name]) => !imageInfoNames.has(name))
        return rest.length === 0 ? json : { ...json, rest: Object.fromEntries(rest) }
      },
      encode: ({ rest, ...known }) => ({ ...known, ...rest })
    }
  )
)
