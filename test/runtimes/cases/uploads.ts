import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { content, inPieces, MiB } from "../../support/content.js"
import { fields, nothingUnfinished, same, stored } from "../expect.js"
import { cases, casesWithFiles, World } from "../model.js"

const bytes = content(2 * MiB + 11)
const inParts = { threshold: 0, partSize: MiB }

const sentAgain = Effect.gen(function* () {
  const { fault } = yield* World
  yield* fault({ on: { operation: "uploadPart", times: 1, nth: 2 }, do: Fault.status(503) })
  yield* fault({ on: { operation: "uploadPart", times: 1, nth: 4 }, do: Fault.lostResponse })
})

export const uploads = [
  ...cases("uploads", {
    "bytes in one request": Effect.gen(function* () {
      fields("result", yield* Upload.bytes({ key: "a", bytes }), { size: bytes.byteLength, parts: 0 })
      yield* stored("a", bytes)
    }),
    "bytes in parts": Effect.gen(function* () {
      fields("result", yield* Upload.bytes({ key: "a", bytes }, inParts), { size: bytes.byteLength, parts: 3 })
      yield* stored("a", bytes)
      yield* nothingUnfinished
    }),
    "parts that fail, or whose responses are lost, are sent again": Effect.gen(function* () {
      yield* sentAgain
      yield* Upload.bytes({ key: "a", bytes }, { ...inParts, concurrency: 1 })
      yield* stored("a", bytes)
      yield* nothingUnfinished
    }),
    "a Blob in one request and in parts": Effect.gen(function* () {
      const blob = new Blob([bytes], { type: "image/png" })
      yield* Upload.blob({ key: "whole", blob })
      yield* Upload.blob({ key: "parts", blob }, inParts)
      for (const key of ["whole", "parts"]) {
        yield* stored(key, bytes)
        same("type", (yield* Cos.headObject({ key })).contentType, "image/png")
      }
    }),
    "a Blob is sent again after a 503": Effect.gen(function* () {
      const { fault } = yield* World
      yield* fault({ on: { operation: "putObject", times: 1 }, do: Fault.status(503) })
      yield* Cos.putObject({ key: "a", body: new Blob([bytes]) })
      yield* stored("a", bytes)
    }),
    "a stream of unknown size": Effect.gen(function* () {
      yield* Upload.stream({ key: "a", stream: inPieces(bytes, 100_000) }, { partSize: MiB })
      yield* stored("a", bytes)
    }),
    "a stream that fails leaves nothing": Effect.gen(function* () {
      const stream = Stream.concat(inPieces(bytes, 100_000), Stream.fail("broken" as const))
      same("error", yield* Effect.flip(Upload.stream({ key: "a", stream }, { partSize: MiB })), "broken")
      yield* stored("a", undefined)
      yield* nothingUnfinished
    }),
    "a web stream as body": Effect.gen(function* () {
      const stream = Stream.fromReadableStream({
        evaluate: () => new Blob([bytes]).stream() as ReadableStream<Uint8Array>,
        onError: (error) => error
      })
      yield* Upload.stream({ key: "a", stream }, { partSize: MiB })
      yield* stored("a", bytes)
    }),
    "progress rises to all of it": Effect.gen(function* () {
      const seen: Array<number> = []
      yield* Upload.bytes(
        { key: "a", bytes },
        {
          ...inParts,
          progressInterval: "5 millis",
          onProgress: ({ transferred }) => Effect.sync(() => void seen.push(transferred))
        }
      )
      same("last", seen.at(-1), bytes.byteLength)
      same(
        "order",
        seen,
        [...seen].sort((a, b) => a - b)
      )
    })
  }),
  ...casesWithFiles("uploads", {
    "a file in one request and in parts": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = `${yield* fs.makeTempDirectoryScoped()}/file.bin`
      yield* fs.writeFile(path, bytes)
      fields("whole", yield* Upload.file({ key: "whole", path }), { parts: 0 })
      fields("parts", yield* Upload.file({ key: "parts", path }, inParts), { parts: 3 })
      yield* stored("whole", bytes)
      yield* stored("parts", bytes)
    }),
    "a file as the body of one operation": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = `${yield* fs.makeTempDirectoryScoped()}/file.bin`
      yield* fs.writeFile(path, bytes.subarray(0, 1000))
      yield* Cos.putObject({ key: "a", body: Body.bytes(yield* fs.readFile(path)) })
      yield* stored("a", bytes.subarray(0, 1000))
    }),
    "a file that does not exist": Effect.gen(function* () {
      const error = yield* Effect.flip(Upload.file({ key: "a", path: "/no/such/file" }))
      fields("error", error, { _tag: "SystemError", reason: "NotFound" })
    }),
    "many files of a directory": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      yield* fs.makeDirectory(`${directory}/sub`)
      const names = Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? `ä ${i}.txt` : `sub/${i}.txt`))
      for (const name of names) yield* fs.writeFileString(`${directory}/${name}`, name)
      const { failures } = yield* Upload.files({ directory, prefix: "up/" })
      same("failures", failures, [])
      for (const name of names) yield* stored(`up/${name}`, new TextEncoder().encode(name))
    })
  })
]
