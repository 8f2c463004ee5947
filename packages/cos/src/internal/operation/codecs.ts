/** The values of COS as they stand in headers, queries and documents, each with what it may be. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as CosXml from "../../CosXml.js"
import * as ObjectKey from "../../ObjectKey.js"
import { keyRule } from "../encoding/objectKey.js"
import { grouped } from "../encoding/text.js"
import * as wire from "./wireFormat.js"

// --- numbers ---------------------------------------------------------------------------------------------------------

/** An integer as decimal text; `description` completes "must be". */
export const integer = (least: number, most: number, description: string): Schema.Schema<number, string> =>
  Schema.NumberFromString.pipe(Schema.int(), Schema.between(least, most)).annotations({ description })

export const Count: Schema.Schema<number, string> = integer(0, Number.MAX_SAFE_INTEGER, "an integer from 0")

/** Digits alone: `Number` reads `1e3` and `0x10` as well, of which no other reader of the response makes a length. */
export const ContentLength: Schema.Schema<number, string> = Schema.compose(
  Schema.String.pipe(Schema.pattern(/^\d+$/)),
  Count
).annotations({ description: "an integer from 0" })

/** 1 to 10,000. */
export const PartNumber: Schema.Schema<number, string> = integer(1, 10_000, "an integer from 1 to 10,000")

/** Empty it would be no version but the newest, which a request for one version must not remove. */
export const VersionId: Schema.Schema<string, string> = Schema.NonEmptyString.annotations({
  description: "the id of a version, which is not empty: leave it out for the newest"
})

/** Entries of a page. */
export const MaxKeys: Schema.Schema<number, string> = integer(0, 1000, "an integer from 0 to 1,000")

/** One character. */
export const Delimiter: Schema.Schema<string, string> = Schema.String.pipe(
  Schema.filter((text) => Array.from(text).length === 1)
).annotations({ description: "exactly one character" })

/** Entries of a page of uploads. */
export const MaxUploads: Schema.Schema<number, string> = integer(1, 1000, "an integer from 1 to 1,000")

/** Bits per second. */
export const TrafficLimit: Schema.Schema<number, string> = integer(
  819_200,
  838_860_800,
  "an integer from 819,200 to 838,860,800, in bit/s"
)

/** Unsigned, 64 bits: past what a `number` holds. */
export const Crc64: Schema.Schema<bigint, string> = Schema.NonNegativeBigInt

export const isAscending = (parts: ReadonlyArray<{ readonly partNumber: number }>): boolean =>
  parts.every((part, i) => i === 0 || part.partNumber > (parts[i - 1]?.partNumber ?? 0))

/**
 * A range of bytes: from `start` to `end`, which is included, as in HTTP; without `end`, to the end of the object; or the
 * `last` bytes.
 *
 * @since 0.1.0
 * @category models
 */
export type Range = { readonly start: number; readonly end?: number | undefined } | { readonly last: number }

const isByte = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

const RangeFromSelf: Schema.Schema<Range> = Schema.declare(
  (range): range is Range =>
    typeof range === "object" &&
    range !== null &&
    ("last" in range
      ? isByte(range.last as number) && range.last !== 0
      : "start" in range &&
        isByte(range.start as number) &&
        (!("end" in range) ||
          range.end === undefined ||
          (isByte(range.end as number) && Number(range.end) >= Number(range.start))))
)

/** `bytes=0-9`, `bytes=10-`, `bytes=-10`. */
export const Range: Schema.Schema<Range, string> = Schema.transform(Schema.String, RangeFromSelf, {
  strict: true,
  decode: (text): Range => {
    const [start, end] = text.replace(/^bytes=/, "").split("-")
    return start === "" ? { last: Number(end) } : { start: Number(start), end: end === "" ? undefined : Number(end) }
  },
  encode: (range) => ("last" in range ? `bytes=-${range.last}` : `bytes=${range.start}-${range.end ?? ""}`)
}).annotations({ description: "{ start, end } with 0 <= start <= end, { start }, or { last } of at least 1 byte" })

/** A range whose end is given. */
export const ClosedRange: Schema.Schema<{ readonly start: number; readonly end: number }, string> = Schema.transform(
  Schema.String,
  Schema.Struct({ start: Schema.NonNegativeInt, end: Schema.NonNegativeInt }).pipe(
    Schema.filter(({ end, start }) => end >= start)
  ),
  {
    strict: true,
    decode: (text) => {
      const [start, end] = text.replace(/^bytes=/, "").split("-")
      return { start: Number(start), end: Number(end) }
    },
    encode: ({ end, start }) => `bytes=${start}-${end}`
  }
).annotations({ description: "{ start, end } with 0 <= start <= end" })

// --- limits of what is sent ------------------------------------------------------------------------------------------

/**
 * Checked when it is sent. A value of a response is taken as it is: limits change, and reading must not fail because of it.
 *
 * `check` gives the rule that is broken, as words that follow the name of the field, and may name the part.
 */
export const checkedWhenSent = <A, I>(
  schema: Schema.Schema<A, I>,
  check: (value: A) => string | { readonly path: ReadonlyArray<PropertyKey>; readonly rule: string } | undefined
): Schema.Schema<A, I> =>
  Schema.transformOrFail(schema, Schema.typeSchema(schema), {
    strict: true,
    decode: ParseResult.succeed,
    encode: (value, _, ast) => {
      const problem = check(value)
      if (problem === undefined) return ParseResult.succeed(value)
      if (typeof problem === "string") return ParseResult.fail(new ParseResult.Type(ast, value, problem))
      const type = new ParseResult.Type(ast, value, problem.rule)
      return ParseResult.fail(
        new ParseResult.Pointer(problem.path as [PropertyKey, ...Array<PropertyKey>], value, type)
      )
    }
  })

/** A list that is sent with at most `most` items; a response may have more. */
export const atMost = <A, I>(
  most: number,
  things: string,
  item: Schema.Schema<A, I>
): Schema.Schema<ReadonlyArray<A>, ReadonlyArray<I>> =>
  checkedWhenSent(Schema.Array(item), (items) =>
    items.length > most ? `must have at most ${grouped(most)} ${things}` : undefined
  )

/** A list of a response that is absent where it has no items. */
export const absentIfEmpty = <A, I>(
  item: Schema.Schema<A, I>
): Schema.Schema<ReadonlyArray<A> | undefined, ReadonlyArray<I>> =>
  Schema.transform(Schema.Array(item), Schema.UndefinedOr(Schema.Array(Schema.typeSchema(item))), {
    strict: true,
    decode: (items) => (items.length === 0 ? undefined : items),
    encode: (items) => items ?? []
  })

/** An integer that is sent only within these bounds. */
export const sentInteger = (least: number, most: number): Schema.Schema<number, string> =>
  checkedWhenSent(Schema.NumberFromString.pipe(Schema.int()), (value) =>
    value >= least && value <= most
      ? undefined
      : most === Number.MAX_SAFE_INTEGER
        ? `must be an integer from ${least}`
        : `must be an integer from ${least} to ${grouped(most)}`
  )

/** Text that is sent only up to this length. */
export const sentText = (most: number): Schema.Schema<string, string> =>
  checkedWhenSent(Schema.String, (text) => (text.length > most ? `must have at most ${most} characters` : undefined))

// --- words -----------------------------------------------------------------------------------------------------------

/** Read in any case; anything else is no flag: taken for `false`, it could end a list early. */
const flag = (write: (oneOfWhenSent: string) => string): Schema.Schema<boolean, string> =>
  Schema.transformOrFail(Schema.String, Schema.Boolean, {
    strict: true,
    decode: (text, _, ast) => {
      const word = text.trim().toLowerCase()
      return word === "true" || word === "false"
        ? ParseResult.succeed(word === "true")
        : ParseResult.fail(new ParseResult.Type(ast, text, "not true or false"))
    },
    encode: (value) => ParseResult.succeed(write(String(value)))
  })

export const Flag = flag((word) => word)

/** The same, written `TRUE` and `FALSE`. */
export const UpperFlag = flag((word) => word.toUpperCase())

/** Words or names, joined by commas. */
export const CommaSeparated: Schema.Schema<ReadonlyArray<string>, string> = Schema.transform(
  Schema.String,
  Schema.Array(Schema.String.pipe(Schema.pattern(/^[^,]*$/))),
  {
    strict: true,
    decode: (text) => text.split(",").flatMap((word) => (word.trim() === "" ? [] : [word.trim()])),
    encode: (words) => words.join(",")
  }
).annotations({ description: "texts without commas" })

/** `overwrite: false` is `x-cos-forbid-overwrite: true`. */
export const Overwrite: Schema.Schema<boolean, string> = Schema.transform(Schema.String, Schema.Boolean, {
  strict: true,
  decode: (text) => text !== "true",
  encode: (overwrite) => String(!overwrite)
})

/** With its double quotes, as COS writes it. */
export const ETag: Schema.Schema<string, string> = Schema.String

/**
 * The storage classes of COS. `MAZ_` ones keep an object in several availability zones.
 *
 * @since 0.1.0
 * @category models
 */
export type StorageClass =
  | "STANDARD"
  | "STANDARD_IA"
  | "INTELLIGENT_TIERING"
  | "COLD"
  | "ARCHIVE"
  | "DEEP_ARCHIVE"
  | "MAZ_STANDARD"
  | "MAZ_STANDARD_IA"
  | "MAZ_INTELLIGENT_TIERING"
  | "MAZ_COLD"
  | "MAZ_ARCHIVE"
  | "MAZ_DEEP_ARCHIVE"

/** Open: a class that is new to this SDK arrives as it is. `Standard`, as multipart lists write it, is `STANDARD`. */
export const StorageClass: Schema.Schema<StorageClass | (string & {}), string> = Schema.transform(
  Schema.String,
  Schema.String,
  { strict: true, decode: (text) => text.toUpperCase(), encode: (text) => text }
)

/** One of some words. */
export const oneOf = <const Words extends readonly [string, ...Array<string>]>(
  ...words: Words
): Schema.Schema<Words[number], string> =>
  Schema.compose(Schema.String, Schema.Literal(...words), { strict: false }).annotations({
    description: `one of ${words.join(", ")}`
  })

/** One of some words when it is sent; a response may have others. */
export const word = <const Words extends readonly [string, ...Array<string>]>(
  ...words: Words
): Schema.Schema<Words[number] | (string & {}), string> =>
  checkedWhenSent(Schema.String, (text) => (words.includes(text) ? undefined : `must be one of ${words.join(", ")}`))

/** An element without content whose presence means `true`. */
export const Present: Schema.Schema<true, string> = Schema.transform(Schema.String, Schema.Literal(true), {
  strict: true,
  decode: () => true as const,
  encode: () => ""
})

/** Any text, typed with the words that are known today. A response may have others, and nothing is checked. */
export const knownWords = <Word extends string>(): Schema.Schema<Word | (string & {}), string> => Schema.String

/** The access tier of an object of intelligent tiering, open. */
export const StorageTier = knownWords<"FREQUENT" | "INFREQUENT" | "ARCHIVE" | "DEEP_ARCHIVE">()

/** What may be asked for: any word, since classes come that are new to this SDK. */
export const StorageClassInput: Schema.Schema<StorageClass | (string & {}), string> = Schema.String.pipe(
  Schema.pattern(/^[A-Z][A-Z0-9_]*$/)
).annotations({ description: "a storage class such as STANDARD_IA, in capitals" })

/** Read and taken in any case, and written in capitals. */
export const upperCase = <A extends string>(schema: Schema.Schema<A, string>): Schema.Schema<A, string> =>
  Schema.transform(schema, Schema.typeSchema(schema), {
    strict: true,
    decode: (text) => text.toUpperCase() as A,
    encode: (text) => text.toUpperCase() as A
  })

export const BucketAcl = oneOf("private", "public-read", "public-read-write", "authenticated-read")

export const ObjectAcl = oneOf(
  "default",
  "private",
  "public-read",
  "authenticated-read",
  "bucket-owner-read",
  "bucket-owner-full-control"
)

/** `id="…"`, joined by commas; `100000000001`, `100000000001/100000000011` for a sub-account, or `qcs::cam::uin/…:uin/…`. */
export const Grantees: Schema.Schema<ReadonlyArray<string>, string> = Schema.transform(
  Schema.String,
  Schema.Array(Schema.String.pipe(Schema.pattern(/^[^",]+$/))).annotations({
    description: "account ids without quotes and commas"
  }),
  {
    strict: true,
    decode: (text) => Array.from(text.matchAll(/id="([^"]*)"/g), (match) => match[1] ?? ""),
    encode: (ids) => ids.map((id) => `id="${id}"`).join(",")
  }
)

// --- times -----------------------------------------------------------------------------------------------------------

const dateOrFail = (text: string, time: number, ast: ParseResult.ParseIssue["actual"]) =>
  Number.isNaN(time)
    ? ParseResult.fail(new ParseResult.Type(Schema.DateFromSelf.ast, ast, `not a time: ${text}`))
    : ParseResult.succeed(new Date(time))

/** RFC 1123, whole seconds. */
export const HttpDate: Schema.Schema<Date, string> = Schema.transformOrFail(Schema.String, Schema.ValidDateFromSelf, {
  strict: true,
  decode: (text) => dateOrFail(text, Date.parse(text), text),
  encode: (date) => ParseResult.succeed(date.toUTCString())
}).annotations({ description: "a valid Date" })

/** With milliseconds or without, with a zone or without (then UTC); old documents write `Wed Jan 18 16:04:17 2017`. */
export const Timestamp: Schema.Schema<Date, string> = Schema.transformOrFail(Schema.String, Schema.ValidDateFromSelf, {
  strict: true,
  decode: (text) => {
    const zoned = /(?:Z|[+-]\d\d:?\d\d|GMT|UTC)\s*$/i.test(text)
    return dateOrFail(
      text,
      Date.parse(zoned ? text : /^\d{4}-\d\d-\d\dT/.test(text) ? `${text}Z` : `${text} UTC`),
      text
    )
  },
  encode: (date) => ParseResult.succeed(date.toISOString())
}).annotations({ description: "a valid Date" })

/** Seconds since 1970. */
export const UnixTime: Schema.Schema<Date, string> = Schema.transform(Count, Schema.ValidDateFromSelf, {
  strict: true,
  decode: (seconds) => new Date(seconds * 1000),
  encode: (date) => Math.floor(date.getTime() / 1000)
}).annotations({ description: "a Date from 1970 on" })

// --- archives --------------------------------------------------------------------------------------------------------

const quoted = (text: string, name: string): string | undefined => new RegExp(`${name}="([^"]*)"`).exec(text)?.[1]

const optionalDate = (text: string | undefined): Date | undefined => {
  const date = new Date(text ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const tiers = ["Expedited", "Standard", "Bulk"] as const

/** How fast an object is restored. */
export const RestoreTier = oneOf(...tiers)

/** `ongoing-request="true"`, `ongoing-request="false", expiry-date="Fri, 01 Jan 2021 00:00:00 GMT"`. */
export const Restore: Schema.Schema<
  {
    /** The restored copy is not readable yet. */
    readonly ongoing: boolean
    /** Until when the restored copy can be read. */
    readonly expiresAt?: Date | undefined
  },
  string
> = Schema.transform(
  Schema.String,
  Schema.Struct({ ongoing: Schema.Boolean, expiresAt: Schema.optional(Schema.ValidDateFromSelf) }),
  {
    strict: true,
    decode: (text) => {
      const expiresAt = optionalDate(quoted(text, "expiry-date"))
      return {
        ongoing: quoted(text, "ongoing-request") === "true",
        ...(expiresAt === undefined ? undefined : { expiresAt })
      }
    },
    encode: ({ expiresAt, ongoing }) =>
      `ongoing-request="${ongoing}"${expiresAt === undefined ? "" : `, expiry-date="${expiresAt.toUTCString()}"`}`
  }
)

/** `tier="expedited"; request-date="Fri, 01 Jan 2021 00:00:00 GMT"`. */
export const RestoreStatus: Schema.Schema<
  {
    readonly tier?: (typeof tiers)[number] | (string & {}) | undefined
    readonly requestedAt?: Date | undefined
  },
  string
> = Schema.transform(
  Schema.String,
  Schema.Struct({ tier: Schema.optional(Schema.String), requestedAt: Schema.optional(Schema.ValidDateFromSelf) }),
  {
    strict: true,
    decode: (text) => {
      const tier = quoted(text, "tier")
      const requestedAt = optionalDate(quoted(text, "request-date"))
      return {
        ...(tier === undefined ? undefined : { tier: tiers.find((one) => one.toLowerCase() === tier) ?? tier }),
        ...(requestedAt === undefined ? undefined : { requestedAt })
      }
    },
    encode: ({ requestedAt, tier }) =>
      [
        ...(tier === undefined ? [] : [`tier="${tier.toLowerCase()}"`]),
        ...(requestedAt === undefined ? [] : [`request-date="${requestedAt.toUTCString()}"`])
      ].join("; ")
  }
)

// --- bodies ----------------------------------------------------------------------------------------------------------

/** A response whose output is its whole body, such as JSON. */
export const wholeBody = <A>(schema: Schema.Schema<A, string>): Schema.Schema<A, { readonly body: string }> =>
  Schema.transform(Schema.Struct({ body: wire.at({ in: "body" }, Schema.String) }), schema, {
    strict: true,
    decode: ({ body }) => body,
    encode: (body) => ({ body })
  })

// --- keys ------------------------------------------------------------------------------------------------------------

/** A key within a header: percent-encoded, `/` left as it is. One that does not decode is left as it is. */
export const EncodedKey: Schema.Schema<string, string> = Schema.transformOrFail(Schema.String, Schema.String, {
  strict: true,
  decode: (text) =>
    ParseResult.succeed(
      Either.getOrElse(
        Either.try(() => decodeURIComponent(text)),
        () => text
      )
    ),
  encode: (key, _, ast) => {
    const rule = keyRule(key)
    return rule === undefined
      ? ParseResult.succeed(ObjectKey.encode(key))
      : ParseResult.fail(new ParseResult.Type(ast, key, rule))
  }
}).annotations({ description: "a key of 1 to 850 bytes of UTF-8 that does not begin with /" })

export const isXmlKey = (key: string): boolean => !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\r]/.test(key)

/** A key within a document: XML cannot carry control characters, and a parser takes CR for LF. */
export const XmlKey: Schema.Schema<string, string> = Schema.String.pipe(
  Schema.filter((key) => isXmlKey(key))
).annotations({ description: "a key without control characters, which XML cannot carry" })

/** The content of an element as it is: its text, or the elements in it. */
export const XmlContent: Schema.Schema<CosXml.Node> = Schema.declare(
  (content): content is CosXml.Node =>
    typeof content === "string" || (typeof content === "object" && content !== null && !Array.isArray(content))
)

// --- JSON ------------------------------------------------------------------------------------------------------------

/** A list that JSON may write without brackets when it has one entry. */
export const oneOrMany = <A, I extends string | object>(
  item: Schema.Schema<A, I>
): Schema.Schema<ReadonlyArray<A>, I | ReadonlyArray<I>> =>
  Schema.transform(
    Schema.Union(Schema.Array(Schema.encodedSchema(item)), Schema.encodedSchema(item)),
    Schema.Array(item),
    {
      strict: false,
      decode: (items: I | ReadonlyArray<I>) => (Array.isArray(items) ? items : [items]),
      encode: (items: ReadonlyArray<I>) => items
    }
  )

export const OneOrMany: Schema.Schema<ReadonlyArray<string>, string | ReadonlyArray<string>> = oneOrMany(Schema.String)

/** Of two names that become one the first does, and the other stays as it is. */
export const renamed = (object: { readonly [name: string]: unknown }, nameOf: (name: string) => string) => {
  const taken = new Set<string>()
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const renamed = taken.has(nameOf(name)) ? name : nameOf(name)
      taken.add(renamed)
      return [renamed, value]
    })
  )
}

/**
 * An object of JSON whose names are written as in `names` and read in any case. Unknown names are kept, so that reading
 * and writing an object loses nothing.
 */
export const jsonObject = <Fields extends Schema.Struct.Fields>(
  fields: Fields,
  names: { readonly [K in keyof Fields]: string }
): Schema.Schema<Schema.Struct.Type<Fields>, { readonly [name: string]: unknown }> => {
  const known = new Map(Object.keys(names).map((field) => [(names[field] as string).toLowerCase(), field]))
  const any = { key: Schema.String, value: Schema.Unknown }
  const object = Schema.Struct(fields, any) as unknown as Schema.Schema<
    Schema.Struct.Type<Fields>,
    { readonly [name: string]: unknown }
  >
  return Schema.transform(Schema.Record(any), object, {
    strict: true,
    decode: (raw) => renamed(raw, (name) => known.get(name.toLowerCase()) ?? name),
    encode: (named) => renamed(named, (field) => names[field] ?? field)
  })
}
