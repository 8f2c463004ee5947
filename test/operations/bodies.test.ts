/** Files as bodies of single requests: read anew by every attempt, and never two states of them. */
import { rmSync, truncateSync, utimesSync } from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as CosError from "effect-cos/CosError"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Fault from "effect-cos-emulator/Fault"
import { content, KiB } from "../support/content.js"
import * as World from "../support/world.js"

const data = content(600 * KiB + 5)

const world = Layer.merge(World.inProcess(), NodeFileSystem.layer)

const temporaryFile = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = `${yield* fs.makeTempDirectoryScoped()}/file`
  yield* fs.writeFile(path, data)
  return path
})

/** Sends the file; between its first attempt, which fails, and the next it is changed. */
const putChanged = (change: (path: string) => void) =>
  Effect.gen(function* () {
    const path = yield* temporaryFile
    yield* World.fault({ on: { operation: "putObject" }, do: Fault.resetAfterBytes(300 * KiB) })
    const changing = RetryPolicy.make({
      base: 0,
      while: (error) => {
        change(path)
        return CosError.isRetryable(error)
      }
    })
    return yield* Cos.putObject({ key: "a", body: yield* Body.file(path) }).pipe(
      RetryPolicy.withPolicy(changing),
      Effect.either
    )
  })

describe("Body.file", () => {
  it.scopedLive("is read again by every attempt", () =>
    Effect.gen(function* () {
      yield* putChanged(() => {})
      expect(yield* World.asked).toEqual({ putObject: 2 })
      yield* World.expectStored("a", data)
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("may be empty", () =>
    Effect.gen(function* () {
      const path = yield* temporaryFile
      yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.truncate(path))
      yield* Cos.putObject({ key: "a", body: yield* Body.file(path) })
      yield* World.expectStored("a", new Uint8Array(0))
    }).pipe(Effect.provide(world))
  )

  const changes: ReadonlyArray<readonly [string, (path: string) => void, object]> = [
    ["grown", (path) => truncateSync(path, 700 * KiB), { _tag: "SourceChanged", field: "size" }],
    ["written to", (path) => utimesSync(path, 1, 1), { _tag: "SourceChanged", field: "mtime" }],
    ["removed", (path) => rmSync(path, { force: true }), { _tag: "SourceFailed", cause: { reason: "NotFound" } }]
  ]
  for (const [name, change, error] of changes) {
    it.scopedLive(`that was ${name} meanwhile is a typed error, and nothing is stored`, () =>
      Effect.gen(function* () {
        expect(yield* putChanged(change)).toMatchObject({ left: error })
        yield* World.expectStored("a", undefined)
      }).pipe(Effect.provide(world))
    )
  }

  it.scopedLive("that is not there is the file system's error, before anything is sent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Body.file("/nowhere"))
      expect(error).toMatchObject({ _tag: "SystemError", reason: "NotFound", pathOrDescriptor: "/nowhere" })
    }).pipe(Effect.provide(world))
  )
})
