import { spawn } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { Emulator, Fault } from "effect-cos-emulator"
import * as Cos from "./support/cos.js"
import { folder, write } from "./support/files.js"

/** Runs with a state of its own; `keys` and `texts` show what is stored below a prefix. */
const setUp = (files: Readonly<Record<string, string | Uint8Array>> = {}) =>
  Effect.gen(function* () {
    const cos = yield* Cos.Cos
    const emulator = yield* Emulator.Emulator
    const root = yield* folder(files)
    const state = yield* folder()
    const run = (words: ReadonlyArray<string>, options: Cos.RunOptions = {}) =>
      cos.run(words, { ...options, env: { COS_STATE_DIR: state, ...options.env } })
    const here = (words: ReadonlyArray<string>) => cos.here(words, { env: { COS_STATE_DIR: state } })
    const keys = (prefix: string) =>
      Effect.map(emulator.objects(Cos.bucket), (objects) =>
        objects.flatMap(({ key }) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []))
      )
    const text = (key: string) =>
      Effect.map(emulator.bytes(Cos.bucket, key), (bytes) => new TextDecoder().decode(bytes))
    return { emulator, env: cos.env, here, keys, root, run, state, text }
  })

const tree = { a: "1", "b/c": "22", "b/d.txt": "333", "ö/\n": "4" }
const names = ["a", "b/c", "b/d.txt", "ö/\n"]

/** The summary among the lines. */
const summaryOf = ({ lines }: Cos.Run) => lines.find((line) => line.type === "summary")

const codes = (runs: ReadonlyArray<Cos.Run>) => runs.map(({ code }) => code)

describe("cos cp", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("is built", () => Cos.command, 120_000)

    it.scoped(
      "up, down and across: files, trees, globs, standard input and output",
      () =>
        Effect.gen(function* () {
          const { here, keys, root, run, text } = yield* setUp(tree)
          const up = yield* run(["cp", "--json", root, "cos:///up/"])
          expect(up).toMatchObject({ code: 0, stderr: "" })
          expect(yield* keys("up/")).toEqual(names)
          expect(summaryOf(up)).toMatchObject({ command: "cp", transferred: 4, bytes: 7, skipped: 0, failed: 0 })
          expect(up.lines).toContainEqual(
            expect.objectContaining({ type: "transfer", action: "upload", target: "cos:///up/a", size: 1 })
          )

          const down = `${root}/down`
          expect(
            codes([yield* here(["cp", "cos:///up/", down]), yield* here(["cp", "cos:///up", `${down}2/`, "-r"])])
          ).toEqual([0, 0])
          for (const name of names) {
            expect(readFileSync(join(down, name), "utf8")).toBe(tree[name as keyof typeof tree])
            expect(readFileSync(join(`${down}2`, name), "utf8")).toBe(tree[name as keyof typeof tree])
          }
          expect(codes([yield* here(["cp", `cos://${Cos.bucket}/up/`, "cos:///across/"])])).toEqual([0])
          expect(yield* keys("across/")).toEqual(names)

          const globs = [
            yield* here(["cp", `${root}/b/*.txt`, "cos:///glob/"]),
            yield* here(["cp", "cos:///up/**/[ac]", `${root}/glob`]),
            yield* here(["cp", "cos:///up/*/*.txt", "cos:///glob2", "--exclude", "x"]),
            yield* here(["cp", root, "cos:///selected/", "--include", "b/*", "--exclude", "*/c"])
          ]
          expect(codes(globs)).toEqual([0, 0, 0, 0])
          expect(yield* keys("glob/")).toEqual(["d.txt"])
          expect(readdirSync(`${root}/glob`).sort()).toEqual(["a", "b"])
          expect(yield* keys("glob2/")).toEqual(["b/d.txt"])
          expect(yield* keys("selected/")).toEqual(["b/d.txt"])

          const files = [
            yield* here(["cp", `${root}/a`, "cos:///one"]),
            yield* here(["cp", `${root}/a`, "cos:///folder/"]),
            yield* here(["cp", `${root}/a`, `${root}/b/c`, "cos:///folder/"]),
            yield* here(["cp", "cos:///one", `${root}/new/deep/one`]),
            yield* here(["cp", "cos:///one", "cos:///folder/c", root]),
            yield* here(["cp", "cos:///one", "cos:///two"])
          ]
          expect(codes(files)).toEqual([0, 0, 0, 0, 0, 0])
          expect(yield* keys("folder/")).toEqual(["a", "c"])
          expect([readFileSync(`${root}/new/deep/one`, "utf8"), readFileSync(`${root}/c`, "utf8")]).toEqual(["1", "22"])
          expect(yield* text("two")).toBe("1")

          expect(yield* run(["cp", "-", "cos:///stdin"], { stdin: "from a pipe" })).toMatchObject({ code: 0 })
          expect(yield* run(["cp", "cos:///stdin", "-"])).toMatchObject({ code: 0, stdout: "from a pipe", stderr: "" })
        }),
      60_000
    )

    it.scoped("stores objects as it is told, and says no to what it does not know", () =>
      Effect.gen(function* () {
        const { emulator, here, root } = yield* setUp({ "a.html": "1", "x*y": "2" })
        const stored = yield* here([
          "cp",
          `${root}/a.html`,
          "cos:///stored",
          ...["--storage-class=STANDARD_IA", "--meta=by=ada", "--meta=no=2", "--tag=t=1", "--acl=public-read"],
          ...[
            "--encrypt=AES256",
            "--cache-control=no-cache",
            "--content-type=text/x",
            "--part-size=1MiB",
            "--concurrency=3"
          ]
        ])
        expect(stored).toMatchObject({ code: 0 })
        const [last] = (yield* emulator.journal).filter(({ operation }) => operation === "putObject").slice(-1)
        expect(last?.headers).toMatchObject({
          "x-cos-storage-class": "STANDARD_IA",
          "x-cos-meta-by": "ada",
          "x-cos-meta-no": "2",
          "x-cos-tagging": "t=1",
          "x-cos-acl": "public-read",
          "x-cos-server-side-encryption": "AES256",
          "cache-control": "no-cache",
          "content-type": "text/x"
        })
        expect(yield* here(["cp", "--literal", `${root}/x*y`, "cos:///literal"])).toMatchObject({ code: 0 })
        const wrong = [
          ["cp"],
          ["cp", root],
          ["cp", root, `${root}/b`],
          ["cp", "-", "-"],
          ["cp", "-", "cos:///x/"],
          ["cp", "cos:///x/", "-"],
          ["cp", `${root}/a.html`, `${root}/x*y`, "cos:///x"],
          ["cp", root, "cos:///x/", "--part-size=big"],
          ["cp", root, "cos:///x/", "--concurrency=0"],
          ["cp", root, "cos:///x/", "--meta=novalue"],
          ["cp", root, "cos:///x/", "--encrypt=ROT13"],
          ["cp", root, "cos:///x/", "--acl=everyone"],
          ["cp", root, "s3://x/"],
          ["cp", root, "cos:///x/", "--include="],
          ["mv", "-", "cos:///x"]
        ]
        const runs = yield* Effect.forEach(wrong, here)
        expect(runs.map(({ code }, index) => [wrong[index]?.slice(-1), code])).toEqual(
          wrong.map((words) => [words.slice(-1), 2])
        )
        expect(runs.map(({ stderr }) => stderr.trimEnd().split("\n").length)).toEqual(wrong.map(() => 1))
      })
    )

    it.scoped("of many files three fail: exit 3, listed last, written down, and taken again", () =>
      Effect.gen(function* () {
        const { emulator, here, root } = yield* setUp()
        const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`d/${String(i).padStart(4, "0")}`, "x"]))
        write(root, many)
        const file = `${root}/failed`
        const bad = ["0007", "0050", "0099"]
        const faults = yield* Effect.forEach(bad, (name) =>
          emulator.scopedFault({
            on: { key: `many/${name}`, times: "all" },
            do: Fault.status(403, { code: "AccessDenied" })
          })
        )
        const words = ["cp", "--json", `${root}/d`, "cos:///many/", "--failed", file]
        const first = yield* here(words)
        expect(first).toMatchObject({ code: 3, failure: { exit: 3, message: "3 of 100 files failed" } })
        const last = first.lines.slice(-4)
        expect(last.map(({ type }) => type)).toEqual(["summary", "failed", "failed", "failed"])
        expect(last[1]).toMatchObject({
          exit: 5,
          code: "AccessDenied",
          target: expect.stringContaining("cos:///many/")
        })
        expect(readFileSync(file, "utf8").trimEnd().split("\n").length).toBe(4)
        yield* Effect.forEach(faults, ({ remove }) => remove)

        expect(yield* here(["cp", `${root}/d`, "cos:///other/", "--failed", file])).toMatchObject({ code: 2 })
        const again = yield* here([...words, "--no-resume"])
        expect(again.code).toBe(0)
        expect(summaryOf(again)).toMatchObject({ transferred: 3, failed: 0 })
        expect(existsSync(file)).toBe(false)
        writeFileSync(file, "somebody's")
        expect(yield* here(words)).toMatchObject({ code: 2 })
        expect(readFileSync(file, "utf8")).toBe("somebody's")
      })
    )

    it.scoped("goes on where it was: what is there is not sent again, unless it is told to", () =>
      Effect.gen(function* () {
        const { emulator, here, root, state } = yield* setUp(tree)
        yield* emulator.scopedFault({ on: { key: "on/b/c" }, do: Fault.status(403, { code: "AccessDenied" }) })
        const words = ["cp", "--json", root, "cos:///on/"]
        expect(yield* here(words)).toMatchObject({ code: 3 })
        const journals = () => readdirSync(join(state, "runs"))
        expect(journals().length).toBe(1)
        const again = yield* here(words)
        expect(summaryOf(again)).toMatchObject({ transferred: 1, skipped: 3 })
        expect(journals()).toEqual([])
        expect(summaryOf(yield* here(words))).toMatchObject({ transferred: 4, skipped: 0 })
        yield* emulator.scopedFault({ on: { key: "on/b/c" }, do: Fault.status(403, { code: "AccessDenied" }) })
        yield* here(words)
        expect(summaryOf(yield* here([...words, "--no-resume"]))).toMatchObject({ transferred: 4, skipped: 0 })
        expect(journals()).toEqual([])
      })
    )

    it.scoped("leaves what is there, and in a dry run everything", () =>
      Effect.gen(function* () {
        const { here, keys, root, text } = yield* setUp({ a: "new", b: "new" })
        const { seed } = yield* Emulator.Emulator
        yield* seed(Cos.bucket, "keep/a", new TextEncoder().encode("old"))
        const many = yield* here(["cp", "--json", "--no-clobber", root, "cos:///keep/"])
        expect(many.code).toBe(0)
        expect(many.lines.map(({ type }) => type).sort()).toEqual(["skipped", "summary", "transfer"])
        expect([yield* text("keep/a"), yield* text("keep/b")]).toEqual(["old", "new"])
        const single = [
          yield* here(["cp", "-r", "--no-clobber", `${root}/a`, "cos:///keep/a"]),
          yield* here(["cp", "--no-clobber", "cos:///keep/a", `${root}/a`]),
          yield* here(["cp", "--no-clobber", "cos:///keep/a", "cos:///keep/b"])
        ]
        expect(codes(single)).toEqual([6, 6, 6])
        const down = yield* here(["cp", "--json", "--no-clobber", "cos:///keep/", root])
        expect(summaryOf(down)).toMatchObject({ transferred: 0, skipped: 2 })
        expect(readFileSync(`${root}/a`, "utf8")).toBe("new")
        const before = yield* keys("")
        const dry = [
          yield* here(["cp", "--dry-run", "--json", root, "cos:///dry/"]),
          yield* here(["cp", "--dry-run", "--json", "cos:///keep/", `${root}/dry`]),
          yield* here(["cp", "--dry-run", "--json", "cos:///keep/", "cos:///dry/"]),
          yield* here(["mv", "--dry-run", "--json", `${root}/a`, "cos:///dry/"])
        ]
        expect(dry.map(({ code, lines }) => [code, lines.filter(({ type }) => type === "planned").length])).toEqual([
          [0, 2],
          [0, 2],
          [0, 2],
          [0, 1]
        ])
        expect(yield* keys("")).toEqual(before)
        expect([existsSync(`${root}/dry`), existsSync(`${root}/a`)]).toEqual([false, true])
      })
    )

    it.scoped("every failure has its exit code, and one line", () =>
      Effect.gen(function* () {
        const { emulator, here, root } = yield* setUp({ a: "1", "dir/x": "1" })
        const { seed } = emulator
        yield* seed(Cos.bucket, "there", new TextEncoder().encode("1"))
        yield* seed(Cos.bucket, "bad", new TextEncoder().encode("12345678"))
        yield* seed(Cos.bucket, "denied", new TextEncoder().encode("1"))
        yield* emulator.scopedFault({ on: { key: "bad", operation: "getObject", times: "all" }, do: Fault.flipBit(3) })
        yield* emulator.scopedFault({
          on: { key: "denied", times: "all" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        symlinkSync("nowhere", `${root}/broken`)
        const cases: ReadonlyArray<readonly [words: ReadonlyArray<string>, code: number]> = [
          [["cp", `${root}/none`, "cos:///x"], 4],
          [["cp", `${root}/none1`, `${root}/none2`, "cos:///x/"], 4],
          [["cp", `${root}/none`, `${root}/a`, "cos:///x/"], 3],
          [["cp", "cos:///none", root], 4],
          [["cp", "cos:///none", "cos:///x"], 4],
          [["cp", `${root}/a`, "cos://gone-1250000000/x"], 4],
          [["cp", "cos://gone-1250000000/x/", root], 4],
          [["cp", "cos:///denied", root], 5],
          [["cp", `${root}/a`, "cos:///denied"], 5],
          [["cp", "cos:///bad", `${root}/bad`], 7],
          [["cp", "cos:///there", `${root}/a/b`], 6],
          [["cp", `${root}/broken`, "cos:///x"], 4],
          [["cp", root, "cos:///links/", "--include", "broken"], 4]
        ]
        const runs = yield* Effect.forEach(cases, ([words]) => here(words))
        expect(runs.map(({ code }, index) => [cases[index]?.[0].slice(1, 3), code])).toEqual(
          cases.map(([words, code]) => [words.slice(1, 3), code])
        )
        for (const { stderr } of runs) expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^cos cp: .+/)
        expect(existsSync(`${root}/bad`)).toBe(false)
        expect(readdirSync(root).filter((name) => name.startsWith(".effect-cos"))).toEqual([])
      })
    )

    it.scoped("a name that is not UTF-8 fails by itself; links, permissions, and odd names", () =>
      Effect.gen(function* () {
        const { here, keys, root } = yield* setUp({ ok: "1", "-x": "2", "a b\u202e": "3", "sub/y": "4" })
        writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0xfe])]), "5")
        symlinkSync("ok", `${root}/link`)
        symlinkSync("sub", `${root}/folder-link`)
        const up = yield* here(["cp", "--json", root, "cos:///odd/"])
        expect(up.code).toBe(3)
        expect(summaryOf(up)).toMatchObject({ transferred: 5, failed: 1 })
        expect(yield* keys("odd/")).toEqual(["-x", "a b\u202e", "link", "ok", "sub/y"])
        expect(yield* here(["cp", "--", "-x", "cos:///dash"])).toMatchObject({ code: 4 })
        mkdirSync(`${root}/locked`)
        chmodSync(`${root}/locked`, 0o500)
        const denied = yield* here(["cp", "cos:///odd/ok", `${root}/locked/`])
        // The superuser may write anywhere.
        expect(denied.code).toBe(process.getuid?.() === 0 ? 0 : 5)
        chmodSync(`${root}/locked`, 0o700)
      })
    )

    it.scoped("moves: the source goes once the target was verified, and stays where it was not", () =>
      Effect.gen(function* () {
        const { emulator, here, keys, root } = yield* setUp({ "up/a": "1", "up/b/c": "2", "up/bad": "3" })
        yield* emulator.scopedFault({
          on: { operation: "headObject", key: "moved/bad" },
          do: Fault.withHeaders({ "x-cos-hash-crc64ecma": "1" })
        })
        const up = yield* here(["mv", "--json", `${root}/up`, "cos:///moved/"])
        expect(up).toMatchObject({ code: 3 })
        expect(up.lines.find((line) => line.type === "failed")).toMatchObject({ exit: 7, code: "IntegrityError" })
        expect([existsSync(`${root}/up/a`), existsSync(`${root}/up/b/c`), existsSync(`${root}/up/bad`)]).toEqual([
          false,
          false,
          true
        ])
        expect(yield* here(["mv", "cos:///moved/", "cos:///moved-across/"])).toMatchObject({ code: 0 })
        expect([yield* keys("moved/"), yield* keys("moved-across/")]).toEqual([[], ["a", "b/c", "bad"]])
        expect(yield* here(["mv", "cos:///moved-across/", `${root}/down/`])).toMatchObject({ code: 0 })
        expect(yield* keys("moved-across/")).toEqual([])
        expect(readFileSync(`${root}/down/b/c`, "utf8")).toBe("2")
        expect(yield* here(["mv", `${root}/down/a`, "cos:///single"])).toMatchObject({ code: 0 })
        expect(yield* here(["mv", "cos:///single", "cos:///single2"])).toMatchObject({ code: 0 })
        expect(yield* here(["mv", "cos:///single2", "cos:///single2"])).toMatchObject({ code: 2 })
        expect([yield* keys("single"), existsSync(`${root}/down/a`)]).toEqual([["2"], false])
      })
    )

    it.scoped("a bucket that disappears midway: what was done is done, and the rest is written down", () =>
      Effect.gen(function* () {
        const { emulator, here, root } = yield* setUp()
        write(root, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d/${i}`, "x"])))
        const gone = yield* emulator.scopedFault({
          on: { operation: "putObject", nth: 11, times: "all" },
          do: Fault.status(404, { code: "NoSuchBucket" })
        })
        const words = ["cp", "--json", "--concurrency=1", `${root}/d`, "cos:///gone/", "--failed", `${root}/failed`]
        const run = yield* here(words)
        expect(run).toMatchObject({ code: 3, failure: { message: "30 of 40 files failed" } })
        yield* gone.remove
        expect(summaryOf(yield* here(words))).toMatchObject({ transferred: 30, failed: 0 })
      })
    )

    it.scoped(
      "killed, interrupted, or not listened to",
      () =>
        Effect.gen(function* () {
          const { emulator, env, root, state, text } = yield* setUp()
          const file = yield* Cos.command
          const start = (words: ReadonlyArray<string>, stdout: "pipe" | number = "pipe") => {
            const child = spawn(process.execPath, [file, ...words], {
              env: { ...process.env, ...env, COS_STATE_DIR: state },
              stdio: ["ignore", stdout, "pipe"]
            })
            let stderr = ""
            child.stderr?.on("data", (chunk) => {
              stderr += chunk
            })
            const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
              child.on("close", (code) => resolve({ code, stderr }))
            )
            return { child, ended }
          }
          const words = ["cp", `${root}/big`, "cos:///big", "--part-size=1MiB", "--concurrency=1"]
          writeFileSync(`${root}/big`, new Uint8Array(17 * 1024 * 1024).fill(7))
          const hangs = { on: { operation: "uploadPart", nth: 6, times: "all" }, do: Fault.silence() } as const
          const arrived = (count: number) =>
            Effect.repeat(
              Effect.map(
                emulator.journal,
                (entries) => entries.filter(({ operation }) => operation === "uploadPart").length
              ),
              { until: (parts) => parts >= count, schedule: Schedule.spaced("20 millis") }
            )

          // Ctrl-C: aborted.
          const silent = yield* emulator.fault(hangs)
          const interrupted = start(words)
          yield* arrived(6)
          interrupted.child.kill("SIGINT")
          expect((yield* Effect.promise(() => interrupted.ended)).code).toBe(130)
          expect(yield* emulator.unfinishedUploads).toEqual([])
          yield* silent.remove

          // Killed: resumed.
          yield* emulator.clearJournal
          const again = yield* emulator.fault(hangs)
          const killed = start(words)
          yield* arrived(6)
          yield* Effect.sleep("1200 millis")
          killed.child.kill("SIGKILL")
          yield* Effect.promise(() => killed.ended)
          yield* again.remove
          yield* emulator.clearJournal
          expect((yield* Effect.promise(() => start(words).ended)).code).toBe(0)
          const parts = (yield* emulator.journal).filter(({ operation }) => operation === "uploadPart")
          expect(parts.map(({ partNumber }) => partNumber)).not.toContain(1)
          expect(yield* emulator.unfinishedUploads).toEqual([])
          expect((yield* text("big")).length).toBe(17 * 1024 * 1024)

          // Nobody reads any more, and nothing can be written.
          const closed = start(["cp", "cos:///big", "-"])
          closed.child.stdout?.once("data", () => closed.child.stdout?.destroy())
          expect(yield* Effect.promise(() => closed.ended)).toEqual({ code: 0, stderr: "" })
          const full = yield* Effect.promise(() => start(["cp", "cos:///big", "-"], openSync("/dev/full", "w")).ended)
          expect(full).toMatchObject({ code: 1, stderr: expect.stringMatching(/^cos cp: standard output .* ENOSPC/) })
        }),
      60_000
    )
  })
})
