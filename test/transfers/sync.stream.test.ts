/** A sync as a Stream, and plans that are looked at and kept. */
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Sync from "effect-cos/Sync"
import * as Fault from "effect-cos-emulator/Fault"
import * as World from "../support/world.js"
import { directoryOf, put, storedKeys, world } from "./directory.js"

const line = (outcome: Sync.Outcome | ({ readonly _tag: "Summary" } & Sync.Summary)): string => {
  switch (outcome._tag) {
    case "Summary":
      return `Summary ${outcome.transferred} ${outcome.bytes} ${outcome.deleted} ${outcome.withheld}`
    case "Omission":
      return `Omission ${outcome.omission.reason} ${outcome.omission.name}`
    case "Failure":
      return `Failure ${outcome.error._tag} ${outcome.action.name}`
    default:
      return `${outcome.action._tag} ${outcome.action.name}`
  }
}

const lines = <E, R>(stream: Stream.Stream<Parameters<typeof line>[0], E, R>) =>
  Effect.map(Stream.runCollect(stream), (outcomes) => Array.from(outcomes, line))

describe("Sync.runStream", () => {
  it.scopedLive("tells of each action once, and sums up at the end", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryOf({ a: "one", "b/c": "two" })
      yield* put({ "to/gone": "old" })
      yield* fs.symlink(`${root}/a`, `${root}/link`)
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true }
      const told = yield* lines(Sync.runStream(options))
      expect(told.slice().sort()).toEqual([
        "Delete gone",
        "Omission Link link",
        "Summary 2 6 1 0",
        "Transfer a",
        "Transfer b/c"
      ])
      expect(told.at(-1)).toMatch(/^Summary/)
      expect(yield* storedKeys).toEqual(["to/a", "to/b/c"])
      expect(yield* lines(Sync.plan(options).pipe(Sync.applyStream(options)))).toEqual([
        "Omission Link link",
        "Summary 0 0 0 0"
      ])
    }).pipe(world)
  )

  it.scopedLive("deletes nothing after a failure, which it tells of", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf({ a: "one", b: "two" })
      yield* put({ "to/gone": "old" })
      yield* World.fault({
        on: { operation: "putObject", key: "to/b", times: Number.POSITIVE_INFINITY },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      const told = yield* lines(Sync.runStream({ from: Sync.directory(root), to: Sync.prefix("to/"), delete: true }))
      expect(told.sort()).toEqual(["Failure AccessDenied b", "Summary 1 3 0 1", "Transfer a"])
      expect(yield* storedKeys).toEqual(["to/a", "to/gone"])
    }).pipe(world)
  )

  it.scopedLive("fails when deletions are refused, with the numbers so far", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf({ a: "one" })
      yield* put({ "to/x": "1", "to/y": "2" })
      const heard: Array<string> = []
      const error = yield* Sync.runStream({
        from: Sync.directory(root),
        to: Sync.prefix("to/"),
        delete: true,
        maxDelete: 1
      }).pipe(
        Stream.runForEach((outcome) => Effect.sync(() => heard.push(line(outcome)))),
        Effect.flip
      )
      expect(heard).toEqual(["Transfer a"])
      expect(error).toMatchObject({
        _tag: "DeletionsRefused",
        reason: "TooMany",
        wanted: 2,
        limit: 1,
        report: { transferred: 1, withheld: 2, failures: [], omissions: [] }
      })
    }).pipe(world)
  )
})
