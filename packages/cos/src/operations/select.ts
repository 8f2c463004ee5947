import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as CosError from "../CosError.js"
import * as EventStream from "../EventStream.js"
import type { ResponseFacts } from "../internal/http/headers.js"
import * as c from "../internal/operation/codecs.js"
import * as wire from "../internal/operation/wireFormat.js"
import { parseList } from "../internal/xml/singlePassReader.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/select.js"

/**
 * An event of a running selection.
 *
 * @since 0.1.0
 * @category models
 */
export type SelectEvent = SelectRecords | SelectCounts | SelectContinuation

/**
 * Bytes of the result. A record may begin in one event and end in another.
 *
 * @since 0.1.0
 * @category models
 */
export interface SelectRecords {
  readonly _tag: "Records"
  readonly bytes: Uint8Array
}

/**
 * How far the selection is (`Progress`, where it was asked for), or was in the end (`Stats`).
 *
 * @since 0.1.0
 * @category models
 */
export interface SelectCounts {
  readonly _tag: "Progress" | "Stats"
  /** Bytes read, as they are stored. */
  readonly bytesScanned: number
  /** Bytes read, decompressed. */
  readonly bytesProcessed: number
  /** Bytes of records sent. */
  readonly bytesReturned: number
}

/**
 * A keep-alive: the selection is running.
 *
 * @since 0.1.0
 * @category models
 */
export interface SelectContinuation {
  readonly _tag: "Continuation"
}

const Counts = Schema.Struct({ bytesScanned: c.Count, bytesProcessed: c.Count, bytesReturned: c.Count })
const decodeCounts = ParseResult.decodeUnknownOption(Counts)

const utf8 = new TextDecoder()

const countsOf = (payload: Uint8Array): Option.Option<typeof Counts.Type> =>
  Option.flatMap(Either.getRight(parseList(utf8.decode(payload))), ({ content }) =>
    decodeCounts(wire.read(wire.planOf(Counts), {}, content, undefined))
  )

const eventOf = (
  operation: string,
  response: ResponseFacts,
  { headers, payload }: EventStream.Message
): Effect.Effect<Option.Option<SelectEvent>, CosError.CosServiceError | CosError.MalformedResponse> => {
  if (headers.get(":message-type") === "error") {
    const code = headers.get(":error-code") ?? "InternalError"
    const message = `${operation}: ${code}: ${headers.get(":error-message") ?? "no message"}`
    return Effect.fail(new CosError.CosServiceError({ operation, ...response, code, message }))
  }
  const type = headers.get(":event-type")
  switch (type) {
    case "Records":
      return Effect.succeedSome({ _tag: type, bytes: payload })
    case "Cont":
      return Effect.succeedSome({ _tag: "Continuation" })
    case "Progress":
    case "Stats": {
      const counts = countsOf(payload)
      return Option.isSome(counts)
        ? Effect.succeedSome({ _tag: type, ...counts.value })
        : Effect.fail(malformed(operation, response, `${type} without its counts`))
    }
    default:
      return Effect.succeedNone
  }
}

const malformed = (operation: string, response: ResponseFacts, message: string) =>
  new CosError.MalformedResponse({ operation, ...response, message: `${operation}: ${message}` })

/** Ends with the event `End`; without one the result is not whole. */
const decode: Operation.EventsResponse<SelectEvent>["decode"] = (body, operation, response) =>
  Stream.suspend(() => {
    let ended = false
    return body.pipe(
      EventStream.decode(),
      Stream.mapError((error) =>
        error._tag === "EventStreamError" ? malformed(operation, response, `damaged events: ${error.message}`) : error
      ),
      Stream.takeUntil(({ headers }) => {
        ended = headers.get(":event-type") === "End"
        return ended
      }),
      Stream.mapEffect((message) => eventOf(operation, response, message)),
      Stream.filterMap((event) => event),
      Stream.concat(
        Stream.suspend(() =>
          ended ? Stream.empty : Stream.fail(malformed(operation, response, "the events end without End"))
        )
      )
    )
  })

const delimiters = {
  /** Default: a line feed. */
  recordDelimiter: Schema.optional(Schema.String),
  /** Default: a comma. */
  fieldDelimiter: Schema.optional(Schema.String),
  /** Default: `"`. */
  quoteCharacter: Schema.optional(Schema.String),
  /** Default: `"`. */
  quoteEscapeCharacter: Schema.optional(Schema.String)
}

const isSql = Operation.param<string>({
  place: "body",
  wireName: "ExpressionType",
  write: (draft) => {
    draft.elements.ExpressionType = "SQL"
    return undefined
  }
})

const oneFormat =
  (...formats: ReadonlyArray<string>) =>
  <A extends object, I>(schema: Schema.Schema<A, I>): Schema.Schema<A, I> =>
    schema.pipe(
      Schema.filter((given) => formats.filter((format) => given[format as keyof A] !== undefined).length === 1, {
        description: `one of ${formats.join(", ")}`
      })
    )

/**
 * Runs an SQL expression over an object of CSV, JSON or Parquet. Events arrive while it runs; the stream fails if it ends
 * before the selection has.
 *
 * ```ts
 * import { Stream } from "effect"
 * import * as Cos from "effect-cos/Cos"
 *
 * const text = Cos.selectObjectContent({
 *   key: "people.csv",
 *   expression: "select s._1 from COSObject s where s._2 = 'engineer'",
 *   input: { csv: { fileHeaderInfo: "IGNORE" } },
 *   output: { csv: {} }
 * }).pipe(
 *   Stream.flatMap((event) => (event._tag === "Records" ? Stream.succeed(event.bytes) : Stream.empty)),
 *   Stream.decodeText()
 * )
 * ```
 *
 * @see https://www.tencentcloud.com/document/product/436/32360
 * @since 0.1.0
 * @category object
 */
export const selectObjectContent: types.SelectOperations["selectObjectContent"] = Operation.make({
  name: "selectObjectContent",
  method: "POST",
  target: "object",
  subresource: "select",
  fixed: [["select-type", "2"]],
  document: "SelectRequest",
  idempotent: true,
  permissions: { actions: ["GetObject"] },
  doc: "https://www.tencentcloud.com/document/product/436/32360",
  params: {
    /** SQL, such as `select * from COSObject`. */
    expression: Operation.both(Operation.elements({ expression: Schema.String }).expression, isSql),
    ...Operation.elements({
      /** What the object holds: one of `csv`, `json` and `parquet`. */
      input: Operation.fromElement(
        "InputSerialization",
        Schema.Struct({
          /** Default `NONE`. */
          compressionType: Schema.optional(c.oneOf("NONE", "GZIP", "BZIP2")),
          /** Lines of fields. */
          csv: Schema.optional(
            Operation.fromElement(
              "CSV",
              Schema.Struct({
                /** What the first line is: `USE` by name, `IGNORE`, or `NONE`, the default: a record like others. */
                fileHeaderInfo: Schema.optional(c.oneOf("NONE", "USE", "IGNORE")),
                ...delimiters,
                /** Lines that begin so are skipped. Default `#`. */
                comments: Schema.optional(Schema.String),
                /** Whether quoted fields may hold the delimiter of records. Default `false`. */
                allowQuotedRecordDelimiter: Schema.optional(c.UpperFlag)
              })
            )
          ),
          /** JSON. */
          json: Schema.optional(
            Operation.fromElement(
              "JSON",
              Schema.Struct({
                /** One value a line, or one in all. */
                type: c.oneOf("LINES", "DOCUMENT")
              })
            )
          ),
          /** `true`: the object is self-describing. */
          parquet: Schema.optional(c.Present)
        }).pipe(oneFormat("csv", "json", "parquet"))
      ),
      /** How the result is written: `csv` or `json`. */
      output: Operation.fromElement(
        "OutputSerialization",
        Schema.Struct({
          /** As lines of fields. */
          csv: Schema.optional(
            Operation.fromElement(
              "CSV",
              Schema.Struct({
                /** Default `ASNEEDED`. */
                quoteFields: Schema.optional(c.oneOf("ASNEEDED", "ALWAYS")),
                ...delimiters
              })
            )
          ),
          /** As JSON, one value a record. */
          json: Schema.optional(
            Operation.fromElement(
              "JSON",
              Schema.Struct({
                /** Default: a line feed. */
                recordDelimiter: Schema.optional(Schema.String)
              })
            )
          )
        }).pipe(oneFormat("csv", "json"))
      ),
      /** Whether `Progress` events are sent. Default `false`. */
      progress: Schema.optional(Operation.fromElement("RequestProgress/Enabled", c.UpperFlag))
    })
  },
  success: Operation.events(decode),
  errors: [
    CosError.NoSuchKey,
    CosError.NoSuchBucket,
    CosError.InvalidObjectState,
    CosError.InvalidArgument,
    CosError.InvalidRequest,
    CosError.MalformedXML
  ]
})
