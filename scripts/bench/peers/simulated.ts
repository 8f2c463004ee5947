/**
 * Up to a million keys and files without a server or a disk: answers and names are made up as they are asked for, so that
 * only what the SDK itself takes and holds is measured.
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Batch from "effect-cos/Batch"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import { CosFileSystem, type FileInfo, type Steps } from "effect-cos/CosFileSystem"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Endpoint from "effect-cos/Endpoint"
import * as Sync from "effect-cos/Sync"
import * as Upload from "effect-cos/Upload"
import * as NodeFiles from "effect-cos-node/NodeFiles"
import * as NodeHash from "effect-cos-node/NodeHash"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { Dispatcher } from "undici"
import { bytesAt, listPage } from "../content.js"
import { out, smallFileOf, smallSize } from "../data.js"
import { bucket, type Figures, region, secretId, secretKey, type Variant } from "../variants.js"

/** Names are `000/000`, `000/001` and so on: their order is that of their numbers. */
const nameOf = (i: number): string => `${digits(Math.floor(i / 1000))}/${digits(i % 1000)}`
const digits = (i: number): string => String(i).padStart(4, "0")
const numberOf = (name: string): number => {
  const [folder = 0, file = 0] = name.split("/").map(Number)
  return folder * 1000 + file
}

/** What is held, garbage not counted, early and late in the work, and how long that was measured. */
class Memory {
  readonly #gc: () => void
  readonly #first: number
  readonly #last: number
  #done = 0
  #held: Array<number> = []
  /** Microseconds. */
  readonly spent = { cpu: 0, wall: 0 }

  constructor(readonly count: number) {
    setFlagsFromString("--expose-gc")
    this.#gc = runInNewContext("gc")
    this.#first = Math.ceil(count * 0.2)
    // Not at the end, when less is under way.
    this.#last = Math.floor(count * 0.9)
  }

  /** Some more units of work have been asked for. */
  readonly more = (units: number): void => {
    const before = this.#done
    this.#done += units
    if (this.#crossed(before, this.#first) || this.#crossed(before, this.#last)) {
      const [cpuBefore, start] = [process.cpuUsage(), performance.now()]
      // What finalizers held is gone only after the second one.
      this.#gc()
      this.#gc()
      const { external, heapUsed } = process.memoryUsage()
      this.#held.push(heapUsed + external)
      const { system, user } = process.cpuUsage(cpuBefore)
      this.spent.cpu += system + user
      this.spent.wall += (performance.now() - start) * 1000
    }
  }

  #crossed(before: number, mark: number): boolean {
    return before < mark && this.#done >= mark
  }

  /** Bytes for each unit. */
  get growth(): number {
    const [early = Number.NaN, late = Number.NaN] = this.#held
    return (late - early) / (this.#last - this.#first)
  }
}

const entry = (key: string): string =>
  `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>2099-01-01T03:04:05.000Z</LastModified>` +
  `<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>${smallSize}</Size>` +
  "<Owner><ID>1250000000</ID><DisplayName>1250000000</DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents>"

/** A page behind the marker. The prefix `b/` holds nothing. */
const pageBehind = (parameters: URLSearchParams, count: number, onKeys: (keys: number) => void): string => {
  const prefix = parameters.get("prefix") ?? ""
  if (prefix === "b/") return listPage(prefix, [])
  const marker = parameters.get("marker") ?? ""
  const start = marker === "" ? 0 : numberOf(marker.slice(prefix.length)) + 1
  const end = Math.min(start + 1000, count)
  const entries = Array.from({ length: end - start }, (_, i) => entry(prefix + nameOf(start + i)))
  onKeys(end - start)
  return listPage(prefix, entries, end < count ? prefix + nameOf(end - 1) : undefined)
}

const eTag = '"d41d8cd98f00b204e9800998ecf8427e"'
const lastModified = "Sun, 22 Nov 2026 03:04:05 GMT"
const copiedDocument = `<CopyObjectResult><ETag>${eTag}</ETag><LastModified>${lastModified}</LastModified></CopyObjectResult>`
const id = { "x-cos-request-id": "NjM3YjE0YjVfNjJiMDJhMDlfMWFjYV8yMTI5Mw==" }
const facts = { ...id, etag: eTag, "last-modified": lastModified, "content-length": String(smallSize) }

/** Whether requests of work are counted, or listed keys. */
type Counted = "requests" | "keys"

const content = bytesAt(0, smallSize)

interface Answer {
  readonly status?: number
  readonly headers: { readonly [name: string]: string }
  readonly body?: Buffer
}

const answer = (
  { headers, method, path }: Dispatcher.DispatchOptions,
  count: number,
  counted: Counted,
  more: Memory["more"]
): Answer => {
  const { range, "x-cos-copy-source": copySource } = headers as { readonly [name: string]: string | undefined }
  if (method === "GET" && path.startsWith("/?")) {
    const page = pageBehind(new URLSearchParams(path.slice(1)), count, counted === "keys" ? more : () => {})
    return document(page)
  }
  if (method === "HEAD") return { headers: facts }
  if (counted === "requests") more(1)
  if (method === "GET") {
    return range === undefined
      ? { headers: facts, body: content }
      : { status: 206, headers: { ...facts, "content-range": `bytes 0-${smallSize - 1}/${smallSize}` }, body: content }
  }
  return copySource === undefined ? { headers: { ...id, etag: eTag, "content-length": "0" } } : copied
}

const xml = { ...id, "content-type": "application/xml" }
const document = (text: string): Answer => {
  const body = Buffer.from(text)
  return { headers: { ...xml, "content-length": String(body.length) }, body }
}
/** Chunked, as the service answers. */
const copied: Answer = { headers: xml, body: Buffer.from(copiedDocument) }

/** In the place of undici's connections. Answers in the next turn of the event loop, as they do at best. */
class Answering extends Dispatcher {
  constructor(readonly answer: (options: Dispatcher.DispatchOptions) => Answer) {
    super()
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    setImmediate(() => {
      handler.onRequestStart?.(controller, {})
      const { body, headers, status = 200 } = this.answer(options)
      handler.onResponseStart?.(controller, status, headers)
      if (body !== undefined) handler.onResponseData?.(controller, body)
      handler.onResponseEnd?.(controller, {})
    })
    return true
  }
}

const controller: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort: () => {},
  pause: () => {},
  resume: () => {}
}

const root = "/simulated"

/** A directory of folders with 1,000 files each, all of which are one real file; with steps, as Node's file system has. */
const files = (count: number) =>
  Layer.effectContext(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const steps = (yield* CosFileSystem) as Steps
      const real = smallFileOf(0)
      const fileInfo = yield* steps.stat(real)
      const folders = Array.from({ length: Math.ceil(count / 1000) }, (_, i) => digits(i))
      const below = (path: string) => path.slice(root.length + 1)
      const isOurs = (path: string) => path.startsWith(root)
      const infoOf = (path: string): FileInfo =>
        below(path).includes("/")
          ? fileInfo
          : { ...fileInfo, type: "Directory", ino: Option.some(path === root ? 1 : numberOf(below(path)) + 2) }
      const simulated = FileSystem.make({
        ...fs,
        readDirectory: (path, options) => {
          if (!isOurs(path)) return fs.readDirectory(path, options)
          if (path === root) return Effect.succeed(folders)
          const left = count - numberOf(below(path))
          return Effect.succeed(Array.from({ length: Math.min(1000, left) }, (_, i) => digits(i)))
        },
        stat: (path) =>
          isOurs(path) ? Effect.map(fs.stat(real), (info) => ({ ...info, ...infoOf(path) })) : fs.stat(path),
        realPath: (path) => (isOurs(path) ? Effect.succeed(path) : fs.realPath(path)),
        access: (path, options) => (isOurs(path) ? Effect.void : fs.access(path, options)),
        open: (path, options) => fs.open(isOurs(path) ? real : path, options)
      })
      return Context.make(FileSystem.FileSystem, simulated).pipe(
        Context.add(CosFileSystem, {
          ...steps,
          fileSystem: simulated,
          stat: (path) => (isOurs(path) ? Effect.succeed(infoOf(path)) : steps.stat(path)),
          lstat: (path) => (isOurs(path) ? Effect.succeed(infoOf(path)) : steps.lstat(path)),
          reader: (path) => steps.reader(isOurs(path) ? real : path)
        })
      )
    })
  ).pipe(Layer.provide(NodeFiles.layer))

type Services = CosClient.CosClient | FileSystem.FileSystem | Path.Path

const world = (count: number, counted: Counted, more: Memory["more"]) =>
  CosClient.layer({ region, bucket, endpoint: Endpoint.custom({ url: "http://127.0.0.1:9", style: "virtual" }) }).pipe(
    Layer.provide(Credentials.layerStatic({ secretId, secretKey })),
    Layer.provide(NodeHash.layer),
    Layer.provide(
      UndiciTransport.layer({ dispatcher: new Answering((options) => answer(options, count, counted, more)) })
    ),
    Layer.merge(files(count)),
    Layer.merge(NodePath.layer)
  )

/** Keys of the run before the one that is measured, so that compiling does not make few keys dear. */
const warmUp = 5000

/** Work on as many keys as the variant says. The figures are those of one of them. */
const simulated =
  <E>(keys: number, counted: Counted, work: (keys: number) => Effect.Effect<unknown, E, Services>): Variant =>
  () =>
  async (): Promise<Figures> => {
    const run = (keys: number, memory: Memory) =>
      Effect.runPromise(Effect.provide(work(keys), world(keys, counted, memory.more)))
    await run(warmUp, new Memory(warmUp))
    const memory = new Memory(keys)
    const cpuBefore = process.cpuUsage()
    const before = performance.now()
    await run(keys, memory)
    const { system, user } = process.cpuUsage(cpuBefore)
    const wall = (performance.now() - before) * 1000
    return {
      cpu: (user + system - memory.spent.cpu) / keys,
      wall: (wall - memory.spent.wall) / keys,
      growth: memory.growth
    }
  }

export const listed = (keys: number): Variant =>
  simulated(keys, "keys", () => Stream.runForEachChunk(Cos.listObjects.items({ prefix: "a/" }), () => Effect.void))

/** All of them are the same on both sides. */
export const planned = (keys: number): Variant =>
  simulated(keys, "keys", () => Stream.runDrain(Sync.plan({ from: Sync.directory(root), to: Sync.prefix("a/") })))

const allTransferred = (keys: number) => (report: Sync.Report) =>
  report.transferred === keys
    ? Effect.void
    : Effect.dieMessage(`${report.transferred} of ${keys}: ${report.failures[0]?.error}`)

export const copiedAll = (keys: number): Variant =>
  simulated(keys, "requests", (keys) =>
    Effect.flatMap(Sync.run({ from: Sync.prefix("a/"), to: Sync.prefix("b/") }), allTransferred(keys))
  )

/** No failure, and nothing held here. */
const drained = <I, A, F, E, R>(outcomes: Stream.Stream<Batch.Outcome<I, A, F>, E, R>) =>
  Stream.runForEach(outcomes, (outcome) => {
    if (outcome._tag === "Success") return Effect.void
    return Effect.die(outcome._tag === "Failure" ? outcome.error : outcome.reason)
  })

/** So that at both looks at the memory as many are under way. */
const steady = { concurrency: 16 } as const

export const uploadedAll = (keys: number): Variant =>
  simulated(keys, "requests", () => drained(Upload.filesStream({ directory: root }, steady)))

export const downloadedAll = (keys: number): Variant =>
  simulated(keys, "requests", () => drained(Download.filesStream({ prefix: "a/", directory: `${out}/all` }, steady)))

export const syncedUp = (keys: number): Variant =>
  simulated(keys, "requests", (keys) =>
    Effect.flatMap(Sync.run({ from: Sync.directory(root), to: Sync.prefix("b/"), ...steady }), allTransferred(keys))
  )
