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
        const { here, run } = yield* Cos.Cos
        const { seed } = yield* Emulator.Emulator
        expect(yield* run("ls cos:///")).toMatchObject({ code: 0, stdout: "", stderr: "" })
        yield* Effect.forEach(objects, ([key, size]) => seed(Cos.bucket, key, text(size)))
        yield* seed(Cos.bucket, "z/\u202egpj.txt", "z")
        const names = (lines: ReadonlyArray<{ readonly type: string }>) =>
          lines.map((line) => ("key" in line ? line.key : "prefix" in line ? line.prefix : line.type))

        const level = yield* run(`ls --json cos://${Cos.bucket}`)
        expect(names(level.lines)).toEqual(["a.txt", "logs/", "space and + 照片.jpg", "z/"])
        const all = yield* here("--json ls cos:///logs/ -r")
        expect(names(all.lines)).toEqual(["logs/2026/b.log", "logs/c.log", "logs/c.txt"])
        const two = yield* here("ls --json --limit=2 cos:///")
        expect(names(two.lines)).toEqual(["a.txt", "logs/"])
        expect((yield* here("ls --json")).lines).toMatchObject([
          { type: "bucket", bucket: Cos.bucket, region: "ap-guangzhou" }
        ])
        const shown = yield* here("ls -r cos:///")
        expect(shown.stdout).toContain("z/\\u202egpj.txt")
        expect(shown.stdout.split("\n")[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {9}5 B {2}STANDARD {5}a\.txt$/)
      })
    )

    it.effect("du adds up folders and the total", () =>
      Effect.gen(function* () {
        const { here } = yield* Cos.Cos
        const { lines } = yield* here("du --json cos:///logs/")
        expect(lines).toMatchObject([
          { type: "usage", prefix: "logs/2026/", objects: 1, bytes: 2048 },
          { type: "usage", prefix: "logs/", objects: 2, bytes: 200 },
          { type: "total-usage", objects: 3, bytes: 2248, classes: { STANDARD: { objects: 3, bytes: 2248 } } }
        ])
        const { stdout } = yield* here("du cos:///logs/")
        expect(stdout).toBe(
          "   2.0 KiB          1 object  logs/2026/\n     200 B         2 objects  logs/\n   2.2 KiB         3 objects  in all of cos:///logs/\n"
        )
      })
    )

    it.effect("find goes by name, age, size and class, and is given to rm", () =>
      Effect.gen(function* () {
        const { here } = yield* Cos.Cos
        const found = (words: string) =>
          Effect.map(here(`find ${words}`), ({ stdout }) => stdout.split("\n").slice(0, -1))
        expect(yield* found("cos:///logs/ --name **/*.log")).toEqual(["cos:///logs/2026/b.log", "cos:///logs/c.log"])
        expect(yield* found("cos:///logs/ --name *.log")).toEqual(["cos:///logs/c.log"])
        expect(yield* found("cos:///logs/ --not **/*.log")).toEqual(["cos:///logs/c.txt"])
        expect(yield* found("cos:/// --larger 1KiB")).toEqual(["cos:///logs/2026/b.log"])
        expect(yield* found("cos:///logs/ --smaller 1k --newer 1h")).toEqual(["cos:///logs/c.log", "cos:///logs/c.txt"])
        expect(yield* found("cos:/// --older 1d")).toEqual([])
        expect(yield* found("cos:/// --older 2999-01-01 --storage-class ARCHIVE")).toEqual([])
        const zero = yield* here("find --print0 cos:///logs/ --name c.*")
        expect(zero.stdout).toBe("cos:///logs/c.log\0cos:///logs/c.txt\0")
        const json = yield* here("find --json --versions cos:///a")
        expect(json.lines).toMatchObject([{ type: "object", key: "a.txt", size: 5, isLatest: true }])
        expect(yield* here("find --name photos/ cos:///")).toMatchObject({ code: 2, stdout: "" })
        expect((yield* here("find --larger much cos:///")).stderr).toContain('--larger "much" must be a size, such as')
      })
    )

    it.effect("stat tells of an object and of a bucket", () =>
      Effect.gen(function* () {
        const { here } = yield* Cos.Cos
        const one = yield* here("stat --json cos:///a.txt")
        expect(one.lines).toMatchObject([{ type: "stat", key: "a.txt", size: 5, acl: "default", metadata: {} }])
        expect((yield* here("stat cos:///a.txt")).stdout).toMatch(/^address +cos:\/\/\/a\.txt\nsize +5 \(5 B\)\n/)
        const bucket = yield* here("stat --json cos:///")
        expect(bucket.lines).toMatchObject([
          { type: "bucket-stat", region: "ap-guangzhou", versioning: "never enabled" }
        ])
        expect(yield* here("stat cos:///nothing")).toMatchObject({ code: 4, stdout: "" })
      })
    )

    it.effect("cat writes objects and ranges, and damage is exit code 7", () =>
      Effect.gen(function* () {
        const { run, here } = yield* Cos.Cos
        const { scopedFault, seed } = yield* Emulator.Emulator
        yield* seed(Cos.bucket, "digits", "0123456789")
        expect((yield* run("cat cos:///digits cos:///a.txt")).stdout).toBe("0123456789xxxxx")
        const ranges = yield* Effect.forEach(["2-4", "7-", "-2"], (range) => here(`cat --range ${range} cos:///digits`))
        expect(ranges.map(({ stdout }) => stdout)).toEqual(["234", "789", "89"])
        expect(yield* here("cat --range 4-2 cos:///digits")).toMatchObject({ code: 2, stdout: "" })
        expect(yield* here("cat cos:///nothing")).toMatchObject({ code: 4, stdout: "" })
        expect(yield* here("cat cos:///")).toMatchObject({ code: 2 })
        yield* scopedFault({ on: { operation: "getObject" }, do: Fault.flipBit(3) })
        expect((yield* here("cat cos:///digits")).code).toBe(7)
      }).pipe(Effect.scoped)
    )
  })
})
