/** What scripts rely on, whatever the command: exit codes, the two streams, one line for each failure. */
import { closeSync, openSync } from "node:fs"
import { describe, expect, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as CosError from "effect-cos/CosError"
import { Emulator, Fault } from "effect-cos-emulator"
import { commands } from "../src/commands.js"
import { CommandFailed, DoneInPart, reportOf, UsageError } from "../src/contract/errors.js"
import { exitCodes } from "../src/contract/exitCode.js"
import { meant } from "../src/contract/spelling.js"
import * as Cos from "./support/cos.js"

/** The words of a command line, its exit code, and what it says. */
const refusals: ReadonlyArray<readonly [words: string, code: number, says: string]> = [
  ["", 2, "cos: no command. `cos help` lists the commands."],
  ["sl", 2, "cos: unknown command sl. Did you mean ls?"],
  ["frobnicate", 2, "cos: unknown command frobnicate. `cos help` lists the commands."],
  ["ls --recursiv cos:///", 2, "cos ls: unknown option --recursiv. Did you mean --recursive?"],
  ["--jsn ls", 2, "cos: unknown option --jsn. Did you mean --json?"],
  ["ls --zzz", 2, "cos ls: unknown option --zzz. `cos help ls` lists the options."],
  ["ls --limit", 2, "cos ls: --limit needs a value. Write --limit N."],
  [
    "ls --limit five cos:///",
    2,
    'cos ls: --limit "five" must be a whole number from 1. `cos help ls` shows how it is written.'
  ],
  ["ls --recursive=yes cos:///", 2, "cos ls: --recursive takes no value."],
  ["rm -r- cos:///", 2, "cos rm: unknown option -r-. "],
  ["ls --region a cos:/// --region b", 2, "cos ls: --region is given twice."],
  ["--region a ls cos:/// --region b", 2, "cos ls: --region is given twice."],
  ["ls cos:/// cos:///", 2, "cos ls: too many arguments: cos:///. `cos help ls` shows how it is written."],
  [
    "ls photos",
    2,
    'cos ls: "photos" is not in COS. Write cos://bucket-appid/key, or cos:///key for the bucket of COS_BUCKET.'
  ],
  [
    "ls cos:/photos-1250000000/a",
    2,
    'cos ls: "cos:/photos-1250000000/a" is no address. Write cos://bucket-appid/key, or cos:///key.'
  ],
  ["ls COS://photos-1250000000", 2, 'cos ls: "COS://photos-1250000000" is no address. Write cos:// in small letters.'],
  [
    "ls cos://photos/a",
    2,
    'cos ls: "cos://photos/a" names no bucket: "photos" is not a name, a hyphen and an APPID. Bucket names are like photos-1250000000.'
  ],
  [
    "ls s3://photos/a",
    2,
    'cos ls: "s3://photos/a" is no address of COS here. Write cos://bucket-appid/key; a file of that name is ./ and the name.'
  ],
  ["ls --endpoint nonsense cos:///", 2, "cos ls: "],
  ["ls --region Guangzhou! cos:///", 2, "cos ls: "],
  ["ls cos://other-1250000000/", 4, "cos ls: cos://other-1250000000/: "]
]

describe("the command line", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("what is wrong is said in one line on standard error, with its exit code", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const runs = yield* Effect.forEach(refusals, ([words, , says]) =>
          Effect.map(run(words === "" ? [] : words), (run) => ({
            words,
            code: run.code,
            stdout: run.stdout,
            says: run.stderr.startsWith(says) && (says.endsWith(" ") || run.stderr === `${says}\n`) ? says : run.stderr,
            lines: run.stderr.split("\n").length - 1
          }))
        )
        expect(runs).toEqual(refusals.map(([words, code, says]) => ({ words, code, stdout: "", says, lines: 1 })))
      })
    )

    it.effect("a flag that is given again says nothing more", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const again = yield* run("--json ls --json -r --recursive -rr cos:///none/")
        expect(again).toMatchObject({ code: 0, stdout: "", stderr: "" })
      })
    )

    it.effect("failures of the service have their codes, in text and in JSON", () =>
      Effect.gen(function* () {
        const { built } = yield* Cos.Cos
        const { scopedFault } = yield* Emulator.Emulator
        yield* scopedFault({
          on: { operation: "listObjects", times: "all" },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const denied = yield* built("ls --json cos:///")
        expect(denied).toMatchObject({ code: 5, stdout: "", failure: { exit: 5, code: "AccessDenied", command: "ls" } })
        expect(denied.failure?.requestId).toBeDefined()
      }).pipe(Effect.scoped)
    )

    it.effect("without keys it says where they were looked for, and with wrong ones what is wrong", () =>
      Effect.gen(function* () {
        const { env, built } = yield* Cos.Cos
        const none = yield* built("ls cos:///", { env: { COS_SECRET_ID: undefined, COS_SECRET_KEY: undefined } })
        expect(none.code).toBe(5)
        expect(none.stderr).toContain("COS_SECRET_ID")
        expect(none.stderr).toContain("TENCENTCLOUD_SECRET_ID")
        const wrong = yield* built("ls cos:/// --debug", { env: { COS_SECRET_KEY: "not-the-secret-of-that-id" } })
        expect(wrong.code).toBe(5)
        expect(wrong.stderr).toContain("The secret key does not belong to the secret id")
        expect(wrong.stderr).toContain("cos: debug: GET 127.0.0.1")
        for (const secret of ["not-the-secret-of-that-id", "q-sign", env.COS_SECRET_ID ?? ""]) {
          expect(wrong.stderr).not.toContain(secret)
        }
      })
    )

    it.effect("without a bucket or a region it says how the command line names one", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const bucket = yield* run("ls cos:///", { env: { COS_BUCKET: undefined } })
        expect(bucket.stderr).toContain(
          "no bucket is named. Write cos://bucket-appid/…, or set --bucket or COS_BUCKET."
        )
        const region = yield* run("ls cos:///", { env: { COS_REGION: undefined, COS_ENDPOINT: undefined } })
        expect(region.stderr).toContain("no region is named. Set --region or COS_REGION, such as ap-guangzhou.")
        expect([bucket.code, region.code]).toEqual([2, 2])
      })
    )

    it.scoped("what only reads ends quietly when nobody reads its output, and says so when it cannot be written", () =>
      Effect.gen(function* () {
        const { start } = yield* Cos.Cos
        const { seed } = yield* Emulator.Emulator
        yield* Effect.forEach(
          Array.from({ length: 2_500 }, (_, index) => `many/${"x".repeat(100)}${index}`),
          (key) => seed(Cos.bucket, key, ""),
          { discard: true }
        )
        const ended = (stdout?: number) =>
          Effect.gen(function* () {
            const { child, ended } = yield* start("ls -r cos:///many/", { stdout })
            child.stdout?.once("data", () => child.stdout?.destroy())
            const { code, stderr } = yield* ended
            return { code, stderr }
          })
        expect(yield* ended()).toEqual({ code: 0, stderr: "" })
        const full = openSync("/dev/full", "w")
        expect(yield* ended(full)).toEqual({ code: 1, stderr: "cos ls: standard output cannot be written: ENOSPC.\n" })
        closeSync(full)
      })
    )

    it.effect("every command has help, and refuses an option that it does not know and words that are too many", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        for (const { name } of commands) {
          const help = yield* run(["help", name])
          expect({ name, code: help.code, stderr: help.stderr }).toEqual({ name, code: 0, stderr: "" })
          expect(help.stdout).toMatch(new RegExp(`^cos ${name}( |\n)`))
          const wrong = yield* run([name, "--recursiev"])
          expect({ name, code: wrong.code, stdout: wrong.stdout }).toEqual({ name, code: 2, stdout: "" })
          expect(wrong.stderr).toMatch(/^cos .*: unknown option --recursiev\. .*[.?]\n$/)
        }
      })
    )

    it.effect("the options of every command stand before its name or after it, and win over the environment", () =>
      Effect.gen(function* () {
        const { env, run } = yield* Cos.Cos
        const elsewhere = {
          COS_ENDPOINT: "http://127.0.0.1:1",
          COS_BUCKET: "other-1250000000",
          COS_REGION: "ap-beijing"
        }
        const words = ["--endpoint", env.COS_ENDPOINT ?? "", "--bucket", Cos.bucket, "ls", "--region=ap-guangzhou"]
        expect(yield* run([...words, "cos:///"], { env: elsewhere })).toMatchObject({ code: 0, stderr: "" })
        const lost = yield* run("ls cos:///", { env: elsewhere })
        expect(lost.code).toBe(1)
        expect(lost.stderr).toMatch(/^cos ls: .*ECONNREFUSED.*\n$/)
      })
    )

    it.effect("help and the version are on standard output, and say every exit code", () =>
      Effect.gen(function* () {
        const { built } = yield* Cos.Cos
        const help = yield* built("help")
        expect(help).toMatchObject({ code: 0, stderr: "" })
        for (const [code, what] of Object.entries(exitCodes)) expect(help.stdout).toContain(`${code}`.padEnd(5) + what)
        expect((yield* built("--help")).stdout).toBe(help.stdout)
        const one = yield* built("ls --help")
        expect(one.stdout).toBe((yield* built("help ls")).stdout)
        expect(one.stdout).toContain("-r, --recursive  everything below, instead of one level")
        expect(one.stdout).not.toContain("\u001b")
        expect((yield* built("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
      })
    )
  })

  it("errors say their exit code", () => {
    const service = { operation: "getObject", status: 404, code: "NoSuchKey", message: "It\nis\u001b[31m gone." }
    const exits = [
      new UsageError({ message: "no" }),
      new CommandFailed({ exitCode: 7, message: "no" }),
      new DoneInPart({ done: 3, failed: 1, what: "objects" }),
      new DoneInPart({ done: 0, failed: 1, what: "objects" }),
      new CosError.NoSuchKey({ ...service, bucket: "b-1", key: "a" }),
      new CosError.PreconditionFailed(service),
      new CosError.IntegrityError({ operation: "x", algorithm: "crc64", expected: "1", actual: "2" })
    ].map((error) => reportOf(error).exit)
    expect(exits).toEqual([2, 7, 3, 1, 4, 6, 7])
    expect(reportOf(new CosError.NoSuchKey({ ...service, bucket: "b-1", key: "a" })).message).toBe(
      "cos://b-1/a: It is\\u001b[31m gone."
    )
  })

  it("what was meant is near, or nothing", () => {
    const known = ["ls", "cp", "mv", "sync", "--recursive", "--versions", "lifecycle", "-r"]
    const words = ["sl", "snyc", "--versoins", "--rec", "lifcycle", "banana", "x", "--v", "-R", "-x"]
    expect(words.map((word) => meant(word, known))).toEqual([
      "ls",
      "sync",
      "--versions",
      "--recursive",
      "lifecycle",
      undefined,
      undefined,
      "--versions",
      "-r",
      undefined
    ])
  })
})
