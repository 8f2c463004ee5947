/**
 * Questions, which only a person at a terminal is asked.
 */
import { createInterface } from "node:readline"
import * as Effect from "effect/Effect"
import { CommandFailed, UsageError } from "./errors.js"
import { Output } from "./output.js"

/** A line from the terminal; nothing when it was closed. */
const answer = (input: NodeJS.ReadStream) =>
  Effect.async<string>((resume) => {
    // Not as a terminal: then Ctrl-C stays a signal.
    const lines = createInterface({ input, terminal: false })
    lines.once("line", (line) => {
      resume(Effect.succeed(line))
      lines.close()
    })
    lines.once("close", () => resume(Effect.succeed("")))
    return Effect.sync(() => lines.close())
  })

/**
 * Goes on only if the answer is yes. With `--yes` nothing is asked; without a terminal it is a wrong command line, since
 * nobody could answer.
 */
export const confirm = (
  question: string,
  options: { readonly yes: boolean }
): Effect.Effect<void, UsageError | CommandFailed, Output> =>
  Effect.gen(function* () {
    if (options.yes) return
    const output = yield* Output
    if (output.stdin.isTTY !== true || !output.interactive) {
      return yield* new UsageError({
        message: `"${question}" has to be answered, and there is no terminal`,
        advice: "Give --yes to do it"
      })
    }
    yield* output.error(`${question} [y/N] `)
    const said = (yield* answer(output.stdin)).trim().toLowerCase()
    if (said !== "y" && said !== "yes") return yield* new CommandFailed({ exitCode: 1, message: "nothing was done" })
  })
