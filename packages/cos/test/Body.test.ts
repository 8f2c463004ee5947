/** Bodies that are read while they are sent, files and blobs, and what is no body. */
import { Readable } from "node:stream"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import * as Scripted from "./support/ScriptedClient.js"

const stored: Scripted.Step = { headers: { etag: '"a"' } }
const lost: Scripted.Step = { failure: {} }

const put = (body: Body.Input, ...steps: ReadonlyArray<Scripted.Step>) =>
  Effect.gen(function* () {
    const { layer, requests } = Scripted.make(steps, { settings: { retry: RetryPolicy.make({ base: 0 }) } })
    return { result: yield* Effect.either(Effect.provide(Cos.putObject({ key: "key", body }), layer)), requests }
  })

/** More than one block, the last one short. */
const content = new Uint8Array(600_001).fill(7)

const withFile = <A, E>(use: (path: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = `${yield* fs.makeTempDirectoryScoped()}/file`
    yield* fs.writeFile(path, content)
    return yield* use(path, fs)
  }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

describe("Body.file", () => {
  it.effect("is sent with its size, and read again for another attempt", () =>
    withFile((path) =>
      Effect.gen(function* () {
        const { requests, result } = yield* put(yield* Body.file(path), lost, stored)
        expect(result).toMatchObject({ right: { eTag: '"a"' } })
        expect(requests.length).toBe(2)
        for (const { body, headers } of requests) {
          expect(headers["content-length"]).toBe(String(content.length))
          expect(Buffer.compare(body, content)).toBe(0)
        }
      })
    )
  )

  it.effect("an empty one is an empty object", () =>
    withFile((path, fs) =>
      Effect.gen(function* () {
        yield* fs.writeFile(path, new Uint8Array(0))
        const { requests } = yield* put(yield* Body.file(path), stored)
        expect(requests.map(({ body }) => body.length)).toEqual([0])
      })
    )
  )

  const changes: ReadonlyArray<
    readonly [field: string, change: (path: string, fs: FileSystem.FileSystem) => Effect.Effect<void, unknown>]
  > = [
    ["size", (path, fs) => fs.truncate(path, FileSystem.Size(5))],
    ["mtime", (path, fs) => fs.utimes(path, 1, 1)]
  ]
  it.effect.each(changes)("that changed meanwhile is not sent: its %s", ([field, change]) =>
    withFile((path, fs) =>
      Effect.gen(function* () {
        const body = yield* Body.file(path)
        yield* Effect.orDie(change(path, fs))
        const { result } = yield* put(body)
        expect(result).toMatchObject({ left: { _tag: "SourceChanged", source: path, field } })
      })
    )
  )

  it.effect("that is not there, or no longer", () =>
    withFile((path, fs) =>
      Effect.gen(function* () {
        const missing = yield* Effect.flip(Body.file(`${path}/none`))
        expect(missing).toMatchObject({ _tag: "SystemError" })
        const body = yield* Body.file(path)
        yield* fs.remove(path)
        const { result } = yield* put(body)
        expect(result).toMatchObject({ left: { _tag: "SourceFailed" } })
      })
    )
  )
})

describe("a Blob", () => {
  it.effect("is read again for another attempt", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* put(new Blob([content]), lost, stored)
      expect(Either.isRight(result)).toBe(true)
      for (const { body } of requests) expect(Buffer.compare(body, content)).toBe(0)
    })
  )
})

type Run = Effect.Effect<unknown, unknown, any>

/** What it is refused for, before anything is sent. */
const refused = (run: () => Run) =>
  Effect.gen(function* () {
    const { layer, requests } = Scripted.make([])
    const error = yield* Effect.suspend(run).pipe(
      Effect.scoped,
      Effect.flip,
      Effect.provide([layer, FileSystem.layerNoop({})])
    ) as Effect.Effect<any>
    expect(requests).toEqual([])
    expect(error).toMatchObject({ _tag: "InvalidInput" })
    return [error.operation, error.field, error.reason] as ReadonlyArray<string>
  })

describe("what is no body", () => {
  const shared = new SharedArrayBuffer(8)
  const transferred = () => {
    const buffer = new ArrayBuffer(8)
    structuredClone(buffer, { transfer: [buffer] })
    return buffer
  }
  const detachedView = () => {
    const view = new DataView(new ArrayBuffer(8))
    structuredClone(view.buffer, { transfer: [view.buffer] })
    return view
  }

  const rows: ReadonlyArray<readonly [what: string, value: unknown]> = [
    ["a Stream", Stream.make(new Uint8Array(1))],
    ["a value of type number", 7],
    ["a value of type boolean", true],
    ["null", null],
    ["a value of type object", { _tag: "Some", value: 1 }],
    ["a value of type object", { _tag: "Sized", size: 3 }],
    ["a value of type Date", new Date(0)],
    ["an Effect (run it first)", Effect.succeed("text")],
    ["a ReadableStream", new Blob(["a"]).stream()],
    ["a value of type Map", new Map()],
    ["shared memory, which may change while it is sent (copy it)", shared],
    ["shared memory, which may change while it is sent (copy it)", new Uint8Array(shared)],
    ["shared memory, which may change while it is sent (copy it)", new DataView(shared, 2, 2)],
    ["shared memory, which may change while it is sent (copy it)", Body.bytes(new Uint8Array(shared))],
    ["bytes whose memory was transferred", transferred()],
    ["bytes whose memory was transferred", detachedView()],
    ["a value of type number", Body.bytes(7 as never)]
  ]
  it.effect.each(rows)("%s is refused, and the message names what takes a stream", ([what, value]) =>
    Effect.gen(function* () {
      const { requests, result } = yield* put(value as Body.Input)
      expect(result).toMatchObject({
        left: {
          _tag: "InvalidInput",
          field: "body",
          reason: `body must be text, bytes, a Blob or a Body, not ${what}: Body.stream makes a Body of a stream of known size, and Upload.stream sends any stream`
        }
      })
      expect(requests).toEqual([])
    })
  )

  const streams = "Body.stream makes a Body of a stream of known size, and Upload.stream sends any stream"
  const ofNode = `${streams}; NodeReadable.body and NodeReadable.stream (effect-cos-node) take those of Node, and Upload.file a file`
  const more: ReadonlyArray<readonly [what: string, make: () => unknown, remedy: string]> = [
    ["a stream of Node", () => Readable.from([Buffer.from("a")]), ofNode],
    ["a stream of Node", () => Body.stream(Readable.from([]) as never, { size: 1 }), ofNode],
    ["a value of type object", () => ({ a: 1 }), "JSON.stringify it"],
    ["a value of type object", () => Object.create(null), "JSON.stringify it"],
    ["a value of type Array", () => [{ a: 1 }], "JSON.stringify it"],
    ["a value of type undefined", () => Body.bytes(undefined as never), streams]
  ]
  it.effect.each(more)("%s is refused, and the message says what to do", ([what, make, remedy]) =>
    Effect.gen(function* () {
      const reason = `body must be text, bytes, a Blob or a Body, not ${what}: ${remedy}`
      const { requests, result } = yield* Effect.suspend(() => put(make() as Body.Input))
      expect(result).toMatchObject({ left: { _tag: "InvalidInput", field: "body", reason } })
      const uploaded = yield* refused(() => Upload.body({ key: "a", body: make() as Body.Input }))
      expect(uploaded).toEqual(["Upload.body", "body", reason])
      expect(requests).toEqual([])
    })
  )

  const nodeStream = () => Readable.from([Buffer.from("a")]) as never
  const uploads: ReadonlyArray<readonly [title: string, () => Run, field: string, reason: string]> = [
    [
      "Upload.stream of a stream of Node",
      () => Upload.stream({ key: "a", stream: nodeStream() }),
      "stream",
      "stream must be a Stream of Effect, not a stream of Node: NodeReadable.stream (effect-cos-node) makes one, and Upload.file sends a file"
    ],
    [
      "Upload.content of a stream of Node",
      () => Upload.content({ key: "a", stream: nodeStream() }),
      "stream",
      "stream must be a Stream of Effect, not a stream of Node: NodeReadable.stream (effect-cos-node) makes one, and Upload.file sends a file"
    ],
    [
      "Upload.controlled of a stream of Node",
      () => Effect.flatMap(Upload.controlled({ key: "a", stream: nodeStream() }), ({ await: result }) => result),
      "stream",
      "stream must be a Stream of Effect, not a stream of Node: NodeReadable.stream (effect-cos-node) makes one, and Upload.file sends a file"
    ],
    [
      "Upload.stream of a ReadableStream",
      () => Upload.stream({ key: "a", stream: new Blob([]).stream() as never }),
      "stream",
      "stream must be a Stream of Effect, not a ReadableStream: Stream.fromReadableStream makes one"
    ],
    [
      "Upload.stream of text",
      () => Upload.stream({ key: "a", stream: "text" as never }),
      "stream",
      "stream must be a Stream of Effect, not text: Upload.body sends text, bytes and a Blob"
    ],
    [
      "Upload.stream of nothing",
      () => Upload.stream({ key: "a", stream: undefined as never }),
      "stream",
      "stream must be a Stream of Effect, not a value of type undefined: Upload.body sends text, bytes and a Blob"
    ],
    [
      "Upload.bytes of a stream of Node",
      () => Upload.bytes({ key: "a", bytes: nodeStream() }),
      "bytes",
      `bytes must be bytes, not a stream of Node: ${ofNode}`
    ],
    [
      "Upload.bytes of an object",
      () => Upload.bytes({ key: "a", bytes: { a: 1 } as never }),
      "bytes",
      "bytes must be bytes, not a value of type object: JSON.stringify it"
    ],
    [
      "Upload.blob of a stream of Node",
      () => Upload.blob({ key: "a", blob: nodeStream() }),
      "blob",
      `blob must be a Blob, not a stream of Node: ${ofNode}`
    ],
    [
      "Upload.blob of nothing",
      () => Upload.blob({ key: "a", blob: undefined as never }),
      "blob",
      `blob must be a Blob, not a value of type undefined: ${streams}`
    ],
    [
      "Upload.body of nothing",
      () => Upload.body({ key: "a", body: undefined as never }),
      "body",
      `body must be text, bytes, a Blob or a Body, not a value of type undefined: ${streams}`
    ],
    [
      "Upload.content of no content",
      () => Upload.content({ key: "a" } as never),
      "body",
      `body must be text, bytes, a Blob or a Body, not a value of type undefined: ${streams}`
    ],
    ["Upload.file without a path", () => Upload.file({ key: "a" } as never), "path", "path must be given"],
    ["Upload.file of an empty path", () => Upload.file({ key: "a", path: "" }), "path", "path must be given"],
    [
      "Upload.file of a URL",
      () => Upload.file({ key: "a", path: new URL("file:///a") as never }),
      "path",
      "path must be text"
    ],
    ["Body.file without a path", () => Body.file(undefined as never), "path", "path must be given"],
    ["Download.file without a path", () => Download.file({ key: "a" } as never), "path", "path must be given"],
    [
      "Download.controlled without a path",
      () => Download.controlled({ key: "a" } as never),
      "path",
      "path must be given"
    ]
  ]
  it.effect.each(uploads)("%s is refused", ([, run, field, reason]) =>
    Effect.gen(function* () {
      const [operation, ...found] = yield* refused(run)
      expect(operation).toMatch(/^(Upload|Body|Download)\./)
      expect(found).toEqual([field, reason])
    })
  )

  it.effect("memory that is transferred between two attempts is no empty object", () =>
    Effect.gen(function* () {
      const buffer = new ArrayBuffer(8)
      const { requests, result } = yield* put(buffer, () => {
        structuredClone(buffer, { transfer: [buffer] })
        return lost
      })
      expect(result).toMatchObject({
        left: { _tag: "InvalidInput", reason: "body must keep its 8 bytes until they are sent" }
      })
      expect(requests).toHaveLength(1)
    })
  )
})
