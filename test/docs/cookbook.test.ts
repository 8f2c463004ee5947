/** The programs of the cookbook, each run as its head says, in a process of its own, against the emulator on a port. */
import { type ChildProcess, spawn } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { expect, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Checkpoint from "effect-cos/Checkpoint"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import * as Esbuild from "esbuild"
import { root } from "../../scripts/tool.js"

const cookbook = `${root}/packages/cos/docs/cookbook`
const programs = readdirSync(cookbook).filter((file) => /^[a-z-]+\.ts$/.test(file) && file !== "service.ts")
const bucket = "cookbook-1250000000"

it("the index names every page and program, and every program says what it does and how to start it", () => {
  const index = readFileSync(`${cookbook}/README.md`, "utf8")
  const files = readdirSync(cookbook).filter((file) => file !== "README.md")
  expect(files.filter((file) => !index.includes(`](${file})`))).toEqual([])
  for (const file of programs) {
    const [head = ""] = readFileSync(`${cookbook}/${file}`, "utf8").split("*/")
    expect(head, file).toContain(`npx tsx ${file}`)
  }
})

/** One build for all of them: each starts as fast as a bundle does. */
const built = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(root, ".evidence-cookbook-"))),
    (folder) => Effect.promise(() => rm(folder, { recursive: true }))
  )
  yield* Effect.promise(() =>
    Esbuild.build({
      entryPoints: programs.map((file) => `${cookbook}/${file}`),
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      platform: "node",
      format: "esm",
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
      logLevel: "error"
    })
  )
  mkdirSync(`${folder}/site/css`, { recursive: true })
  writeFileSync(`${folder}/site/index.html`, "<h1>Hello</h1>")
  writeFileSync(`${folder}/site/css/a.css`, "h1 {}")
  writeFileSync(`${folder}/large`, randomBytes(20 * 1024 * 1024))
  return folder
})

class Running {
  out = ""
  err = ""
  readonly ended: Promise<number | null>
  constructor(readonly child: ChildProcess) {
    child.stdout?.on("data", (text) => {
      this.out += text
    })
    child.stderr?.on("data", (text) => {
      this.err += text
    })
    this.ended = new Promise((resolve) => child.on("close", resolve))
  }
  /** What it wrote, once that matches. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.out)
        if (found !== null) resolve(found)
      }
      look()
      this.child.stdout?.on("data", look)
      void this.ended.then((code) => reject(new Error(`ended with ${code}\n${this.out}\n${this.err}`)))
    })
  }
}

const start = (folder: string, program: string, args: ReadonlyArray<string> = [], more: Record<string, string> = {}) =>
  Effect.map(Emulator, ({ credentials, endpoint, region }) => {
    const env = {
      PATH: process.env.PATH,
      COS_ENDPOINT: endpoint,
      COS_REGION: region,
      COS_BUCKET: bucket,
      COS_SECRET_ID: credentials.secretId,
      COS_SECRET_KEY: Redacted.value(credentials.secretKey),
      ...more
    }
    return new Running(spawn(process.execPath, [`${folder}/${program}.mjs`, ...args], { cwd: folder, env }))
  })

/** Runs it to its end, which is good, and gives what it wrote. */
const run = (...args: Parameters<typeof start>) =>
  Effect.gen(function* () {
    const running = yield* start(...args)
    const code = yield* Effect.promise(() => running.ended)
    expect([code, code === 0 ? "" : running.out + running.err], args[1]).toEqual([0, ""])
    return running.out
  })

const keys = Effect.flatMap(Emulator, (emulator) =>
  Effect.map(emulator.objects(bucket), (objects) => objects.map(({ key }) => key))
)

/** The parts that the checkpoint of a directory names. */
const notedParts = (directory: string) =>
  Effect.gen(function* () {
    const store = yield* Checkpoint.Store
    const [id] = yield* store.list
    const checkpoint = id === undefined ? Option.none() : yield* store.get(id, Checkpoint.Upload)
    return Option.match(checkpoint, { onNone: () => 0, onSome: ({ parts }) => parts.length })
  }).pipe(Effect.provide(Checkpoint.layerDirectory(directory)), Effect.provide(NodeFileSystem.layer))

layer(layerServer({ buckets: [bucket, "backup-1250000000"] }), { excludeTestServices: true })("the cookbook", (it) => {
  it.scoped(
    "uploads a directory, copies, syncs, selects, signs, serves, queues, resumes and deletes",
    () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const folder = yield* built

        expect(yield* run(folder, "upload-directory", ["./site", "www/"])).toBe("2 files are uploaded\n")
        expect(yield* keys).toEqual(["www/css/a.css", "www/index.html"])

        expect(yield* run(folder, "copy", [bucket, "backup-1250000000", "www/"])).toContain("2 objects are copied")
        expect(yield* emulator.objects("backup-1250000000")).toHaveLength(2)

        writeFileSync(`${folder}/site/new.html`, "new")
        yield* Effect.promise(() => rm(`${folder}/site/css/a.css`))
        const plan = yield* run(folder, "sync", ["./site", "www/", "--dry-run"])
        expect(plan.trim().split("\n")).toEqual(["Delete css/a.css", "Transfer new.html (missing, 3 bytes)"].sort())
        expect(yield* keys).toContain("www/css/a.css")
        expect(yield* run(folder, "sync", ["./site", "www/"])).toContain("1 transferred, 1 deleted, 0 withheld")
        expect(yield* keys).toEqual(["www/index.html", "www/new.html"])

        yield* emulator.seed(bucket, "people.csv", "name,city\nada,London\ngrace,Paris\n")
        const sql = "select s.name from COSObject s where s.city = 'Paris'"
        expect(yield* run(folder, "select", ["people.csv", sql])).toBe("grace\n")

        const signed = yield* run(folder, "presigned-put", ["photos/1.png", "image/png"])
        const [curl = "", fetchLine = ""] = signed.split("\n")
        expect(curl).toMatch(/^curl -X PUT .*-H 'content-type: image\/png' --data-binary @FILE 'http/i)
        const [, url = "", init = ""] = /^fetch\((".*?"), (\{.*\}) \/\*/.exec(fetchLine) ?? []
        const put = yield* Effect.promise(() => fetch(JSON.parse(url), { ...JSON.parse(init), body: "png" }))
        expect(put.status).toBe(200)
        expect(yield* keys).toContain("photos/1.png")

        const server = yield* start(folder, "http-server", [], { PORT: "0" })
        const [, address = ""] = yield* Effect.promise(() => server.until(/Listening on (http:\/\/\S+?)"?\n/))
        const stored = yield* Effect.promise(() =>
          fetch(`${address}/files/a.txt`, { method: "PUT", body: "0123456789" })
        )
        expect([stored.status, yield* Effect.promise(() => stored.json())]).toEqual([
          201,
          { key: "files/a.txt", size: 10 }
        ])
        const part = yield* Effect.promise(() => fetch(`${address}/files/a.txt`, { headers: { range: "bytes=2-4" } }))
        expect([part.status, yield* Effect.promise(() => part.text())]).toEqual([206, "234"])
        expect((yield* Effect.promise(() => fetch(`${address}/files/a%2fb`))).status).toBe(400)
        expect((yield* Effect.promise(() => fetch(`${address}/files/missing`))).status).toBe(404)
        server.child.kill("SIGINT")
        yield* Effect.promise(() => server.ended)

        expect(yield* run(folder, "live-queue", ["./site/index.html", "./site/new.html"])).toMatch(
          /queue\/index.html +succeeded +100 %\nqueue\/new.html +succeeded +100 %\n/
        )

        const { secretId, secretKey } = emulator.credentials
        const issuer = createServer((_, response) =>
          response.setHeader("content-type", "application/json").end(
            JSON.stringify({
              secretId,
              secretKey: Redacted.value(secretKey),
              sessionToken: "",
              expiresAt: new Date(Date.now() + 3_600_000)
            })
          )
        )
        yield* Effect.acquireRelease(
          Effect.promise(() => new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve))),
          () => Effect.sync(() => issuer.close())
        )
        const KEYS_URL = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`
        expect(yield* run(folder, "refreshing-keys", [], { KEYS_URL })).toBe("The bucket is in ap-guangzhou\n")

        const silence = yield* emulator.fault({
          on: { operation: "uploadPart", partNumber: 3 },
          do: Fault.silence("before")
        })
        const killed = yield* start(folder, "resume", ["./large", "large"])
        const halfDone = Effect.map(emulator.unfinishedUploads, ([upload]) => upload?.parts.length ?? 0)
        yield* Effect.repeat(Effect.delay(halfDone, "20 millis"), { until: (parts) => parts === 2 })
        // What is acknowledged is written down by and by.
        yield* Effect.repeat(Effect.delay(notedParts(`${folder}/.checkpoints`), "20 millis"), {
          until: (parts) => parts === 2
        })
        killed.child.kill("SIGKILL")
        yield* Effect.promise(() => killed.ended)
        yield* silence.remove
        expect(yield* run(folder, "resume", ["./large", "large"])).toMatch(/3 parts, 2 of them from earlier runs/)
        const digest = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")
        expect(digest(yield* emulator.bytes(bucket, "large"))).toBe(digest(readFileSync(`${folder}/large`)))

        expect(yield* run(folder, "delete-prefix", ["www/"])).toBe("2 objects are below www/; --yes deletes them\n")
        expect(yield* run(folder, "delete-prefix", ["www/", "--yes"])).toBe("2 objects are deleted\n")
        expect((yield* keys).filter((key) => key.startsWith("www/"))).toEqual([])
      }),
    120_000
  )
})
