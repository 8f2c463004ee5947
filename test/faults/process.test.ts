/** The rows of the fault matrix that need several processes. */
import { describe, it } from "@effect/vitest"
import * as run from "./run.js"
import * as table from "./table.js"

describe.each(Object.entries(table.ofProcesses))("faults: %s", (_, rows) => {
  for (const row of rows) it.scopedLive(`${row.where}: ${row.fault}`, () => run.onPort(row))
})
