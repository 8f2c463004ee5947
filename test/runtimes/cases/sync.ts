import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Sync from "effect-cos/Sync"
import { same } from "../expect.js"
import { cases, casesWithFiles } from "../model.js"

const files = { "a.txt": "1", "a/b": "2", "a/c/d": "3", a0: "4", "ä/é": "5", "😀": "7" }

const directoryWithFiles = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped()
  for (const [name, text] of Object.entries(files)) {
    yield* fs.makeDirectory(`${root}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true })
    yield* fs.writeFileString(`${root}/${name}`, text)
  }
  return root
})

const planned = (options: Sync.PlanOptions) =>
  Effect.map(Stream.runCollect(Sync.plan(options)), (actions) =>
    Array.from(actions, ({ _tag, name }) => `${_tag} ${name}`)
  )

const keys = (prefix: string) =>
  Effect.map(Stream.runCollect(Cos.listObjects.items({ prefix })), (objects) =>
    Array.from(objects, ({ key }) => key.slice(prefix.length)).sort()
  )

export const sync = [
  ...cases("sync", {
    "a prefix to another, with deletions": Effect.gen(function* () {
      yield* Effect.forEach(Object.entries(files), ([name, body]) => Cos.putObject({ key: `from/${name}`, body }))
      yield* Cos.putObject({ key: "to/old", body: "old" })
      const options = { from: Sync.prefix("from/"), to: Sync.prefix("to/") }
      const { failures } = yield* Sync.run({ ...options, delete: true })
      same("failures", failures, [])
      same("keys", yield* keys("to/"), Object.keys(files).sort())
      same("plan", yield* planned(options), [])
    })
  }),
  ...casesWithFiles("sync", {
    "a directory to a prefix, and again nothing; then what has changed": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWithFiles
      const options = { from: Sync.directory(root), to: Sync.prefix("site/"), delete: true }
      same("failures", (yield* Sync.run(options)).failures, [])
      same("keys", yield* keys("site/"), Object.keys(files).sort())
      same("plan", yield* planned(options), [])
      yield* fs.remove(`${root}/a0`)
      yield* fs.writeFileString(`${root}/a.txt`, "changed")
      same("plan", yield* planned(options), ["Transfer a.txt", "Delete a0"])
    }),
    "a prefix to a directory": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(`${root}/old`, "old")
      yield* Effect.forEach(Object.entries(files), ([name, body]) => Cos.putObject({ key: `site/${name}`, body }))
      const options = { from: Sync.prefix("site/"), to: Sync.directory(root), delete: true }
      same("failures", (yield* Sync.run(options)).failures, [])
      for (const [name, text] of Object.entries(files)) same(name, yield* fs.readFileString(`${root}/${name}`), text)
      same("old", yield* fs.exists(`${root}/old`), false)
      same("plan", yield* planned(options), [])
    })
  })
]
