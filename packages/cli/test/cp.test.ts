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

/** A directory, and what is stored: `keys` below a prefix, and the `text` of an object. */
const setUp = (files: Readonly<Record<string, string | Uint8Array>> = {}) =>
  Effect.gen(function* () {
    const { built, run, start } = yield* Cos.Cos
    const emulator = yield* Emulator.Emulator
    const root = yield* folder(files)
    const state = yield* folder()
    const env = { COS_STATE_DIR: state }
    const keys = (prefix: string) =>
      Effect.map(emulator.objects(Cos.bucket), (objects) =>
        objects.flatMap(({ key }) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []))
      )
    const text = (key: string) =>
      Effect.map(emulator.bytes(Cos.bucket, key), (bytes) => new TextDecoder().decode(bytes))
    return {
      built: (words: ReadonlyArray<string>, options?: Cos.ProcessOptions) => built(words, { env, ...options }),
      emulator,
      keys,
      root,
      run: (words: ReadonlyArray<string>, options?: Cos.RunOptions) => run(words, { env, ...options }),
      start: (words: ReadonlyArray<string>, options?: Cos.ProcessOptions) => start(words, { env, ...options }),
      state,
      text
    }
  })

const tree = { a: "1", "b/c": "22", "b/d.txt": "333", "ö/\n": "4" }
const names = ["a", "b/c", "b/d.txt", "ö/\n"]

/** The summary among the lines. */
const summaryOf = ({ lines }: Cos.Run) => lines.find((line) => line.type === "summary")

const ending = "interrupted; what is unfinished is cleaned up first. A second Ctrl-C ends at once."

const codes = (runs: ReadonlyArray<Cos.Run>) => runs.map(({ code }) => code)

describe("cos cp", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("is built", () => Cos.command, Cos.patience(120_000))

    it.scoped(
      "up, down and across: files, trees, globs, standard input and output",
      () =>
        Effect.gen(function* () {
          const { run, keys, root, built, text } = yield* setUp(tree)
          const up = yield* built(["cp", "--json", root, "cos:///up/"])
          expect(up).toMatchObject({ code: 0, stderr: "" })
          expect(yield* keys("up/")).toEqual(names)
          expect(summaryOf(up)).toMatchObject({ command: "cp", transferred: 4, bytes: 7, skipped: 0, failed: 0 })
          expect(up.lines).toContainEqual(
            expect.objectContaining({ type: "transfer", action: "upload", target: "cos:///up/a", size: 1 })
          )

          const down = `${root}/down`
          expect(
            codes([yield* run(["cp", "cos:///up/", down]), yield* run(["cp", "cos:///up", `${down}2/`, "-r"])])
          ).toEqual([0, 0])
          for (const name of names) {
            expect(readFileSync(join(down, name), "utf8")).toBe(tree[name as keyof typeof tree])
            expect(readFileSync(join(`${down}2`, name), "utf8")).toBe(tree[name as keyof typeof tree])
          }
          expect(codes([yield* run(["cp", `cos://${Cos.bucket}/up/`, "cos:///across/"])])).toEqual([0])
          expect(yield* keys("across/")).toEqual(names)

          const globs = [
            yield* run(["cp", `${root}/b/*.txt`, "cos:///glob/"]),
            yield* run(["cp", "cos:///up/**/[ac]", `${root}/glob`]),
            yield* run(["cp", "cos:///up/*/*.txt", "cos:///glob2", "--exclude", "x"]),
            yield* run(["cp", root, "cos:///selected/", "--include", "b/*", "--exclude", "*/c"])
          ]
          expect(codes(globs)).toEqual([0, 0, 0, 0])
          expect(yield* keys("glob/")).toEqual(["d.txt"])
          expect(readdirSync(`${root}/glob`).sort()).toEqual(["a", "b"])
          expect(yield* keys("glob2/")).toEqual(["b/d.txt"])
          expect(yield* keys("selected/")).toEqual(["b/d.txt"])

          const files = [
            yield* run(["cp", `${root}/a`, "cos:///one"]),
            yield* run(["cp", `${root}/a`, "cos:///folder/"]),
            yield* run(["cp", `${root}/a`, `${root}/b/c`, "cos:///folder/"]),
            yield* run(["cp", "cos:///one", `${root}/new/deep/one`]),
            yield* run(["cp", "cos:///one", "cos:///folder/c", root]),
            yield* run(["cp", "cos:///one", "cos:///two"])
          ]
          expect(codes(files)).toEqual([0, 0, 0, 0, 0, 0])
          expect(yield* keys("folder/")).toEqual(["a", "c"])
          expect([readFileSync(`${root}/new/deep/one`, "utf8"), readFileSync(`${root}/c`, "utf8")]).toEqual(["1", "22"])
          expect(yield* text("two")).toBe("1")

          expect(yield* built(["cp", "-", "cos:///stdin"], { stdin: "from a pipe" })).toMatchObject({ code: 0 })
          expect(yield* built(["cp", "cos:///stdin", "-"])).toMatchObject({
            code: 0,
            stdout: "from a pipe",
            stderr: ""
          })
        }),
      Cos.patience(60_000)
    )

    it.scoped("stores objects as it is told, and says no to what it does not know", () =>
      Effect.gen(function* () {
        const { emulator, run, root } = yield* setUp({ "a.html": "1", "x*y": "2" })
        const stored = yield* run([
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
        expect(yield* run(["cp", "--literal", `${root}/x*y`, "cos:///literal"])).toMatchObject({ code: 0 })
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
        const runs = yield* Effect.forEach(wrong, (words) => run(words))
        expect(runs.map(({ code }, index) => [wrong[index]?.slice(-1), code])).toEqual(
          wrong.map((words) => [words.slice(-1), 2])
        )
        expect(runs.map(({ stderr }) => stderr.trimEnd().split("\n").length)).toEqual(wrong.map(() => 1))
      })
    )

    it.scoped("of many files three fail: exit 3, listed last, written down, and taken again", () =>
      Effect.gen(function* () {
        const { emulator, run, root } = yield* setUp()
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
        const first = yield* run(words)
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

        expect(yield* run(["cp", `${root}/d`, "cos:///other/", "--failed", file])).toMatchObject({ code: 2 })
        const again = yield* run([...words, "--no-resume"])
        expect(again.code).toBe(0)
        expect(summaryOf(again)).toMatchObject({ transferred: 3, failed: 0 })
        expect(existsSync(file)).toBe(false)
        writeFileSync(file, "somebody's")
        expect(yield* run(words)).toMatchObject({ code: 2 })
        expect(readFileSync(file, "utf8")).toBe("somebody's")
      })
    )

    it.scoped("goes on where it was: what is there is not sent again, unless it is told to", () =>
      Effect.gen(function* () {
        const { emulator, run, root, state } = yield* setUp(tree)
        yield* emulator.scopedFault({ on: { key: "on/b/c" }, do: Fault.status(403, { code: "AccessDenied" }) })
        const words = ["cp", "--json", root, "cos:///on/"]
        expect(yield* run(words)).toMatchObject({ code: 3 })
        const journals = () => readdirSync(join(state, "runs"))
        expect(journals().length).toBe(1)
        yield* run([...words, "--dry-run"])
        expect(journals().length).toBe(1)
        const again = yield* run(words)
        expect(summaryOf(again)).toMatchObject({ transferred: 1, skipped: 3 })
        expect(journals()).toEqual([])
        expect(summaryOf(yield* run(words))).toMatchObject({ transferred: 4, skipped: 0 })
        yield* emulator.scopedFault({ on: { key: "on/b/c" }, do: Fault.status(403, { code: "AccessDenied" }) })
        yield* run(words)
        expect(summaryOf(yield* run([...words, "--no-resume"]))).toMatchObject({ transferred: 4, skipped: 0 })
        expect(journals()).toEqual([])
      })
    )

    it.scoped("no source takes the place of another", () =>
      Effect.gen(function* () {
        const { keys, root, run } = yield* setUp({ "a/x": "1", "b/x": "2" })
        yield* run(["cp", root, "cos:///same/"])
        const refused = [
          ["cp", `${root}/a/x`, `${root}/b/x`, "cos:///one/"],
          ["mv", `${root}/a/x`, `${root}/b/x`, "cos:///one/"],
          ["cp", "cos:///same/a/x", "cos:///same/b/x", root],
          ["mv", "cos:///same/a/x", "cos:///same/b/x", "cos:///one/"],
          ["mv", `${root}/a`, `${root}/b`, "cos:///one/"]
        ]
        for (const words of refused) expect(yield* run(words)).toMatchObject({ code: 2, stdout: "" })
        expect([yield* keys("one/"), yield* keys("same/")]).toEqual([[], ["a/x", "b/x"]])
        expect([readFileSync(`${root}/a/x`, "utf8"), readFileSync(`${root}/b/x`, "utf8")]).toEqual(["1", "2"])
        // Directories are merged, the last wins; nothing is lost of what is copied.
        expect(yield* run(["cp", `${root}/a`, `${root}/b`, "cos:///merged/"])).toMatchObject({ code: 0 })
      })
    )

    it.scoped("between two buckets cos:/// is the default one, as the source too", () =>
      Effect.gen(function* () {
        const { emulator, keys, run } = yield* setUp()
        const other = "other-1250000000"
        yield* run(["mb", `cos://${other}`])
        yield* emulator.seed(Cos.bucket, "two/a", "ours")
        yield* emulator.seed(other, "two/a", "theirs")
        const theirs = (key: string) =>
          Effect.map(emulator.bytes(other, key), (bytes) => new TextDecoder().decode(bytes))
        const words = [
          ["cp", "cos:///two/a", `cos://${other}/one`],
          ["cp", "cos:///two/", `cos://${other}/tree/`],
          ["sync", "cos:///two/", `cos://${other}/synced/`],
          ["mv", "cos:///two/", `cos://${other}/moved/`]
        ]
        expect(codes(yield* Effect.forEach(words, (line) => run(line)))).toEqual([0, 0, 0, 0])
        for (const key of ["one", "tree/a", "synced/a", "moved/a"])
          expect([key, yield* theirs(key)]).toEqual([key, "ours"])
        expect(yield* theirs("two/a")).toBe("theirs")
        expect(yield* keys("two/")).toEqual([])
        const none = yield* run(["cp", "cos:///two/a", `cos://${other}/x`], { env: { COS_BUCKET: undefined } })
        expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("no bucket is named for the source") })
      })
    )

    it.scoped("an old version is copied, down and across", () =>
      Effect.gen(function* () {
        const { emulator, root, run } = yield* setUp()
        const bucket = "versions-1250000000"
        const text = (key: string) =>
          Effect.map(emulator.bytes(bucket, key), (bytes) => new TextDecoder().decode(bytes))
        yield* run(["mb", `cos://${bucket}`])
        yield* run(["versioning", "enable", "cos:///", "--bucket", bucket])
        yield* run(["put", "--meta", "by=ada", `cos://${bucket}/old`], { stdin: "old" })
        const found = yield* run(["find", "--versions", "--json", `cos://${bucket}/old`])
        const [id = ""] = found.lines.map((line) => ("versionId" in line ? line.versionId : undefined))
        yield* run(["put", `cos://${bucket}/old`], { stdin: "newer" })
        expect(yield* run(["cp", "--version-id", id, `cos://${bucket}/old`, `${root}/old`])).toMatchObject({ code: 0 })
        expect(readFileSync(`${root}/old`, "utf8")).toBe("old")
        expect((yield* run(["cp", "--version-id", id, `cos://${bucket}/old`, "-"])).stdout).toBe("old")
        expect(yield* run(["cp", "--version-id", id, `cos://${bucket}/old`, `cos://${bucket}/old`])).toMatchObject({
          code: 0
        })
        expect(yield* text("old")).toBe("old")
        expect((yield* run(["stat", "--json", `cos://${bucket}/old`])).lines).toMatchObject([
          { metadata: { by: "ada" } }
        ])
        const wrong = [
          ["cos:///", root],
          [root, "cos:///x/"],
          [`cos://${bucket}/old`, "cos:///a", "cos:///x/"]
        ]
        for (const words of wrong) {
          expect(yield* run(["cp", "--version-id", id, ...words])).toMatchObject({ code: 2, stdout: "" })
        }
      })
    )

    it.scoped("leaves what is there, and in a dry run everything", () =>
      Effect.gen(function* () {
        const { run, keys, root, text } = yield* setUp({ a: "new", b: "new" })
        const { seed } = yield* Emulator.Emulator
        yield* seed(Cos.bucket, "keep/a", new TextEncoder().encode("old"))
        const many = yield* run(["cp", "--json", "--no-clobber", root, "cos:///keep/"])
        expect(many.code).toBe(0)
        expect(many.lines.map(({ type }) => type).sort()).toEqual(["skipped", "summary", "transfer"])
        expect([yield* text("keep/a"), yield* text("keep/b")]).toEqual(["old", "new"])
        const single = [
          yield* run(["cp", "-r", "--no-clobber", `${root}/a`, "cos:///keep/a"]),
          yield* run(["cp", "--no-clobber", "cos:///keep/a", `${root}/a`]),
          yield* run(["cp", "--no-clobber", "cos:///keep/a", "cos:///keep/b"])
        ]
        expect(codes(single)).toEqual([6, 6, 6])
        const down = yield* run(["cp", "--json", "--no-clobber", "cos:///keep/", root])
        expect(summaryOf(down)).toMatchObject({ transferred: 0, skipped: 2 })
        expect(readFileSync(`${root}/a`, "utf8")).toBe("new")
        const before = yield* keys("")
        const dry = [
          yield* run(["cp", "--dry-run", "--json", root, "cos:///dry/"]),
          yield* run(["cp", "--dry-run", "--json", "cos:///keep/", `${root}/dry`]),
          yield* run(["cp", "--dry-run", "--json", "cos:///keep/", "cos:///dry/"]),
          yield* run(["mv", "--dry-run", "--json", `${root}/a`, "cos:///dry/"])
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
        const { emulator, run, root } = yield* setUp({ a: "1", "dir/x": "1" })
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
        const runs = yield* Effect.forEach(cases, ([words]) => run(words))
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
        const { run, keys, root } = yield* setUp({ ok: "1", "-x": "2", "a b\u202e": "3", "sub/y": "4" })
        writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0xfe])]), "5")
        symlinkSync("ok", `${root}/link`)
        symlinkSync("sub", `${root}/folder-link`)
        const up = yield* run(["cp", "--json", root, "cos:///odd/"])
        expect(up.code).toBe(3)
        expect(summaryOf(up)).toMatchObject({ transferred: 5, failed: 1 })
        expect(yield* keys("odd/")).toEqual(["-x", "a b\u202e", "link", "ok", "sub/y"])
        expect(yield* run(["cp", "--", "-x", "cos:///dash"])).toMatchObject({ code: 4 })
        mkdirSync(`${root}/locked`)
        chmodSync(`${root}/locked`, 0o500)
        const denied = yield* run(["cp", "cos:///odd/ok", `${root}/locked/`])
        // The superuser may write anywhere.
        expect(denied.code).toBe(process.getuid?.() === 0 ? 0 : 5)
        chmodSync(`${root}/locked`, 0o700)
      })
    )

    it.scoped("moves: the source goes once the target was verified, and stays where it was not", () =>
      Effect.gen(function* () {
        const { emulator, run, keys, root } = yield* setUp({ "up/a": "1", "up/b/c": "2", "up/bad": "3" })
        yield* emulator.scopedFault({
          on: { operation: "headObject", key: "moved/bad" },
          do: Fault.withHeaders({ "x-cos-hash-crc64ecma": "1" })
        })
        const up = yield* run(["mv", "--json", `${root}/up`, "cos:///moved/"])
        expect(up).toMatchObject({ code: 3 })
        expect(up.lines.find((line) => line.type === "failed")).toMatchObject({ exit: 7, code: "IntegrityError" })
        expect([existsSync(`${root}/up/a`), existsSync(`${root}/up/b/c`), existsSync(`${root}/up/bad`)]).toEqual([
          false,
          false,
          true
        ])
        expect(yield* run(["mv", "cos:///moved/", "cos:///moved-across/"])).toMatchObject({ code: 0 })
        expect([yield* keys("moved/"), yield* keys("moved-across/")]).toEqual([[], ["a", "b/c", "bad"]])
        expect(yield* run(["mv", "cos:///moved-across/", `${root}/down/`])).toMatchObject({ code: 0 })
        expect(yield* keys("moved-across/")).toEqual([])
        expect(readFileSync(`${root}/down/b/c`, "utf8")).toBe("2")
        expect(yield* run(["mv", `${root}/down/a`, "cos:///single"])).toMatchObject({ code: 0 })
        expect(yield* run(["mv", "cos:///single", "cos:///single2"])).toMatchObject({ code: 0 })
        expect(yield* run(["mv", "cos:///single2", "cos:///single2"])).toMatchObject({ code: 2 })
        expect([yield* keys("single"), existsSync(`${root}/down/a`)]).toEqual([["2"], false])

        // Directories that became empty go, but for the one that was named, and those that were empty before.
        write(root, { "tree/a/b/c": "1", "tree/a/d": "2", "tree/kept/e": "3", "tree/kept/f": "4" })
        mkdirSync(`${root}/tree/empty`)
        expect(yield* run(["mv", `${root}/tree`, "cos:///tree/", "--exclude", "kept/f"])).toMatchObject({ code: 0 })
        expect(readdirSync(`${root}/tree`).toSorted()).toEqual(["empty", "kept"])
        expect(readdirSync(`${root}/tree/kept`)).toEqual(["f"])
        expect(yield* run(["mv", `${root}/tree/kept/f`, "cos:///tree/"])).toMatchObject({ code: 0 })
        expect(existsSync(`${root}/tree/kept`)).toBe(true)
      })
    )

    it.scoped("moves by every option of cp, and says how far it is as lines", () =>
      Effect.gen(function* () {
        const { emulator, keys, root, run } = yield* setUp({ "m/a[1].txt": "1", "m/b.txt": "2", "m/c.bin": "3" })
        const stored = [
          ...["--storage-class=STANDARD_IA", "--meta=by=ada", "--tag=t=1", "--acl=private", "--encrypt=AES256"],
          ...["--content-type=text/x", "--cache-control=no-cache", "--part-size=1MiB", "--concurrency=2"]
        ]
        const selected = ["--include=*.txt", "--exclude=b*", "--failed", `${root}/failed`, "--no-resume"]
        const moved = yield* run(["mv", "--json", "--json-progress", ...stored, ...selected, `${root}/m`, "cos:///m/"])
        expect(moved).toMatchObject({ code: 0 })
        expect(yield* keys("m/")).toEqual(["a[1].txt"])
        const progress = moved.stderr.split("\n").filter((line) => line.startsWith('{"v":1,"type":"progress"'))
        expect(progress.length).toBeGreaterThan(0)
        const put = (yield* emulator.journal).findLast(({ operation }) => operation === "putObject")
        expect(put?.headers).toMatchObject({ "x-cos-storage-class": "STANDARD_IA", "cache-control": "no-cache" })

        const literal = ["mv", "--literal", "--source-region=ap-guangzhou", "cos:///m/a[1].txt", "cos:///n/a"]
        expect(yield* run(literal)).toMatchObject({ code: 0 })
        const left = yield* run(["mv", "--json", "--no-clobber", `${root}/m/b.txt`, "cos:///n/a"])
        expect(left).toMatchObject({ code: 6 })
        expect(existsSync(`${root}/m/b.txt`)).toBe(true)
        const across = ["--recursive", "--source-region=ap-guangzhou", "--json-progress", "cos:///n", "cos:///o/"]
        expect(yield* run(["cp", ...across])).toMatchObject({ code: 0 })
        expect(yield* run(["mv", ...across])).toMatchObject({ code: 0 })
        expect([yield* keys("n/"), yield* keys("o/")]).toEqual([[], ["a"]])
        expect(yield* run(["cp", "cos:///o/a", "-", "--json"])).toMatchObject({ code: 2, stdout: "" })
      })
    )

    it.scoped("a bucket that disappears midway: what was done is done, and the rest is written down", () =>
      Effect.gen(function* () {
        const { emulator, run, root } = yield* setUp()
        write(root, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d/${i}`, "x"])))
        const gone = yield* emulator.scopedFault({
          on: { operation: "putObject", nth: 11, times: "all" },
          do: Fault.status(404, { code: "NoSuchBucket" })
        })
        const words = ["cp", "--json", "--concurrency=1", `${root}/d`, "cos:///gone/", "--failed", `${root}/failed`]
        const ended = yield* run(words)
        expect(ended).toMatchObject({ code: 3, failure: { message: "30 of 40 files failed" } })
        yield* gone.remove
        expect(summaryOf(yield* run(words))).toMatchObject({ transferred: 30, failed: 0 })
      })
    )

    it.scoped(
      "killed, interrupted, or not listened to",
      () =>
        Effect.gen(function* () {
          const { built, emulator, root, start, text } = yield* setUp()
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
          const interrupted = yield* start(words)
          yield* arrived(6)
          interrupted.child.kill("SIGINT")
          expect(yield* interrupted.ended).toMatchObject({ code: 130, stderr: `cos cp: ${ending}\n` })
          expect(yield* emulator.unfinishedUploads).toEqual([])
          yield* silent.remove

          // SIGTERM and a terminal that is closed: the same. One line says what is going on.
          for (const [signal, code] of [["SIGTERM", 143] as const, ["SIGHUP", 129] as const]) {
            yield* emulator.clearJournal
            const deaf = yield* emulator.fault(hangs)
            const terminated = yield* start(words)
            yield* arrived(6)
            terminated.child.kill(signal)
            expect(yield* terminated.ended).toMatchObject({ code, stderr: `cos cp: ${ending}\n` })
            expect(yield* emulator.unfinishedUploads).toEqual([])
            yield* deaf.remove
          }

          // Killed: resumed.
          yield* emulator.clearJournal
          const again = yield* emulator.fault(hangs)
          const killed = yield* start(words)
          yield* arrived(6)
          yield* Effect.sleep("1200 millis")
          killed.child.kill("SIGKILL")
          yield* killed.ended
          yield* again.remove
          yield* emulator.clearJournal
          expect((yield* built(words)).code).toBe(0)
          const parts = (yield* emulator.journal).filter(({ operation }) => operation === "uploadPart")
          expect(parts.map(({ partNumber }) => partNumber)).not.toContain(1)
          expect(yield* emulator.unfinishedUploads).toEqual([])
          expect((yield* text("big")).length).toBe(17 * 1024 * 1024)

          // Nobody reads any more, and nothing can be written.
          const closed = yield* start(["cp", "cos:///big", "-"])
          closed.child.stdout?.once("data", () => closed.child.stdout?.destroy())
          expect(yield* closed.ended).toMatchObject({ code: 0, stderr: "" })
          const full = yield* built(["cp", "cos:///big", "-"], { stdout: openSync("/dev/full", "w") })
          expect(full).toMatchObject({ code: 1, stderr: expect.stringMatching(/^cos cp: standard output .* ENOSPC/) })
        }),
      Cos.patience(60_000)
    )
  })
})
