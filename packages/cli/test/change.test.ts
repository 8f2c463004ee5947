/** The commands that change something: put, rm, mb, rb, uploads, restore. */
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator, Fault } from "effect-cos-emulator"
import * as Cos from "./support/cos.js"

const stored = Effect.gen(function* () {
  const { objects } = yield* Emulator.Emulator
  return (yield* objects(Cos.bucket)).map(({ key }) => key)
})

const seed = (...keys: ReadonlyArray<string>) =>
  Effect.flatMap(Emulator.Emulator, ({ seed }) => Effect.forEach(keys, (key) => seed(Cos.bucket, key, key)))

const reset = Effect.flatMap(Emulator.Emulator, ({ reset }) => reset)

describe("commands that change something", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("put makes an object of standard input, and nothing of a wrong size", () =>
      Effect.gen(function* () {
        yield* reset
        const { here, run } = yield* Cos.Cos
        const { bytes } = yield* Emulator.Emulator
        const made = yield* run(["put", "--json", "--meta", "by=me", "--tag", "a=b", "cos:///in.txt"], {
          stdin: "hello"
        })
        expect(made).toMatchObject({
          code: 0,
          stderr: "cos:///in.txt: 5 B\n",
          lines: [{ type: "put", key: "in.txt", size: 5 }]
        })
        expect(new TextDecoder().decode(yield* bytes(Cos.bucket, "in.txt"))).toBe("hello")
        expect((yield* here("stat --json cos:///in.txt")).lines).toMatchObject([
          { metadata: { by: "me" }, tags: { a: "b" } }
        ])
        expect(yield* run("put --no-clobber cos:///in.txt", { stdin: "other" })).toMatchObject({ code: 6, stdout: "" })
        expect(yield* run("put --size 6 cos:///short.txt", { stdin: "hello" })).toMatchObject({ code: 2, stdout: "" })
        expect(yield* stored).toEqual(["in.txt"])
      })
    )

    it.effect("rm removes one object without a question, which has to be there", () =>
      Effect.gen(function* () {
        yield* reset
        yield* seed("a", "b", "folder/c")
        const { here } = yield* Cos.Cos
        expect(yield* here("rm cos:///a")).toMatchObject({
          code: 0,
          stdout: "cos:///a\n",
          stderr: "1 object removed\n"
        })
        expect(yield* here("rm cos:///a")).toMatchObject({ code: 4, stdout: "" })
        expect((yield* here("rm cos:///folder/")).stderr).toContain("--recursive removes what lies below it")
        expect(yield* here("rm --versoins cos:///b")).toMatchObject({ code: 2 })
        expect(yield* here("rm --dry-run cos:///b")).toMatchObject({ code: 0, stdout: "would be removed: cos:///b\n" })
        expect(yield* stored).toEqual(["b", "folder/c"])
      })
    )

    it.effect("rm asks before it removes many, and without a terminal that is exit code 2", () =>
      Effect.gen(function* () {
        yield* reset
        yield* seed("p/a", "p/b", "q")
        const { run } = yield* Cos.Cos
        const refused = yield* run("rm -r cos:///p/")
        expect(refused).toMatchObject({ code: 2, stdout: "" })
        expect(refused.stderr).toContain('"Remove 2 objects (6 B) of cos:///p/?" has to be answered')
        expect(yield* stored).toEqual(["p/a", "p/b", "q"])
        const list = "cos:///p/a\ncos:///q\n"
        expect(yield* run("rm -", { stdin: list })).toMatchObject({ code: 2, stdout: "" })
        expect(yield* run("rm --yes -", { stdin: `${list}nonsense\n` })).toMatchObject({ code: 2, stdout: "" })
        expect(yield* stored).toEqual(["p/a", "p/b", "q"])
        const removed = yield* run("rm --yes --json -", { stdin: list })
        expect(removed.lines).toMatchObject([
          { key: "p/a" },
          { key: "q" },
          { type: "removed-total", objects: 2, failed: 0 }
        ])
        expect(yield* stored).toEqual(["p/b"])
      })
    )

    it.effect("rm goes through all, tells what failed, and ends with exit code 3", () =>
      Effect.gen(function* () {
        yield* reset
        const keys = Array.from({ length: 1_203 }, (_, index) => `many/${String(index).padStart(4, "0")}`)
        yield* Effect.forEach(keys, (key) => seed(key), { concurrency: 50, discard: true })
        const { here } = yield* Cos.Cos
        const { scopedFault } = yield* Emulator.Emulator
        yield* scopedFault({
          on: { operation: "deleteMultipleObjects", nth: 2, times: "all" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const { code, failure, lines } = yield* here("rm -r --yes --json cos:///many/")
        expect(code).toBe(3)
        expect(failure).toMatchObject({ exit: 3, message: "203 of 1203 objects failed" })
        expect(lines.filter(({ type }) => type === "not-removed")).toHaveLength(203)
        expect(lines.at(-1)).toEqual({ v: 1, type: "removed-total", objects: 1000, failed: 203 })
        expect(yield* stored).toHaveLength(203)
      }).pipe(Effect.scoped)
    )

    it.effect("rm --versions removes every version, and --version-id one", () =>
      Effect.gen(function* () {
        yield* reset
        const { here } = yield* Cos.Cos
        const { versions } = yield* Emulator.Emulator
        yield* here("versioning enable cos:///")
        yield* seed("a", "a", "ab")
        yield* here("rm cos:///a")
        const found = yield* here("find --versions --json cos:///a")
        expect(found.lines.map(({ type }) => type)).toEqual(["delete-marker", "object", "object", "object"])
        const [, newest] = found.lines
        const id = newest !== undefined && "versionId" in newest ? newest.versionId : ""
        expect((yield* here(`rm --version-id ${id} cos:///a`)).code).toBe(0)
        expect((yield* here("rm --versions --yes cos:///a")).stderr).toBe("2 objects removed\n")
        expect((yield* versions(Cos.bucket)).map(({ key }) => key)).toEqual(["ab"])
        expect(yield* here("rm --version-id x -r cos:///")).toMatchObject({ code: 2 })
      })
    )

    it.effect("mb and rb make and remove a bucket, rb after a question", () =>
      Effect.gen(function* () {
        yield* reset
        const { here } = yield* Cos.Cos
        expect(yield* here("mb --acl public-read cos://new-1250000000")).toMatchObject({ code: 0, stdout: "" })
        expect(yield* here("mb cos://new-1250000000")).toMatchObject({ code: 6 })
        expect(yield* here("mb cos://new-1250000000/key")).toMatchObject({ code: 2 })
        expect(yield* here("rb cos://new-1250000000")).toMatchObject({ code: 2, stdout: "" })
        yield* seed("a")
        const full = yield* here(`rb --yes cos://${Cos.bucket}`)
        expect(full.code).toBe(6)
        expect(full.stderr).toContain("cos rm --recursive --versions")
        expect(yield* here("rb --yes --json cos://new-1250000000")).toMatchObject({ code: 0, lines: [{ what: "rb" }] })
        expect(yield* here("rb --yes cos://new-1250000000")).toMatchObject({ code: 4 })
      })
    )

    it.effect("uploads lists unfinished uploads with age and bytes, and aborts them", () =>
      Effect.gen(function* () {
        yield* reset
        const { here, run } = yield* Cos.Cos
        const { scopedFault, unfinishedUploads } = yield* Emulator.Emulator
        // Neither completed nor aborted: as after a process that was killed.
        yield* scopedFault({
          on: { operation: "completeMultipartUpload", times: "all" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        yield* scopedFault({
          on: { operation: "abortMultipartUpload", times: 20 },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const left = yield* run("put cos:///left.bin", { stdin: new Uint8Array(9 * 1024 * 1024) })
        expect(left.code).toBe(5)
        expect(left.stderr).toContain("cos: warning: ")
        const listed = yield* here("uploads --json cos:///")
        expect(listed.lines).toMatchObject([{ type: "upload", key: "left.bin", bytes: 9 * 1024 * 1024 }])
        expect((yield* here("uploads --older 1h cos:///")).stdout).toBe("")
        expect(yield* here("uploads --abort cos:///")).toMatchObject({ code: 2 })
        yield* Effect.repeat(here("uploads --abort --yes cos:///"), { until: ({ code }) => code === 0, times: 20 })
        expect(yield* unfinishedUploads).toEqual([])
        expect((yield* here("uploads cos:///")).stdout).toBe("")
      }).pipe(Effect.scoped)
    )

    it.effect("restore brings an archived object back", () =>
      Effect.gen(function* () {
        yield* reset
        const { here, run } = yield* Cos.Cos
        yield* run("put --storage-class ARCHIVE cos:///old.tar", { stdin: "old" })
        const cold = yield* here("cat cos:///old.tar")
        expect(cold.code).toBe(6)
        expect(cold.stderr).toContain("`cos restore` brings it back")
        expect(yield* here("restore --days 2 --tier expedited --json cos:///old.tar")).toMatchObject({
          code: 0,
          lines: [{ what: "restore", key: "old.tar" }]
        })
        expect(yield* here("restore --tier slow cos:///old.tar")).toMatchObject({ code: 2 })
      })
    )
  })
})
