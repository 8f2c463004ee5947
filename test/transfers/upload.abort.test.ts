/**
 * However an upload ends, it is the object or it is aborted: every way to end, each again with a server that accepts a
 * request and never answers it.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { CosClient } from "effect-cos/CosClient"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, interruptTimed, timed } from "../support/clock.js"
import { content, inPieces, KiB, MiB } from "../support/content.js"
import { Disk, systemError } from "../support/disk.js"
import { watched } from "../support/warnings.js"
import * as World from "../support/world.js"

const data = content(2 * MiB + 5)
const defaults: Upload.UploadOptions = { partSize: MiB, threshold: 0, concurrency: 2 }

// Without waits between attempts, and without more time for larger bodies, times are exact.
const world = () =>
  World.inProcess({
    client: {
      retry: RetryPolicy.make({ base: 0, attempts: 2 }),
      timeLimits: { minBytesPerSecond: Number.MAX_SAFE_INTEGER }
    }
  })

/** The first error's tag, or how else it ended. */
const tagOf = (exit: Exit.Exit<unknown, { readonly _tag: string }>): string =>
  Exit.isSuccess(exit)
    ? "Success"
    : Option.match(Cause.failureOption(exit.cause), {
        onSome: ({ _tag }) => _tag,
        onNone: () => (Cause.isInterruptedOnly(exit.cause) ? "Interrupt" : Cause.pretty(exit.cause))
      })

/** The ways to upload; `broken`: the source fails in the second part. */
const forms = {
  file: (broken: boolean, options: Upload.UploadOptions) =>
    Effect.gen(function* () {
      const disk = yield* Disk
      disk.put("/data", data)
      disk.before = ({ method, offset = 0, path }) =>
        broken && method === "read" && offset >= MiB
          ? Effect.fail(systemError("read", path, "Unknown", "EIO"))
          : Effect.void
      return yield* Upload.file({ key: "a", path: "/data" }, options)
    }),
  stream: (broken: boolean, options: Upload.UploadOptions) =>
    Upload.stream({ key: "a", stream: source(broken) }, options),
  sink: (broken: boolean, options: Upload.UploadOptions) =>
    Stream.run(source(broken), Upload.sink({ key: "a" }, options))
}

const source = (broken: boolean) =>
  broken
    ? Stream.concat(inPieces(data.subarray(0, MiB + 5), 64 * KiB), Stream.fail({ _tag: "Broken" as const }))
    : inPieces(data, 64 * KiB)

/** What is done to an upload, and how it ends. */
interface Case {
  readonly name: string
  readonly faults?: ReadonlyArray<Fault.FaultSpec>
  /** Faults of requests that it never makes. */
  readonly unmet?: ReadonlyArray<Fault.FaultSpec>
  readonly broken?: boolean
  readonly soleWriter?: boolean
  /** Interrupts it after so many milliseconds. */
  readonly interruptAt?: number
  readonly timeoutAt?: number
  readonly tag: string | ((form: keyof typeof forms) => string)
  readonly aborts: number
  readonly stored: boolean
  /** From the interrupt, or the time limit, or else from the beginning, to its return. Default: no time at all. */
  readonly millis?: number
  /** Uploads that stay on the server; each is warned of and counted, and so is one that may stay. */
  readonly open?: number
  readonly warned?: number
}

const denied = Fault.status(403, { code: "AccessDenied" })
const hung: Fault.FaultSpec = { on: { operation: "uploadPart", partNumber: 2, times: Infinity }, do: Fault.silence() }
const slow = (operation: string, time: Duration.DurationInput): Fault.FaultSpec => ({
  on: { operation },
  do: Fault.delay(time)
})

const cases: ReadonlyArray<Case> = [
  { name: "success", tag: "Success", aborts: 0, stored: true },
  {
    name: "a part fails",
    faults: [{ on: { operation: "uploadPart", partNumber: 2 }, do: denied }],
    tag: "AccessDenied",
    aborts: 1,
    stored: false
  },
  {
    name: "the source fails",
    broken: true,
    tag: (form) => (form === "file" ? "SystemError" : "Broken"),
    aborts: 1,
    stored: false
  },
  {
    name: "complete fails",
    faults: [{ on: { operation: "completeMultipartUpload" }, do: denied }],
    tag: "AccessDenied",
    aborts: 1,
    stored: false
  },
  { name: "timeout", faults: [hung], timeoutAt: 1000, tag: "TimeoutException", aborts: 1, stored: false },
  {
    name: "interrupt midway",
    faults: [hung],
    interruptAt: 1000,
    tag: "Interrupt",
    aborts: 1,
    stored: false
  },
  {
    name: "interrupt during initiate",
    faults: [slow("initiateMultipartUpload", 3000)],
    interruptAt: 1000,
    tag: "Interrupt",
    aborts: 1,
    stored: false,
    millis: 2000
  },
  {
    name: "interrupt during complete",
    faults: [slow("completeMultipartUpload", 3000)],
    interruptAt: 1000,
    tag: "Interrupt",
    aborts: 0,
    stored: true,
    millis: 2000
  }
]

const run = (form: keyof typeof forms, { broken = false, interruptAt, soleWriter, timeoutAt }: Case) =>
  Effect.gen(function* () {
    const upload: Effect.Effect<
      unknown,
      { readonly _tag: string },
      CosClient | Disk | Effect.Effect.Context<ReturnType<typeof forms.file>>
    > = forms[form](broken, { ...defaults, soleWriter })
    if (interruptAt !== undefined) {
      const fiber = yield* Effect.fork(upload)
      yield* TestClock.adjust(interruptAt)
      return yield* interruptTimed(fiber)
    }
    const { exit, millis } = yield* drive(timed(timeoutAt === undefined ? upload : Effect.timeout(upload, timeoutAt)))
    return { exit, millis: millis - (timeoutAt ?? 0) }
  })

const check = (form: keyof typeof forms, row: Case) =>
  Effect.gen(function* () {
    for (const spec of row.faults ?? []) yield* World.fault(spec)
    const { fault } = yield* Emulator
    const unmet = yield* Effect.forEach(row.unmet ?? [], fault)
    const { left, value, warnings } = yield* watched(run(form, row))
    expect(tagOf(value.exit)).toBe(typeof row.tag === "string" ? row.tag : row.tag(form))
    expect(value.millis).toBe(row.millis ?? 0)
    for (const { fired } of unmet) expect(yield* fired).toBe(0)

    const requests = yield* World.requests()
    const aborted = requests.flatMap(({ operation, uploadId }) =>
      operation === "abortMultipartUpload" ? [uploadId] : []
    )
    expect(aborted).toHaveLength(row.aborts)
    for (const id of aborted) {
      // The only one, and sent when nothing of the upload is under way any more.
      const operations = requests.filter(({ uploadId }) => uploadId === id).map(({ operation }) => operation)
      expect(operations.indexOf("abortMultipartUpload")).toBe(operations.length - 1)
    }
    expect(yield* World.unfinishedUploads).toHaveLength(row.open ?? 0)
    yield* World.expectStored("a", row.stored ? data : undefined)
    expect(left).toBe(row.warned ?? 0)
    expect(warnings.filter((message) => message instanceof Object && "reason" in message)).toHaveLength(row.warned ?? 0)
  })

/** What is silent, and what then becomes of the cases that come so far; the others are as they were. */
interface Silence {
  readonly name: string
  readonly faults: ReadonlyArray<Fault.FaultSpec>
  readonly soleWriter?: boolean
  readonly differs: { readonly [name: string]: Partial<Case> }
}

/** The upload that was begun stays, and is named in a warning. */
const reported = { open: 1, warned: 1 }

/** Each is tried with every case. */
const silences: ReadonlyArray<Silence> = [
  {
    name: "initiate is never answered, though carried out",
    faults: [{ on: { operation: "initiateMultipartUpload" }, do: Fault.silence("after") }],
    differs: {
      // The response is given up after 30 s; what was begun is reported, for it may be another writer's, and another begun.
      success: { ...reported, millis: 30_000 },
      "a part fails": { ...reported, millis: 30_000 },
      "the source fails": { ...reported, millis: 30_000 },
      "complete fails": { ...reported, millis: 30_000 },
      timeout: { ...reported, timeoutAt: 40_000 },
      "interrupt midway": { ...reported, interruptAt: 40_000 },
      "interrupt during initiate": { ...reported, faults: [], aborts: 0, millis: 5000 },
      "interrupt during complete": { ...reported, interruptAt: 31_000 }
    }
  },
  {
    name: "initiate is never answered, though carried out, and nobody else writes to the key",
    faults: [{ on: { operation: "initiateMultipartUpload" }, do: Fault.silence("after") }],
    soleWriter: true,
    differs: {
      // The response is given up after 30 s; what was begun is found and removed, and another begun.
      success: { aborts: 1, millis: 30_000 },
      "a part fails": { aborts: 2, millis: 30_000 },
      "the source fails": { aborts: 2, millis: 30_000 },
      "complete fails": { aborts: 2, millis: 30_000 },
      timeout: { aborts: 2, timeoutAt: 40_000 },
      "interrupt midway": { aborts: 2, interruptAt: 40_000 },
      "interrupt during initiate": { faults: [], millis: 5000 },
      "interrupt during complete": { aborts: 1, interruptAt: 31_000 }
    }
  },
  {
    name: "initiate is never answered, nor carried out",
    faults: [{ on: { operation: "initiateMultipartUpload" }, do: Fault.silence("before") }],
    differs: {
      success: { millis: 30_000 },
      "a part fails": { millis: 30_000 },
      "the source fails": { millis: 30_000 },
      "complete fails": { millis: 30_000 },
      timeout: { timeoutAt: 40_000 },
      "interrupt midway": { interruptAt: 40_000 },
      "interrupt during initiate": { faults: [], aborts: 0, millis: 5000 },
      "interrupt during complete": { interruptAt: 31_000 }
    }
  },
  ...(["before", "after"] as const).map((when): Silence => {
    const left = { open: when === "before" ? 1 : 0, warned: 1 }
    return {
      name: `abort is never answered, ${when === "before" ? "nor" : "though"} carried out`,
      faults: [{ on: { operation: "abortMultipartUpload", times: Infinity }, do: Fault.silence(when) }],
      differs: {
        "a part fails": { ...left, millis: 10_000 },
        "the source fails": { ...left, millis: 10_000 },
        "complete fails": { ...left, millis: 10_000 },
        timeout: { ...left, millis: 10_000 },
        "interrupt midway": { ...left, millis: 10_000 },
        "interrupt during initiate": { ...left, millis: 12_000 }
      }
    }
  }),
  {
    name: "complete is never answered, though carried out",
    faults: [{ on: { operation: "completeMultipartUpload" }, do: Fault.silence("after") }],
    differs: {
      // Asked again it is NoSuchUpload, and the key holds these bytes.
      success: { millis: 30_000 },
      "complete fails": {
        faults: [{ on: { operation: "completeMultipartUpload", nth: 2 }, do: denied }],
        tag: "Success",
        aborts: 0,
        stored: true,
        millis: 30_000
      },
      "interrupt during complete": { faults: [], millis: 5000 }
    }
  },
  {
    name: "complete is never answered, nor carried out",
    faults: [{ on: { operation: "completeMultipartUpload", times: Infinity }, do: Fault.silence("before") }],
    differs: {
      success: { tag: "TransportError", aborts: 1, stored: false, millis: 60_000 },
      "complete fails": { faults: [], tag: "TransportError", millis: 60_000 },
      "interrupt during complete": { faults: [], aborts: 1, stored: false, millis: 5000 }
    }
  }
]

/** The longest that an interrupt may take. */
const outages: ReadonlyArray<Case> = [
  {
    name: "interrupt during initiate, and nothing is answered any more",
    faults: [
      { on: { operation: "initiateMultipartUpload" }, do: Fault.silence("after") },
      { on: { operation: "listMultipartUploads", times: Infinity }, do: Fault.silence() }
    ],
    interruptAt: 1000,
    tag: "Interrupt",
    aborts: 0,
    stored: false,
    open: 1,
    warned: 1,
    millis: 15_000
  },
  {
    // What an answer was lost of is being looked for, within its own limit, and is then looked for once more.
    name: "interrupt after initiate was given up, and nothing is answered any more",
    faults: [
      { on: { operation: "initiateMultipartUpload" }, do: Fault.silence("after") },
      { on: { operation: "listMultipartUploads", times: Infinity }, do: Fault.silence() }
    ],
    interruptAt: 31_000,
    tag: "Interrupt",
    aborts: 0,
    stored: false,
    open: 1,
    warned: 1,
    millis: 15_000
  },
  {
    name: "interrupt during complete, and nothing is answered any more",
    faults: [
      { on: { operation: "completeMultipartUpload" }, do: Fault.silence() },
      { on: { operation: "headObject", times: Infinity }, do: Fault.silence() },
      { on: { operation: "abortMultipartUpload", times: Infinity }, do: Fault.silence() }
    ],
    interruptAt: 1000,
    tag: "Interrupt",
    aborts: 1,
    stored: false,
    open: 1,
    warned: 1,
    millis: 25_000
  }
]

const test = (form: keyof typeof forms, row: Case) =>
  it.scoped(row.name, () => Effect.provide(check(form, row), world()))

const silent = (row: Case, { differs, faults, soleWriter = false }: Silence): Case => {
  const change = differs[row.name]
  if (change === undefined) return { ...row, unmet: faults }
  const changed = { ...row, ...change, soleWriter }
  return { ...changed, faults: [...faults, ...(changed.faults ?? [])] }
}

for (const form of ["file", "stream", "sink"] as const) {
  describe(`Upload.${form}`, () => {
    for (const row of cases) test(form, row)
  })
}

// A stream and a sink are the same upload.
for (const form of ["file", "stream"] as const) {
  describe(`Upload.${form}`, () => {
    for (const row of outages) test(form, row)
  })
  for (const silence of silences) {
    describe(`Upload.${form}, ${silence.name}`, () => {
      for (const row of cases) test(form, silent(row, silence))
    })
  }
}
