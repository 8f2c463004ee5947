/** The tags of objects and buckets, as they stand in documents and headers. */
import * as Schema from "effect/Schema"
import * as percent from "../encoding/percent.js"
import { checkedWhenSent } from "./codecs.js"
import * as wire from "./wireFormat.js"

const encoder = new TextEncoder()

const checkTagPart = (least: number, most: number) => (text: string) => {
  const size = encoder.encode(text).length
  if (size < least || size > most) return `must have ${least} to ${most} bytes`
  return /^[\p{L}\p{N} +\-_=.:/]*$/u.test(text) ? undefined : "must be letters, digits, spaces and + - _ = . : /"
}

const checkTagKey = checkTagPart(1, 128)
const checkTagValue = checkTagPart(0, 256)

/**
 * A tag: a key of 1 to 128 bytes and a value of up to 256 bytes, of letters, digits, spaces and `+ - _ = . : /`.
 *
 * @since 0.1.0
 * @category tagging
 */
export const Tag = Schema.Struct({
  /** 1 to 128 bytes: letters, digits, spaces and `+ - _ = . : /`. */
  key: checkedWhenSent(Schema.String, checkTagKey),
  /** Up to 256 bytes of the same. */
  value: checkedWhenSent(Schema.String, checkTagValue),
  /** What this SDK does not know of it: kept, and written again where it stood. */
  unknownElements: Schema.optional(wire.Unknown)
})

/** So many tags at most, none with the key of another. */
export const Tags = (most: number): Schema.Schema<ReadonlyArray<typeof Tag.Type>, ReadonlyArray<typeof Tag.Encoded>> =>
  checkedWhenSent(Schema.Array(Tag), (tags) => {
    if (tags.length > most) return `must have at most ${most} tags`
    const twice = tags.findIndex(({ key }, i) => tags.some((other, j) => j < i && other.key === key))
    return twice === -1 ? undefined : { path: [twice, "key"], rule: "must be a key that no other tag has" }
  })

const TagRecord = Schema.Record({ key: Schema.String, value: Schema.String })

/** `k1=v1&k2=v2`, percent-encoded; so many at most. */
export const TagsHeader = (most: number): Schema.Schema<{ readonly [key: string]: string }, string> =>
  Schema.transform(
    Schema.String,
    checkedWhenSent(TagRecord, (tags) => {
      const pairs = Object.entries(tags)
      if (pairs.length > most) return `must have at most ${most} tags`
      for (const [key, value] of pairs) {
        const wrong = checkTagKey(key)
        if (wrong !== undefined) return `must not have the key ${JSON.stringify(key)}: a key ${wrong}`
        const rule = checkTagValue(value)
        if (rule !== undefined) return { path: [key], rule }
      }
      return undefined
    }),
    {
      strict: true,
      decode: (text) =>
        Object.fromEntries(
          text.split("&").map((pair) => pair.split("=", 2).map(decodeURIComponent) as [string, string])
        ),
      encode: (tags) =>
        Object.entries(tags)
          .map(([key, value]) => `${percent.encode(key)}=${percent.encode(value)}`)
          .join("&")
    }
  )
