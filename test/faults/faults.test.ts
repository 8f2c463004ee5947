/** The rows of the fault matrix that run in process, where nothing waits for real time. */
import { describe, expect, it } from "@effect/vitest"
import * as run from "./run.js"
import * as table from "./table.js"

it("no two rows of the fault matrix have the same name", () => {
  const all = { ...table.inProcess, ...table.onPort, ...table.ofProcesses }
  const names = Object.entries(all).flatMap(([topic, rows]) =>
    rows.map(({ fault, where }) => `${topic} > ${where}: ${fault}`)
  )
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})

describe.each(Object.entries(table.inProcess))("faults: %s", (_, rows) => {
  for (const row of rows) it.scoped(`${row.where}: ${row.fault}`, () => run.inProcess(row))
})
