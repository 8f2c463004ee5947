/** `Upload.filesStream` and `Download.filesStream`: what many files need, and when they are begun. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Stream from "effect/Stream"
import type * as Batch from "effect-cos/Batch"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { content, MiB } from "../support/content.js"
import { turn } from "../support/turn.js"
import * as World from "../support/world.js"
import { contentsOf, directoryOf, expectSame, put, storedKeys, within, world } from "./directory.js"

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${String(i).padStart(3, "0")}`, `${i}`]))

const keyOf = ({ _tag, input }: Batch.Outcome<{ readonly key: string }, unknown, unknown>) => `${input.key} ${_tag}`

describe("Upload.filesStream", () => {
  it.scopedLive("sends the first files of a directory before it has found the last", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf({ "a/1": "1", "a/2": "2", "z/3": "3" })
      const fs = yield* FileSystem.FileSystem
      const heard: Array<string> = []
      const first = yield* Deferred.make<void>()
      const hear = (outcome: Batch.Outcome<{ readonly key: string }, unknown, unknown>) =>
        Effect.zipRight(
          Effect.sync(() => void heard.push(keyOf(outcome))),
          Deferred.succeed(first, undefined)
        )
      // The second folder can only be read once a file of the first one has been stored.
      const slow = Effect.provideService(FileSystem.FileSystem, {
        ...fs,
        readDirectory: (path) =>
          path.endsWith("/z") ? Effect.zipRight(Deferred.await(first), fs.readDirectory(path)) : fs.readDirectory(path)
      })
      yield* Upload.filesStream({ directory: root }).pipe(Stream.runForEach(hear), slow)
      expect(heard.sort()).toEqual(["a/1 Success", "a/2 Success", "z/3 Success"])
      const report = yield* Upload.files({ directory: root, prefix: "again/" }, { onFile: hear }).pipe(slow)
      expect(report.outcomes.map(keyOf)).toEqual(["again/a/1 Success", "again/a/2 Success", "again/z/3 Success"])
    }).pipe(world)
  )

  it.scopedLive("takes a stream of files, and fails as that does, after what it brought is done", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf(many(3))
      const inputs = Stream.fromIterable(Object.keys(many(3))).pipe(
        Stream.map((key) => ({ key, path: `${root}/${key}` })),
        Stream.concat(Stream.fail("no more" as const))
      )
      const heard: Array<string> = []
      const error = yield* Upload.filesStream(inputs).pipe(
        Stream.runForEach((outcome) => Effect.sync(() => heard.push(keyOf(outcome)))),
        Effect.flip
      )
      expect(error).toBe("no more")
      expect(heard.sort()).toEqual(["f000 Success", "f001 Success", "f002 Success"])
    }).pipe(world)
  )

  it.scopedLive("waits for whoever takes the outcomes, and ends what is under way when he stops", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf(many(200))
      const taken = yield* Upload.filesStream({ directory: root }, { concurrency: 4 }).pipe(
        Stream.tap(() =>
          Effect.zipRight(
            Effect.repeat(Effect.zipRight(turn, storedKeys), { until: ({ length }) => length >= 69 }),
            Effect.repeatN(turn, 100)
          )
        ),
        Stream.take(1),
        Stream.runCollect
      )
      expect(taken.length).toBe(1)
      // Those that wait to be taken, one for each worker, and the one that was taken.
      expect((yield* storedKeys).length).toBeLessThan(100)
    }).pipe(world)
  )

  it.scopedLive("that is no longer listened to leaves no upload behind", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf({ a: "1", b: content(3 * MiB), c: content(3 * MiB) })
      const silence = yield* World.fault({
        on: { operation: "uploadPart", nth: 2, times: Infinity },
        do: Fault.silence()
      })
      const inMidst = Effect.all([World.unfinishedUploads, silence.fired]).pipe(
        Effect.map(([uploads, silenced]) => uploads.length === 2 && silenced > 0)
      )
      const options = { partSize: MiB, threshold: MiB, concurrency: { parts: 1 } }
      yield* Upload.filesStream({ directory: root }, options).pipe(
        Stream.take(1),
        Stream.tap(() => Effect.repeat(Effect.zipRight(turn, inMidst), { until: (yes) => yes })),
        Stream.runDrain
      )
      expect(yield* World.unfinishedUploads).toEqual([])
      expect(yield* storedKeys).toEqual(["a"])
    }).pipe(world)
  )

  it.scopedLive("when the first failure stops the others, each file counts once", () =>
    Effect.gen(function* () {
      const files = many(150)
      const root = yield* directoryOf(files)
      const broken = { on: { operation: "putObject", key: "f020" }, do: Fault.status(403, { code: "AccessDenied" }) }
      yield* World.fault(broken)
      const heard: Array<string> = []
      yield* Upload.filesStream({ directory: root }, { concurrency: 8, stopOnFailure: true }).pipe(
        Stream.runForEach((outcome) => Effect.sync(() => void heard.push(keyOf(outcome))))
      )
      expect(heard.map((line) => line.slice(0, 4)).sort()).toEqual(Object.keys(files))
      expect(heard.filter((line) => line.endsWith("Failure"))).toEqual(["f020 Failure"])
      expect(heard.filter((line) => line.endsWith("Skipped")).length).toBeGreaterThan(100)
    }).pipe(world)
  )
})

const listing = (keys: ReadonlyArray<string>, next?: string) =>
  `<ListBucketResult><Name>x</Name><Prefix/><Marker/><MaxKeys>1000</MaxKeys><IsTruncated>${next !== undefined}</IsTruncated>${
    next === undefined ? "" : `<NextMarker>${next}</NextMarker>`
  }${keys
    .map(
      (key) =>
        `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"x"</ETag><Size>1</Size></Contents>`
    )
    .join("")}</ListBucketResult>`

/** Answers the lists: the second page only when it may, with what it then is. */
const lists = (second: Effect.Effect<Response>) => (client: HttpClient.HttpClient) =>
  HttpClient.transform(client, (send, request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (request.method !== "GET" || pathname !== "/") return send
    return Effect.map(
      searchParams.has("marker") ? second : Effect.succeed(new Response(listing(["a", "b"], "b"))),
      (response) => HttpClientResponse.fromWeb(request, response)
    )
  })

describe("Download.filesStream", () => {
  const first = Deferred.unsafeMake<void>(FiberId.none)
  it.scopedLive("downloads the first objects before the list is over", () =>
    Effect.gen(function* () {
      yield* put({ a: "1", b: "2", c: "3" })
      const root = yield* directoryOf({})
      const heard: Array<string> = []
      yield* Download.filesStream({ directory: root }).pipe(
        Stream.runForEach((outcome) =>
          Effect.zipRight(
            Effect.sync(() => heard.push(keyOf(outcome))),
            Deferred.succeed(first, undefined)
          )
        )
      )
      expect(heard.sort()).toEqual(["a Success", "b Success", "c Success"])
      expectSame(yield* contentsOf(root), { a: "1", b: "2", c: "3" })
    }).pipe(
      within({
        client: { transformClient: lists(Effect.as(Deferred.await(first), new Response(listing(["c"])))) }
      })
    )
  )

  it.scopedLive("fails when the list does, after what was listed is there", () =>
    Effect.gen(function* () {
      yield* put({ a: "1", b: "2", c: "3" })
      const root = yield* directoryOf({})
      const heard: Array<string> = []
      const denied = yield* Download.filesStream({ directory: root }).pipe(
        Stream.runForEach((outcome) => Effect.sync(() => heard.push(keyOf(outcome)))),
        Effect.flip
      )
      expect(denied._tag).toBe("AccessDenied")
      expect(heard.sort()).toEqual(["a Success", "b Success"])
      expectSame(yield* contentsOf(root), { a: "1", b: "2" })
      expect((yield* Effect.flip(Download.files({ directory: root })))._tag).toBe("AccessDenied")
    }).pipe(
      within({
        client: {
          transformClient: lists(
            Effect.sync(() => new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403 }))
          )
        }
      })
    )
  )

  it.scopedLive("refuses names that could be one file, however far apart they stand", () =>
    Effect.gen(function* () {
      yield* put({ ...many(40), F000: "x", "F039/g": "x", "f020/g": "x" })
      const root = yield* directoryOf({})
      const refused: Array<string> = []
      yield* Download.filesStream({ directory: root }, { concurrency: 16 }).pipe(
        Stream.runForEach((outcome) =>
          Effect.sync(() => {
            if (outcome._tag === "Failure")
              refused.push(`${outcome.input.key} ${"reason" in outcome.error && outcome.error.reason}`)
          })
        )
      )
      expect(refused.sort()).toEqual(["f000 Collision", "f020/g Collision", "f039 Collision"])
    }).pipe(world)
  )
})
