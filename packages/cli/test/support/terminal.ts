/** A real terminal: a window of tmux, what it shows, and what somebody types. */
import { spawnSync } from "node:child_process"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"

const socket = `cos-test-${process.pid}`

const tmux = (...args: ReadonlyArray<string>) =>
  spawnSync("tmux", ["-u", "-L", socket, "-f", "/dev/null", ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: "/nonexistent", LC_ALL: "C.UTF-8", TERM: "xterm-256color" }
  })

/** Whether this machine has it. */
export const isThere: boolean = spawnSync("tmux", ["-V"]).status === 0
if (!isThere) console.log("skipped   terminals: this machine has no tmux")

class NotShown extends Data.TaggedError("NotShown")<{ readonly screen: string }> {
  override get message(): string {
    return `the terminal shows\n${this.screen}`
  }
}

export interface Terminal {
  /** The rows, without blanks at their ends. */
  readonly rows: Effect.Effect<ReadonlyArray<string>>
  /** Waits until the screen shows this. */
  readonly shows: (pattern: RegExp) => Effect.Effect<string, NotShown>
  /** Keys by tmux's names, such as `C-c`. */
  readonly type: (...keys: ReadonlyArray<string>) => Effect.Effect<void>
  readonly resize: (columns: number) => Effect.Effect<void>
}

/** A terminal in which this line of bash runs. Its exit code is shown as `exit N`. */
export const open = (
  line: string,
  options: { readonly columns: number; readonly env: Readonly<Record<string, string>> }
): Effect.Effect<Terminal, never, Scope.Scope> => {
  const name = `t${Math.random().toString(36).slice(2)}`
  const environment = Object.entries(options.env).flatMap(([name, value]) => ["-e", `${name}=${value}`])
  // The shell lives on when Ctrl-C ends the command.
  const script = `trap : INT; ${line}; echo "exit $?"; exec sleep 600`
  const screen = Effect.sync(() => tmux("capture-pane", "-p", "-t", name).stdout)
  const rows = Effect.map(screen, (text) => text.split("\n").map((row) => row.trimEnd()))
  const terminal: Terminal = {
    rows,
    shows: (pattern) =>
      Effect.flatMap(rows, (rows) => {
        const text = rows.join("\n").trimEnd()
        return pattern.test(text) ? Effect.succeed(text) : new NotShown({ screen: text })
      }).pipe(Effect.retry(Schedule.intersect(Schedule.spaced("25 millis"), Schedule.recurs(600)))),
    type: (...keys) => Effect.sync(() => void tmux("send-keys", "-t", name, ...keys)),
    resize: (columns) => Effect.sync(() => void tmux("resize-window", "-t", name, "-x", String(columns), "-y", "20"))
  }
  return Effect.acquireRelease(
    Effect.sync(() => {
      const size = ["-x", String(options.columns), "-y", "20"]
      const started = tmux("new-session", "-d", "-s", name, ...size, ...environment, "bash", "-c", script)
      if (started.status !== 0) throw new Error(started.stderr)
      return terminal
    }),
    () => Effect.sync(() => void tmux("kill-session", "-t", name))
  )
}
