/** Downloads: the object's bytes or an error, never a mixture; and the old file until the new one is proven. */
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, firstDifference, KiB } from "../../support/content.js"
import { type Call, systemError } from "../../support/disk.js"
import * as World from "../../support/world.js"
import { always, denied, type InProcessRow, on, success } from "../row.js"

const part = 64 * KiB
const data = content(4 * part + 11)
const small = content(4096, 7)
const old = content(1000, 9)
const changed = content(3 * part, 5)
const path = "/target"

/** An object, and at the target a file from before. */
const given = { objects: { a: data }, files: { [path]: old } }
const replaced = { objects: { a: data }, files: { [path]: data } }
const untouched = { objects: { a: data } }

const file = (options: Download.DownloadFileOptions = {}) =>
  Download.file({ key: "a", path }, { partSize: part, concurrency: 1, progressInterval: "1 day", ...options })

const rangeFrom = (start: number, end: number) => `bytes=${start}-${end}`
const rangeOf = (i: number) => rangeFrom(i * part, Math.min((i + 1) * part, data.byteLength) - 1)
const all = [0, 1, 2, 3, 4].map(rangeOf)
/** All of them, and that the second one went on from a byte. */
const goneOn = (at: number) => [...all.slice(0, 2), rangeFrom(part + at, 2 * part - 1), ...all.slice(2)]

const get = (fault: Fault.Fault, more: Fault.Matcher = {}) => on("getObject", fault, more)
/** Of the second range. */
const second = (fault: Fault.Fault) => get(fault, { nth: 2 })

/** The bytes that a stream gave, how they differ from the object's, and the failure that ended them. */
const read = (source: Partial<Download.DownloadSource> = {}, options?: Download.DownloadOptions) =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    return Stream.runForEach(Download.stream({ key: "a", ...source }, options), (bytes) =>
      Effect.sync(() => chunks.push(bytes.slice()))
    ).pipe(
      Effect.either,
      Effect.map((ended) => {
        const bytes = Buffer.concat(chunks)
        return {
          size: bytes.byteLength,
          difference: firstDifference(bytes, data.subarray(0, bytes.byteLength)),
          error: Either.isLeft(ended) ? ended.left : undefined
        }
      })
    )
  })
const wholeStream = success({ size: data.byteLength, difference: undefined, error: undefined })

/** If-Match goes with all but the first request of a stream. */
const pinned = Effect.map(World.requests("getObject"), (entries) =>
  expect(entries.slice(1).every(({ headers }) => headers["if-match"] !== undefined)).toBe(true)
)

/** How often a file was begun: only the first request for it takes whatever object there is. */
const begun = (times: number) =>
  Effect.map(World.requests("getObject"), (entries) =>
    expect(entries.filter(({ headers }) => headers["if-match"] === undefined)).toHaveLength(times)
  )

const broken = (
  where: InProcessRow["where"],
  fault: string,
  make: (bytes: number) => Fault.Fault,
  more: Partial<InProcessRow> = {}
): ReadonlyArray<InProcessRow> => [
  {
    where,
    fault: `${fault}, into a file`,
    given,
    faults: [second(make(1000))],
    client: file(),
    expect: success({ size: data.byteLength, parts: 5 }),
    ranges: goneOn(1000),
    also: pinned,
    left: replaced,
    ...more
  },
  {
    where,
    fault: `${fault}, in a stream`,
    given: untouched,
    faults: [get(make(100_000))],
    client: read(),
    expect: wholeStream,
    ranges: [undefined, `bytes=100000-`],
    also: pinned,
    left: untouched,
    ...more
  }
]

const onTheWay: ReadonlyArray<InProcessRow> = [
  ...broken("network", "a body stalls", Fault.stall, { took: 30_000 }),
  ...broken("network", "a body is reset", Fault.resetResponseAfterBytes, { took: 0 }),
  ...[0, data.byteLength - 1].map(
    (at): InProcessRow => ({
      where: "network",
      fault: `a stream is reset after ${at} bytes`,
      given: untouched,
      faults: [get(Fault.resetResponseAfterBytes(at))],
      client: read(),
      expect: wholeStream,
      ranges: [undefined, `bytes=${at}-`],
      also: pinned,
      left: untouched
    })
  ),
  ...broken("service", "a body ends before its Content-Length", Fault.truncate, { took: 0 }),
  {
    where: "network",
    fault: "the only body of a small file is reset",
    given: { ...given, objects: { a: small } },
    faults: [get(Fault.resetResponseAfterBytes(1000))],
    client: Download.file({ key: "a", path }),
    expect: success({ size: small.byteLength, parts: 1 }),
    ranges: [rangeFrom(0, 256 * KiB - 1), rangeFrom(1000, small.byteLength - 1)],
    also: pinned,
    left: { objects: { a: small }, files: { [path]: small } }
  },
  {
    where: "service",
    fault: "a bit is flipped in the only body of a small file",
    given: { ...given, objects: { a: small } },
    faults: [get(Fault.flipBit(5))],
    client: Download.file({ key: "a", path }),
    expect: { _tag: "IntegrityError", algorithm: "crc64", key: "a" },
    left: { objects: { a: small } }
  },
  {
    where: "service",
    fault: "the Content-Length of a stream promises one byte more than the object has",
    given: untouched,
    faults: [get(Fault.wrongLength(1))],
    client: read(),
    expect: success({ error: { _tag: "InvalidRange" } }),
    left: untouched
  },
  {
    where: "service",
    fault: "a body is longer than its Content-Length, into a file",
    given,
    faults: [get(Fault.wrongLength(-1), { nth: 2, ...always })],
    client: file(),
    expect: { _tag: "TruncatedBody" },
    left: untouched
  },
  {
    where: "service",
    fault: "a body is longer than its Content-Length, in a stream",
    given: untouched,
    faults: [get(Fault.wrongLength(-1))],
    client: read(),
    expect: success({ error: { _tag: "IntegrityError" } }),
    left: untouched
  },
  {
    where: "service",
    fault: "a body without a length is cut, into a file",
    given,
    faults: [second(Fault.withHeaders({ "content-length": null })), second(Fault.truncate(1000))],
    client: file(),
    expect: success({ size: data.byteLength }),
    ranges: goneOn(1000),
    left: replaced
  },
  {
    where: "service",
    fault: "a body without a length is cut again and again where it stands, into a file",
    given,
    faults: [
      get(Fault.withHeaders({ "content-length": null }), { nth: 2, ...always }),
      get(Fault.truncate(0), { nth: 2, ...always })
    ],
    client: file(),
    expect: { _tag: "TransportError", phase: "body" },
    left: untouched
  },
  {
    where: "service",
    fault: "a body without a length ends too soon, in order, into a file",
    given,
    faults: [
      second(Fault.withHeaders({ "content-length": null })),
      second(Fault.replaceBody("short")),
      second(Fault.withHeaders({ "content-length": null }))
    ],
    client: file(),
    expect: { _tag: "TruncatedBody" },
    left: untouched
  },
  {
    where: "service",
    fault: "a body without a length ends too soon, in order, in a stream",
    given: untouched,
    faults: [get(Fault.replaceBody("short")), get(Fault.withHeaders({ "content-length": null }))],
    client: read(),
    expect: success({ error: { _tag: "IntegrityError" } }),
    left: untouched
  }
]

/** What is answered to the second range, to the one that a stream goes on with, and to one that was asked for. */
const refused = (fault: string, _tag: string, faults: ReadonlyArray<Fault.Fault>): ReadonlyArray<InProcessRow> => [
  {
    where: "service",
    fault: `${fault}, into a file`,
    given,
    faults: faults.map(second),
    client: file(),
    expect: { _tag },
    left: untouched
  },
  {
    where: "service",
    fault: `${fault}, where a stream goes on`,
    given: untouched,
    faults: [get(Fault.resetResponseAfterBytes(1000)), ...faults.map(second)],
    client: read(),
    expect: success({ size: 1000, difference: undefined, error: { _tag } }),
    left: untouched
  },
  {
    where: "service",
    fault: `${fault}, in a stream of a range`,
    given: untouched,
    faults: faults.map((fault) => get(fault)),
    client: read({ range: { start: 1000, end: 1999 } }),
    expect: success({ size: 0, error: { _tag } }),
    left: untouched
  }
]

const replacing = {
  where: "service",
  given,
  faults: [get(Fault.delay("10 seconds"), { nth: 3 })],
  meanwhile: ["5 seconds", Effect.flatMap(Emulator, (emulator) => emulator.seed(World.bucket, "a", changed))]
} as const

const responses: ReadonlyArray<InProcessRow> = [
  ...[
    "<?xml version='1.0' encoding='utf-8' ?>\n<Error><Code>InternalError</Code><Message>m</Message></Error>",
    "<Error><Code>NoSuchKey</Code></Error>"
  ].map((text): InProcessRow => {
    const bytes = Buffer.from(text)
    return {
      where: "service",
      fault: `the content is ${text}`,
      given: { objects: { a: bytes } },
      client: Effect.zipRight(file(), Download.text({ key: "a" })),
      expect: success(text),
      left: { objects: { a: bytes }, files: { [path]: bytes } }
    }
  }),
  {
    where: "service",
    fault: "a bit is flipped, into a file",
    given,
    faults: [get(Fault.flipBit(5), { nth: 3 })],
    client: file(),
    expect: { _tag: "IntegrityError", algorithm: "crc64", key: "a" },
    ranges: all,
    left: untouched
  },
  {
    where: "service",
    fault: "a bit is flipped, in a stream and in memory",
    given: untouched,
    faults: [get(Fault.flipBit(100_000), { times: 2 })],
    client: Effect.zip(read(), Effect.flip(Download.bytes({ key: "a" }))),
    expect: success([{ size: data.byteLength, error: { _tag: "IntegrityError" } }, { _tag: "IntegrityError" }]),
    left: untouched
  },
  {
    where: "service",
    fault: "a bit is flipped in a stream, and nobody asks",
    given: untouched,
    faults: [get(Fault.flipBit(100_000))],
    client: read({}, { verify: false }),
    expect: success({ size: data.byteLength, error: undefined }),
    left: untouched
  },
  ...refused("another Content-Range", "MalformedResponse", [
    Fault.withHeaders({ "content-range": `bytes 7-${part + 6}/${data.byteLength}` })
  ]),
  ...refused("200 to a range", "MalformedResponse", [Fault.ignoreHeaders("range")]),
  ...refused("416", "InvalidRange", [Fault.status(416, { code: "InvalidRange" })]),
  ...[
    { faults: [get(Fault.resetResponseAfterBytes(1000))], source: {}, size: 1000 },
    { faults: [], source: { range: { start: 1000, end: 1999 } }, size: 0 }
  ].map(
    ({ faults, size, source }): InProcessRow => ({
      where: "service",
      fault: `a shorter range than was asked for, after ${size} bytes of a stream`,
      given: untouched,
      faults: [
        ...faults,
        get(Fault.withHeaders({ "content-range": `bytes 1000-1500/${data.byteLength}` }), { nth: faults.length + 1 })
      ],
      client: read(source),
      expect: success({ size, error: { _tag: "MalformedResponse" } }),
      left: untouched
    })
  ),
  {
    where: "service",
    fault: "another total",
    given,
    faults: [get(Fault.withHeaders({ "content-range": `bytes 0-${part - 1}/${data.byteLength + 1}` }))],
    client: file(),
    expect: { _tag: "ObjectChanged" },
    left: untouched
  },
  {
    ...replacing,
    fault: "the object is replaced between two ranges",
    client: file(),
    expect: { _tag: "ObjectChanged", key: "a" },
    left: { objects: { a: changed } }
  },
  {
    ...replacing,
    fault: "the object is replaced between two ranges; onChange: restart",
    client: file({ onChange: "restart" }),
    expect: success({ size: changed.byteLength, parts: 3 }),
    also: begun(2),
    left: { objects: { a: changed }, files: { [path]: changed } }
  },
  {
    where: "service",
    fault: "412, also when begun again",
    given,
    // To the second range, each time.
    faults: [2, 4].map((nth) => get(Fault.status(412, { code: "PreconditionFailed" }), { nth })),
    client: file({ onChange: "restart" }),
    expect: { _tag: "ObjectChanged" },
    also: begun(2),
    left: untouched
  },
  {
    where: "service",
    fault: "another ETag",
    given,
    faults: [get(Fault.wrongETag, { nth: 3 })],
    client: file(),
    expect: { _tag: "ObjectChanged" },
    left: untouched
  },
  {
    where: "service",
    fault: "the object is deleted between two ranges",
    given,
    faults: replacing.faults,
    client: file(),
    meanwhile: ["5 seconds", Cos.deleteObject({ key: "a" })],
    expect: { _tag: "ObjectChanged" },
    left: {}
  },
  {
    where: "service",
    fault: "the object is replaced while a stream is read",
    given: untouched,
    faults: [get(Fault.stall(100_000))],
    client: read(),
    meanwhile: replacing.meanwhile,
    expect: success({ size: 100_000, difference: undefined, error: { _tag: "ObjectChanged", key: "a" } }),
    left: { objects: { a: changed } }
  },
  {
    where: "service",
    fault: "the content is coded",
    given: { files: { [path]: old } },
    // Not what the coding says: whoever undoes it fails.
    client: Effect.andThen(
      Cos.putObject({ key: "a", body: data, contentEncoding: "gzip" }),
      Effect.zip(file(), read())
    ),
    expect: success([{ size: data.byteLength }, wholeStream.value]),
    left: replaced
  }
]

/** The disk fails a call with a code of the system. */
const failing =
  (code: string, when: (call: Call) => boolean, reason: "Unknown" | "PermissionDenied" = "Unknown") =>
  (call: Call) =>
    when(call) ? systemError(call.method, call.path, reason, code) : undefined

const isTemporary = (call: Call) => call.path !== path

const disk: ReadonlyArray<InProcessRow> = [
  ...(
    [
      ["when the temporary file is made", "ENOSPC", (call) => call.method === "open" && isTemporary(call)],
      ["at the first byte", "ENOSPC", (call) => call.method === "write"],
      ["midway", "ENOSPC", (call) => call.method === "write" && (call.offset ?? 0) >= 2 * part],
      ["at the last bytes", "ENOSPC", (call) => call.method === "write" && (call.offset ?? 0) >= 4 * part],
      ["at fsync", "ENOSPC", (call) => call.method === "sync"],
      ["at rename", "ENOSPC", (call) => call.method === "rename"],
      ["of the user, at rename", "EDQUOT", (call) => call.method === "rename"]
    ] satisfies ReadonlyArray<readonly [string, string, (call: Call) => boolean]>
  ).map(
    ([when, code, fails]): InProcessRow => ({
      where: "disk",
      fault: `no space left (${code}) ${when}`,
      given,
      disk: failing(code, fails),
      client: file(),
      expect: { _tag: "DiskFull", path },
      left: untouched
    })
  ),
  {
    where: "disk",
    fault: "EIO at a write",
    given,
    disk: failing("EIO", (call) => call.method === "write"),
    client: file(),
    expect: { _tag: "SystemError", method: "write" },
    left: untouched
  },
  {
    where: "disk",
    fault: "the target is a directory",
    given,
    client: Download.file({ key: "a", path: "/" }),
    expect: { _tag: "InvalidInput", field: "path" },
    asked: {},
    left: untouched
  },
  {
    where: "disk",
    fault: "the target's directory may not be written to",
    given,
    disk: failing("EACCES", (call) => call.method === "open" && isTemporary(call), "PermissionDenied"),
    client: file(),
    expect: { _tag: "SystemError", reason: "PermissionDenied" },
    asked: {},
    left: untouched
  },
  {
    where: "disk",
    fault: "the target may not be replaced",
    given,
    disk: failing("EACCES", (call) => call.method === "rename", "PermissionDenied"),
    client: file(),
    expect: { _tag: "SystemError", reason: "PermissionDenied" },
    left: untouched
  },
  ...[
    ["as many bytes as a number can count", Number.MAX_SAFE_INTEGER],
    ["as many bytes as an object may have", 10_000 * 5 * 1024 ** 3]
  ].map(
    ([what, size]): InProcessRow => ({
      where: "disk",
      fault: `the first response announces ${what}, which no disk can hold`,
      given,
      network: ({ nth }) =>
        nth === 1
          ? new Response(data.slice(0, part), {
              status: 206,
              headers: {
                "content-length": String(part),
                "content-range": `bytes 0-${part - 1}/${size}`,
                etag: '"a"',
                "last-modified": new Date(0).toUTCString(),
                "x-cos-hash-crc64ecma": "1"
              }
            })
          : undefined,
      client: file(),
      expect: { _tag: "SystemError", method: "truncate" },
      left: untouched
    })
  ),
  {
    where: "disk",
    fault: "two downloads to one target",
    given,
    faults: [get(Fault.delay("2 seconds"), always)],
    client: Effect.all([file(), Effect.delay(file(), "3 seconds")], { concurrency: 2 }),
    expect: success([{ size: data.byteLength }, { size: data.byteLength }]),
    left: replaced
  },
  {
    where: "disk",
    fault: "two downloads to one target, of which one fails",
    given,
    faults: [get(Fault.delay("2 seconds"), { times: 8 }), get(denied, { nth: 9 })],
    client: Effect.all([Effect.either(file()), Effect.either(Effect.delay(file(), "3 seconds"))], { concurrency: 2 }),
    expect: success([{ _tag: "Right" }, { _tag: "Left" }]),
    left: replaced
  }
]

export const downloads: ReadonlyArray<InProcessRow> = [...onTheWay, ...responses, ...disk]
