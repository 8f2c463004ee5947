/** The rows of the fault matrix that need sockets, or a real file system. */
import { describe, it } from "@effect/vitest"
import * as run from "./run.js"
import * as table from "./table.js"

describe.each(Object.entries(table.onPort))("faults: %s", (_, rows) => {
  for (const row of rows) it.scopedLive(`${row.where}: ${row.fault}`, () => run.onPort(row))
})
