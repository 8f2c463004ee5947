/** What shells complete, asked of the shells themselves where they are there. */
import { spawnSync } from "node:child_process"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { commands } from "../src/commands.js"
import * as Cos from "./support/cos.js"

const has = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0

describe("cos completion", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("bash completes commands, options, their values and actions", () =>
      Effect.gen(function* () {
        const { here } = yield* Cos.Cos
        const { stdout: script } = yield* here("completion bash")
        const completed = (line: string) => {
          const words = line.split(" ")
          const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _cos; echo "\${COMPREPLY[@]}"`
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
        expect(completed("cos help l")).toBe("ls lifecycle logging")
      })
    )

    it.effect("the scripts of zsh and fish name every command, and are read by those shells", () =>
      Effect.gen(function* () {
        const { here } = yield* Cos.Cos
        for (const shell of ["zsh", "fish"]) {
          const { stdout: script } = yield* here(`completion ${shell}`)
          for (const { name, summary } of commands) {
            expect(script).toContain(name)
            expect(script).toContain(summary.replaceAll("'", "'\\''"))
          }
          // A machine without it does not read its script.
          if (has(shell)) expect(spawnSync(shell, ["-n"], { input: script, encoding: "utf8" }).stderr).toBe("")
        }
        expect(yield* here("completion tcsh")).toMatchObject({ code: 2, stdout: "" })
      })
    )
  })
})
