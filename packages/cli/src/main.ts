#!/usr/bin/env node
/**
 * The command `cos`. `--version` is answered before anything else is loaded.
 */
import { join } from "node:path"
import type * as Program from "./program.js"
import { version } from "./version.js"

/** The file that the program and all that it needs are built into. */
declare const COS_CLI_PROGRAM: string

const args = process.argv.slice(2)

if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return
    process.stderr.write(`cos: standard output cannot be written: ${code}.\n`)
    process.exitCode = 1
  })
  process.stdout.write(`${version}\n`)
} else {
  import("./compiled.js").then(({ load }) => {
    const [first = ""] = args
    const { main } = load<typeof Program>(
      join(import.meta.dirname, COS_CLI_PROGRAM),
      /^[a-z-]+$/.test(first) ? first : "any"
    )
    main(args)
  })
}
