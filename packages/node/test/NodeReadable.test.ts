import { EventEmitter, once } from "node:events"
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, request } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { PassThrough, Readable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Upload from "effect-cos/Upload"
import * as NodeReadable from "effect-cos-node/NodeReadable"
import * as World from "../../../test/support/world.js"

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7) % 256))
const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 500), bytes.subarray(500)]

const readAll = (source: NodeReadable.Source) =>
  Effect.map(Stream.runCollect(NodeReadable.stream(source)), (chunks) => Buffer.concat(Chunk.toReadonlyArray(chunks)))

/** A stream that is not in object mode. */
const plain = (content: ReadonlyArray<Buffer> = pieces) => {
  const stream = new PassThrough()
  for (const piece of content) stream.write(piece)
  stream.end()
  return stream
}

const refusal = (source: NodeReadable.Source) =>
  Effect.map(Effect.flip(readAll(source)), (error) => {
    assert.strictEqual(error._tag, "InvalidInput")
    return error.message
  })

const failure = (source: NodeReadable.Source) =>
  Effect.map(Effect.flip(readAll(source)), (error) => {
    assert.strictEqual(error._tag, "SourceFailed")
    return (error as { readonly cause?: Error }).cause?.message
  })

const settled = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

describe("a stream that gives all its bytes", () => {
  const streams: Record<string, () => NodeJS.ReadableStream> = {
    "of bytes": plain,
    "of nothing": () => plain([]),
    "that ended before it was read": () => {
      const stream = new Readable({ read() {} })
      stream.push(bytes)
      stream.push(null)
      return stream
    },
    "in object mode": () => Readable.from(pieces),
    "in object mode, of views": () =>
      Readable.from(pieces.map((piece) => new DataView(piece.buffer, piece.byteOffset, piece.length))),
    "of an async generator": () =>
      Readable.from(
        (async function* () {
          for (const piece of pieces) {
            await Promise.resolve()
            yield piece
          }
        })()
      ),
    "that is paused": () => plain().pause(),
    "that is also listened to": () => plain().on("data", () => {}),
    "in hex": () => plain().setEncoding("hex"),
    "in base64": () => plain().setEncoding("base64"),
    "in base64url": () => plain().setEncoding("base64url"),
    "in base64, set before its bytes came": () => {
      const stream = new PassThrough().setEncoding("base64")
      for (const piece of pieces) stream.write(piece)
      stream.end()
      return stream
    },
    "in latin1": () => plain().setEncoding("latin1"),
    "in binary": () => plain().setEncoding("binary"),
    "of the web": () => Readable.fromWeb(new Blob([bytes]).stream() as never)
  }
  for (const [name, make] of Object.entries(streams)) {
    it.live(name, () =>
      Effect.gen(function* () {
        const expected = name === "of nothing" ? Buffer.alloc(0) : bytes
        assert.deepStrictEqual(yield* readAll(make()), expected)
        assert.deepStrictEqual(yield* readAll(make), expected)
      })
    )
  }

  it.live("of text in object mode, as UTF-8", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* readAll(Readable.from(["a", "", "é文"]))).toString(), "aé文")
      assert.include(yield* refusal(Readable.from(["\ud800"])), "must give well-formed text")
    })
  )
})

describe("a stream whose bytes are lost is no empty object", () => {
  it.live("destroyed", () =>
    Effect.gen(function* () {
      const stream = plain()
      stream.destroy()
      assert.include(yield* refusal(stream), "readable must not be destroyed")
    })
  )

  it.live("read to its end", () =>
    Effect.gen(function* () {
      for (const again of [readAll, (stream: Readable) => Effect.promise(() => stream.resume().toArray())]) {
        const stream = plain()
        yield* again(stream)
        assert.include(yield* refusal(stream), "readable must not have been read before: it has ended")
      }
    })
  )

  it.live("read in part", () =>
    Effect.gen(function* () {
      const stream = plain()
      yield* Effect.promise(() => once(stream, "readable"))
      assert.strictEqual(stream.read(1).length, 1)
      assert.include(yield* refusal(stream), "readable must not have been read before: its first bytes are gone")
      const flowing = plain()
      flowing.resume()
      yield* settled
      yield* settled
      assert.include(yield* refusal(flowing), "readable must not have been read before")
    })
  )

  it.live("in an encoding that loses bytes, from the beginning or later", () =>
    Effect.gen(function* () {
      for (const encoding of ["utf8", "utf16le", "ucs2", "ascii"] as const) {
        assert.include(
          yield* refusal(plain().setEncoding(encoding)),
          "must have no encoding in which bytes may have been lost"
        )
      }
      const stream = new PassThrough()
      stream.write(bytes)
      const fiber = yield* Effect.fork(refusal(stream))
      yield* settled
      stream.setEncoding("utf8")
      stream.end(bytes)
      assert.include(yield* Fiber.join(fiber), "such as utf8")
    })
  )

  it.live("of what are no bytes", () =>
    Effect.gen(function* () {
      assert.include(
        yield* refusal(Readable.from([{ a: 1 }])),
        "must give bytes or text, and gave a value of type Object"
      )
      assert.include(yield* refusal(Readable.from([7])), "and gave a value of type number")
    })
  )

  it.live("is none at all", () =>
    Effect.gen(function* () {
      const old = Object.assign(new EventEmitter(), { readable: true, pipe: () => old })
      for (const [value, what] of [
        [new Blob(["a"]).stream(), "a ReadableStream of the web"],
        [old, "a stream of before Node 0.10"],
        ["text", "a value of type string"],
        [undefined, "a value of type undefined"]
      ] as const) {
        assert.include(yield* refusal(value as never), `readable must be a Readable of Node, not ${what}`)
        assert.include(yield* refusal(() => value as never), `readable must be a Readable of Node, not ${what}`)
      }
    })
  )
})

describe("a stream that fails", () => {
  it.live("before it is read, without ending the process", () =>
    Effect.gen(function* () {
      const stream = new PassThrough()
      const source = NodeReadable.stream(stream)
      stream.destroy(new Error("too early"))
      yield* settled
      const error = yield* Effect.flip(Stream.runDrain(source))
      assert.strictEqual((error as { cause?: Error }).cause?.message, "too early")
      // Known as failed though nobody listened in time.
      const other = new PassThrough().on("error", () => {})
      other.destroy(new Error("earlier still"))
      yield* settled
      assert.strictEqual(yield* failure(other), "earlier still")
    })
  )

  it.live("while it is read, while it waits, and when it is opened", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* failure(Readable.from(broken())), "in the middle")
      const stream = new PassThrough()
      const fiber = yield* Effect.fork(failure(stream))
      yield* settled
      stream.destroy(new Error("while waiting"))
      assert.strictEqual(yield* Fiber.join(fiber), "while waiting")
      const missing = yield* failure(() => createReadStream("/nowhere/at/all"))
      assert.include(missing, "ENOENT")
      const thrown = yield* failure(() => {
        throw new Error("cannot open")
      })
      assert.strictEqual(thrown, "cannot open")
    })
  )

  it.live("late, after the reading has ended", () =>
    Effect.gen(function* () {
      const stream = new PassThrough()
      stream.write(bytes)
      yield* Stream.runDrain(Stream.take(NodeReadable.stream(stream), 1))
      assert.isTrue(stream.destroyed)
      stream.emit("error", new Error("late"))
    })
  )

  it.live("by being closed before its end", () =>
    Effect.gen(function* () {
      const stream = new PassThrough()
      stream.write(bytes)
      const fiber = yield* Effect.fork(failure(stream))
      yield* settled
      stream.destroy()
      assert.strictEqual(yield* Fiber.join(fiber), "the stream was closed before its end")
    })
  )
})

async function* broken() {
  yield bytes
  await Promise.resolve()
  throw new Error("in the middle")
}

it.live("is read no faster than its bytes are taken, and destroyed when they are not", () =>
  Effect.gen(function* () {
    let made = 0
    const endless = new Readable({
      highWaterMark: 16 * 1024,
      read() {
        made += 16 * 1024
        this.push(Buffer.alloc(16 * 1024))
      }
    })
    const taken = yield* Deferred.make<void>()
    const fiber = yield* Effect.fork(
      Stream.runForEach(NodeReadable.stream(endless), () =>
        Effect.zipRight(Deferred.succeed(taken, undefined), Effect.never)
      )
    )
    yield* Deferred.await(taken)
    yield* settled
    yield* settled
    assert.isBelow(made, 1024 * 1024)
    yield* Fiber.interrupt(fiber)
    assert.isTrue(endless.destroyed)
  })
)

describe("into the service", () => {
  it.scopedLive(
    "a file of known size, sent again; a request of HTTP, in parts; and one that breaks off, not at all",
    () =>
      Effect.gen(function* () {
        const directory = mkdtempSync(`${tmpdir()}/readable-`)
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(directory, { recursive: true })))
        const path = `${directory}/file`
        writeFileSync(path, bytes)
        yield* World.fault({ on: { operation: "putObject", times: 1 }, do: { _tag: "Status", status: 503 } })
        const body = NodeReadable.body(() => createReadStream(path), { size: bytes.length })
        yield* Cos.putObject({ key: "file", body })
        yield* World.expectStored("file", bytes)
        const short = NodeReadable.body(createReadStream(path, { end: 10 }), { size: bytes.length })
        assert.strictEqual((yield* Effect.flip(Cos.putObject({ key: "short", body: short })))._tag, "InvalidInput")
        const used = createReadStream(path)
        used.destroy()
        const gone = yield* Effect.flip(Cos.putObject({ key: "gone", body: NodeReadable.body(used, { size: 0 }) }))
        assert.include(gone.message, "must not be destroyed")
        yield* World.expectStored("gone", undefined)

        const incoming = yield* Deferred.make<IncomingMessage>()
        const server = createServer((message) => Deferred.unsafeDone(incoming, Effect.succeed(message)))
        yield* Effect.addFinalizer(() => Effect.sync(() => server.close().closeAllConnections()))
        yield* Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening"))
        const { port } = server.address() as AddressInfo
        const client = request({ port, method: "PUT", headers: { "content-length": 100 } }).on("error", () => {})
        client.write("some")
        const message = yield* Deferred.await(incoming)
        const upload = yield* Effect.fork(
          Effect.flip(Upload.stream({ key: "cut", stream: NodeReadable.stream(message) }))
        )
        yield* settled
        client.destroy()
        assert.strictEqual((yield* Fiber.join(upload))._tag, "SourceFailed")
        yield* World.expectStored("cut", undefined)
      }).pipe(Effect.provide(World.onPort()))
  )
})

describe("who else has the stream", () => {
  it.live("of two that read one stream at once, the second is refused and the first gets all", () =>
    Effect.gen(function* () {
      const source = new PassThrough()
      const stream = NodeReadable.stream(source)
      const first = yield* Effect.fork(Stream.runCollect(stream))
      yield* settled
      const error = yield* Effect.flip(Stream.runDrain(stream))
      assert.strictEqual(error._tag, "InvalidInput")
      source.end(bytes)
      assert.deepStrictEqual(Buffer.concat(Chunk.toReadonlyArray(yield* Fiber.join(first))), bytes)
    })
  )

  it.live("a stream that was opened and is refused is destroyed; one that was given is left as it is", () =>
    Effect.gen(function* () {
      const opened = plain().setEncoding("utf8")
      yield* refusal(() => opened)
      assert.isTrue(opened.destroyed)
      const given = plain().setEncoding("utf8")
      yield* refusal(given)
      assert.isFalse(given.destroyed)
    })
  )
})
