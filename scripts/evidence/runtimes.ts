/** The conformance suite on every runtime, whole: `pnpm test:runtimes`. */

import * as Effect from "effect/Effect"
import { Failed, main, run, tool } from "../tool.js"

export const description = "One suite on Node 20, 22 and 24, Bun, Deno and workerd; a file of 60 MB ten times on each"

main(
  Effect.flatMap(run(tool("tsx", "scripts/runtimes/main.ts", ...process.argv.slice(2)), { echo: true }), ({ ok }) =>
    ok ? Effect.void : new Failed("not every runtime passes")
  )
)
