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
        const { run, built } = yield* Cos.Cos
        const { bytes } = yield* Emulator.Emulator
        const made = yield* built(["put", "--json", "--meta", "by=me", "--tag", "a=b", "cos:///in.txt"], {
          stdin: "hello"
        })
        expect(made).toMatchObject({
          code: 0,
          stderr: "cos:///in.txt: 5 B\n",
          lines: [{ type: "put", key: "in.txt", size: 5 }]
        })
        expect(new TextDecoder().decode(yield* bytes(Cos.bucket, "in.txt"))).toBe("hello")
        expect((yield* run("stat --json cos:///in.txt")).lines).toMatchObject([
          { metadata: { by: "me" }, tags: { a: "b" } }
        ])
        expect(yield* built("put --no-clobber cos:///in.txt", { stdin: "other" })).toMatchObject({
          code: 6,
          stdout: ""
        })
        expect(yield* built("put --size 6 cos:///short.txt", { stdin: "hello" })).toMatchObject({ code: 2, stdout: "" })
        expect(yield* stored).toEqual(["in.txt"])
        const typed = ["--size=2", "--content-type=text/x", "--storage-class=standard_ia", "--quiet"]
        expect(yield* run(["put", ...typed, "cos:///typed"], { stdin: "hi" })).toMatchObject({ code: 0, stderr: "" })
        expect((yield* run("stat --json cos:///typed")).lines).toMatchObject([
          { size: 2, contentType: "text/x", storageClass: "STANDARD_IA" }
        ])
      })
    )

    it.effect("rm removes one object without a question, which has to be there", () =>
      Effect.gen(function* () {
        yield* reset
        yield* seed("a", "b", "folder/c")
        const { run } = yield* Cos.Cos
        expect(yield* run("rm cos:///a")).toMatchObject({
          code: 0,
          stdout: "cos:///a\n",
          stderr: "1 object removed\n"
        })
        expect(yield* run("rm cos:///a")).toMatchObject({ code: 4, stdout: "" })
        expect((yield* run("rm cos:///folder/")).stderr).toContain("--recursive removes what lies below it")
        expect(yield* run("rm --versoins cos:///b")).toMatchObject({ code: 2 })
        expect(yield* run("rm --dry-run cos:///b")).toMatchObject({ code: 0, stdout: "would be removed: cos:///b\n" })
        expect(yield* stored).toEqual(["b", "folder/c"])
      })
    )

    it.effect("rm asks before it removes many, and without a terminal that is exit code 2", () =>
      Effect.gen(function* () {
        yield* reset
        yield* seed("p/a", "p/b", "q")
        const { built } = yield* Cos.Cos
        const refused = yield* built("rm -r cos:///p/")
        expect(refused).toMatchObject({ code: 2, stdout: "" })
        expect(refused.stderr).toContain('"Remove 2 objects (6 B) of cos:///p/?" has to be answered')
        expect(yield* stored).toEqual(["p/a", "p/b", "q"])
        const list = "cos:///p/a\ncos:///q\n"
        expect(yield* built("rm -", { stdin: list })).toMatchObject({ code: 2, stdout: "" })
        expect(yield* built("rm --yes -", { stdin: `${list}nonsense\n` })).toMatchObject({ code: 2, stdout: "" })
        expect(yield* stored).toEqual(["p/a", "p/b", "q"])
        const removed = yield* built("rm --yes --json -", { stdin: list })
        expect(removed.lines).toMatchObject([
          { key: "p/a" },
          { key: "q" },
          { type: "removed-total", objects: 2, failed: 0 }
        ])
        expect(yield* stored).toEqual(["p/b"])
      })
    )

    it.effect("rm of a list on standard input takes no option that says of what else", () =>
      Effect.gen(function* () {
        yield* reset
        yield* seed("a", "folder/b")
        const { run } = yield* Cos.Cos
        for (const option of ["--recursive", "--versions", "--version-id=x"]) {
          expect(yield* run(["rm", "--yes", option, "-"], { stdin: "cos:///a\n" })).toMatchObject({
            code: 2,
            stdout: ""
          })
        }
        expect(yield* stored).toEqual(["a", "folder/b"])
      })
    )

    it.effect("rm goes through all, tells what failed, and ends with exit code 3", () =>
      Effect.gen(function* () {
        yield* reset
        const keys = Array.from({ length: 1_203 }, (_, index) => `many/${String(index).padStart(4, "0")}`)
        yield* Effect.forEach(keys, (key) => seed(key), { concurrency: 50, discard: true })
        const { run } = yield* Cos.Cos
        const { scopedFault } = yield* Emulator.Emulator
        yield* scopedFault({
          on: { operation: "deleteMultipleObjects", nth: 2, times: "all" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const { code, failure, lines } = yield* run("rm -r --yes --json cos:///many/")
        expect(code).toBe(3)
        expect(failure).toMatchObject({ exit: 3, message: "203 of 1203 objects failed" })
        expect(lines.filter(({ type }) => type === "not-removed")).toHaveLength(203)
        expect(lines.at(-1)).toEqual({ v: 1, type: "removed-total", objects: 1000, failed: 203 })
        expect(yield* stored).toHaveLength(203)
      }).pipe(Effect.scoped)
    )

    it.effect("rm tells what is gone when its listing fails midway, and ends with exit code 3", () =>
      Effect.gen(function* () {
        yield* reset
        const keys = Array.from({ length: 1_001 }, (_, index) => `many/${String(index).padStart(4, "0")}`)
        yield* Effect.forEach(keys, (key) => seed(key), { concurrency: 50, discard: true })
        const { run } = yield* Cos.Cos
        const { scopedFault } = yield* Emulator.Emulator
        yield* scopedFault({
          on: { operation: "listObjects", nth: 2, times: "all" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const { code, failure, lines } = yield* run("rm -r --yes --json cos:///many/")
        expect({ code, lines: lines.length }).toEqual({ code: 3, lines: 1_001 })
        expect(lines.at(-1)).toEqual({ v: 1, type: "removed-total", objects: 1000, failed: 0 })
        expect(failure).toMatchObject({ exit: 3, code: "AccessDenied" })
        expect(failure?.message).toMatch(/; 1,000 objects had been removed by then$/)
        expect(yield* stored).toHaveLength(1)
        // Nothing was removed yet: the failure's own code.
        expect(yield* run("rm -r --yes --json cos:///many/")).toMatchObject({ code: 5, failure: { exit: 5 } })
      }).pipe(Effect.scoped)
    )

    it.effect("rm --versions removes every version, and --version-id one", () =>
      Effect.gen(function* () {
        yield* reset
        const { run } = yield* Cos.Cos
        const { versions } = yield* Emulator.Emulator
        yield* run("versioning enable cos:///")
        yield* seed("a", "a", "ab")
        yield* run("rm cos:///a")
        const found = yield* run("find --versions --json cos:///a")
        expect(found.lines.map(({ type }) => type)).toEqual(["delete-marker", "object", "object", "object"])
        const [, newest] = found.lines
        const id = newest !== undefined && "versionId" in newest ? newest.versionId : ""
        expect((yield* run(`rm --version-id ${id} cos:///a`)).code).toBe(0)
        expect((yield* run("rm --versions --yes cos:///a")).stderr).toBe("2 objects removed\n")
        expect((yield* versions(Cos.bucket)).map(({ key }) => key)).toEqual(["ab"])
        expect(yield* run("rm --version-id x -r cos:///")).toMatchObject({ code: 2 })
      })
    )

    it.effect("mb and rb make and remove a bucket, rb after a question", () =>
      Effect.gen(function* () {
        yield* reset
        const { run } = yield* Cos.Cos
        expect(yield* run("mb --acl public-read cos://new-1250000000")).toMatchObject({ code: 0, stdout: "" })
        expect(yield* run("mb cos://new-1250000000")).toMatchObject({ code: 6 })
        const maz = yield* run("mb --maz --json cos://maz-1250000000")
        expect(maz).toMatchObject({ code: 0, lines: [{ type: "done", what: "mb", bucket: "maz-1250000000" }] })
        expect((yield* run("stat --json cos://maz-1250000000")).lines).toMatchObject([{ availability: "MAZ" }])
        yield* run("rb --yes cos://maz-1250000000")
        expect(yield* run("mb cos://new-1250000000/key")).toMatchObject({ code: 2 })
        expect(yield* run("rb cos://new-1250000000")).toMatchObject({ code: 2, stdout: "" })
        yield* seed("a")
        const full = yield* run(`rb --yes cos://${Cos.bucket}`)
        expect(full.code).toBe(6)
        expect(full.stderr).toContain("cos rm --recursive --versions")
        expect(yield* run("rb --yes --json cos://new-1250000000")).toMatchObject({ code: 0, lines: [{ what: "rb" }] })
        expect(yield* run("rb --yes cos://new-1250000000")).toMatchObject({ code: 4 })
      })
    )

    it.effect("uploads lists unfinished uploads with age and bytes, and aborts them", () =>
      Effect.gen(function* () {
        yield* reset
        const { run, built } = yield* Cos.Cos
        const { scopedFault, unfinishedUploads } = yield* Emulator.Emulator
        // Neither completed nor aborted: as after a process that was killed.
        yield* scopedFault({
          on: { operation: "completeMultipartUpload", times: "all" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const refusal = yield* scopedFault({
          on: { operation: "abortMultipartUpload", times: "all" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const left = yield* built("put cos:///left.bin", { stdin: new Uint8Array(9 * 1024 * 1024) })
        expect(left.code).toBe(5)
        expect(left.stderr).toContain("cos: warning: ")
        const listed = yield* run("uploads --json cos:///")
        expect(listed.lines).toMatchObject([{ type: "upload", key: "left.bin", bytes: 9 * 1024 * 1024 }])
        expect((yield* run("uploads --older 1h cos:///")).stdout).toBe("")
        expect(yield* run("uploads --abort cos:///")).toMatchObject({ code: 2 })
        const refused = yield* run("uploads --abort --yes --json cos:///")
        expect(refused).toMatchObject({ code: 1, lines: [{ type: "not-removed", code: "AccessDenied" }] })
        yield* refusal.remove
        const aborted = yield* run("uploads --abort --yes --json cos:///")
        expect(aborted).toMatchObject({ code: 0, lines: [{ type: "aborted", key: "left.bin" }] })
        expect(yield* unfinishedUploads).toEqual([])
        expect((yield* run("uploads cos:///")).stdout).toBe("")
      }).pipe(Effect.scoped)
    )

    it.effect("restore brings an archived object back", () =>
      Effect.gen(function* () {
        yield* reset
        const { run, built } = yield* Cos.Cos
        yield* built("put --storage-class ARCHIVE cos:///old.tar", { stdin: "old" })
        const cold = yield* run("cat cos:///old.tar")
        expect(cold.code).toBe(6)
        expect(cold.stderr).toContain("`cos restore` brings it back")
        expect(yield* run("restore --days 2 --tier expedited --json cos:///old.tar")).toMatchObject({
          code: 0,
          lines: [{ what: "restore", key: "old.tar" }]
        })
        expect(yield* run("restore --tier slow cos:///old.tar")).toMatchObject({ code: 2 })
        yield* run("versioning enable cos:///")
        yield* run("put --storage-class ARCHIVE cos:///v.tar", { stdin: "old" })
        const [version] = (yield* run("find --versions --json cos:///v.tar")).lines
        const id = version !== undefined && "versionId" in version ? version.versionId : ""
        yield* run("put cos:///v.tar", { stdin: "new" })
        expect(yield* run(`restore --days 1 --version-id ${id} cos:///v.tar`)).toMatchObject({ code: 0 })
        expect((yield* run(`stat --json --version-id ${id} cos:///v.tar`)).lines).toMatchObject([
          { restore: { ongoing: expect.any(Boolean) } }
        ])
      })
    )
  })
})
