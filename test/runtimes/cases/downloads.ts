import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { content, KiB, MiB } from "../../support/content.js"
import { equalBytes, fields, same } from "../expect.js"
import { cases, casesWithFiles, World } from "../model.js"

const bytes = content(2 * MiB + 11)
const inParts = { partSize: 256 * KiB }

const put = Cos.putObject({ key: "a", body: bytes })

const joined = (chunks: Iterable<Uint8Array>): Promise<Uint8Array> =>
  new Blob([...chunks] as Array<Uint8Array<ArrayBuffer>>).arrayBuffer().then((buffer) => new Uint8Array(buffer))

export const downloads = [
  ...cases("downloads", {
    "bytes, text and JSON": Effect.gen(function* () {
      yield* put
      equalBytes("a", yield* Download.bytes({ key: "a" }), bytes)
      yield* Cos.putObject({ key: "json", body: JSON.stringify({ theme: "dark é" }) })
      same("text", yield* Download.text({ key: "json" }), '{"theme":"dark é"}')
      const settings = yield* Download.json({ key: "json" }, Schema.Struct({ theme: Schema.String }))
      same("json", settings, { theme: "dark é" })
    }),
    "a stream": Effect.gen(function* () {
      yield* put
      const chunks = yield* Stream.runCollect(Download.stream({ key: "a" }))
      equalBytes("a", yield* Effect.promise(() => joined(chunks)), bytes)
    }),
    "a stream that breaks goes on where it broke": Effect.gen(function* () {
      const { fault, requests } = yield* World
      yield* put
      yield* fault({ on: { operation: "getObject", times: 1 }, do: Fault.resetResponseAfterBytes(MiB) })
      const chunks = yield* Stream.runCollect(Download.stream({ key: "a" }))
      equalBytes("a", yield* Effect.promise(() => joined(chunks)), bytes)
      same("requests", (yield* requests("getObject")).length, 2)
    }),
    "a flipped bit is an IntegrityError": Effect.gen(function* () {
      const { fault } = yield* World
      yield* put
      yield* fault({ on: { operation: "getObject", times: "all" }, do: Fault.flipBit(100) })
      same("error", (yield* Effect.flip(Download.bytes({ key: "a" })))._tag, "IntegrityError")
    }),
    "the beginning of a stream": Effect.gen(function* () {
      yield* put
      const first = yield* Stream.runHead(Download.stream({ key: "a" }))
      same("first", first._tag, "Some")
    })
  }),
  ...casesWithFiles("downloads", {
    "a file, in ranges": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      yield* put
      const result = yield* Download.file({ key: "a", path: `${directory}/a` }, inParts)
      fields("result", result, { size: bytes.byteLength, parts: 9 })
      equalBytes("a", yield* fs.readFile(`${directory}/a`), bytes)
      same("files", yield* fs.readDirectory(directory), ["a"])
    }),
    "a file over one that is there": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFile(`${directory}/a`, content(5 * MiB, 9))
      yield* put
      yield* Download.file({ key: "a", path: `${directory}/a` }, inParts)
      equalBytes("a", yield* fs.readFile(`${directory}/a`), bytes)
      same("files", yield* fs.readDirectory(directory), ["a"])
    }),
    "a file whose ranges break, come late and out of order": Effect.gen(function* () {
      const { fault } = yield* World
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      yield* put
      yield* fault({ on: { operation: "getObject", nth: 1, times: 1 }, do: Fault.delay("150 millis") })
      yield* fault({ on: { operation: "getObject", nth: 3, times: 1 }, do: Fault.resetResponseAfterBytes(1000) })
      yield* fault({ on: { operation: "getObject", nth: 5, times: 1 }, do: Fault.status(503) })
      yield* Download.file({ key: "a", path: `${directory}/a` }, inParts)
      equalBytes("a", yield* fs.readFile(`${directory}/a`), bytes)
      same("files", yield* fs.readDirectory(directory), ["a"])
    }),
    "many files of a prefix": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const names = Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? `ä ${i}.txt` : `sub/${i}.txt`))
      yield* Effect.forEach(names, (name) => Cos.putObject({ key: `p/${name}`, body: name }), { concurrency: 4 })
      const { failures } = yield* Download.files({ prefix: "p/", directory })
      same("failures", failures, [])
      for (const name of names) same(name, yield* fs.readFileString(`${directory}/${name}`), name)
    }),
    "a large file with the default options, again and again": Effect.gen(function* () {
      const { large } = (yield* World).config
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const data = content(large.size, 3)
      yield* Upload.bytes({ key: "large", bytes: data })
      for (let i = 0; i < large.times; i++) {
        yield* Download.file({ key: "large", path: `${directory}/large` })
        equalBytes(`download ${i + 1}`, yield* fs.readFile(`${directory}/large`), data)
        yield* fs.remove(`${directory}/large`)
      }
    })
  })
]
