/** Starts the emulator's command for the other scripts: in a process of its own, stopped with the scope. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Failed, root } from "../tool.js"

/** The command that runs. */
export interface Running {
  readonly child: ChildProcess
  /** The lines of the environment that it printed. */
  readonly env: Readonly<Record<string, string>>
  /** From the start of the process to its last line. */
  readonly milliseconds: number
  readonly end: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** The command as it is published, if it is built; else from its source. */
export const built = `${root}/packages/emulator/dist/bin.js`

export const start = (
  args: ReadonlyArray<string>,
  command: ReadonlyArray<string> = [process.execPath, built]
): Effect.Effect<Running, Failed, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Running, Failed>((resume) => {
      const begin = performance.now()
      const [program = "", ...rest] = command
      const child = spawn(program, [...rest, ...args, "--print-env"], { stdio: ["ignore", "pipe", "inherit"] })
      const end: Running["end"] = new Promise((done) => child.on("exit", (code, signal) => done({ code, signal })))
      const env: Record<string, string> = {}
      createInterface(child.stdout).on("line", (line) => {
        const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
        if (name !== undefined && value !== undefined) env[name] = value
        // The last of them.
        if (name === "NODE_EXTRA_CA_CERTS") {
          resume(Effect.succeed({ child, env, milliseconds: performance.now() - begin, end }))
        }
      })
      child.on("error", (error) => resume(new Failed(error.message)))
      void end.then(({ code }) => resume(new Failed(`the command ended with ${code}`)))
    }),
    ({ child, end }) =>
      Effect.promise(() => {
        child.kill("SIGKILL")
        return end
      })
  )
