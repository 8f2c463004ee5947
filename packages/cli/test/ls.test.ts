import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator } from "effect-cos-emulator"
import * as Cos from "./support/cos.js"

const keys = ["a.txt", "photos/1.jpg", "photos/2.jpg", "z\u202egpj.txt"]

describe("cos ls", () => {
  layer(Cos.layer())((it) => {
    it.effect("lists a level, everything, a limit, and buckets", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const { seed } = yield* Emulator.Emulator
        const empty = yield* run("ls cos:///")
        expect(empty).toMatchObject({ code: 0, stdout: "", stderr: "" })
        yield* Effect.forEach(keys, (key) => seed(Cos.bucket, key, new TextEncoder().encode(key)))
        const names = (lines: ReadonlyArray<{ readonly type: string }>) =>
          lines.map((line) => ("key" in line ? line.key : "prefix" in line ? line.prefix : line.type))

        const level = yield* run(`ls --json cos://${Cos.bucket}`)
        expect(names(level.lines)).toEqual(["a.txt", "photos/", keys[3]])
        const all = yield* run("--json ls cos:/// -r")
        expect(names(all.lines)).toEqual(keys)
        const two = yield* run("ls --json --limit=2 cos:///")
        expect(names(two.lines)).toEqual(["a.txt", "photos/"])
        const buckets = yield* run("ls --json")
        expect(buckets.lines).toMatchObject([{ type: "bucket", bucket: Cos.bucket, region: "ap-guangzhou" }])
        const text = yield* run("ls cos:///")
        expect(text.stdout).toContain("z\\u202egpj.txt")
        expect(text.stdout.split("\n")[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2} {7}5 B {2}STANDARD {5}a\.txt$/)
      })
    )
  })
})
