/** What is stored is what was read: files that change, files that lie about themselves, streams of what is not bytes. */
import * as NodeFs from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Upload from "effect-cos/Upload"
import type { Emulator } from "effect-cos-emulator/Emulator"
import { content, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const data = content(3 * MiB + 5)
const other = content(3 * MiB + 5, 2)

const forms = {
  "in parts": { partSize: MiB, threshold: 0, concurrency: 1 },
  "in one request": {},
  "in one request that is read while it is sent": { partSize: MiB, maxPartBuffer: MiB, threshold: 4 * MiB },
  "in parts that are read while they are sent": {
    partSize: 3 * MiB,
    maxPartBuffer: MiB,
    threshold: 0,
    concurrency: 1
  }
} as const

/** What a test does to a file system. */
interface Changes {
  /** Called after every read from an open file, with its number, from 1. */
  readonly afterRead?: (path: string, nth: number) => void
  /** What `stat` says of the size instead. */
  readonly size?: number
  /** The most bytes that a read gives. */
  readonly most?: number
}

/** With a file of the machine, whose time is a whole second, so that setting it back loses nothing. */
const withFile = <A, E, R>(use: (path: string) => Effect.Effect<A, E, R>, { afterRead, most, size }: Changes = {}) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = `${yield* fs.makeTempDirectoryScoped()}/file`
    NodeFs.writeFileSync(path, data)
    NodeFs.utimesSync(path, 1000, 1000)
    let reads = 0
    const changed: FileSystem.FileSystem = {
      ...fs,
      stat: (path) =>
        Effect.map(fs.stat(path), (info) => (size === undefined ? info : { ...info, size: FileSystem.Size(size) })),
      open: (path, options) =>
        Effect.map(fs.open(path, options), (file) => {
          const read: FileSystem.File["read"] = (buffer) =>
            Effect.tap(file.read(buffer.subarray(0, most)), () =>
              Effect.sync(() => {
                reads += 1
                afterRead?.(path, reads)
              })
            )
          return new Proxy(file, { get: (target, name) => (name === "read" ? read : Reflect.get(target, name)) })
        })
    }
    return yield* Effect.provideService(use(path), FileSystem.FileSystem, changed)
  }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

const test = (name: string, body: Effect.Effect<void, unknown, CosClient | Emulator | Scope.Scope>) =>
  it.scoped(name, () => Effect.provide(body, World.inProcess()))

/** Other bytes in the same file, whose time is set back afterwards. */
const rewrite = (path: string) => {
  const file = NodeFs.openSync(path, "r+")
  NodeFs.writeSync(file, other)
  NodeFs.closeSync(file)
  NodeFs.utimesSync(path, 1000, 1000)
}

const nothingStored = Effect.gen(function* () {
  yield* World.expectStored("a", undefined)
  expect(yield* World.unfinishedUploads).toEqual([])
})

for (const [form, options] of Object.entries(forms)) {
  const upload = (path: string) => Upload.file({ key: "a", path }, options)

  describe(`Upload.file, ${form}`, () => {
    test(
      "a file that is rewritten while it is sent, and whose time is set back, is not stored",
      Effect.gen(function* () {
        const afterRead = (path: string, nth: number) => {
          if (nth === 1) rewrite(path)
        }
        const error = yield* withFile((path) => Effect.flip(upload(path)), { afterRead })
        expect(error).toMatchObject({ _tag: "SourceChanged", field: "content" })
        yield* nothingStored
      })
    )

    test(
      "a file that is only given another mode while it is sent is stored",
      Effect.gen(function* () {
        const afterRead = (path: string, nth: number) => {
          if (nth === 1) NodeFs.chmodSync(path, 0o600)
        }
        yield* withFile(upload, { afterRead })
        yield* World.expectStored("a", data)
      })
    )

    test(
      "a file that holds more than it says is not stored without the rest",
      Effect.gen(function* () {
        const error = yield* withFile((path) => Effect.flip(upload(path)), { size: data.byteLength - 1 })
        expect(error).toMatchObject({ _tag: "SourceChanged", field: "size" })
        yield* nothingStored
      })
    )

    test(
      "a file that holds more than it says, and gives it in small pieces, is not stored without the rest",
      Effect.gen(function* () {
        const error = yield* withFile((path) => Effect.flip(upload(path)), { size: 2 * MiB, most: MiB / 8 })
        expect(error).toMatchObject({ _tag: "SourceChanged", field: "size" })
        yield* nothingStored
      })
    )

    test(
      "a file that gives it in small pieces is stored whole",
      Effect.gen(function* () {
        yield* withFile(upload, { most: 100_001 })
        yield* World.expectStored("a", data)
      })
    )

    test(
      "a file that holds less than it says is not stored",
      Effect.gen(function* () {
        const error = yield* withFile((path) => Effect.flip(upload(path)), { size: data.byteLength + 1 })
        expect(error).toMatchObject({ _tag: "SourceChanged", field: "size" })
        yield* nothingStored
      })
    )

    test(
      "a file that says it is empty, and is not, is stored with all it holds",
      Effect.gen(function* () {
        yield* withFile((path) => Upload.file({ key: "a", path }, { ...options, maxPartBuffer: 4 * MiB }), { size: 0 })
        yield* World.expectStored("a", data)
      })
    )
  })
}

describe("Upload.file, of a file that says it is empty, and is not", () => {
  test(
    "stores its MD5 where that is asked",
    Effect.gen(function* () {
      yield* withFile((path) => Upload.file({ key: "a", path }, { storeMd5: true }), { size: 0 })
      const { metadata } = yield* Cos.headObject({ key: "a" })
      yield* withFile((path) => Upload.file({ key: "b", path }, { storeMd5: true }))
      expect(metadata).toEqual((yield* Cos.headObject({ key: "b" })).metadata)
    })
  )

  test(
    "refuses one that is larger than maxPartBuffer",
    Effect.gen(function* () {
      const upload = (path: string) =>
        Effect.flip(Upload.file({ key: "a", path }, { maxPartBuffer: MiB, partSize: MiB }))
      expect(yield* withFile(upload, { size: 0 })).toMatchObject({ _tag: "InvalidInput", field: "path" })
      yield* nothingStored
    })
  )

  it.effect.skipIf(!NodeFs.existsSync("/proc/version"))("stores a file of /proc, and of a body", () =>
    Effect.gen(function* () {
      const version = NodeFs.readFileSync("/proc/version")
      yield* Upload.file({ key: "a", path: "/proc/version" })
      yield* World.expectStored("a", version)
      yield* Cos.putObject({ key: "b", body: yield* Body.file("/proc/version") })
      yield* World.expectStored("b", version)
    }).pipe(Effect.provide(NodeFileSystem.layer), Effect.provide(World.inProcess()))
  )
})

describe("Body.file", () => {
  /** Acts when the first bytes are taken from the body. */
  const put = (act: (path: string) => void) =>
    withFile((path) =>
      Effect.gen(function* () {
        const body = yield* Body.file(path)
        let acted = false
        const stream = Stream.tap(body.stream, () =>
          Effect.sync(() => {
            if (!acted) act(path)
            acted = true
          })
        )
        return yield* Effect.flip(Cos.putObject({ key: "a", body: { ...body, stream } }))
      })
    )

  const changes: ReadonlyArray<[string, (path: string) => void]> = [
    ["rewritten", (path) => NodeFs.writeFileSync(path, other)],
    ["rewritten and its time set back", rewrite],
    ["truncated", (path) => NodeFs.truncateSync(path, 5)],
    ["appended to", (path) => NodeFs.appendFileSync(path, "more")],
    [
      "replaced",
      (path) => {
        NodeFs.writeFileSync(`${path}.new`, other)
        NodeFs.utimesSync(`${path}.new`, 1000, 1000)
        NodeFs.renameSync(`${path}.new`, path)
      }
    ]
  ]
  for (const [change, act] of changes) {
    test(
      `a file that is ${change} while it is sent is not stored`,
      Effect.gen(function* () {
        expect(yield* put(act)).toMatchObject({ _tag: "SourceChanged" })
        yield* nothingStored
      })
    )
  }
})

describe("what is not bytes is refused, and nothing is stored", () => {
  // As of a Node stream that was given an encoding.
  const text = Stream.make("not", "bytes") as unknown as Stream.Stream<Uint8Array>
  const mixed = Stream.concat(Stream.make(data), text)

  /** Its memory is another thread's now: it looks empty. */
  const transferred = () => {
    const bytes = new Uint8Array(8)
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
    return bytes
  }
  const lost = Stream.make(data, transferred())

  for (const [name, stream] of Object.entries({ text, mixed, lost })) {
    test(
      `Upload.stream, Upload.sink and Body.stream: ${name}`,
      Effect.gen(function* () {
        const options = { partSize: MiB, threshold: 0 }
        const invalid = { _tag: "InvalidInput", field: "stream" }
        expect(yield* Effect.flip(Upload.stream({ key: "a", stream }, options))).toMatchObject(invalid)
        expect(yield* Effect.flip(Stream.run(stream, Upload.sink({ key: "a" }, options)))).toMatchObject(invalid)
        for (const size of [8, data.byteLength + 8]) {
          const body = Body.stream(stream, { size })
          expect(yield* Effect.flip(Cos.putObject({ key: "a", body }))).toMatchObject({
            _tag: "InvalidInput",
            field: "body"
          })
        }
        yield* nothingStored
      })
    )
  }

  test(
    "Upload.bytes",
    Effect.gen(function* () {
      for (const bytes of ["text" as unknown as Uint8Array, transferred()]) {
        expect(yield* Effect.flip(Upload.bytes({ key: "a", bytes }))).toMatchObject({
          _tag: "InvalidInput",
          field: "bytes"
        })
      }
      yield* nothingStored
    })
  )

  test(
    "the body of a request",
    Effect.gen(function* () {
      const others: ReadonlyArray<unknown> = [null, 1, {}, new SharedArrayBuffer(4), [1, 2]]
      for (const body of [...others, transferred(), Body.bytes(transferred())] as ReadonlyArray<Uint8Array>) {
        expect(yield* Effect.flip(Cos.putObject({ key: "a", body }))).toMatchObject({
          _tag: "InvalidInput",
          field: "body"
        })
      }
      yield* nothingStored
    })
  )
})
