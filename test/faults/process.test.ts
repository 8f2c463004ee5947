/** The rows of the fault matrix that need processes. */
import { describe, it } from "@effect/vitest"
import * as run from "./run.js"
import * as table from "./table.js"

describe("faults of processes", () => {
  for (const row of table.ofProcesses) it.scopedLive(`${row.id} ${row.where}: ${row.fault}`, () => run.onPort(row))
})
