#!/usr/bin/env node
/**
 * The command `cos`. `--version` is answered before anything else is loaded.
 */
import * as NodeModule from "node:module"
import { version } from "./version.js"

/** From Node 22 on; the types are those of Node 20. */
const { enableCompileCache } = NodeModule as { readonly enableCompileCache?: () => unknown }

const args = process.argv.slice(2)

if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  process.stdout.write(`${version}\n`)
} else {
  // What was compiled is kept in the system's folder for temporary files.
  enableCompileCache?.()
  import("./program.js").then(({ main }) => main(args))
}
