/**
 * SELECT: what the subset knows, and what it refuses. The event stream is read by the SDK's decoder, which the vectors of
 * its own tests hold.
 */
import { createHash } from "node:crypto"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as EventStream from "effect-cos/EventStream"
import { layer } from "effect-cos-emulator/Emulator"
import { bucket, send } from "./support/client.js"

const emulator = layer({ buckets: [bucket], minPartSize: 1, strict: true })

const csv = 'name,age,note\nada,36,"a, ""b"""\nalan,41,\n# a comment\nGrace,85,x\n'
const lines = '{"n":"ada","age":36,"at":{"x y":1}}\n\n{"n":"alan","age":41}\n{"n":"Grace","tags":["a"]}'
const array = '[{"n":"ada"},{"n":"alan"},7]'

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

interface Ask {
  readonly key: string
  readonly sql: string
  readonly input?: string
  readonly output?: string
  readonly rest?: string
}

const used = "<CSV><FileHeaderInfo>USE</FileHeaderInfo></CSV>"

const ask = ({ input = used, key, output = "<CSV/>", rest = "", sql }: Ask) =>
  Effect.gen(function* () {
    const body = `<SelectRequest><Expression>${escape(sql)}</Expression><ExpressionType>SQL</ExpressionType><InputSerialization>${input}</InputSerialization><OutputSerialization>${output}</OutputSerialization>${rest}</SelectRequest>`
    const answer = yield* send("POST", { key, body, query: { select: "", "select-type": "2" } })
    if (answer.status !== 200) return { code: answer.code, text: answer.text, events: [] }
    const decoder = EventStream.make()
    const messages = Either.getOrThrow(decoder.push(answer.bytes))
    expect(Either.isRight(decoder.end())).toBe(true)
    const records = messages.filter(({ headers }) => headers.get(":event-type") === "Records")
    return {
      code: messages.find(({ headers }) => headers.has(":error-code"))?.headers.get(":error-code"),
      text: Buffer.concat(records.map(({ payload }) => payload)).toString(),
      events: messages.map(({ headers }) => headers.get(":event-type") ?? headers.get(":message-type"))
    }
  })

const store = Effect.gen(function* () {
  yield* send("PUT", { key: "csv", body: csv })
  yield* send("PUT", { key: "lines", body: lines })
  yield* send("PUT", { key: "array", body: array })
})

const jsonLines = "<JSON><Type>LINES</Type></JSON>"
const json = "<JSON><Type>DOCUMENT</Type></JSON>"

const known: ReadonlyArray<readonly [sql: string, result: string, ask?: Partial<Ask>]> = [
  ["select * from COSObject", 'ada,36,"a, ""b"""\nalan,41,\nGrace,85,x\n'],
  ["SELECT name FROM COSObject LIMIT 2", "ada\nalan\n"],
  ["select name from COSObject limit 0", ""],
  ["select s.NAME, s._2 from COSObject s", "ada,36\nalan,41\nGrace,85\n"],
  ['select "name" as who from COSObject as t where t."age" = \'41\'', "alan\n"],
  ["select name from COSObject where age > 36 and not (age >= 85)", "alan\n"],
  ["select name from COSObject where age < 40 or name = 'Grace'", "ada\nGrace\n"],
  ["select name from COSObject where 40 < age and age != 85", "alan\n"],
  ["select name from COSObject where name <> 'ada' and name <= 'a'", "Grace\n"],
  ["select name from COSObject where missing = missing", ""],
  ["select name from COSObject where note > 0", ""],
  ["select name from COSObject where note = 'a, \"b\"'", "ada\n"],
  ["select name from COSObject where name = 'it''s'", ""],
  ["select count(*) from COSObject where age > 40", "2\n"],
  ["select count(*) as n from COSObject[*] s;", "3\n"],
  [
    "select name, age from COSObject",
    '{"name":"ada","age":"36"}\n{"name":"alan","age":"41"}\n{"name":"Grace","age":"85"}\n',
    { output: "<JSON/>" }
  ],
  [
    "select _1 a, _9 from COSObject limit 1",
    '{"a":"name"};',
    { input: "<CSV/>", output: "<JSON><RecordDelimiter>;</RecordDelimiter></JSON>" }
  ],
  ["select _1 from COSObject", "ada\nalan\nGrace\n", { input: "<CSV><FileHeaderInfo>IGNORE</FileHeaderInfo></CSV>" }],
  [
    "select _1 from COSObject",
    "'name'|'ada'|'alan'|'# a comment'|'Grace'|",
    {
      input: "<CSV><Comments/></CSV>",
      output:
        "<CSV><QuoteFields>ALWAYS</QuoteFields><QuoteCharacter>'</QuoteCharacter><RecordDelimiter>|</RecordDelimiter></CSV>"
    }
  ],
  [
    "select * from COSObject limit 1",
    '{"n":"ada","age":36,"at":{"x y":1}}\n',
    { key: "lines", input: jsonLines, output: "<JSON/>" }
  ],
  ['select o.at."x y", o.n from COSObject o where o.age = 36', "1,ada\n", { key: "lines", input: jsonLines }],
  [
    "select n, tags from COSObject where age >= 41",
    '{"n":"alan"}\n',
    { key: "lines", input: jsonLines, output: "<JSON/>" }
  ],
  ["select n from COSObject[*] where n > 'ada'", "alan\n", { key: "array", input: json }],
  ["select count(*) from COSObject", "1\n", { key: "array", input: json }],
  ["select count(*) from COSObject[*]", "3\n", { key: "array", input: json }]
]

describe("select", () => {
  it.effect("evaluates its subset of SQL", () =>
    Effect.gen(function* () {
      yield* store
      for (const [sql, result, options] of known) {
        const answer = yield* ask({ key: "csv", ...options, sql })
        expect([answer.code, answer.text], sql).toEqual([undefined, result])
        expect(answer.events.slice(-2), sql).toEqual(["Stats", "End"])
      }
    }).pipe(Effect.provide(emulator))
  )

  it.effect("refuses the rest by name", () =>
    Effect.gen(function* () {
      yield* store
      const refused: ReadonlyArray<readonly [sql: string, named: string]> = [
        ["select max(age) from COSObject", "("],
        ["select cast(age as int) from COSObject", "cast"],
        ["select * from COSObject where name like 'a%'", "like"],
        ["select * from COSObject where name is null", "is"],
        ["select * from COSObject where age + 1 > 3", "+"],
        ["select * from COSObject group by name", "group"],
        ["select name name2 name3 from COSObject", "name3"],
        ["select * from Other", "Other"],
        ["select * from COSObject limit x", "x"],
        ["select * from COSObject limit -1", "-1"],
        ["insert into COSObject", "insert"],
        ["select * from COSObject where", "the end"],
        ["", "the end"]
      ]
      for (const [sql, named] of refused) {
        const answer = yield* ask({ key: "csv", sql })
        expect(answer.code, sql).toBe("NotImplemented")
        expect(answer.text, sql).toContain(`what to make of ${named}.`)
      }
      const all = "select * from COSObject"
      expect((yield* ask({ key: "csv", sql: all, input: "<Parquet/>" })).code).toBe("NotImplemented")
      const bzip2 = "<CompressionType>BZIP2</CompressionType><CSV/>"
      expect((yield* ask({ key: "csv", sql: all, input: bzip2 })).code).toBe("NotImplemented")
      expect((yield* ask({ key: "csv", sql: all, input: `<CSV/>${json}` })).code).toBe("InvalidRequest")
      expect((yield* ask({ key: "csv", sql: all, output: "" })).code).toBe("InvalidRequest")
      expect((yield* ask({ key: "csv", sql: all, rest: "<Other/>" })).code).toBe("MalformedXML")
      expect((yield* ask({ key: "missing", sql: all })).code).toBe("NoSuchKey")
      const type = yield* send("POST", { key: "csv", body: "x", query: { select: "", "select-type": "1" } })
      expect(type.code).toBe("InvalidArgument")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("reports malformed content in the event stream", () =>
    Effect.gen(function* () {
      yield* send("PUT", { key: "broken", body: '{"n":1}\n{"n":' })
      const answer = yield* ask({ key: "broken", sql: "select * from COSObject", input: jsonLines, output: "<JSON/>" })
      expect(answer.text).toBe('{"n":1}\n')
      expect([answer.code, answer.events]).toEqual(["InvalidDataSource", ["Records", "error"]])
      const zipped = "<CompressionType>GZIP</CompressionType><CSV/>"
      const other = yield* ask({ key: "broken", sql: "select * from COSObject", input: zipped })
      expect([other.code, other.events]).toEqual(["InvalidDataSource", ["error"]])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("reads records that arrive in pieces of any size", () =>
    Effect.gen(function* () {
      const text = `id;text|1;"a|b";c|2;äöü|`
      const bytes = new TextEncoder().encode(text)
      const input =
        "<CSV><FileHeaderInfo>USE</FileHeaderInfo><RecordDelimiter>|</RecordDelimiter><FieldDelimiter>;</FieldDelimiter><AllowQuotedRecordDelimiter>TRUE</AllowQuotedRecordDelimiter></CSV>"
      // Each part is read on its own: one byte at a time.
      const { text: opened } = yield* send("POST", { key: "parts", query: { uploads: "" } })
      const uploadId = /<UploadId>(.*)<\/UploadId>/.exec(opened)?.[1] ?? ""
      const parts = yield* Effect.forEach(Array.from(bytes), (byte, index) =>
        Effect.gen(function* () {
          const partNumber = String(index + 1)
          yield* send("PUT", { key: "parts", body: Uint8Array.of(byte), query: { partNumber, uploadId } })
          return `<Part><PartNumber>${partNumber}</PartNumber><ETag>${createHash("md5").update(Uint8Array.of(byte)).digest("hex")}</ETag></Part>`
        })
      )
      const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`
      expect((yield* send("POST", { key: "parts", query: { uploadId }, body })).text).toContain("<ETag>")
      yield* send("PUT", { key: "whole", body: text })
      const sql = "select text, id from COSObject"
      const expected = "a|b,1\näöü,2\n"
      expect((yield* ask({ key: "whole", sql, input })).text).toBe(expected)
      expect((yield* ask({ key: "parts", sql, input })).text).toBe(expected)
      const split = input.replace("TRUE", "FALSE")
      expect((yield* ask({ key: "parts", sql: "select id from COSObject", input: split })).text).toBe('1\n"b"""\n2\n')

      yield* send("PUT", { key: "gzip", body: gzipSync("x\n".repeat(100_000)) })
      const zipped = "<CompressionType>GZIP</CompressionType><CSV/>"
      const answer = yield* ask({ key: "gzip", sql: "select * from COSObject", input: zipped })
      expect(answer.text).toBe("x\n".repeat(100_000))
      expect(answer.events.length).toBeGreaterThan(4)
    }).pipe(Effect.provide(emulator))
  )
})

describe("JSON", () => {
  const exact =
    '{"id":9007199254740993,"price":1.10,"big":1E400,"at":{"2":[-0.0,12345678901234567890.50],"1":"n1"},"1":1}'
  const put = (body: string) => send("PUT", { key: "exact", body })
  const output = "<JSON/>"
  const select = (sql: string, change: Partial<Ask> = {}) =>
    Effect.map(ask({ key: "exact", sql, input: json, output, ...change }), ({ text }) => text.trimEnd())

  it.effect("keeps every digit of its numbers, and the order of its names", () =>
    Effect.gen(function* () {
      yield* put(exact)
      expect(yield* select("select * from COSObject")).toBe(exact)
      expect(yield* select("select price, id from COSObject", { output: "<CSV/>" })).toBe("1.10,9007199254740993")
      yield* put(`${exact}\n{"id":"n2","s":"\\"1.10 \\\\"}\n`)
      expect(yield* select("select * from COSObject", { input: jsonLines })).toBe(
        `${exact}\n{"id":"n2","s":"\\"1.10 \\\\"}`
      )
    }).pipe(Effect.provide(emulator))
  )

  const comparisons: ReadonlyArray<readonly [condition: string, holds: boolean]> = [
    ["id = 9007199254740993", true],
    ["id = 9007199254740992", false],
    ["id > 9007199254740992", true],
    ["price = 1.1", true],
    ["price < 1.11", true],
    ["big > 99999", true],
    ["id = '9007199254740993'", true],
    ["id = 'x'", false]
  ]

  it.effect.each(comparisons)("is compared exactly: %s", ([condition, holds]) =>
    Effect.gen(function* () {
      yield* put(exact)
      expect(yield* select(`select count(*) from COSObject where ${condition}`, { output: "<CSV/>" })).toBe(
        holds ? "1" : "0"
      )
    }).pipe(Effect.provide(emulator))
  )
})
