import { make } from "../contract/command.js"
import * as Values from "../contract/values.js"
import { body, config } from "../transfers/copyCommand.js"

export const command = make(
  {
    name: "cp",
    summary: "Copy files and objects: up, down, and between buckets",
    description: `What lies in a directory, or below a prefix that ends in /, goes below the target. Names with *, ?, [ and { are
patterns (in quotes, so that the shell leaves them); ** stands for any folders. A run that was cut off goes on when the same
line is run again: large files where they were, and of many those that are left, if source and target are unchanged.
Links to files are followed, links to directories are not.`,
    examples: [
      ["cos cp photo.jpg cos:///2026/", "to 2026/photo.jpg"],
      ["cos cp --storage-class STANDARD_IA photos cos:///photos/", "a directory, with everything below it"],
      ["cos cp cos:///logs/2026/ logs --exclude '**/*.tmp'", "a prefix into a directory"],
      ["cos cp 'cos:///logs/**/*.gz' cos://archive-1250000000/logs/", "what matches, to another bucket"],
      ["cos cp --version-id ID cos:///conf.ini cos:///conf.ini", "an old version made the newest"],
      ["pg_dump db | cos cp - cos:///dump.sql", "standard input; the same the other way"]
    ],
    changes: true
  },
  { versionId: Values.versionId, ...config },
  ({ versionId, ...input }) => body("cp", input, versionId)
)
