/** The commands that only read: ls, du, stat, find, cat. */
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator, Fault } from "effect-cos-emulator"
import * as Cos from "./support/cos.js"

const text = (size: number) => "x".repeat(size)

const objects: ReadonlyArray<readonly [key: string, size: number]> = [
  ["a.txt", 5],
  ["logs/2026/b.log", 2048],
  ["logs/c.log", 100],
  ["logs/c.txt", 100],
  ["space and + 照片.jpg", 7]
]

describe("commands that read", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("ls lists a level, everything, versions, a limit, and buckets", () =>
      Effect.gen(function* () {
        const { run, built } = yield* Cos.Cos
        const { seed } = yield* Emulator.Emulator
        expect(yield* built("ls cos:///")).toMatchObject({ code: 0, stdout: "", stderr: "" })
        yield* Effect.forEach(objects, ([key, size]) => seed(Cos.bucket, key, text(size)))
        yield* seed(Cos.bucket, "z/\u202egpj.txt", "z")
        const names = (lines: ReadonlyArray<{ readonly type: string }>) =>
          lines.map((line) => ("key" in line ? line.key : "prefix" in line ? line.prefix : line.type))

        const level = yield* built(`ls --json cos://${Cos.bucket}`)
        expect(names(level.lines)).toEqual(["a.txt", "logs/", "space and + 照片.jpg", "z/"])
        const all = yield* run("--json ls cos:///logs/ -r")
        expect(names(all.lines)).toEqual(["logs/2026/b.log", "logs/c.log", "logs/c.txt"])
        const two = yield* run("ls --json --limit=2 cos:///")
        expect(names(two.lines)).toEqual(["a.txt", "logs/"])
        expect((yield* run("ls --json")).lines).toMatchObject([
          { type: "bucket", bucket: Cos.bucket, region: "ap-guangzhou" }
        ])
        const shown = yield* run("ls -r cos:///")
        expect(shown.stdout).toContain("z/\\u202egpj.txt")
        expect(shown.stdout.split("\n")[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {9}5 B {2}STANDARD {5}a\.txt$/)
      })
    )

    it.effect("du adds up folders and the total", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const { lines } = yield* run("du --json cos:///logs/")
        expect(lines).toMatchObject([
          { type: "usage", prefix: "logs/2026/", objects: 1, bytes: 2048 },
          { type: "usage", prefix: "logs/", objects: 2, bytes: 200 },
          { type: "total-usage", objects: 3, bytes: 2248, classes: { STANDARD: { objects: 3, bytes: 2248 } } }
        ])
        const deep = yield* run("du --depth 2 --versions --json cos:///")
        expect(deep.lines).toMatchObject([
          { type: "usage", prefix: "", objects: 2, bytes: 12 },
          { type: "usage", prefix: "logs/2026/", objects: 1 },
          { type: "usage", prefix: "logs/", objects: 2 },
          { type: "usage", prefix: "z/" },
          { type: "total-usage", objects: 6 }
        ])
        expect((yield* run("du cos:///")).stdout).toMatch(/^ +12 B +2 objects {2}cos:\/\/\/\n/)
        const { stdout } = yield* run("du cos:///logs/")
        expect(stdout).toBe(
          "   2.0 KiB          1 object  logs/2026/\n     200 B         2 objects  logs/\n   2.2 KiB         3 objects  in all of cos:///logs/\n"
        )
      })
    )

    it.effect("find goes by name, age, size and class, and is given to rm", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const found = (words: string) =>
          Effect.map(run(`find ${words}`), ({ stdout }) => stdout.split("\n").slice(0, -1))
        expect(yield* found("cos:///logs/ --name **/*.log")).toEqual(["cos:///logs/2026/b.log", "cos:///logs/c.log"])
        expect(yield* found("cos:///logs/ --name *.log")).toEqual(["cos:///logs/c.log"])
        expect(yield* found("cos:///logs/ --not **/*.log")).toEqual(["cos:///logs/c.txt"])
        expect(yield* found("cos:/// --larger 1KiB")).toEqual(["cos:///logs/2026/b.log"])
        expect(yield* found("cos:///logs/ --smaller 1k --newer 1h")).toEqual(["cos:///logs/c.log", "cos:///logs/c.txt"])
        expect(yield* found("cos:/// --older 1d")).toEqual([])
        expect(yield* found("cos:/// --older 2999-01-01 --storage-class ARCHIVE")).toEqual([])
        const zero = yield* run("find --print0 cos:///logs/ --name c.*")
        expect(zero.stdout).toBe("cos:///logs/c.log\0cos:///logs/c.txt\0")
        const json = yield* run("find --json --versions cos:///a")
        expect(json.lines).toMatchObject([{ type: "object", key: "a.txt", size: 5, isLatest: true }])
        expect(yield* run("find --name photos/ cos:///")).toMatchObject({ code: 2, stdout: "" })
        expect((yield* run("find --larger much cos:///")).stderr).toContain('--larger "much" must be a size, such as')
        expect(yield* run("find --larger 10constructor cos:///")).toMatchObject({ code: 2, stdout: "" })
      })
    )

    it.effect("what find prints names nothing else to rm, whatever keys are like", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const { objects, seed } = yield* Emulator.Emulator
        const hostile = ["x/a\ncos:///keep/1", "x/b\rcos:///keep/1", "x/c\td", 'x/{"key":"keep/1"}']
        yield* Effect.forEach(["keep/1", "x/c", ...hostile], (key) => seed(Cos.bucket, key, ""))
        const found = yield* run(["find", "cos:///x/", "--name", "*[!c]*", "--name", "*/**", "--not", "c"])
        expect(found.stdout.split("\n")).toHaveLength(5)
        expect(yield* run("rm --yes -", { stdin: found.stdout })).toMatchObject({ code: 0 })
        const left = (yield* objects(Cos.bucket)).map(({ key }) => key).filter((key) => /^(keep|x)\//.test(key))
        expect(left).toEqual(["keep/1", "x/c"])
        const zero = yield* run("find --print0 cos:///x/")
        expect(zero.stdout).toBe("cos:///x/c\0")
        yield* run("rm --yes --recursive cos:///x/")
        yield* run("rm --yes --recursive cos:///keep/")
      })
    )

    it.effect("stat tells of an object and of a bucket", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const one = yield* run("stat --json cos:///a.txt")
        expect(one.lines).toMatchObject([{ type: "stat", key: "a.txt", size: 5, acl: "default", metadata: {} }])
        expect((yield* run("stat cos:///a.txt")).stdout).toMatch(/^address +cos:\/\/\/a\.txt\nsize +5 B\n/)
        const bucket = yield* run("stat --json cos:///")
        expect(bucket.lines).toMatchObject([
          { type: "bucket-stat", region: "ap-guangzhou", versioning: "never enabled" }
        ])
        const nothing = yield* run("stat cos:///nothing")
        expect(nothing).toMatchObject({ code: 4, stdout: "" })
        expect(nothing.stderr).toMatch(
          /^cos stat: cos:\/\/[^/]+\/nothing: no such object\. \(NoSuchKey, request \S+\)\n$/
        )
      })
    )

    it.effect("cat writes objects and ranges, and damage is exit code 7", () =>
      Effect.gen(function* () {
        const { built, run } = yield* Cos.Cos
        const { scopedFault, seed } = yield* Emulator.Emulator
        yield* seed(Cos.bucket, "digits", "0123456789")
        expect((yield* built("cat cos:///digits cos:///a.txt")).stdout).toBe("0123456789xxxxx")
        const ranges = yield* Effect.forEach(["2-4", "7-", "-2"], (range) => run(`cat --range ${range} cos:///digits`))
        expect(ranges.map(({ stdout }) => stdout)).toEqual(["234", "789", "89"])
        expect(yield* run("cat --range 4-2 cos:///digits")).toMatchObject({ code: 2, stdout: "" })
        expect(yield* run("cat cos:///nothing")).toMatchObject({ code: 4, stdout: "" })
        expect(yield* run("cat cos:///")).toMatchObject({ code: 2 })
        expect(yield* run("cat --json cos:///digits")).toMatchObject({ code: 2, stdout: "" })
        yield* scopedFault({ on: { operation: "getObject" }, do: Fault.flipBit(3) })
        expect((yield* run("cat cos:///digits")).code).toBe(7)
      }).pipe(Effect.scoped)
    )

    it.effect("versions are listed, told of and read", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const { seed } = yield* Emulator.Emulator
        yield* run("versioning enable cos:///")
        yield* seed(Cos.bucket, "v/a", "old")
        yield* seed(Cos.bucket, "v/a", "newer")
        const { lines } = yield* run("ls --versions -r --json cos:///v/")
        expect(lines).toMatchObject([
          { type: "object", key: "v/a", size: 5, isLatest: true },
          { type: "object", key: "v/a", size: 3, isLatest: false }
        ])
        expect((yield* run("ls --versions cos:///v")).stdout).toMatch(/^ *PREFIX? *|v\/$/m)
        const old = lines.map((line) => ("versionId" in line ? line.versionId : ""))[1]
        expect((yield* run(`cat --version-id ${old} cos:///v/a`)).stdout).toBe("old")
        expect((yield* run(`stat --version-id ${old} --json cos:///v/a`)).lines).toMatchObject([
          { size: 3, versionId: old }
        ])
        yield* run("rm cos:///v/a")
        const marked = yield* run("ls --versions -r --json cos:///v/")
        expect(marked.lines.map(({ type }) => type)).toEqual(["delete-marker", "object", "object"])
      })
    )
  })
})
