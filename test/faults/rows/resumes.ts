/** What is taken up again, and what begins anew. */
import * as FileSystem from "@effect/platform/FileSystem"
import { expect } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as CosError from "effect-cos/CosError"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { firstDifference, MiB } from "../../support/content.js"
import * as World from "../../support/world.js"
import { always, denied, type InProcessRow, on, onPart, success } from "../row.js"
import { abort, data, file, given, path, replacement, stored, whole } from "./upload.js"

/** Interrupted when one part is there, and the second one hangs; what `again` makes of it. */
const resumed = (
  again: (checkpoint: Checkpoint.Upload) => ReturnType<typeof file>,
  target: Partial<Upload.UploadTarget> = {}
) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    const hang = yield* emulator.fault(onPart(2, Fault.silence(), always))
    const first = yield* Deferred.make<Checkpoint.Upload>()
    const onCheckpoint = (checkpoint: Checkpoint.Upload) =>
      Effect.when(Deferred.succeed(first, checkpoint), () => checkpoint.parts.length === 1)
    const checkpoint = yield* Effect.race(
      Deferred.await(first),
      Effect.zipRight(file({ onInterrupt: "keep", onCheckpoint }, target), Effect.never)
    )
    expect(yield* World.unfinishedUploads).toEqual([checkpoint.uploadId])
    yield* hang.remove
    yield* emulator.clearJournal
    return yield* again(checkpoint)
  })

/** A store one of whose calls does as `act` says, else what it should. */
const makeStore = (
  act: (call: "get" | "set", nth: number, texts: Map<string, unknown>) => "fails" | "forgets" | undefined
): Checkpoint.Store.Service => {
  const kept = new Map<string, unknown>()
  const calls = { get: 0, set: 0 }
  const call = (operation: "get" | "set", does: () => unknown) =>
    Effect.suspend(() => {
      const instead = act(operation, ++calls[operation], kept)
      return instead === "fails"
        ? Effect.fail(new CosError.CheckpointError({ operation, reason: "the disk is full" }))
        : Effect.sync(() => (instead === "forgets" ? undefined : does()))
    })
  return {
    get: (id) =>
      Effect.map(
        call("get", () => kept.get(id)),
        Option.fromNullable
      ) as Effect.Effect<Option.Option<never>>,
    set: (id, _, value) => Effect.asVoid(call("set", () => kept.set(id, value))),
    remove: (id) => Effect.sync(() => void kept.delete(id)),
    list: Effect.succeed([])
  }
}
const stores = {
  /** Whose first writes fail. */
  failing: (writes: number) => makeStore((call, nth) => (call === "set" && nth <= writes ? "fails" : undefined)),
  /** That acknowledges writes and keeps nothing. */
  forgetful: () => makeStore((call) => (call === "set" ? "forgets" : undefined)),
  /** That is emptied after the first write, and takes no more. */
  emptied: () =>
    makeStore((call, nth, kept) => {
      if (call === "get" || nth === 1) return undefined
      kept.clear()
      return "fails"
    }),
  /** That stops working after the first write. */
  broken: () => makeStore((_, nth) => (nth > 1 ? "fails" : undefined))
}
const withStore =
  (store: () => Checkpoint.Store.Service) =>
  <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => Effect.provideService(self, Checkpoint.Store, store()))

const hung = [onPart(2, Fault.silence(), always)]
const download = Download.file(
  { key: "b", path: "/b" },
  { partSize: MiB, concurrency: 1, progressInterval: "1 day", onInterrupt: "keep", onFailure: "keep" }
)
const downloaded = { objects: { b: data } }

const elsewhere = "archive-1250000000"
const anew = { ...whole, [abort]: 1 }

export const resumes: ReadonlyArray<InProcessRow> = [
  {
    where: "process",
    fault: "resumed with another file",
    given,
    client: resumed((resume) =>
      Effect.zipRight(
        Effect.orDie(Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFile(path, replacement))),
        file({ resume })
      )
    ),
    expect: success({ resumedParts: 0 }),
    asked: anew,
    left: { objects: { a: replacement }, files: { [path]: replacement } }
  },
  {
    where: "process",
    fault: "resumed with another part size",
    given,
    client: resumed((resume) => file({ resume, partSize: 2 * MiB })),
    expect: success({ resumedParts: 0, parts: 2 }),
    asked: { ...anew, uploadPart: 2 },
    left: stored
  },
  {
    where: "process",
    fault: "resumed to another bucket",
    given,
    world: { emulator: { buckets: [World.bucket, elsewhere] } },
    client: resumed((resume) => file({ resume }, { bucket: elsewhere })),
    expect: success({ resumedParts: 0 }),
    asked: anew,
    also: Effect.flatMap(Emulator, (emulator) =>
      Effect.map(Effect.orDie(emulator.bytes(elsewhere, "a")), (bytes) =>
        expect(firstDifference(bytes, data)).toBeUndefined()
      )
    ),
    left: {}
  },
  {
    where: "process",
    fault: "resumed with another key of encryption",
    given,
    client: Effect.zipRight(
      resumed((resume) => file({ resume }, { customerKey: Redacted.make(new Uint8Array(32).fill(2)) }), {
        customerKey: Redacted.make(new Uint8Array(32).fill(1))
      }),
      Download.bytes({ key: "a", customerKey: Redacted.make(new Uint8Array(32).fill(2)) })
    ),
    expect: success(),
    asked: { ...anew, getObject: 1 },
    left: stored
  },
  {
    where: "process",
    fault: "an upload that is to be kept is interrupted, and its checkpoint could never be written",
    given,
    faults: hung,
    client: file({ onInterrupt: "keep" }).pipe(withStore(() => stores.failing(Number.POSITIVE_INFINITY))),
    interruptAt: "2 seconds",
    expect: { _tag: "Interrupt" },
    // Nobody would find it again.
    also: Effect.map(World.asked, (asked) => expect(asked[abort]).toBe(1)),
    left: {}
  },
  {
    where: "process",
    fault: "an upload that is to be kept fails, and its checkpoint could never be written",
    given,
    faults: [onPart(2, denied)],
    client: file({ onFailure: "keep" }).pipe(withStore(() => stores.failing(Number.POSITIVE_INFINITY))),
    expect: { _tag: "AccessDenied" },
    also: Effect.map(World.asked, (asked) => expect(asked[abort]).toBe(1)),
    left: {}
  },
  {
    where: "process",
    fault: "an upload that is to be kept is interrupted, and its checkpoint could be written at last",
    given,
    faults: hung,
    client: file({ onInterrupt: "keep" }).pipe(withStore(() => stores.failing(1))),
    interruptAt: "100 millis",
    expect: { _tag: "Interrupt" },
    left: { uploads: ["a"] }
  },
  {
    where: "process",
    fault: "a download that is to be kept is interrupted, and its checkpoint could never be written",
    given: downloaded,
    faults: [on("getObject", Fault.silence(), { nth: 2, times: Number.POSITIVE_INFINITY })],
    client: download.pipe(withStore(() => stores.failing(Number.POSITIVE_INFINITY))),
    interruptAt: "2 seconds",
    expect: { _tag: "Interrupt" },
    left: downloaded
  },
  {
    where: "process",
    fault: "a download that is to be kept fails, and its checkpoint could never be written",
    given: downloaded,
    faults: [on("getObject", denied, { nth: 2 })],
    client: download.pipe(withStore(() => stores.failing(Number.POSITIVE_INFINITY))),
    expect: { _tag: "AccessDenied" },
    left: downloaded
  },
  ...(
    [
      ["acknowledges writes and keeps nothing", stores.forgetful],
      ["has been emptied meanwhile, and takes no more", stores.emptied]
    ] as const
  ).flatMap(
    ([what, store]): ReadonlyArray<InProcessRow> => [
      {
        where: "process",
        fault: `an upload that is to be kept is interrupted, and its checkpoint store ${what}`,
        given,
        faults: hung,
        client: file({ onInterrupt: "keep" }).pipe(withStore(store)),
        interruptAt: "2 seconds",
        expect: { _tag: "Interrupt" },
        also: Effect.map(World.asked, (asked) => expect(asked[abort]).toBe(1)),
        left: {}
      },
      {
        where: "process",
        fault: `a download that is to be kept fails, and its checkpoint store ${what}`,
        given: downloaded,
        faults: [on("getObject", denied, { nth: 2 })],
        client: download.pipe(withStore(store)),
        expect: { _tag: "AccessDenied" },
        left: downloaded
      }
    ]
  ),
  {
    where: "process",
    fault: "an upload that is to be kept is interrupted, and its checkpoint store does not work any more",
    given,
    faults: hung,
    client: file({ onInterrupt: "keep" }).pipe(withStore(stores.broken)),
    interruptAt: "2 seconds",
    expect: { _tag: "Interrupt" },
    // What the store has is not known, so that the work of hours is not thrown away.
    left: { uploads: ["a"], warned: ["id"] }
  },
  {
    where: "process",
    fault: "an upload that is to be kept is interrupted, and only the caller has its checkpoint",
    given,
    faults: hung,
    client: file({ onInterrupt: "keep", onCheckpoint: () => Effect.void }).pipe(withStore(stores.forgetful)),
    interruptAt: "2 seconds",
    expect: { _tag: "Interrupt" },
    left: { uploads: ["a"] }
  }
]
