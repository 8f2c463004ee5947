/** Bodies that are read while they are sent: files and blobs. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
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
