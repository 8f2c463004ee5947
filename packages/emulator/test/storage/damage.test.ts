import { copyFileSync, cpSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Disk from "../../src/internal/storage/disk/directoryStorage.js"
import { Storage } from "../../src/internal/storage/Storage.js"
import { flipByte } from "./flip.js"
import {
  assertBytes,
  bytesOf,
  createUpload,
  directory,
  fresh,
  get,
  getText,
  listAll,
  manifest,
  objectOf,
  put,
  putPart,
  remove
} from "./support.js"

const data = (path: string) => join(path, "records", "data.mdb")

/** Opens the directory, and keeps what is said of it. */
const opened = <A, E>(path: string, use: Effect.Effect<A, E, Storage>) =>
  Effect.gen(function* () {
    const said: Array<string> = []
    const logger = Logger.make(({ message }) => said.push(String(message)))
    const result = yield* Effect.provide(
      use,
      Disk.layer({ directory: path }).pipe(Layer.provideMerge(Logger.replace(Logger.defaultLogger, logger)))
    )
    return { result, said }
  })

const large = bytesOf(300_000)
const smallKeys = Array.from({ length: 200 }, (_, number) => `small/${String(number).padStart(3, "0")}`)

/** A small object whose content and content type can be found in the file of the records. */
const putSmall = (key: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const storage = yield* Storage
      const number = key.slice(-3)
      const body = yield* storage.writeBody(new TextEncoder().encode(`content of ${number}`))
      const headers = { "content-type": `type/of-${number}` }
      return yield* storage.putObject("b-1", key, () => Either.right({ ...objectOf(body), headers }))
    })
  )

/** What every test begins with: large and small objects, versions, copies, an upload that goes on and one that is over. */
const filled = Effect.gen(function* () {
  const storage = yield* fresh("b-1", "Enabled")
  yield* put("b-1", "large", bytesOf(100_000, 9))
  yield* put("b-1", "large", large)
  yield* put("b-1", "removed", bytesOf(200_000, 3))
  const { items } = yield* storage.listVersions("b-1", { ...listAll, prefix: "removed", afterId: "" })
  const source = items[0]?.version
  if (source === undefined || source.deleteMarker) throw new Error("no version")
  yield* storage.putObject("b-1", "copy", () => Either.right(source))
  yield* remove("b-1", "removed", source.versionId)
  yield* storage.updateObject("b-1", "copy", undefined, (object) => Either.right({ ...object, tags: [["a", "b"]] }))
  const complete = yield* createUpload("b-1", "parts")
  yield* putPart("b-1", complete, 1, bytesOf(150_000, 4))
  yield* putPart("b-1", complete, 2, bytesOf(160_000, 5))
  yield* storage.completeUpload("b-1", "parts", complete.uploadId, ({ parts }) => Either.right(manifest(parts)))
  const open = yield* createUpload("b-1", "open")
  yield* putPart("b-1", open, 1, bytesOf(170_000, 6))
  for (const key of smallKeys) yield* putSmall(key)
  return open
})

/** What the files of bodies prove, whatever became of the records. */
const holdsLarge = (uploadId: string) =>
  Effect.gen(function* () {
    const storage = yield* Storage
    assertBytes(yield* get("b-1", "large"), large)
    const { items } = yield* storage.listVersions("b-1", { ...listAll, prefix: "large", afterId: "" })
    assert.strictEqual(items.length, 2)
    assertBytes(yield* get("b-1", "large", items[1]?.version.versionId), bytesOf(100_000, 9))
    assertBytes(yield* get("b-1", "copy"), bytesOf(200_000, 3))
    const copy = yield* storage.getObject("b-1", "copy")
    assert.deepStrictEqual(copy.deleteMarker ? [] : copy.tags, [["a", "b"]])
    assert.isTrue(Either.isLeft(yield* Effect.either(storage.getObject("b-1", "removed"))))
    assertBytes(yield* get("b-1", "parts"), Uint8Array.from(Buffer.concat([bytesOf(150_000, 4), bytesOf(160_000, 5)])))
    const uploads = yield* storage.listUploads("b-1", { ...listAll, afterId: "" })
    assert.deepStrictEqual(
      uploads.items.map((upload) => upload.uploadId),
      [uploadId]
    )
    assert.strictEqual((yield* storage.listParts("b-1", "open", uploadId, { after: 0, limit: 9 })).parts.length, 1)
    assert.strictEqual((yield* storage.getBucket("b-1")).versioning, "Enabled")
  })

/** That it goes on as if nothing had been. */
const goesOn = Effect.gen(function* () {
  const storage = yield* Storage
  yield* put("b-1", "large", "newer")
  assert.strictEqual(yield* getText("b-1", "large"), "newer")
  yield* put("b-1", "other", bytesOf(90_000, 7))
  yield* storage.reset
})

const filesIn = (path: string) =>
  Effect.promise(async () =>
    (await readdir(join(path, "bodies"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  )

/** The page from which LMDB finds everything, as its first two pages say, and one of those that it leads to. */
const pagesInUse = (path: string): ReadonlyArray<number> => {
  const bytes = readFileSync(data(path))
  const metas = [0, 4096].map((meta) => ({
    root: Number(bytes.readBigUInt64LE(meta + 136)),
    transaction: Number(bytes.readBigUInt64LE(meta + 152))
  }))
  const root = metas.reduce((one, other) => (one.transaction > other.transaction ? one : other)).root
  // a page begins with 24 bytes of its own, and then says where its entries are
  const entry = root * 4096 + 24 + bytes.readUInt16LE(root * 4096 + 24 + 2 * 3)
  return [bytes.readUInt32LE(entry), root]
}

/** The directory as an orderly end leaves it, and as the end of the process does. */
const left = {
  closed: (path: string) => Effect.map(opened(path, filled), ({ result }) => result),
  killed: (path: string) =>
    Effect.gen(function* () {
      const living = yield* directory
      const { result } = yield* opened(
        living,
        Effect.tap(filled, () => Effect.sync(() => cpSync(living, path, { recursive: true })))
      )
      return result
    })
}

describe("damaged records", () => {
  for (const end of ["closed", "killed"] as const) {
    it.scoped(`that have one byte of a value changed, the server ${end}, are found and never served`, () =>
      Effect.gen(function* () {
        const path = yield* directory
        yield* left[end](path)
        // the bytes of a small object, and the content type in the record of another
        for (const [marker, key] of [
          ["content of 007", "small/007"],
          ["type/of-008", "small/008"]
        ] as const) {
          const copy = yield* directory
          cpSync(path, copy, { recursive: true })
          const bytes = readFileSync(data(copy))
          let places = 0
          // pages that were rewritten stay in the file
          for (let at = bytes.indexOf(marker); at !== -1; at = bytes.indexOf(marker, at + 1)) {
            flipByte(data(copy), at + 5)
            places += 1
          }
          assert.isAbove(places, 0)
          const { result, said } = yield* opened(
            copy,
            Effect.gen(function* () {
              const storage = yield* Storage
              const { items } = yield* storage.listObjects("b-1", { ...listAll, prefix: "small/" })
              yield* Effect.forEach(items, ({ key }) => get("b-1", key))
              return items.map((item) => item.key)
            })
          )
          assert.deepStrictEqual(
            result,
            smallKeys.filter((small) => small !== key)
          )
          assert.strictEqual(said.length, 1)
        }
      })
    )

    for (const [what, damage] of [
      ["are emptied", (path: string) => truncateSync(data(path))],
      ["are removed", (path: string) => rmSync(data(path))],
      ["are removed with their directory", (path: string) => rmSync(join(path, "records"), { recursive: true })],
      [
        "are removed with everything known about them",
        (path: string) => {
          rmSync(join(path, "records"), { recursive: true })
          rmSync(join(path, "commits"))
        }
      ]
    ] as const) {
      it.scoped(`that ${what}, the server ${end}, are reported and recovered from the files of bodies`, () =>
        Effect.gen(function* () {
          const path = yield* directory
          const { uploadId } = yield* left[end](path)
          damage(path)
          const { said } = yield* opened(path, Effect.zipRight(holdsLarge(uploadId), goesOn))
          assert.strictEqual(said.length, 1)
          assert.include(said[0], "5 were recovered from the files of their bodies")
          assert.deepStrictEqual(yield* filesIn(path), [])
          assert.deepStrictEqual((yield* opened(path, Effect.void)).said, [])
        })
      )
    }

    it.scoped(
      `that have one byte changed anywhere, the server ${end}, cost nothing that their file does not hold`,
      () =>
        Effect.gen(function* () {
          const path = yield* directory
          const { uploadId } = yield* left[end](path)
          const pages = Math.floor(statSync(data(path)).size / 4096)
          // both pages that say where the trees are, and some of the others
          for (const at of [24, 4096 + 40, ...[2, 10, 30, 60].map((page) => Math.min(page, pages - 1) * 4096 + 2100)]) {
            const copy = yield* directory
            cpSync(path, copy, { recursive: true })
            flipByte(data(copy), at)
            const { result } = yield* opened(
              copy,
              Effect.zipRight(
                holdsLarge(uploadId),
                Effect.map(
                  Effect.flatMap(Storage, (storage) => storage.listObjects("b-1", { ...listAll, prefix: "small/" })),
                  ({ items }) => items.length
                )
              )
            )
            assert.isAbove(result, 145, `the byte at ${at}`)
          }
        }),
      60_000
    )

    it.scoped(`that have a page of a wrong kind, the server ${end}, lose that page alone`, () =>
      Effect.gen(function* () {
        const path = yield* directory
        const { uploadId } = yield* left[end](path)
        for (const page of pagesInUse(path)) {
          const copy = yield* directory
          cpSync(path, copy, { recursive: true })
          // LMDB then goes through less than there is, without an error
          flipByte(data(copy), page * 4096 + 18)
          // and nothing else knows how much that is
          rmSync(join(copy, "commits"))
          const { result, said } = yield* opened(
            copy,
            Effect.zipRight(
              holdsLarge(uploadId),
              Effect.flatMap(Storage, (storage) => storage.listObjects("b-1", { ...listAll, prefix: "small/" }))
            )
          )
          // a page has at most 53 of the records
          assert.isAbove(result.items.length, 145, `page ${page}`)
          assert.strictEqual(said.length, 1)
        }
      })
    )

    it.scoped(`that are cut in half, the server ${end}, end no process`, () =>
      Effect.gen(function* () {
        const path = yield* directory
        const { uploadId } = yield* left[end](path)
        truncateSync(data(path), 4096 * 20 + 100)
        const { said } = yield* opened(path, holdsLarge(uploadId))
        assert.strictEqual(said.length, 1)
      })
    )
  }

  it.scoped("that are older than what was acknowledged are reported and brought up to date", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const { uploadId } = yield* left.killed(path)
      copyFileSync(data(path), join(path, "old"))
      yield* opened(path, put("b-1", "late", bytesOf(120_000, 8)))
      rmSync(data(path))
      copyFileSync(join(path, "old"), data(path))
      const { said } = yield* opened(
        path,
        Effect.gen(function* () {
          yield* holdsLarge(uploadId)
          assertBytes(yield* get("b-1", "late"), bytesOf(120_000, 8))
          assert.strictEqual(yield* getText("b-1", "small/007"), "content of 007")
        })
      )
      assert.strictEqual(said.length, 1)
    })
  )

  it.scoped("do not bring back files whose bytes have changed", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* opened(
        path,
        Effect.zipRight(
          fresh("b-1"),
          Effect.zipRight(put("b-1", "whole", large), put("b-1", "changed", bytesOf(90_000)))
        )
      )
      for (const { name, parentPath } of yield* filesIn(path)) {
        const file = join(parentPath, name)
        if (statSync(file).size < 200_000) flipByte(file, 50_000)
      }
      rmSync(data(path))
      const { said } = yield* opened(
        path,
        Effect.gen(function* () {
          assertBytes(yield* get("b-1", "whole"), large)
          assert.isTrue(Either.isLeft(yield* Effect.either(get("b-1", "changed"))))
        })
      )
      assert.include(said[0], "1 files that belong to no known object")
      assert.strictEqual((yield* Effect.promise(() => readdir(join(path, "damaged-1", "bodies")))).length, 1)
    })
  )

  it.scoped("in LMDB's lock file do no harm", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* left.killed(path)
      const lock = join(path, "records", "lock.mdb")
      for (const damage of [
        () => flipByte(lock, 0),
        () => flipByte(lock, 40),
        () => truncateSync(lock, 100),
        () => rmSync(lock)
      ]) {
        const copy = yield* directory
        damage()
        cpSync(path, copy, { recursive: true })
        const { result, said } = yield* opened(copy, getText("b-1", "small/199"))
        assert.strictEqual(result, "content of 199")
        assert.deepStrictEqual(said, [])
        if (!Option.isSome(Option.fromNullable(statSync(lock, { throwIfNoEntry: false })))) return
      }
    })
  )
})

describe("a new directory", () => {
  it.scoped("says nothing", () =>
    Effect.gen(function* () {
      const path = yield* directory
      assert.deepStrictEqual((yield* opened(path, fresh("b-1"))).said, [])
      assert.deepStrictEqual((yield* opened(path, Effect.void)).said, [])
    })
  )
})
