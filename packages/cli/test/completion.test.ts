/** What shells complete, asked of the shells themselves where they are there. */
import { spawnSync } from "node:child_process"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator, Fault } from "effect-cos-emulator"
import { commands } from "../src/commands.js"
import * as Cos from "./support/cos.js"
import { folder } from "./support/files.js"

const has = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0

describe("cos completion", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("bash completes commands, options, their values and actions", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const { stdout: script } = yield* run("completion bash")
        /** Bash takes a colon for a word of its own. */
        const completed = (line: string) => {
          const words = line.split(/ |(?<=:)|(?=:)/)
          // What it asks, it is told.
          const ask = `cos() { echo "$*"; }; COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _cos; echo "\${COMPREPLY[@]}"`
          const { stderr, stdout } = spawnSync("bash", ["-c", `${script}\n${ask}`], {
            encoding: "utf8",
            cwd: "/dev/shm"
          })
          expect(stderr).toBe("")
          return stdout.trim()
        }
        expect(completed("cos ")).toBe(["help", ...commands.map(({ name }) => name)].join(" "))
        expect(completed("cos find --ol")).toBe("--older")
        expect(completed("cos --region x find --ol")).toBe("--older")
        expect(completed("cos mb --acl pri")).toBe("private")
        expect(completed("cos cors g")).toBe("get")
        const settings = "--bucket b-1"
        expect(completed(`cos ${settings} ls cos:///a:b`)).toBe(`${settings} completion address -- cos:///a:b`)
        expect(completed("cos ls cos:")).toBe("completion address -- cos:")
        expect(completed("cos cp --profile d")).toBe("completion profile -- d")
        expect(completed("cos help l")).toBe("ls lifecycle logging")
      })
    )

    it.scoped("the scripts of zsh and fish name every command, and are read by those shells", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        for (const shell of ["zsh", "fish"]) {
          const { stdout: script } = yield* run(`completion ${shell}`)
          for (const { name, summary } of commands) {
            expect(script).toContain(name)
            expect(script).toContain(summary.replaceAll("'", "'\\''"))
          }
          // A machine without it does not read its script.
          const file = `${yield* folder({ script })}/script`
          if (has(shell)) expect(spawnSync(shell, ["-n", file], { encoding: "utf8" }).stderr).toBe("")
          for (const asked of ["address", "profile"])
            expect(script).toMatch(new RegExp(`completion ${asked}|_cos_ask ${asked}`))
        }
        expect(yield* run("completion bash cos://")).toMatchObject({ code: 2, stdout: "" })
        expect(yield* run("completion bash --json")).toMatchObject({ code: 2, stdout: "" })
        expect(yield* run("completion tcsh")).toMatchObject({ code: 2, stdout: "" })
      })
    )

    it.scoped(
      "says how an address or a profile may go on, one level at a time, and nothing of what goes wrong",
      () =>
        Effect.gen(function* () {
          const { built, run } = yield* Cos.Cos
          const { scopedFault, seed } = yield* Emulator.Emulator
          const keys = ["logs/a b", "logs/2026/c", "logs/d\ne", "log.txt", "other"]
          yield* Effect.forEach(keys, (key) => seed(Cos.bucket, key, ""))
          const HOME = yield* folder({
            ".tccli/default.credential": "{}",
            ".tccli/dev.credential": "{}",
            ".tccli/dev.configure": ""
          })
          const asked = (what: string, word: string, env: Record<string, string | undefined> = {}) =>
            Effect.map(run(["completion", what, "--", word], { env: { HOME, ...env } }), ({ code, stderr, stdout }) => {
              expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
              return stdout.split("\n").slice(0, -1)
            })
          const here = `cos://${Cos.bucket}/`
          expect(yield* asked("address", "cos://ex")).toEqual([here])
          expect(yield* asked("address", "cos:")).toEqual([here])
          expect(yield* asked("address", `${here}log`)).toEqual([`${here}logs/`, `${here}log.txt`])
          expect(yield* asked("address", "cos:///logs/")).toEqual(["cos:///logs/2026/", "cos:///logs/a b"])
          expect(yield* asked("address", "cos://no-1250000000/")).toEqual([])
          for (const word of ["", "cos", "photos", "s3://b/", "cos:x"])
            expect(yield* asked("address", word)).toEqual([])
          expect(yield* asked("profile", "de")).toEqual(["default", "dev"])
          expect(yield* asked("profile", "dev")).toEqual(["dev"])
          const keyless = { COS_SECRET_ID: undefined, COS_SECRET_KEY: undefined, COS_METADATA_DISABLED: "1" }
          expect(yield* asked("address", "cos:///", { ...keyless, HOME: "/nonexistent" })).toEqual([])
          expect(yield* asked("profile", "", { HOME: "/nonexistent" })).toEqual([])
          expect(yield* asked("address", "cos:///", { COS_ENDPOINT: "nonsense" })).toEqual([])
          expect((yield* built("completion address cos:///o")).stdout).toBe("cos:///other\n")
          // A service that does not respond is not waited for.
          yield* scopedFault({ on: { operation: "listObjects", times: "all" }, do: Fault.silence("before") })
          expect(yield* asked("address", "cos:///")).toEqual([])
        }),
      Cos.patience(60_000)
    )
  })
})
