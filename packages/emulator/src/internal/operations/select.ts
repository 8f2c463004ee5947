/**
 * Select Object Content: a small part of its SQL (see `../select/sql.ts`) over CSV and JSON, plain or gzipped.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as EventStream from "effect-cos/EventStream"
import { type CosFailure, failure } from "../http/failure.js"
import { BodyCut, type Reply } from "../http/message.js"
import { JsonNumber } from "../select/json.js"
import * as Records from "../select/records.js"
import * as Sql from "../select/sql.js"
import type { StorageError } from "../storage/Storage.js"
import { flag, oneOf, type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import { checkReadable, openObject } from "./object.js"
import type { Operation } from "./operation.js"
import { checkCustomerKey, invalidArgument, readDocument } from "./parameters.js"

const delimiters = {
  "RecordDelimiter?": text,
  "FieldDelimiter?": text,
  "QuoteCharacter?": text,
  "QuoteEscapeCharacter?": text
}

const shape: Shape = {
  Expression: text,
  ExpressionType: oneOf("SQL"),
  InputSerialization: {
    "CompressionType?": oneOf("NONE", "GZIP", "BZIP2"),
    "CSV?": {
      "FileHeaderInfo?": oneOf("NONE", "USE", "IGNORE"),
      ...delimiters,
      "Comments?": text,
      "AllowQuotedRecordDelimiter?": flag
    },
    "JSON?": { Type: oneOf("LINES", "DOCUMENT") },
    "Parquet?": {}
  },
  OutputSerialization: {
    "CSV?": { "QuoteFields?": oneOf("ASNEEDED", "ALWAYS"), ...delimiters },
    "JSON?": { "RecordDelimiter?": text }
  },
  "RequestProgress?": { Enabled: flag }
}

const child = (node: Xml.Node | undefined, name: string): Xml.Node | undefined => node && Xml.all(node, name)[0]

const childText = (node: Xml.Node | undefined, name: string): string | undefined => child(node, name)?.text.trim()

const isTrue = (node: Xml.Node | undefined, name: string): boolean => childText(node, name)?.toLowerCase() === "true"

const formatOf = (csv: Xml.Node): Records.CsvFormat => {
  const given = (name: string, otherwise: string) => child(csv, name)?.text || otherwise
  const quote = given("QuoteCharacter", '"')
  return {
    recordDelimiter: given("RecordDelimiter", "\n"),
    fieldDelimiter: given("FieldDelimiter", ","),
    quote,
    escape: given("QuoteEscapeCharacter", quote)
  }
}

/** The reader for the object's format. */
const readerOf = (input: Xml.Node | undefined, each: boolean): Effect.Effect<Records.Reader, CosFailure> => {
  const [csv, json] = [child(input, "CSV"), child(input, "JSON")]
  if (child(input, "Parquet") !== undefined)
    return failure("NotImplemented", { message: "Parquet is not implemented." })
  if ((csv === undefined) === (json === undefined)) {
    return failure("InvalidRequest", { message: "<InputSerialization> has one of <CSV>, <JSON> and <Parquet>." })
  }
  if (csv === undefined) {
    return Effect.sync(() => Records.jsonReader(childText(json, "Type") === "LINES" ? "LINES" : "DOCUMENT", each))
  }
  const header = childText(csv, "FileHeaderInfo")
  return Effect.sync(() =>
    Records.csvReader({
      ...formatOf(csv),
      header: header === "USE" || header === "IGNORE" ? header : "NONE",
      comments: child(csv, "Comments")?.text ?? "#",
      quotedDelimiters: isTrue(csv, "AllowQuotedRecordDelimiter")
    })
  )
}

/** The writer for the output format. */
const writerOf = (output: Xml.Node | undefined): Effect.Effect<(record: Records.Record) => string, CosFailure> => {
  const [csv, json] = [child(output, "CSV"), child(output, "JSON")]
  if ((csv === undefined) === (json === undefined)) {
    return failure("InvalidRequest", { message: "<OutputSerialization> has either <CSV> or <JSON>." })
  }
  if (csv === undefined) {
    const delimiter = child(json, "RecordDelimiter")?.text || "\n"
    return Effect.succeed((record) => Records.jsonLine(record, delimiter))
  }
  const format = { ...formatOf(csv), always: childText(csv, "QuoteFields") === "ALWAYS" }
  return Effect.succeed((record) => Records.csvLine(record, format))
}

const inflate = <E>(bytes: Stream.Stream<Uint8Array, E>): Stream.Stream<Uint8Array, E | Records.Unreadable> =>
  Stream.unwrap(
    Effect.map(Stream.toReadableStreamEffect(bytes), (readable) =>
      Stream.fromReadableStream(
        () => readable.pipeThrough(new DecompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>),
        () => new Records.Unreadable("it is no gzip")
      )
    )
  )

/** Decodes records from a stream of bytes. */
const recordsOf = <E>(
  bytes: Stream.Stream<Uint8Array, E>,
  reader: Records.Reader
): Stream.Stream<Records.Record, E | Records.Unreadable> => {
  const read = (
    body: () => ReadonlyArray<Records.Record>
  ): Effect.Effect<ReadonlyArray<Records.Record>, Records.Unreadable> =>
    Effect.try({ try: body, catch: (error) => error as Records.Unreadable })
  return Stream.decodeText(bytes).pipe(
    Stream.mapConcatEffect((text) => read(() => reader.push(text))),
    Stream.concat(
      Stream.unwrap(
        Effect.map(
          Effect.suspend(() => read(() => reader.end())),
          Stream.fromIterable
        )
      )
    )
  )
}

const event = (
  type: string,
  headers: ReadonlyArray<readonly [string, string]> = [],
  payload?: Uint8Array
): Uint8Array =>
  EventStream.encode({ headers: [[":message-type", "event"], [":event-type", type], ...headers], payload })

const encoder = new TextEncoder()

/** The most bytes of one message. */
const maxPayload = 64 * 1024

const selectObjectContent: Operation = {
  name: "selectObjectContent",
  action: "GetObject",
  on: "object",
  method: "POST",
  requiredQuery: ["select"],
  optionalQuery: ["select-type", "versionId"],
  aclPermission: "READ",
  run: (call) =>
    Effect.gen(function* () {
      if (call.query.get("select-type") !== "2") return yield* invalidArgument("select-type must be 2.")
      const node = yield* readDocument(call, "SelectRequest", shape)
      const query = yield* Sql.parse(Xml.text(node, "Expression") ?? "")
      const input = child(node, "InputSerialization")
      const reader = yield* readerOf(input, query.each)
      const write = yield* writerOf(child(node, "OutputSerialization"))
      const compression = childText(input, "CompressionType") ?? "NONE"
      if (compression === "BZIP2") return yield* failure("NotImplemented", { message: "BZIP2 is not implemented." })
      const { object, opened } = yield* openObject(call)
      yield* checkCustomerKey(call, object.headers)
      yield* checkReadable(object, call.now)

      const counts = { BytesScanned: 0, BytesProcessed: 0, BytesReturned: 0 }
      const counted = (name: keyof typeof counts) => (bytes: Uint8Array) => {
        counts[name] += bytes.length
        return bytes
      }
      const stored = Stream.map(opened.read(), counted("BytesScanned"))
      const plain = Stream.map(compression === "GZIP" ? inflate(stored) : stored, counted("BytesProcessed"))
      const { limit, select, where } = query
      const chosen = Stream.filter(
        recordsOf(plain, reader),
        (record) => where === undefined || Records.holds(record, where)
      )
      const result: Stream.Stream<Records.Record, StorageError | Records.Unreadable> =
        select === "count"
          ? Stream.map(Stream.fromEffect(Stream.runCount(chosen)), (count) => [["_1", new JsonNumber(String(count))]])
          : Stream.map(Stream.take(chosen, limit), (record) => Records.project(record, select))
      const statsEvent = (type: string) =>
        event(
          type,
          [[":content-type", "text/xml"]],
          encoder.encode(Xml.render([type, Object.entries(counts).map(([name, count]): Xml.Element => [name, count])]))
        )
      const messages = result.pipe(
        Stream.mapChunks((records) => Chunk.of(encoder.encode(Chunk.join(Chunk.map(records, write), "")))),
        Stream.mapConcat((bytes) =>
          Array.from({ length: Math.ceil(bytes.length / maxPayload) }, (_, index) =>
            bytes.subarray(index * maxPayload, (index + 1) * maxPayload)
          )
        ),
        Stream.map(counted("BytesReturned")),
        Stream.map((payload) => event("Records", [[":content-type", "application/octet-stream"]], payload)),
        Stream.concat(
          Stream.suspend(() =>
            Stream.make(
              ...(isTrue(child(node, "RequestProgress"), "Enabled") ? [statsEvent("Progress")] : []),
              statsEvent("Stats"),
              event("End")
            )
          )
        ),
        // The status was sent already: errors of the object's content go into the event stream.
        Stream.catchAll((error) =>
          error instanceof Records.Unreadable
            ? Stream.make(
                EventStream.encode({
                  headers: [
                    [":message-type", "error"],
                    [":error-code", "InvalidDataSource"],
                    [":error-message", `The object cannot be read: ${error.message}.`]
                  ]
                })
              )
            : Stream.fail(new BodyCut({ how: "reset" }))
        )
      )
      const reply: Reply = {
        _tag: "Reply",
        status: 200,
        headers: { "content-type": "application/octet-stream", "transfer-encoding": "chunked" },
        body: messages
      }
      return reply
    })
}

export const selectOperations: ReadonlyArray<Operation> = [selectObjectContent]
