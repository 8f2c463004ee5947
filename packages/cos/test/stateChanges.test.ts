import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { LineReader, share } from "../src/internal/file/lines.js"
import { makeTemporaryName } from "../src/internal/file/temporaryName.js"
import { list } from "../src/internal/transfer/sync/entries.js"
import { forgotten, nameOf, StateChanges } from "../src/internal/transfer/sync/stateChanges.js"
import * as selection from "../src/internal/transfer/tree/selection.js"
import * as ObjectKey from "../src/ObjectKey.js"
import type { Entry, SyncError } from "../src/Sync.js"

const lineOf = (name: string, value: number) => JSON.stringify([name, { value }])

/** Names with what JSON escapes, and what UTF-16 sorts otherwise than UTF-8. */
const nameAt = (i: number) => `${["a", "b/", 'q"', "\\", "\n", "\u00e9", "\uffee", "\u{1f600}"][i % 8]}${i}`

/** Repeatable. */
const random = (seed: number) => {
  let state = seed
  return (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % limit
  }
}

describe("StateChanges", () => {
  it.scoped("merges what was there with all changes, whatever their order, as a map would", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const scope = yield* Effect.scope
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(`${tmpdir()}/changes-`)),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      for (const [seed, most, changes] of [
        [1, 7, 500],
        [2, 100, 3000],
        [3, 1000, 300]
      ] as const) {
        const next = random(seed)
        const expected = new Map<string, string>()
        const before = Array.from({ length: 400 }, (_, i) => nameAt(i * 3)).sort(ObjectKey.compare)
        for (const name of before) expected.set(name, lineOf(name, -1))
        yield* fs.writeFileString(`${directory}/before`, before.map((name) => `${expected.get(name)}\n`).join(""))
        const size = Number((yield* fs.stat(`${directory}/before`)).size)
        const reader = new LineReader(share(yield* fs.open(`${directory}/before`)), { from: 0, to: size })

        const state = new StateChanges(Scope.extend(fs.open(`${directory}/runs-${seed}`, { flag: "wx+" }), scope), most)
        for (let i = 0; i < changes; i++) {
          const name = nameAt(next(1500))
          const isForgotten = next(4) === 0
          if (isForgotten) expected.delete(name)
          else expected.set(name, lineOf(name, i))
          yield* state.add(name, isForgotten ? forgotten(name) : lineOf(name, i))
        }
        const merged: Array<string> = []
        yield* state.merged(reader, (lines) => Effect.sync(() => void merged.push(...lines)))
        expect(merged.map(nameOf)).toEqual(Array.from(expected.keys()).sort(ObjectKey.compare))
        expect(merged).toEqual(merged.map((line) => expected.get(nameOf(line))))
        expect(state.count).toBe(changes)
      }
      expect(readdirSync(directory).sort()).toEqual(["before", "runs-1", "runs-2"])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("whose temporary file lies in the directory that is synced are passed over", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* fs.makeTempDirectoryScoped()
      const [ours, theirs] = [yield* makeTemporaryName, yield* makeTemporaryName]
      yield* fs.makeDirectory(`${root}/a`)
      for (const name of ["a/.state", `a/${ours}`, `a/${theirs}`, "a/b"])
        yield* fs.writeFileString(`${root}/${name}`, "x")
      const omitted: Array<string> = []
      const { entries } = yield* list(
        { _tag: "Directory", path: root },
        {
          side: "source",
          isOtherLocal: false,
          selected: yield* selection.make<Entry>("Sync", {}),
          ownName: Effect.succeed("a/.state"),
          temporary: ours,
          onOmission: ({ name }) => void omitted.push(name)
        }
      )
      const found = yield* Stream.runCollect(
        entries as Stream.Stream<{ readonly entry: Entry }, SyncError, FileSystem.FileSystem>
      )
      expect(Array.from(found, ({ entry }) => entry.name)).toEqual(["a/b"])
      expect(omitted).toEqual([`a/${theirs}`])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("that could not be kept fail the merge", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const state = new StateChanges(fs.open("/nowhere/at/all", { flag: "wx+" }) as never, 2)
      for (const name of ["a", "b", "c"]) yield* state.add(name, lineOf(name, 1))
      const error = yield* Effect.flip(state.merged(undefined, () => Effect.void))
      expect(error).toMatchObject({ reason: "NotFound" })
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
