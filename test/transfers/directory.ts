/** Directories and buckets as records of their contents, for the tests of many files. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Batch from "effect-cos/Batch"
import * as Cos from "effect-cos/Cos"
import { Emulator } from "effect-cos-emulator/Emulator"
import { content, firstDifference, MiB } from "../support/content.js"
import * as World from "../support/world.js"

/** An emulator in process, and real files. */
export const within = (options?: World.Options) =>
  Effect.provide(Layer.merge(World.inProcess(options), NodeContext.layer))
export const world = within()

export type Files = Readonly<Record<string, Uint8Array | string>>

export const bytesOf = (value: Uint8Array | string) =>
  typeof value === "string" ? new TextEncoder().encode(value) : value

/** A new directory that holds these files; a name that ends in `/` is an empty directory. */
export const directoryOf = (files: Files) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const root = yield* Effect.flatMap(fs.makeTempDirectoryScoped(), fs.realPath)
    for (const [name, value] of Object.entries(files)) {
      const path = `${root}/${name}`
      yield* fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
      if (!name.endsWith("/")) yield* fs.writeFile(path, bytesOf(value))
    }
    return root
  })

/** The files of a directory by name, and its directories with `/` at the end. */
export const contentsOf = (root: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const found: Record<string, Uint8Array | string> = {}
    for (const name of (yield* fs.readDirectory(root, { recursive: true })).sort()) {
      const { type } = yield* fs.stat(`${root}/${name}`)
      if (type === "Directory") found[`${name}/`] = ""
      else found[name] = new Uint8Array(yield* fs.readFile(`${root}/${name}`))
    }
    return found
  })

export const filesOnly = (files: Files): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries(files).flatMap(([name, value]) => (name.endsWith("/") ? [] : [[name, bytesOf(value)] as const]))
  )

export const expectSame = (found: Files, expected: Files) => {
  const [a, b] = [filesOnly(found), filesOnly(expected)]
  expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort())
  for (const name of Object.keys(b)) {
    expect(firstDifference(a[name] as Uint8Array, b[name] as Uint8Array), name).toBeUndefined()
  }
}

export const storedKeys = Effect.flatMap(Emulator, (emulator) =>
  Effect.map(emulator.objects(World.bucket), (objects) => objects.map(({ key }) => key))
)

export const put = (objects: Files) =>
  Effect.forEach(Object.entries(objects), ([key, value]) => Cos.putObject({ key, body: bytesOf(value) }), {
    concurrency: 8,
    discard: true
  })

/** Key and tag, or the failure's own tag and reason. */
export const summary = (report: Batch.Report<{ readonly key: string }, unknown, { readonly _tag: string }>) =>
  report.outcomes.map((outcome) => [
    outcome.input.key,
    outcome._tag === "Failure"
      ? "reason" in outcome.error && outcome.error._tag === "UnsafeKey"
        ? outcome.error.reason
        : outcome.error._tag
      : outcome._tag
  ])

export const tree = {
  "index.html": "<p>hello</p>",
  "empty.txt": "",
  "img/cat.png": content(3 * MiB),
  "img/Zebra.png": content(10, 2),
  "img/ä 100%+.png": content(20, 3),
  "deep/er/est/x": content(30, 4),
  "void/": ""
}
