/** Sources of a sync that go away, or cannot be seen, while it deletes; with real files. */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type { CosClient } from "effect-cos/CosClient"
import * as Sync from "effect-cos/Sync"
import { type Contents, Directory, type PortRow, success } from "../row.js"

const one = new TextEncoder().encode("1")
const given: Contents = { "to/a/1": one, "to/b/2": one, "to/gone": one }

/** Syncs a directory that holds `a/1` and `b/2`; something happens to it before its folder `b` is read. */
const syncWhile = (
  happens: (fs: FileSystem.FileSystem, root: string) => Effect.Effect<unknown, unknown>
): Effect.Effect<unknown, unknown, CosClient | FileSystem.FileSystem | Path.Path | Directory> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const root = `${yield* Directory}/source`
    for (const name of ["a/1", "b/2"]) {
      yield* fs.makeDirectory(`${root}/${name.slice(0, 1)}`, { recursive: true })
      yield* fs.writeFile(`${root}/${name}`, one)
    }
    let done = false
    const hooked: FileSystem.FileSystem = {
      ...fs,
      readDirectory: (path, options) =>
        Effect.suspend(() => {
          if (done || !path.endsWith("/b")) return fs.readDirectory(path, options)
          done = true
          return Effect.zipRight(Effect.orDie(happens(fs, root)), fs.readDirectory(path, options))
        })
    }
    const options: Sync.Options = { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true, compare: "size" }
    const { deleted, omissions, withheld } = yield* Effect.provideService(
      Sync.run(options),
      FileSystem.FileSystem,
      hooked
    ).pipe(
      Effect.ensuring(Effect.orDie(Effect.zipRight(fs.remove(root, { recursive: true, force: true }), clean(root))))
    )
    return { deleted, withheld, omissions: omissions.map(({ name, reason }) => `${reason} ${name}`) }
  })

/** What was moved aside is not what the row leaves. */
const clean = (root: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.ignore(fs.remove(`${root}-aside`, { recursive: true })))

export const syncs: ReadonlyArray<PortRow> = [
  {
    where: "disk",
    fault: "the source of a sync that deletes is moved away while it is walked",
    given: { objects: given },
    client: syncWhile((fs, root) => fs.rename(root, `${root}-aside`)),
    expect: { _tag: "DeletionsRefused", reason: "SourceReplaced" },
    left: { objects: given }
  },
  {
    where: "disk",
    fault: "a folder of a sync that deletes turns into a link while it is walked",
    given: { objects: given },
    client: syncWhile((fs, root) =>
      Effect.zipRight(fs.rename(`${root}/b`, `${root}-aside`), fs.symlink(`${root}-aside`, `${root}/b`))
    ),
    expect: success({ deleted: 1, withheld: 1, omissions: ["Replaced b"] }),
    left: { objects: { "to/a/1": one, "to/b/2": one } }
  }
]
