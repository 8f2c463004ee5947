/** Trees of real files, and what a bucket holds below a prefix. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Sync from "effect-cos/Sync"

/** Writes a file, and makes the folders on the way. */
export const write = (path: string, text: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    yield* fs.makeDirectory(path.replace(/\/[^/]*$/, ""), { recursive: true })
    yield* fs.writeFileString(path, text)
  })

/** A new directory with these files. */
export const directoryWith = (contents: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const root = yield* Effect.flatMap(fs.makeTempDirectoryScoped(), fs.realPath)
    for (const [name, text] of Object.entries(contents)) yield* write(`${root}/${name}`, text)
    return root
  })

/** The files below a directory. */
export const filesOf = (root: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const all = yield* fs.readDirectory(root, { recursive: true })
    const isFile = (name: string) => Effect.map(fs.stat(`${root}/${name}`), ({ type }) => type === "File")
    return (yield* Effect.filter(all, isFile)).sort()
  })

/** The names below a prefix. */
export const keysOf = (prefix: string) =>
  Effect.map(Stream.runCollect(Cos.listObjects.items({ prefix })), (objects) =>
    Chunk.toReadonlyArray(Chunk.map(objects, ({ key }) => key.slice(prefix.length)))
  )

/** Puts objects of these keys, each with its key or this text. */
export const putAll = (keys: ReadonlyArray<string>, text?: string) =>
  Effect.forEach(keys, (key) => Cos.putObject({ key, body: text ?? key }), { concurrency: 8, discard: true })

/** A plan in words. */
export const planned = (options: Sync.PlanOptions) =>
  Effect.map(Stream.runCollect(Sync.plan(options)), (actions) =>
    Array.from(actions, (action) =>
      action._tag === "Transfer" ? `${action.reason} ${action.name}` : `${action._tag} ${action.name}`
    )
  )

/** What a report says was left out, in words. */
export const omitted = ({ omissions }: Sync.Report) =>
  omissions.map(({ name, reason, side }) => `${side} ${reason} ${name}`).sort()

/** The names that a run reports as failed or left out. */
export const namesLeft = (report: Sync.Report): ReadonlyArray<string> => [
  ...report.failures.map(({ action }) => action.name),
  ...report.omissions.map(({ name }) => name)
]
