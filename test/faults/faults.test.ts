/** The fault matrix, in process: no row waits for real time. */
import { describe, it } from "@effect/vitest"
import { inProcess } from "./run.js"
import { table } from "./table.js"

describe("faults", () => {
  for (const row of table) it.scoped(`${row.id} ${row.where}: ${row.fault}`, () => inProcess(row))
})
