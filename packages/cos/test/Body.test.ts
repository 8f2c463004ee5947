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
import * as RetryPolicy from "effect-cos/RetryPolicy"
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
    ["a value of type object", {}],
    ["a value of type object", { _tag: "Some", value: 1 }],
    ["a value of type object", { _tag: "Sized", size: 3 }],
    ["a value of type Array", [1, 2, 3]],
    ["a value of type Date", new Date(0)],
    ["an Effect (run it first)", Effect.succeed("text")],
    ["a ReadableStream", new Blob(["a"]).stream()],
    ["a stream of Node", Readable.from([Buffer.from("a")])],
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
