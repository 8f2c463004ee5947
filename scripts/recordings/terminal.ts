/** Runs commands in a real terminal, which is tmux without anybody before it, and captures what it shows. */

import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { must } from "../tool.js"

/** A line of a recording. */
export interface Line {
  /** What is run by `sh`, and shown after a prompt. */
  readonly line: string
  /** It is killed, as `kill -9` does, once the screen shows this. */
  readonly killAt?: RegExp | undefined
}

/** What the screen showed, from a time on, as tmux captures it with its colours. */
export interface Frame {
  readonly millis: number
  readonly screen: string
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** How often the screen is looked at. */
const interval = "250 millis"

/** Shows the lines with their output on a screen, and gives back all that it showed. */
export const record = (
  lines: ReadonlyArray<Line>,
  options: {
    readonly columns: number
    readonly rows: number
    readonly cwd: string
    readonly env: Readonly<Record<string, string>>
  }
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "recording-" })
      const socket = `${folder}/tmux`
      const tmux = (...args: ReadonlyArray<string>) =>
        must(Command.make("tmux", "-u", "-S", socket, "-f", "/dev/null", ...args))
      const script = [
        ...lines.flatMap(({ killAt, line }, index) => [
          `printf '\\033[1m$ %s\\033[0m\\n' ${quoted(line)}`,
          // Of what is killed the shell tells at once, where the cursor is; in the background it leaves that to us.
          killAt === undefined
            ? `sh -c ${quoted(line)}`
            : `sh -c ${quoted(`echo $$ > ${folder}/pid; exec ${line}`)} & wait; printf '\\nKilled\\n'`,
          `tmux -S ${quoted(socket)} wait-for -S line-${index}`
        ]),
        "sleep 60"
      ]
      yield* fs.writeFileString(`${folder}/lines.sh`, `${script.join("\n")}\n`)
      const variables = Object.entries({ ...options.env, LANG: "C.UTF-8", TZ: "UTC" }).map(
        ([name, value]) => `${name}=${value}`
      )
      const shell = ["env", "-i", "TERM=screen-256color", ...variables, "sh", `${folder}/lines.sh`]
        .map(quoted)
        .join(" ")
      yield* tmux(
        ...["new-session", "-d", "-x", String(options.columns), "-y", String(options.rows), "-c", options.cwd, shell]
      )
      yield* Effect.addFinalizer(() => Effect.ignore(tmux("kill-server")))
      const frames: Array<Frame> = []
      const look = Effect.gen(function* () {
        // Lines are joined where they were wrapped, since paths are shortened later.
        const screen = yield* tmux("capture-pane", "-p", "-e", "-J")
        const millis = yield* Clock.currentTimeMillis
        if (screen !== frames.at(-1)?.screen) frames.push({ millis, screen })
        return screen.replace(/\u001b\[[\d;:]*m/g, "")
      })
      yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(interval)))
      for (const [index, { killAt }] of lines.entries()) {
        if (killAt !== undefined) {
          yield* Effect.repeat(look, { until: (shown) => killAt.test(shown), schedule: Schedule.spaced(interval) })
          const pid = Number(yield* fs.readFileString(`${folder}/pid`))
          yield* Effect.sync(() => process.kill(pid, "SIGKILL"))
        }
        yield* tmux("wait-for", `line-${index}`)
      }
      yield* look
      return frames
    })
  ).pipe(Effect.timeout("120 seconds"))
