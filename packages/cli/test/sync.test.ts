import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator, Fault } from "effect-cos-emulator"
import * as Cos from "./support/cos.js"
import { folder, write } from "./support/files.js"

const setUp = (files: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const cos = yield* Cos.Cos
    const emulator = yield* Emulator.Emulator
    const root = yield* folder(files)
    const state = yield* folder()
    const run = (words: ReadonlyArray<string>) => cos.run(words, { env: { COS_STATE_DIR: state } })
    const keys = (prefix: string) =>
      Effect.map(emulator.objects(Cos.bucket), (objects) =>
        objects.flatMap(({ key }) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []))
      )
    const seed = (prefix: string, contents: Readonly<Record<string, string>>) =>
      Effect.forEach(Object.entries(contents), ([name, text]) =>
        emulator.seed(Cos.bucket, prefix + name, new TextEncoder().encode(text))
      )
    return { cos, emulator, run, keys, root, seed, state }
  })

const summaryOf = ({ lines }: Cos.Run) => lines.find((line) => line.type === "summary")

describe("cos sync", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("is built", () => Cos.command, Cos.patience(120_000))

    it.scoped(
      "up, down and across, and a second time nothing; the built command too",
      () =>
        Effect.gen(function* () {
          const { cos, run, keys, root, state } = yield* setUp({ "src/a": "1", "src/b/c": "22" })
          const up = ["sync", "--json", `${root}/src`, "cos:///up/"]
          const first = yield* cos.built(up, { env: { COS_STATE_DIR: state } })
          expect(first).toMatchObject({ code: 0, stderr: "" })
          expect(summaryOf(first)).toMatchObject({ transferred: 2, bytes: 3, deleted: 0, withheld: 0, failed: 0 })
          expect(yield* keys("up/")).toEqual(["a", "b/c"])
          for (const words of [
            ["sync", "--json", "cos:///up", `${root}/down`],
            ["sync", "--json", "cos:///up/", "cos:///across/"]
          ]) {
            expect(summaryOf(yield* run(words))).toMatchObject({ transferred: 2 })
            expect(summaryOf(yield* run(words))).toMatchObject({ transferred: 0, failed: 0 })
          }
          expect(summaryOf(yield* run(up))).toMatchObject({ transferred: 0 })
          expect(readFileSync(`${root}/down/b/c`, "utf8")).toBe("22")
          writeFileSync(`${root}/src/a`, "9")
          utimesSync(`${root}/src/a`, 1_600_000_000, 1_600_000_000)
          expect(summaryOf(yield* run([...up, "--size-only"]))).toMatchObject({ transferred: 0 })
          const more = ["--checksum", "--include=a", "--storage-class=STANDARD_IA", "--part-size=1M", "--concurrency=2"]
          expect(summaryOf(yield* run([...up, ...more, `--state=${root}/state`]))).toMatchObject({ transferred: 1 })
          expect(existsSync(`${root}/state`)).toBe(true)
          const across = ["sync", "--json", "cos:///up/", "cos:///elsewhere/", "--source-region", "ap-guangzhou"]
          const some = yield* run([...across, "--exclude", "b/**", "--json-progress", "--no-resume"])
          expect(summaryOf(some)).toMatchObject({ transferred: 1 })
          expect(some.stderr).toMatch(/^\{"v":1,"type":"progress","id":"total"/m)
          expect(yield* keys("elsewhere/")).toEqual(["a"])
        }),
      Cos.patience(60_000)
    )

    it.scoped("--delete within its limits; a mistyped source deletes nothing", () =>
      Effect.gen(function* () {
        const { emulator, run, keys, root, seed } = yield* setUp({ "src/a": "1" })
        yield* seed("del/", { a: "1", old1: "1", old2: "1", old3: "1" })
        mkdirSync(`${root}/empty`)
        const to = "cos:///del/"
        const kept = ["a", "old1", "old2", "old3"]
        const refusals = [
          [["sync", `${root}/typo`, to, "--delete"], 4],
          [["sync", `${root}/empty`, to, "--delete"], 4],
          [["sync", "cos:///typo/", to, "--delete"], 4],
          [["sync", `${root}/src`, to, "--delete", "--max-delete=2"], 6],
          [["sync", `${root}/src`, "-", "--delete"], 2],
          [["sync", `${root}/src`, `${root}/empty`, "--delete"], 2],
          [["sync", `${root}/src`, to, "--delete", "--max-delete=-1"], 2]
        ] as const
        const runs = yield* Effect.forEach(refusals, ([words]) => run(words))
        expect(runs.map(({ code }) => code)).toEqual(refusals.map(([, code]) => code))
        for (const { stderr } of runs) expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^cos sync: .+/)
        expect(yield* keys("del/")).toEqual(kept)

        const dry = yield* run(["sync", "--json", `${root}/src`, to, "--delete", "--dry-run"])
        expect(dry.code).toBe(0)
        const planned = dry.lines.flatMap((line) => (line.type === "planned" ? [`${line.action} ${line.target}`] : []))
        expect(planned.filter((text) => text.startsWith("delete"))).toEqual([
          "delete cos:///del/old1",
          "delete cos:///del/old2",
          "delete cos:///del/old3"
        ])
        expect(yield* keys("del/")).toEqual(kept)

        // Nothing is deleted where something failed.
        write(root, { "src/new": "1" })
        yield* emulator.scopedFault({
          on: { operation: "putObject", key: "del/new" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const failed = yield* run(["sync", "--json", `${root}/src`, to, "--delete", "--size-only"])
        expect(failed.code).toBe(5)
        expect(yield* keys("del/")).toEqual(kept)
        const done = yield* run(["sync", "--json", `${root}/src`, to, "--delete", "--max-delete=3", "--size-only"])
        expect(summaryOf(done)).toMatchObject({ transferred: 1, deleted: 3 })
        expect(yield* keys("del/")).toEqual(["a", "new"])
        const emptied = ["sync", "--json", `${root}/empty`, to, "--delete", "--allow-empty-source"]
        expect(summaryOf(yield* run(emptied))).toMatchObject({ deleted: 2 })
      })
    )

    it.scoped("what failed is listed last, written down, and taken again; what is left out is told", () =>
      Effect.gen(function* () {
        const { emulator, run, keys, root } = yield* setUp({ "src/a": "1", "src/b": "2", "src/c": "3" })
        symlinkSync("a", `${root}/src/link`)
        writeFileSync(Buffer.concat([Buffer.from(`${root}/src/`), Buffer.from([0xff, 0xfe])]), "5")
        const fault = yield* emulator.scopedFault({
          on: { operation: "putObject", key: "part/b", times: "all" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const words = ["sync", "--json", `${root}/src`, "cos:///part/", "--failed", `${root}/failed`]
        const first = yield* run(words)
        expect(first.code).toBe(3)
        expect(first.lines.slice(-3).map(({ type }) => type)).toEqual(["summary", "failed", "failed"])
        expect(first.lines.filter(({ type }) => type === "skipped")).toMatchObject([{ reason: "Link" }])
        yield* fault.remove
        rmSync(Buffer.concat([Buffer.from(`${root}/src/`), Buffer.from([0xff, 0xfe])]))
        write(root, { "src/later": "4" })
        const second = yield* run(words)
        expect(second.code).toBe(0)
        expect(yield* keys("part/")).toEqual(["a", "b", "c"])
        expect(existsSync(`${root}/failed`)).toBe(false)
        expect(summaryOf(yield* run(words))).toMatchObject({ transferred: 1 })
      })
    )

    it.scoped("--plan writes it, and apply carries it out: once, and not where the world has changed", () =>
      Effect.gen(function* () {
        const { run, keys, root, seed } = yield* setUp({ "src/a": "1", "src/b": "2" })
        yield* seed("plan/", { b: "old one", gone: "1", other: "1" })
        const plan = join(root, "a.plan")
        const planned = yield* run(["sync", "--json", `${root}/src`, "cos:///plan/", "--delete", "--plan", plan])
        expect(planned.lines).toMatchObject([{ type: "plan", transfers: 2, bytes: 2, deletions: 2 }])
        expect(yield* keys("plan/")).toEqual(["b", "gone", "other"])

        yield* seed("plan/", { b: "somebody's" })
        const outdated = yield* run(["apply", "--json", plan])
        expect(outdated.code).toBe(3)
        expect(outdated.lines.find(({ type }) => type === "failed")).toMatchObject({ exit: 6, code: "PlanOutdated" })
        expect(yield* keys("plan/")).toEqual(["a", "b", "gone", "other"])

        yield* run(["sync", `${root}/src`, "cos:///plan/", "--delete", "--plan", plan])
        const applied = yield* run(["apply", "--json", plan, "--concurrency=2", "--json-progress", "--no-resume"])
        expect(summaryOf(applied)).toMatchObject({ command: "apply", transferred: 1, deleted: 2, failed: 0 })
        expect(yield* keys("plan/")).toEqual(["a", "b"])
        const again = yield* run(["apply", "--json", plan])
        expect(summaryOf(again)).toMatchObject({ transferred: 0, deleted: 0, skipped: 3, failed: 0 })

        const text = readFileSync(plan, "utf8")
        const refused = [
          [text.slice(0, -9), 7],
          [text.replace('"name":"b"', '"name":"c"'), 7],
          ["no plan", 2]
        ] as const
        for (const [content, code] of refused) {
          writeFileSync(plan, content)
          expect(yield* run(["apply", plan])).toMatchObject({ code })
        }
        expect(yield* run(["apply", `${root}/none`])).toMatchObject({ code: 4 })
        expect(yield* run(["sync", `${root}/typo`, "cos:///plan/", "--plan", `${root}/none`])).toMatchObject({
          code: 4
        })
        expect(existsSync(`${root}/none`)).toBe(false)
      })
    )
  })
})
