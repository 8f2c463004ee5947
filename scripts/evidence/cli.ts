/**
 * The command line over many files, a large one, and many names: `cp` is killed midway and run again, up and down, and sends
 * nothing again that was there; `sync` of many names finds nothing to do the second time. The memory of each process is
 * watched. Of many files three fail, and are tried again alone; and a disk is full, which takes the right to mount one.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync
} from "node:fs"
import { createInterface } from "node:readline"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Emulator from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { bundleCli } from "../build/command.js"
import { Failed, main, root } from "../tool.js"
import { live } from "./local.js"

export const description =
  "cp of 50,000 files and of 4 GiB, killed and run again, and sync of 200,000 names, within 200 MB; three of 10,000 fail"

const [files = 50_000, gibibytes = 4, names = 200_000, refusable = 10_000] = process.argv.slice(2).map(Number)

/** MB that a process may hold. */
const limit = 200

const MiB = 1024 * 1024

// --- the command -----------------------------------------------------------------------------------------------------

interface Ran {
  readonly code: number | null
  /** MB, at most. */
  readonly memory: number
  readonly seconds: number
  readonly lines: ReadonlyArray<Readonly<Record<string, unknown>>>
  /** How many transfers it told of. */
  readonly transferred: number
  readonly stderr: string
}

interface Killing {
  /** Kills it once it has told of so many transfers, or bytes of its progress. */
  readonly after?: { readonly transfers: number } | { readonly bytes: number }
}

/** What the system has seen the process hold at most. */
const peakOf = (child: ChildProcess): number => {
  try {
    // A process that has ended but was not waited for has none.
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1000
  } catch {
    return 0
  }
}

/** Runs it with `--json`. Of its lines only those that are not of one file are kept. */
const runCos = (
  command: string,
  env: Readonly<Record<string, string>>,
  words: ReadonlyArray<string>,
  { after }: Killing = {}
) =>
  Effect.promise(
    () =>
      new Promise<Ran>((resolve) => {
        const begun = performance.now()
        const child = spawn(process.execPath, [command, ...words, "--json", "--json-progress"], {
          env: { PATH: process.env.PATH, ...env },
          stdio: ["ignore", "pipe", "pipe"]
        })
        let memory = 0
        let transferred = 0
        let stderr = ""
        const lines: Array<Record<string, unknown>> = []
        const watch = setInterval(() => {
          memory = Math.max(memory, peakOf(child))
        }, 20)
        createInterface(child.stdout).on("line", (text) => {
          const line = JSON.parse(text) as Record<string, unknown>
          if (line.type !== "transfer" && line.type !== "skipped") return lines.push(line)
          if (line.type === "transfer") transferred += 1
          if (after !== undefined && "transfers" in after && transferred >= after.transfers) child.kill("SIGKILL")
          return undefined
        })
        createInterface(child.stderr).on("line", (text) => {
          const progress = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : undefined
          if (progress?.type !== "progress") stderr += `${text}\n`
          else if (after !== undefined && "bytes" in after && Number(progress.done) >= after.bytes)
            child.kill("SIGKILL")
        })
        child.on("close", (code) => {
          clearInterval(watch)
          resolve({ code, memory, transferred, lines, stderr, seconds: (performance.now() - begun) / 1000 })
        })
      })
  )

const summaryOf = ({ lines }: Ran) =>
  (lines.find(({ type }) => type === "summary") ?? {}) as Readonly<Record<"transferred" | "skipped" | "failed", number>>

const must = (what: string, ran: Ran, holds: boolean, more = "") =>
  holds && ran.memory <= limit
    ? Effect.void
    : new Failed(
        `${what}: exit ${ran.code}, ${Math.round(ran.memory)} MB, ${JSON.stringify(ran.lines)} ${more}\n${ran.stderr}`
      )

const figures = ({ memory, seconds }: Ran) => `${seconds.toFixed(1)} s, ${Math.round(memory)} MB`

// --- what is copied --------------------------------------------------------------------------------------------------

const nameOf = (i: number) => `${Math.floor(i / 1000)}/${i % 1000}.bin`

/** Different in each file. */
const contentOf = (i: number, size = 4096) =>
  new Uint8Array(new Uint32Array(Math.ceil(size / 4)).fill(Math.imul(i + 1, 2654435761)).buffer)

const writeMany = (directory: string, count: number, size: number) =>
  Effect.sync(() => {
    for (let i = 0; i < count; i++) {
      if (i % 1000 === 0) mkdirSync(`${directory}/${i / 1000}`, { recursive: true })
      writeFileSync(`${directory}/${nameOf(i)}`, contentOf(i, size))
    }
  })

const countWrong = (directory: string, count: number) =>
  Effect.sync(() => {
    const found = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".bin"))
    let wrong = Math.abs(found.length - count)
    for (let i = 0; i < count; i++) {
      if (Buffer.compare(readFileSync(`${directory}/${nameOf(i)}`), contentOf(i)) !== 0) wrong += 1
    }
    return wrong
  })

const writeLarge = (path: string) =>
  Effect.promise(async () => {
    const file = createWriteStream(path)
    for (let i = 0; i < gibibytes * 1024; i++) {
      if (!file.write(contentOf(i, MiB))) await new Promise<void>((resolve) => file.once("drain", () => resolve()))
    }
    await new Promise<void>((resolve, reject) =>
      file.end((error?: Error | null) => (error ? reject(error) : resolve()))
    )
  })

const isEqual = (a: string, b: string) =>
  Effect.promise(async () => {
    const other = createReadStream(b, { highWaterMark: MiB })[Symbol.asyncIterator]()
    for await (const chunk of createReadStream(a, { highWaterMark: MiB })) {
      const next = await other.next()
      if (next.done === true || Buffer.compare(chunk as Buffer, next.value as Buffer) !== 0) return false
    }
    return (await other.next()).done === true
  })

// --- the proofs ------------------------------------------------------------------------------------------------------

type Cos = (words: ReadonlyArray<string>, killing?: Killing) => Effect.Effect<Ran>

/** Files that were being transferred when the process was killed may be transferred again. */
const underWay = 256

/** Runs that were finished leave nothing for later ones. */
const noJournal = (folder: string) =>
  Effect.suspend(() => {
    // What a killed process was writing is removed by a run that comes an hour later.
    const left = ["runs", "checkpoints"].flatMap((name) =>
      readdirSync(`${folder}/state/${name}`).filter((file) => !file.endsWith(".tmp"))
    )
    return left.length === 0 ? Effect.void : new Failed(`left after runs that were finished: ${left.join(", ")}`)
  })

const many = (cos: Cos, folder: string) =>
  Effect.gen(function* () {
    const half = Math.floor(files / 2)
    const told: Array<string> = []
    for (const [way, words] of [
      ["up", ["cp", `${folder}/from`, "cos:///many/"]],
      ["down", ["cp", "cos:///many/", `${folder}/to`]]
    ] as const) {
      const killed = yield* cos(words, { after: { transfers: half } })
      yield* must(`${way}, killed`, killed, killed.code !== 0)
      const again = yield* cos(words)
      const { failed, skipped, transferred } = summaryOf(again)
      const sentAgain = killed.transferred - skipped
      const holds = again.code === 0 && failed === 0 && skipped + transferred === files && sentAgain <= underWay
      yield* must(`${way}, again`, again, holds, `killed after ${killed.transferred}`)
      told.push(
        `${files} files ${way}: killed after ${killed.transferred} (${figures(killed)}), again ${transferred} of which ` +
          `${Math.max(0, sentAgain)} had been told of (${figures(again)})`
      )
      console.log(told.at(-1))
    }
    yield* noJournal(folder)
    const wrong = yield* countWrong(`${folder}/to`, files)
    if (wrong > 0) return yield* new Failed(`${wrong} files are wrong`)
    return told
  })

const large = (cos: Cos, folder: string, bytesOf: (operation: string) => Effect.Effect<number>) =>
  Effect.gen(function* () {
    const size = gibibytes * 1024 * MiB
    const told: Array<string> = []
    for (const [way, words, operation] of [
      ["up", ["cp", `${folder}/large`, "cos:///large"], "uploadPart"],
      ["down", ["cp", "cos:///large", `${folder}/large.down`], "getObject"]
    ] as const) {
      yield* bytesOf(operation)
      const killed = yield* cos(words, { after: { bytes: size / 2 } })
      yield* must(`${way}, killed`, killed, killed.code !== 0)
      const first = yield* bytesOf(operation)
      const again = yield* cos(words)
      const second = yield* bytesOf(operation)
      // The second before a checkpoint is written, and the parts that were under way.
      const sentAgain = first + second - size
      yield* must(`${way}, again`, again, again.code === 0 && second < size * 0.6, `sent ${first}, then ${second}`)
      const inMiB = (bytes: number) => `${Math.round(bytes / MiB)} MiB`
      told.push(
        `${gibibytes} GiB ${way}: killed after ${inMiB(first)} (${figures(killed)}), again ${inMiB(second)} ` +
          `(${figures(again)}), ${inMiB(sentAgain)} twice`
      )
      console.log(told.at(-1))
    }
    yield* noJournal(folder)
    if (!(yield* isEqual(`${folder}/large`, `${folder}/large.down`))) return yield* new Failed("the large file differs")
    return told
  })

const sync = (cos: Cos, folder: string) =>
  Effect.gen(function* () {
    const words = ["sync", `${folder}/names`, "cos:///names/"]
    const first = yield* cos(words)
    yield* must("sync", first, first.code === 0 && summaryOf(first).transferred === names)
    const second = yield* cos(words)
    yield* must("sync, again", second, second.code === 0 && summaryOf(second).transferred === 0)
    const line = `sync of ${names} names: ${figures(first)}; again nothing: ${figures(second)}`
    console.log(line)
    return [line]
  })

const someFail = (cos: Cos, folder: string) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator.Emulator
    const ones = [0, Math.floor(refusable / 2), refusable - 1]
    const keys = ones.map((i) => `refused/${nameOf(i)}`).sort()
    const handles = yield* Effect.forEach(keys, (key) =>
      emulator.fault({
        on: { operation: "putObject", key, times: "all" },
        do: Fault.status(403, { code: "AccessDenied" })
      })
    )
    const list = `${folder}/failed`
    const words = ["cp", `${folder}/refusable`, "cos:///refused/", "--failed", list]
    const first = yield* cos(words)
    const last = first.lines.slice(-4)
    const targets = (lines: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
      JSON.stringify(lines.map(({ target }) => String(target).replace(/^cos:\/\/[^/]*\//, "")).sort())
    const lines = existsSync(list) ? readFileSync(list, "utf8").trimEnd().split("\n").slice(1) : []
    const isWritten = targets(lines.map((line) => JSON.parse(line))) === JSON.stringify(keys)
    const holds =
      first.code === 3 &&
      first.transferred === refusable - 3 &&
      last.map(({ type }) => type).join() === "summary,failed,failed,failed" &&
      targets(last.slice(1)) === JSON.stringify(keys)
    yield* must("three of many fail", first, holds && isWritten)
    yield* Effect.forEach(handles, ({ remove }) => remove)
    const again = yield* cos(words)
    yield* must("those alone", again, again.code === 0 && again.transferred === 3 && !existsSync(list))
    const line = `3 of ${refusable} files fail: exit 3 (${figures(first)}), then those alone: exit 0 (${figures(again)})`
    console.log(line)
    return [line]
  })

/** A disk of so many bytes, where this process may make one. */
const smallDisk = (path: string, bytes: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      mkdirSync(path)
      return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path]).status === 0
    }),
    (isMounted) => Effect.sync(() => isMounted && spawnSync("umount", [path]))
  )

const fullDisk = (cos: (state?: string) => Cos, folder: string) =>
  Effect.gen(function* () {
    const disk = `${folder}/disk`
    if (!(yield* smallDisk(disk, 4 * MiB))) return ["a full disk: not tried, since none may be mounted"]
    const emulator = yield* Emulator.Emulator
    const bucket = "examplebucket-1250000000"
    yield* emulator.seed(bucket, "full/large", contentOf(0, 16 * MiB))
    for (let i = 0; i < 60; i++) yield* emulator.seed(bucket, `full/many/${i}`, contentOf(i, 100_000))
    const found = () =>
      readdirSync(disk, { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [entry.name] : []
      )
    const isWhole = (name: string) =>
      Buffer.compare(readFileSync(`${disk}/many/${name}`), contentOf(Number(name), 100_000)) === 0

    const one = yield* cos()(["cp", "cos:///full/large", `${disk}/large`])
    const isOneLine = one.stderr.trimEnd().split("\n").length === 1 && one.stderr.includes("no space left")
    yield* must("one object onto a full disk", one, one.code === 1 && isOneLine && found().length === 0)

    const words = ["cp", "cos:///full/many/", `${disk}/many`]
    const many = yield* cos()(words)
    const there = found()
    const isPart = many.code === 3 && there.length === many.transferred && there.length > 0 && there.every(isWhole)
    yield* must("many onto a full disk", many, isPart, `left ${there.join(", ")}`)

    writeFileSync(`${folder}/more`, contentOf(1, 3 * MiB))
    const fill = yield* Effect.sync(() => spawnSync("dd", ["if=/dev/zero", `of=${disk}/fill`, "bs=64k"]))
    const noState = yield* cos(`${disk}/state`)(["cp", `${folder}/more`, "cos:///full/more"])
    yield* must(
      "state on a full disk",
      noState,
      fill.status !== 0 && noState.code === 0 && !noState.stderr.includes("[obj")
    )
    const noList = yield* cos()(["cp", `${folder}/more`, "cos:///full/more", "--failed", `${disk}/failed`])
    yield* must("--failed on a full disk", noList, noList.code === 1 && noList.stderr.includes("cannot be written"))

    spawnSync("mount", ["-o", "remount,size=64m", disk])
    const again = yield* cos()(words)
    const isAll = again.code === 0 && again.transferred === 60 - there.length
    yield* must(
      "with room again",
      again,
      isAll &&
        found()
          .filter((name) => /^\d+$/.test(name))
          .every(isWhole)
    )
    const line = `a full disk: exit 1 and 3, ${there.length} of 60 whole and nothing else; with room, the other ${again.transferred}`
    console.log(line)
    return [line]
  }).pipe(Effect.scoped)

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const built = `packages/cli/node_modules/.built/evidence-${process.pid}`
    yield* Effect.acquireRelease(bundleCli(built, { built: false }), () =>
      Effect.ignore(fs.remove(`${root}/${built}`, { recursive: true }))
    )
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-cli-" })
    yield* Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      const env = {
        COS_ENDPOINT: emulator.endpoint,
        COS_REGION: emulator.region,
        COS_BUCKET: "examplebucket-1250000000",
        COS_SECRET_ID: emulator.credentials.secretId,
        COS_SECRET_KEY: Redacted.value(emulator.credentials.secretKey)
      }
      const withState =
        (state: string): Cos =>
        (words, killing) =>
          runCos(`${root}/${built}/cos.cjs`, { ...env, COS_STATE_DIR: state }, words, killing)
      const cos = withState(`${folder}/state`)
      /** Bytes of the requests of an operation since it was asked last. */
      const bytesOf = (operation: string) =>
        Effect.gen(function* () {
          const entries = yield* emulator.journal
          yield* emulator.clearJournal
          return entries
            .filter((entry) => entry.operation === operation)
            .reduce((sum, entry) => sum + (operation === "getObject" ? entry.bytesSent : entry.bytesReceived), 0)
        })
      const told: Array<string> = []
      if (files > 0) {
        yield* writeMany(`${folder}/from`, files, 4096)
        told.push(...(yield* many(cos, folder)))
      }
      if (gibibytes > 0) {
        yield* writeLarge(`${folder}/large`)
        told.push(...(yield* large(cos, folder, bytesOf)))
      }
      if (names > 0) {
        yield* writeMany(`${folder}/names`, names, 4)
        told.push(...(yield* sync(cos, folder)))
      }
      if (refusable > 0) {
        yield* writeMany(`${folder}/refusable`, refusable, 4)
        told.push(...(yield* someFail(cos, folder)))
        told.push(...(yield* fullDisk((state = `${folder}/state`) => withState(state), folder)))
      }
      console.log(told.join("; "))
    }).pipe(Effect.provide(live({ dir: `${folder}/server` })))
  }).pipe(Effect.scoped)
)
