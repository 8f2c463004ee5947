/** The fault matrix: the rows that run in process, where nothing waits for real time. */
import { describe, expect, it } from "@effect/vitest"
import * as run from "./run.js"
import * as table from "./table.js"

/** What a document may be; the other rows of the matrix have numbers. */
const documents = ["doctype", "entities", "nesting", "size", "endless", "names", "UTF-8", "unclosed", "error"]

it("every number of the matrix has a row, and every row an id of its own", () => {
  const ids = [...table.inProcess, ...table.onPort, ...table.ofProcesses].map(({ id }) => id)
  const numbers = ids.map((id) => Number.parseInt(id, 10)).filter((number) => !Number.isNaN(number))
  expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(Array.from({ length: 63 }, (_, i) => i + 1))
  expect(ids.filter((id) => id.startsWith("XML "))).toEqual(documents.map((document) => `XML ${document}`))
  expect(new Set(ids).size).toBe(ids.length)
})

describe("faults", () => {
  for (const row of table.inProcess) it.scoped(`${row.id} ${row.where}: ${row.fault}`, () => run.inProcess(row))
})
