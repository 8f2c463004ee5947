import { make } from "../contract/command.js"
import { body, config } from "../transfers/copyCommand.js"

export const command = make(
  {
    name: "mv",
    summary: "Move files and objects: each source goes once its copy is verified",
    description: `As cp, but each source is removed once the target was looked at and has its size and checksum, and only if the
source is still what was copied. Directories that are empty then go too, but for the one that was named. A run that was cut
off is run again for the rest.`,
    examples: [
      ["cos mv cos:///incoming/a.pdf cos:///2026/a.pdf", "another key"],
      ["cos mv incoming cos:///incoming/ --exclude '**/*.part'", "a directory into a bucket"]
    ],
    changes: true
  },
  config,
  (input) => body("mv", input)
)
