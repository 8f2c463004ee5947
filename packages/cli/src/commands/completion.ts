import * as Args from "@effect/cli/Args"
import * as Effect from "effect/Effect"
import { Commands, make } from "../contract/command.js"
import * as Completion from "../contract/completion.js"
import { UsageError } from "../contract/errors.js"
import { noLines, Output } from "../contract/output.js"
import * as Values from "../contract/values.js"

export const command = make(
  {
    name: "completion",
    summary: "Print what lets a shell complete commands, options, addresses and profiles",
    description:
      "The scripts ask `cos completion address` and `cos completion profile` how a word may go on. Those say nothing of what goes\nwrong, such as missing keys, and end within two seconds.",
    examples: [
      [`eval "$(cos completion bash)"`, "in ~/.bashrc"],
      ["cos completion zsh > ~/.zfunc/_cos", "a folder of fpath"],
      ["cos completion fish > ~/.config/fish/completions/cos.fish", ""]
    ],
    changes: false
  },
  {
    what: Values.action(["bash", "zsh", "fish", "address", "profile"], "which shell, or what a word is"),
    word: Values.argumentOrNot(Args.text({ name: "word" }).pipe(Args.withDescription("of an address or a profile")))
  },
  ({ what, word }) =>
    Effect.gen(function* () {
      const output = yield* Output
      yield* noLines("a script")
      if (what === "address" || what === "profile") {
        // The client and what it needs is loaded only here: a script is read whenever a shell starts.
        const candidates = yield* Effect.promise(() => import("../contract/candidates.js"))
        const found = yield* candidates[what === "address" ? "addresses" : "profiles"](word ?? "")
        return yield* output.text(found.map((one) => `${one}\n`).join(""))
      }
      if (word !== undefined) return yield* new UsageError({ message: `${what} takes no word` })
      const commands = yield* Commands
      const loaded = yield* Effect.promise(() => Promise.all(commands.map((entry) => entry.load())))
      yield* output.text(Completion.scripts[what](loaded.map(({ command }) => command)))
    })
)
