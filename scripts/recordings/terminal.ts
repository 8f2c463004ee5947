/** Runs commands in a real terminal, which is tmux without anybody before it, and captures what it shows. */
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { must } from "../tool.js"

/** A line of a recording. */
export interface Line {
  /** What is run by `sh`, and shown after a prompt. */
  readonly line: string
  /** What is pressed while it runs, once the screen shows this. */
  readonly press?: { readonly when: RegExp; readonly key: string } | undefined
  /** The screen is captured while it shows this, and the line is then stopped. Only for the last one. */
  readonly captureAt?: RegExp | undefined
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Shows the lines with their output on a screen, and gives it back as tmux captures it, with its colours. */
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
        ...lines.flatMap(({ line }, index) => [
          `printf '\\033[1m$ %s\\033[0m\\n' ${quoted(line)}`,
          // What is pressed reaches the line, but does not end the script.
          "trap : INT",
          `sh -c ${quoted(line)}`,
          `tmux -S ${quoted(socket)} wait-for -S line-${index}`
        ]),
        "sleep 60"
      ]
      yield* fs.writeFileString(`${folder}/lines.sh`, `stty -echoctl\n${script.join("\n")}\n`)
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
      const screen = tmux("capture-pane", "-p", "-e")
      const waitFor = (shown: RegExp) =>
        Effect.repeat(Effect.delay(screen, "50 millis"), {
          until: (text) => shown.test(text.replace(/\u001b\[[\d;:]*m/g, ""))
        })
      for (const [index, { captureAt, press }] of lines.entries()) {
        if (captureAt !== undefined) return yield* waitFor(captureAt)
        if (press !== undefined) {
          yield* waitFor(press.when)
          yield* tmux("send-keys", press.key)
        }
        yield* tmux("wait-for", `line-${index}`)
      }
      return yield* screen
    })
  ).pipe(Effect.timeout("120 seconds"))
