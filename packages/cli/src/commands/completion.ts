import * as Effect from "effect/Effect"
import { Commands, make } from "../contract/command.js"
import * as Completion from "../contract/completion.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"

export const command = make(
  {
    name: "completion",
    summary: "Print what lets a shell complete commands and options",
    examples: [
      [`eval "$(cos completion bash)"`, "in ~/.bashrc"],
      ["cos completion zsh > ~/.zfunc/_cos", "a folder of fpath"],
      ["cos completion fish > ~/.config/fish/completions/cos.fish", ""]
    ],
    changes: false
  },
  { shell: Values.action(["bash", "zsh", "fish"], "which shell") },
  ({ shell }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const commands = yield* Commands
      const loaded = yield* Effect.promise(() => Promise.all(commands.map((entry) => entry.load())))
      yield* output.text(Completion.scripts[shell](loaded.map(({ command }) => command)))
    })
)
