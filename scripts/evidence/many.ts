/**
 * Uploads fifty thousand small files and downloads them again, at default settings, in a process that may hold 256 open
 * files and sockets. The server runs in another process without that limit.
 */
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Batch from "effect-cos/Batch"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import { NodeCos } from "effect-cos-node"
import { Service, service } from "../demo/service.js"
import { Failed, main, must } from "../tool.js"

export const description = "50,000 files of 4 KiB up and down again with at most 256 open files and sockets"

/** Of the process that transfers; both limits, because Node raises the soft one to the hard one. */
const openFiles = 256
const size = 4096

const nameOf = (i: number) => `${Math.floor(i / 1000)}/${i % 1000}.bin`

/** Different in each file. */
const contentOf = (i: number) => new Uint8Array(new Uint32Array(size / 4).fill(Math.imul(i + 1, 2654435761)).buffer)

/** What the child says as its last line. */
interface Figures {
  readonly seconds: { readonly up: number; readonly down: number }
  /** MB. */
  readonly memory: number
  /** The most that were seen open at once; 0 where the system does not tell. */
  readonly open: number
}

const countOpen = () => {
  try {
    return readdirSync("/proc/self/fd").length
  } catch {
    return 0
  }
}

const mustAll = <I extends { readonly key: string }, A, E extends { readonly message: string }>(
  way: string,
  count: number,
  { failures, succeeded }: Batch.Report<I, A, E>
) =>
  succeeded === count
    ? Effect.void
    : new Failed(`${way}: ${succeeded} of ${count}; ${failures[0]?.input.key}: ${failures[0]?.error.message}`)

const child = Effect.gen(function* () {
  const directory = yield* Config.string("EVIDENCE_DIRECTORY")
  const count = yield* Config.integer("EVIDENCE_COUNT")
  let open = 0
  const watch = Effect.repeat(
    Effect.sync(() => {
      open = Math.max(open, countOpen())
    }),
    Schedule.spaced("50 millis")
  )
  yield* Effect.forkScoped(watch)
  const [up, sent] = yield* Effect.timed(Upload.files({ directory: `${directory}/from` }))
  yield* mustAll("up", count, sent)
  const [down, received] = yield* Effect.timed(Download.files({ directory: `${directory}/to` }))
  yield* mustAll("down", count, received)
  const figures: Figures = {
    seconds: { up: Duration.toSeconds(up), down: Duration.toSeconds(down) },
    memory: Math.round((process.resourceUsage().maxRSS * 1024) / 1e6),
    open
  }
  console.log(JSON.stringify(figures))
}).pipe(Effect.scoped, Effect.provide(NodeCos.layerEnv))

const write = (directory: string, count: number) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const numbers = Array.from({ length: count }, (_, i) => i)
    for (let i = 0; i < count; i += 1000) yield* fs.makeDirectory(`${directory}/${i / 1000}`, { recursive: true })
    yield* Effect.forEach(numbers, (i) => fs.writeFile(`${directory}/${nameOf(i)}`, contentOf(i)), {
      concurrency: 16,
      discard: true
    })
  })

/** How many are not there, or not equal. */
const wrong = (directory: string, count: number) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const found = (yield* fs.readDirectory(directory, { recursive: true })).filter((name) => name.includes("/"))
    const unequal = yield* Effect.filter(
      Array.from({ length: count }, (_, i) => i),
      (i) =>
        Effect.match(fs.readFile(`${directory}/${nameOf(i)}`), {
          onFailure: () => true,
          onSuccess: (bytes) => Buffer.compare(bytes, contentOf(i)) !== 0
        }),
      { concurrency: 16 }
    )
    return { unequal: unequal.length, others: found.length - count }
  })

/** The same script under the limit. */
const limited = (environment: Readonly<Record<string, string>>) =>
  Command.make(
    "sh",
    "-c",
    `ulimit -n ${openFiles} && exec "$0" "$@"`,
    process.execPath,
    ...process.execArgv,
    fileURLToPath(import.meta.url)
  ).pipe(Command.env(environment))

const parent = Effect.gen(function* () {
  const count = Number(process.argv[2] ?? 50_000)
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-many-" })
  yield* write(`${directory}/from`, count)
  yield* Effect.gen(function* () {
    const { environment } = yield* Service
    const output = yield* must(
      limited({ ...environment, EVIDENCE_DIRECTORY: directory, EVIDENCE_COUNT: String(count), EVIDENCE_CHILD: "1" })
    )
    const { memory, open, seconds }: Figures = JSON.parse(output.trim().split("\n").at(-1) ?? "")
    const { others, unequal } = yield* wrong(`${directory}/to`, count)
    if (unequal > 0 || others !== 0) return yield* new Failed(`${unequal} files are wrong, ${others} too many`)
    const rate = (time: number) => `${time.toFixed(1)} s (${Math.round(count / time)} files/s)`
    console.log(
      `${count} files up in ${rate(seconds.up)}, down in ${rate(seconds.down)}, all there and byte-equal; ` +
        `at most ${open} of ${openFiles} files and sockets open, ${memory} MB`
    )
  }).pipe(Effect.provide(service(`${directory}/server`)))
}).pipe(Effect.scoped)

if (process.env.EVIDENCE_CHILD === undefined) main(parent)
else main(child)
