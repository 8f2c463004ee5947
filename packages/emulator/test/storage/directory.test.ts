import { type ChildProcess, spawn } from "node:child_process"
import { cp, readdir, rename, rm, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Disk from "../../src/internal/storage/disk/directoryStorage.js"
import { Storage, StorageError } from "../../src/internal/storage/Storage.js"

import {
  bytesOf,
  createUpload,
  directory,
  failure,
  fresh,
  get,
  getText,
  manifest,
  put,
  putPart,
  remove
} from "./support.js"

/** Opens the records and stays. */
const holdOpen = `
  const database = require("lmdb").open({ path: process.argv[1], keyEncoding: "binary" })
  database.get(Buffer.from("x"))
  setInterval(() => database.get(Buffer.from("x")), 1000)
  console.log("open")
`

describe("disk", () => {
  const filesOf = (directory: string) =>
    Effect.promise(async () => {
      const entries = await readdir(join(directory, "bodies"), { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    })

  const open =
    (directory: string) =>
    <A, E>(effect: Effect.Effect<A, E, Storage>) =>
      Effect.provide(effect, Disk.layer({ directory }))

  it.scoped("finds everything again when it is opened again", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const bytes = bytesOf(300_000)
      const upload = yield* Effect.gen(function* () {
        const storage = yield* fresh("b-1", "Enabled")
        yield* put("b-1", "small", "small", 4_000_000_000_000)
        yield* put("b-1", "large", bytes)
        yield* storage.putDocument("b-1", "cors", "text")
        const upload = yield* createUpload("b-1", "up")
        yield* putPart("b-1", upload, 1, bytes)
        return upload
      }).pipe(open(path))
      yield* Effect.gen(function* () {
        const storage = yield* Storage
        assert.strictEqual(yield* getText("b-1", "small"), "small")
        assert.deepStrictEqual(yield* get("b-1", "large"), bytes)
        assert.deepStrictEqual(yield* storage.getDocument("b-1", "cors"), Option.some("text"))
        yield* storage.completeUpload("b-1", "up", upload.uploadId, ({ parts }) => Either.right(manifest(parts)))
        assert.deepStrictEqual(yield* get("b-1", "up"), bytes)
        // the clock was ahead when the version before was written
        const newer = yield* put("b-1", "small", "newer", 0)
        assert.strictEqual((yield* storage.getObject("b-1", "small")).versionId, newer.versionId)
      }).pipe(open(path))
    })
  )

  for (const [what, change] of [
    ["removed", (path: string) => rm(path, { recursive: true })],
    ["moved away", (path: string) => rename(path, `${path}-elsewhere`)],
    [
      "replaced by another",
      async (path: string) => {
        await rename(path, `${path}-elsewhere`)
        await cp(`${path}-elsewhere`, path, { recursive: true })
      }
    ]
  ] as const) {
    it.scoped(`acknowledges no write once its directory was ${what}`, () =>
      Effect.gen(function* () {
        const path = join(yield* directory, "inner")
        yield* Effect.gen(function* () {
          yield* fresh("b-1")
          yield* put("b-1", "before", "small")
          yield* Effect.promise(() => change(path))
          for (const content of ["small", bytesOf(300_000)]) {
            const error = yield* failure(put("b-1", "late", content))
            assert.instanceOf(error, StorageError)
          }
          assert.instanceOf(yield* failure(remove("b-1", "before")), StorageError)
          assert.strictEqual(yield* getText("b-1", "before"), "small")
        }).pipe(open(path))
      })
    )
  }

  it.scoped("removes files that nothing names", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const bytes = bytesOf(300_000)
      yield* Effect.gen(function* () {
        const storage = yield* fresh("b-1")
        yield* put("b-1", "overwritten", bytes)
        yield* put("b-1", "overwritten", "small")
        yield* put("b-1", "removed", bytes)
        yield* remove("b-1", "removed")
        const shared = yield* put("b-1", "shared", bytes)
        for (const key of ["shared", "copy 1", "copy 2"])
          yield* storage.putObject("b-1", key, () => Either.right(shared))
        for (const key of ["copy 2", "shared", "copy 1"]) yield* remove("b-1", key)
        yield* Effect.scoped(storage.writeBody(bytes))
        yield* Effect.ignore(Effect.scoped(storage.writeBody(Stream.concat(Stream.make(bytes), Stream.fail("source")))))
        yield* Effect.ignore(put("b-2", "k", bytes))
        const aborted = yield* createUpload("b-1", "aborted")
        yield* putPart("b-1", aborted, 1, bytes)
        yield* storage.abortUpload("b-1", "aborted", aborted.uploadId)
        const completed = yield* createUpload("b-1", "completed")
        for (const partNumber of [1, 1, 2, 3]) yield* putPart("b-1", completed, partNumber, bytes)
        yield* storage.completeUpload("b-1", "completed", completed.uploadId, ({ parts }) =>
          Either.right(manifest(parts.slice(0, 2)))
        )
        const begun = yield* Deferred.make<void>()
        const stalled = Stream.fromEffect(Effect.zipRight(Deferred.succeed(begun, void 0), Effect.never))
        const writing = yield* Effect.fork(Effect.scoped(storage.writeBody(Stream.concat(Stream.make(bytes), stalled))))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(writing)
      }).pipe(open(path))
      assert.strictEqual((yield* filesOf(path)).length, 2)
      yield* open(path)(Effect.flatMap(Storage, (storage) => storage.reset))
      assert.deepStrictEqual(yield* filesOf(path), [])
    })
  )

  it.scoped("removes at start what a crash left behind", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const copy = yield* directory
      const bytes = bytesOf(300_000)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          yield* put("b-1", "kept", bytes)
          yield* put("b-1", "held", bytes)
          yield* storage.openObject("b-1", "held")
          yield* remove("b-1", "held")
          yield* storage.writeBody(bytes)
          // what a process that ends here leaves
          yield* Effect.promise(() => cp(path, copy, { recursive: true }))
        })
      ).pipe(open(path))
      assert.strictEqual((yield* filesOf(copy)).length, 3)
      yield* Effect.gen(function* () {
        assert.strictEqual((yield* filesOf(copy)).length, 1)
        assert.deepStrictEqual(yield* get("b-1", "kept"), bytes)
      }).pipe(open(copy))
    })
  )

  it.scoped("keeps no file for a snapshot that was removed", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* Effect.gen(function* () {
        const storage = yield* fresh("b-1")
        yield* put("b-1", "k", bytesOf(300_000))
        const snapshot = yield* storage.snapshot
        const another = yield* storage.snapshot
        yield* storage.reset
        assert.strictEqual((yield* filesOf(path)).length, 1)
        yield* storage.removeSnapshot(snapshot)
        yield* storage.removeSnapshot(snapshot)
        assert.strictEqual((yield* Effect.flip(storage.restore(snapshot))).reason, "Io")
        yield* storage.restore(another)
        assert.deepStrictEqual(yield* get("b-1", "k"), bytesOf(300_000))
        yield* storage.reset
        yield* storage.removeSnapshot(another)
      }).pipe(open(path))
      assert.deepStrictEqual(yield* filesOf(path), [])
    })
  )

  it.scoped("reports when a body's file was cut or removed from outside", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* Effect.gen(function* () {
        yield* fresh("b-1")
        yield* put("b-1", "k", bytesOf(300_000))
        const [file = ""] = yield* filesOf(path)
        yield* Effect.promise(() => truncate(file, 200_000))
        assert.deepStrictEqual(
          yield* Effect.flip(get("b-1", "k")),
          new StorageError({ reason: "Io", message: "the file is shorter than its body", path: file })
        )
        yield* Effect.promise(() => rm(file))
        const gone = yield* Effect.flip(get("b-1", "k"))
        assert.isTrue(gone._tag === "StorageError" && gone.reason === "Io" && gone.message.includes("ENOENT"))
      }).pipe(open(path))
    })
  )

  it.scoped("refuses a directory that another process has open, or that cannot be one", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const other = yield* Effect.acquireRelease(
        Effect.async<ChildProcess>((resume) => {
          const child = spawn(process.execPath, ["-e", holdOpen, join(path, "records")], { cwd: import.meta.dirname })
          child.stdout.once("data", () => resume(Effect.succeed(child)))
        }),
        (child) =>
          Effect.async<void>((resume) => {
            child.once("exit", () => resume(Effect.void))
            child.kill("SIGKILL")
          })
      ).pipe(
        Effect.tap((child) =>
          Effect.map(Effect.flip(open(path)(Storage)), (error) =>
            assert.include(error.message, `in use by process ${child.pid}`)
          )
        ),
        Effect.scoped
      )
      assert.isNumber(other.pid)
      // killed, it is in nobody's way
      yield* open(path)(fresh("b-1"))
      const file = join(path, "file")
      yield* Effect.promise(() => writeFile(file, ""))
      assert.strictEqual((yield* Effect.flip(open(file)(Storage))).reason, "Io")
    })
  )
})
