/** What `--seed` takes, and what it says of the rest. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import { checkSize, seedsOf, storeSeed } from "../src/internal/command/seed.js"
import { bucket } from "./support/client.js"

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

/** A seed with an empty folder for the bucket. */
const folder = Effect.acquireRelease(
  Effect.sync(() => {
    const path = mkdtempSync(join(tmpdir(), "cos-seed-"))
    mkdirSync(join(path, bucket))
    return path
  }),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** A file of a size that takes no place. */
const sparse = (path: string, size: number) => {
  writeFileSync(path, "")
  truncateSync(path, size)
}

const gibibyte = 1024 ** 3

describe("a seed", () => {
  it.scoped("with a file that no object can hold is refused by its name, before anything is read", () =>
    Effect.gen(function* () {
      const path = yield* folder
      sparse(join(path, bucket, "huge"), 5 * gibibyte + 1)
      const { message } = yield* Effect.flip(seedsOf(path))
      expect(message).toContain(`${join(bucket, "huge")} has more than the 5 GiB`)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("that is too much for memory is refused there, and mentioned with --dir", () =>
    Effect.gen(function* () {
      const path = yield* folder
      sparse(join(path, bucket, "a"), 2 * gibibyte)
      const fits = yield* seedsOf(path)
      const said: Array<unknown> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => said.push(message))
      )
      yield* checkSize(fits, true).pipe(Effect.provide(logger))
      sparse(join(path, bucket, "b"), 1)
      const tooMuch = yield* seedsOf(path)
      expect(yield* Effect.flip(checkSize(tooMuch, true))).toMatchObject({ message: expect.stringContaining("--dir") })
      yield* checkSize(tooMuch, false).pipe(Effect.provide(logger))
      expect(said.flat()).toEqual(["storing 1 files, 2.0 GiB", "storing 2 files, 2.0 GiB"])
    }).pipe(Effect.provide(platform))
  )

  it.scoped("with a name that no key can have is explained with it", () =>
    Effect.gen(function* () {
      const path = yield* folder
      writeFileSync(join(path, bucket, "a\u0018"), "x")
      const [seed] = yield* seedsOf(path)
      if (seed === undefined) throw new Error("no seed")
      const { message } = yield* Effect.flip(storeSeed(yield* Emulator, seed))
      expect(message).toContain("a\u0018 cannot be stored: The key contains characters")
    }).pipe(Effect.provide([platform, layer({ buckets: [bucket] })]))
  )
})
