/** Runs a row: injects its faults, and checks how the client ends and what is left. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NodePath from "@effect/platform-node/NodePath"
import { expect } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import * as TestClock from "effect/TestClock"
import * as CosTransport from "effect-cos/CosTransport"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { Emulator } from "effect-cos-emulator/Emulator"
import { drive, interruptTimed, timed } from "../support/clock.js"
import { firstDifference } from "../support/content.js"
import { Disk } from "../support/disk.js"
import { watched } from "../support/warnings.js"
import * as World from "../support/world.js"
import { type Contents, Directory, type InProcessRow, type PortRow, type Row } from "./row.js"

// --- what comes out --------------------------------------------------------------------------------------------------

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): unknown => {
  if (Exit.isSuccess(exit)) return { _tag: "Success", value: exit.value }
  return Option.getOrElse(Cause.failureOption(exit.cause), () => ({
    _tag: Cause.isInterruptedOnly(exit.cause) ? "Interrupt" : "Defect",
    cause: Cause.pretty(exit.cause)
  }))
}

/** A warning that an upload may be left on the server. */
const isLeft = (message: unknown): message is { readonly uploadId: string | undefined } =>
  Predicate.isTagged(message, "UploadLeft")

type Warned = Pick<Effect.Effect.Success<ReturnType<typeof watched>>, "warnings" | "left">

// --- what is left ----------------------------------------------------------------------------------------------------

const expectContents = (found: Contents, expected: Contents, what: string) => {
  expect(Object.keys(found).sort(), what).toEqual(Object.keys(expected).sort())
  for (const [name, bytes] of Object.entries(expected)) {
    expect(firstDifference(found[name] as Uint8Array, bytes), `${what}: ${name}`).toBeUndefined()
  }
}

const objects = Effect.gen(function* () {
  const emulator = yield* Emulator
  const stored = yield* Effect.forEach(yield* emulator.objects(World.bucket), ({ key }) =>
    Effect.map(emulator.bytes(World.bucket, key), (bytes) => [key, bytes] as const)
  )
  return Object.fromEntries(stored)
}).pipe(Effect.orDie)

/** The checks of every row. */
const check = <R>(
  { also, asked, expect: expected, given, left, parts, ranges }: Row<R>,
  exit: Exit.Exit<unknown, unknown>,
  said: Warned,
  files: Contents
) =>
  Effect.gen(function* () {
    expect(outcomeOf(exit)).toMatchObject(expected)
    const emulator = yield* Emulator
    const uploads = yield* Effect.orDie(emulator.unfinishedUploads)
    expect(uploads.map(({ key }) => key).sort(), "unfinished uploads").toEqual(left.uploads ?? [])
    const named = said.warnings.filter(isLeft).map(({ uploadId }) => uploadId)
    expect(
      named.map((id) => (id === undefined ? "key" : "id")),
      "uploads that were said to be left"
    ).toEqual(left.warned ?? [])
    expect(said.left).toBe(named.length)
    if (uploads.length > 0 && !named.includes(undefined)) {
      expect(uploads.map(({ uploadId }) => uploadId)).toEqual(expect.arrayContaining(named))
    }
    expectContents(files, left.files ?? given?.files ?? {}, "files")
    expectContents(yield* objects, left.objects ?? {}, "objects")
    if (asked !== undefined) expect(yield* World.asked).toEqual(asked)
    if (parts !== undefined) expect(yield* World.partsSent).toEqual(parts)
    if (ranges !== undefined) {
      const requests = yield* World.requests("getObject")
      expect(requests.map(({ headers }) => headers.range)).toEqual(ranges)
    }
    yield* also ?? Effect.void
  })

const prepare = <R>({ faults = [], given }: Row<R>) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    for (const [key, bytes] of Object.entries(given?.objects ?? {})) {
      yield* Effect.orDie(emulator.seed(World.bucket, key, bytes))
    }
    yield* Effect.forEach(faults, World.fault)
  })

// --- in process ------------------------------------------------------------------------------------------------------

/** When a row begins. */
const begin = Date.UTC(2026, 0, 1)

/** Long, because each step takes real time, and a sleep ends at its own instant anyway. */
const step = "10 minutes"

const network =
  (act: NonNullable<InProcessRow["network"]>, acted: () => void) =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient => {
    let nth = 0
    return HttpClient.transform(client, (self, request) =>
      Effect.flatMap(Clock.currentTimeMillis, (at) => {
        nth += 1
        const result = act({ nth, at: at - begin, url: request.url })
        if (result === undefined) return self
        acted()
        if (result instanceof Response) return Effect.succeed(HttpClientResponse.fromWeb(request, result))
        const cause = new CosTransport.TransportFailure({
          code: "ECONNRESET",
          phase: "response",
          staleConnection: false,
          message: "broken",
          ...result
        })
        return Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause }))
      })
    )
  }

/** Without waits between attempts, and without more time for larger bodies, times are exact. */
const exact = {
  retry: RetryPolicy.make({ base: 0 }),
  timeLimits: { minBytesPerSecond: Number.MAX_SAFE_INTEGER }
}

const end = ({ client, interruptAt }: InProcessRow) =>
  Effect.gen(function* () {
    if (interruptAt === undefined) return yield* drive(timed(Effect.scoped(client)), step)
    const fiber = yield* Effect.fork(Effect.scoped(client))
    yield* TestClock.adjust(interruptAt)
    return yield* interruptTimed(fiber)
  })

export const inProcess = (row: InProcessRow) =>
  Effect.suspend(() => {
    const acted = { disk: 0, network: 0 }
    const { disk: onDisk, meanwhile, network: onNetwork, world } = row
    const client = {
      ...exact,
      ...(onNetwork && {
        transformClient: network(onNetwork, () => {
          acted.network += 1
        })
      }),
      ...world?.client
    }
    return Effect.gen(function* () {
      yield* TestClock.setTime(begin)
      const disk = yield* Disk
      for (const [path, bytes] of Object.entries(row.given?.files ?? {})) disk.put(path, bytes)
      if (row.serverAhead !== undefined) yield* (yield* Emulator).clock.set(new Date(begin + row.serverAhead * 60_000))
      yield* prepare(row)
      if (onDisk !== undefined) {
        disk.before = (call) =>
          Effect.suspend(() => {
            const result = onDisk(call, disk)
            if (result !== undefined) acted.disk += 1
            return result === undefined || result === true ? Effect.void : Effect.fail(result)
          })
      }
      const other = yield* Effect.forkScoped(
        meanwhile === undefined ? Effect.void : Effect.delay(meanwhile[1], meanwhile[0])
      )
      const { value, ...said } = yield* watched(end(row))
      expect(Option.map(yield* Fiber.poll(other), Exit.isSuccess), "what somebody else did").toEqual(Option.some(true))
      if (row.took !== undefined) expect(value.millis, "time").toBe(row.took)
      if (onDisk !== undefined) expect(acted.disk, "the disk was never at fault").toBeGreaterThan(0)
      if (onNetwork !== undefined) expect(acted.network, "the network was never at fault").toBeGreaterThan(0)
      const files = Object.fromEntries(disk.paths.map((path) => [path, disk.bytes(path) as Uint8Array]))
      yield* check(row, value.exit, said, files)
    }).pipe(Effect.withRandom(Random.make(row.fault)), Effect.provide(World.inProcess({ ...world, client })))
  })

// --- on a port -------------------------------------------------------------------------------------------------------

const filesBelow = (directory: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const files: Record<string, Uint8Array> = {}
    for (const name of yield* fs.readDirectory(directory, { recursive: true })) {
      const path = `${directory}/${name}`
      if ((yield* fs.stat(path)).type === "File") files[name] = yield* fs.readFile(path)
    }
    return files
  })

const directory = Layer.scoped(
  Directory,
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.orDie(fs.makeTempDirectoryScoped()))
)

/** Short limits, so that silence ends a test soon. */
const short = { retry: RetryPolicy.make({ base: 0 }), timeLimits: { idle: "500 millis" } } as const

export const onPort = (row: PortRow) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const root = yield* Directory
    for (const [name, bytes] of Object.entries(row.given?.files ?? {})) {
      const path = `${root}/${name}`
      yield* fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
      yield* fs.writeFile(path, bytes)
    }
    yield* prepare(row)
    const { value, ...said } = yield* watched(Effect.exit(Effect.scoped(row.client)))
    yield* check(row, value, said, yield* filesBelow(root))
  }).pipe(
    Effect.provide(
      directory.pipe(
        Layer.provideMerge(World.onPort({ ...row.world, client: { ...short, ...row.world?.client } })),
        Layer.provideMerge(NodePath.layer)
      )
    )
  )
