/** Processes that end midway, and those that go on. */
import * as FileSystem from "@effect/platform/FileSystem"
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, KiB, MiB } from "../../support/content.js"
import { warned } from "../../support/warnings.js"
import * as World from "../../support/world.js"
import { end, ended, eventually, start, startEmulator, type Transfer, until } from "../process/children.js"
import { always, Directory, on, type PortRow, success } from "../row.js"

const data = content(4 * MiB + 5)
const part = 64 * KiB
const object = content(4 * part + 11, 2)
const old = content(1000, 9)

const sends = (key: string, onInterrupt: Transfer["onInterrupt"] = "end"): Transfer => ({
  kind: "upload",
  key,
  path: key,
  partSize: MiB,
  onInterrupt
})
const fetches = (key: string): Transfer => ({ kind: "download", key, path: key, partSize: part, onInterrupt: "end" })

/** The fourth request of a key hangs, once. */
const hang = (operation: string, key: string) => on(operation, Fault.silence(), { key, nth: 4 })

const inDirectory = <A, E, R>(use: (root: string) => Effect.Effect<A, E, R>) => Effect.flatMap(Directory, use)

const withCheckpoints = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  inDirectory((root) => Effect.provide(self, Checkpoint.layerDirectory(`${root}/checkpoints`)))

const upload = (key: string, options: Upload.ResumableUploadOptions = {}) =>
  inDirectory((root) => Upload.file({ key, path: `${root}/${key}` }, { partSize: MiB, threshold: 0, ...options }))
const download = (key: string) =>
  inDirectory((root) => Download.file({ key, path: `${root}/${key}` }, { partSize: part }))

/** How many parts of a download are noted. */
const noted = (key: string) =>
  inDirectory((root) =>
    Effect.gen(function* () {
      const store = yield* Checkpoint.Store
      const id = yield* Checkpoint.id({ kind: "download", bucket: World.bucket, key, path: `${root}/${key}` })
      return Option.match(yield* store.get(id, Checkpoint.Download), {
        onNone: () => 0,
        onSome: (it) => it.parts.length
      })
    })
  ).pipe(withCheckpoints)

/** The files of the checkpoints, which are gone then. */
const removeCheckpoints = inDirectory((root) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const files = yield* fs.readDirectory(`${root}/checkpoints`)
    yield* fs.remove(`${root}/checkpoints`, { recursive: true })
    // What says whose the checkpoints of dead processes are goes with the next run of the same transfer.
    return files.filter((name) => !name.includes(".owner-"))
  })
)

const givenA = { files: { a: data } }
const sentA = { objects: { a: data }, files: givenA.files }
/** Nothing that had been acknowledged. */
const sentOnce = Effect.map(World.partsAgain, (again) => expect(again).toEqual([]))

const small = content(1000, 3)
const states = { old, new: data, small }

/** What of an emulator's directory an emulator finds that is started on it, by names. */
const found = (dir: string) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    const objects = yield* Effect.forEach(yield* emulator.objects(World.bucket), ({ key }) =>
      Effect.map(emulator.bytes(World.bucket, key), (bytes) => {
        const [name] = Object.entries(states).find(([, state]) => Buffer.compare(bytes, state) === 0) ?? ["neither"]
        return [key, name]
      })
    )
    const uploads = (yield* emulator.unfinishedUploads).map(({ key }) => key)
    return { objects, uploads }
  }).pipe(Effect.provide(layer({ dir, region: World.region })))

/** An emulator that is killed while `act` is under way, after what it has acknowledged before: what is found then. */
const killing = (
  operation: string,
  at: Parameters<typeof Fault.die>[0],
  act: Effect.Effect<unknown, { readonly _tag: string }, CosClient>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const dir = yield* fs.makeTempDirectoryScoped()
    const { child, endpoint } = yield* startEmulator(dir, on(operation, Fault.die(at), { key: "a" }))
    const error = yield* Effect.andThen(
      Effect.all([
        Cos.putObject({ key: "small", body: small }),
        Cos.putObject({ key: "large", body: data }),
        Cos.putObject({ key: "gone", body: data }),
        Cos.deleteObject({ key: "gone" })
      ]),
      Effect.flip(act)
    ).pipe(
      Effect.provide(World.portClient({ retry: RetryPolicy.none })),
      Effect.updateService(Emulator, (emulator) => ({ ...emulator, endpoint }))
    )
    return { error: error._tag, signal: yield* ended(child), ...(yield* found(dir)) }
  })

/** The rest of an upload in parts, which was begun before. */
const completing = Effect.gen(function* () {
  const { uploadId } = yield* Cos.initiateMultipartUpload({ key: "a" })
  const { eTag } = yield* Cos.uploadPart({ key: "a", uploadId, partNumber: 1, body: data })
  return yield* Cos.completeMultipartUpload({ key: "a", uploadId, parts: [{ partNumber: 1, eTag }] })
})
const deleting = Effect.andThen(Cos.putObject({ key: "a", body: old }), Cos.deleteObject({ key: "a" }))
/** The objects that were there before. */
const acknowledged = [
  ["large", "new"],
  ["small", "small"]
]

const kills: ReadonlyArray<PortRow> = [
  ...(
    [
      ["putObject", "write", Cos.putObject({ key: "a", body: data }), [], []],
      ["putObject", "committed", Cos.putObject({ key: "a", body: data }), [["a", "new"]], []],
      ["completeMultipartUpload", "commit", completing, [], ["a"]],
      ["completeMultipartUpload", "committed", completing, [["a", "new"]], []],
      ["deleteObject", "committed", deleting, [], []]
    ] as const
  ).map(
    ([operation, at, act, objects, uploads]): PortRow => ({
      where: "process",
      fault: `SIGKILL of the service at ${operation}: ${at}`,
      client: killing(operation, at, act),
      expect: success({
        error: "TransportError",
        signal: "SIGKILL",
        objects: [...objects, ...acknowledged],
        uploads
      }),
      left: {}
    })
  )
]

export const processes: ReadonlyArray<PortRow> = [
  {
    where: "disk",
    fault: "two processes download to one target",
    given: { objects: { a: object }, files: { a: old } },
    faults: [on("getObject", Fault.delay("100 millis"), always)],
    client: Effect.forEach(["1", "2"], (checkpoints) => Effect.flatMap(start([fetches("a")], { checkpoints }), ended), {
      concurrency: 2
    }),
    expect: success([0, 0]),
    asked: { headObject: 2, getObject: 10 },
    left: { objects: { a: object }, files: { a: object } }
  },
  {
    where: "process",
    fault: "SIGINT midway through an upload and a download",
    given: { objects: { b: object }, files: { a: data, b: old } },
    faults: [hang("uploadPart", "a"), hang("getObject", "b")],
    client: Effect.gen(function* () {
      const child = yield* start([sends("a"), fetches("b")])
      yield* until("uploadPart", 4)
      yield* until("getObject", 4)
      return yield* end(child, "SIGINT")
    }),
    expect: success(130),
    asked: { initiateMultipartUpload: 1, uploadPart: 4, abortMultipartUpload: 1, headObject: 1, getObject: 4 },
    left: { objects: { b: object } }
  },
  {
    where: "process",
    fault: "a second SIGINT while abort is not answered",
    given: givenA,
    faults: [hang("uploadPart", "a"), on("abortMultipartUpload", Fault.silence(), always)],
    client: Effect.gen(function* () {
      const child = yield* start([sends("a")])
      yield* until("uploadPart", 4)
      child.kill("SIGINT")
      yield* until("abortMultipartUpload", 1)
      const ended = yield* end(child, "SIGINT")
      expect(yield* removeCheckpoints).toEqual([])
      return ended
    }),
    expect: success("SIGINT"),
    left: { uploads: ["a"] }
  },
  {
    where: "process",
    fault: "SIGTERM with onInterrupt: keep",
    given: givenA,
    faults: [hang("uploadPart", "a")],
    client: Effect.gen(function* () {
      const child = yield* start([sends("a", "keep")])
      yield* until("uploadPart", 4)
      const code = yield* end(child, "SIGTERM")
      const open = yield* World.unfinishedUploads
      return { code, open: open.length, result: yield* withCheckpoints(upload("a")) }
    }),
    expect: success({ code: 130, open: 1, result: { parts: 5, resumedParts: 3 } }),
    also: sentOnce,
    left: sentA
  },
  {
    where: "process",
    fault: "SIGKILL midway through two uploads and a download",
    given: { objects: { c: object }, files: { a: data, b: data, c: old } },
    faults: [hang("uploadPart", "a"), hang("uploadPart", "b"), hang("getObject", "c")],
    client: Effect.gen(function* () {
      const child = yield* start([sends("a"), sends("b"), fetches("c")])
      yield* until("uploadPart", 8)
      yield* until("getObject", 4)
      yield* eventually(Effect.map(noted("c"), (parts) => parts === 3))
      const signal = yield* end(child, "SIGKILL")
      // The parts that are done are in the checkpoint or not: those of the one are believed by it, of the other by MD5.
      const results = [
        yield* withCheckpoints(upload("a")),
        yield* upload("b", { resume: "discover" }),
        yield* withCheckpoints(download("c"))
      ]
      // The checkpoint of the upload that was discovered. The kill may have met a write, whose file is removed an hour later.
      const [checkpoint, ...more] = (yield* removeCheckpoints).filter((name) => !name.endsWith(".tmp"))
      return { signal, checkpoint, more, results: results.map(({ parts, resumedParts }) => [parts, resumedParts]) }
    }),
    expect: success({
      signal: "SIGKILL",
      checkpoint: expect.any(String),
      more: [],
      results: [
        [5, 3],
        [5, 3],
        [5, 3]
      ]
    }),
    also: Effect.andThen(
      sentOnce,
      Effect.map(World.requests("getObject"), (entries) => {
        const ranges = [0, 1, 2, 3, 3, 4].map(
          (i) => `bytes=${i * part}-${Math.min((i + 1) * part, object.byteLength) - 1}`
        )
        expect(entries.map(({ headers }) => headers.range).sort()).toEqual(ranges.sort())
      })
    ),
    left: { objects: { a: data, b: data, c: object }, files: { a: data, b: data, c: object } }
  },
  {
    where: "process",
    fault: "SIGKILL in the middle of writing a checkpoint",
    given: givenA,
    // Nobody waits for the fourth part: should the process be killed before it, it hangs for the next one.
    faults: [on("uploadPart", Fault.silence(), { partNumber: 4 })],
    world: { client: { timeLimits: { attempt: "2 seconds" } } },
    // The first one is written when the upload is begun.
    client: Effect.gen(function* () {
      const signal = yield* Effect.flatMap(start([sends("a")], { killAtWrite: 2 }), ended)
      const result = yield* withCheckpoints(upload("a"))
      // What was half written is removed once nobody can be writing it any more, which is an hour later.
      return { signal, result, files: yield* removeCheckpoints }
    }),
    expect: success({
      signal: "SIGKILL",
      result: { parts: 5 },
      files: [expect.stringMatching(/\.tmp$/)]
    }),
    also: Effect.andThen(
      sentOnce,
      Effect.map(World.requests("initiateMultipartUpload"), (entries) => expect(entries).toHaveLength(1))
    ),
    left: sentA
  },
  {
    where: "process",
    fault: "half a checkpoint",
    given: givenA,
    faults: [hang("uploadPart", "a")],
    client: Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const checkpoints = `${yield* Directory}/checkpoints`
      yield* Effect.race(
        until("uploadPart", 4),
        Effect.zipRight(withCheckpoints(upload("a", { onInterrupt: "keep", concurrency: 1 })), Effect.never)
      )
      for (const name of yield* fs.readDirectory(checkpoints)) {
        const text = yield* fs.readFileString(`${checkpoints}/${name}`)
        yield* fs.writeFileString(`${checkpoints}/${name}`, text.slice(0, text.length / 2))
      }
      const { value, warnings } = yield* warned(withCheckpoints(upload("a")))
      return { value, said: JSON.stringify(warnings) }
    }),
    expect: success({ value: { resumedParts: 0 }, said: expect.stringContaining("damaged") }),
    // Of what the checkpoint was of nothing is known any more.
    left: { ...sentA, uploads: ["a"] }
  },
  {
    where: "process",
    fault: "a second process runs the same upload: it begins its own",
    given: givenA,
    faults: [hang("uploadPart", "a")],
    client: Effect.gen(function* () {
      const child = yield* start([sends("a")])
      yield* until("uploadPart", 4)
      const result = yield* withCheckpoints(upload("a"))
      const open = yield* World.unfinishedUploads
      return { open: open.length, code: yield* end(child, "SIGINT"), result }
    }),
    expect: success({ open: 1, code: 130, result: { parts: 5, resumedParts: 0 } }),
    asked: { initiateMultipartUpload: 2, uploadPart: 9, completeMultipartUpload: 1, abortMultipartUpload: 1 },
    left: sentA
  },
  {
    where: "process",
    fault: "a second process runs the same upload, and is to refuse",
    given: givenA,
    faults: [hang("uploadPart", "a")],
    client: Effect.gen(function* () {
      const child = yield* start([sends("a")])
      yield* until("uploadPart", 4)
      const error = yield* Effect.flip(withCheckpoints(upload("a", { ifRunning: "refuse" })))
      return { code: yield* end(child, "SIGINT"), error }
    }),
    expect: success({ code: 130, error: { _tag: "CheckpointError", operation: "lease" } }),
    asked: { initiateMultipartUpload: 1, uploadPart: 4, abortMultipartUpload: 1 },
    left: {}
  },
  {
    where: "process",
    fault: "a second process waits for the first one's upload, which is killed",
    given: givenA,
    faults: [hang("uploadPart", "a")],
    client: Effect.gen(function* () {
      const child = yield* start([sends("a")])
      yield* until("uploadPart", 4)
      const waiting = yield* Effect.fork(withCheckpoints(upload("a", { ifRunning: "wait" })))
      yield* eventually(
        inDirectory((root) =>
          Effect.flatMap(FileSystem.FileSystem, (fs) =>
            Effect.map(
              fs.readDirectory(`${root}/checkpoints`),
              (names) => names.filter((name) => name.includes(".owner-")).length > 1
            )
          )
        )
      )
      const signal = yield* end(child, "SIGKILL")
      return { signal, result: yield* Fiber.join(waiting) }
    }),
    expect: success({ signal: "SIGKILL", result: { parts: 5, resumedParts: 3 } }),
    also: sentOnce,
    left: sentA
  },
  {
    where: "process",
    fault: "a second process downloads the same object to the same place: it has a temporary file of its own",
    given: { objects: { b: object }, files: { b: old } },
    faults: [hang("getObject", "b")],
    client: Effect.gen(function* () {
      const child = yield* start([fetches("b")])
      yield* until("getObject", 4)
      const result = yield* withCheckpoints(download("b"))
      return { code: yield* end(child, "SIGINT"), result }
    }),
    expect: success({ code: 130, result: { parts: 5, resumedParts: 0 } }),
    left: { objects: { b: object }, files: { b: object } }
  },
  ...kills
]
