/** The rows of the fault matrix that need sockets, or a real file system. */
import { describe, it } from "@effect/vitest"
import * as run from "./run.js"
import * as table from "./table.js"

describe("faults on a port", () => {
  for (const row of table.onPort) it.scopedLive(`${row.id} ${row.where}: ${row.fault}`, () => run.onPort(row))
})
