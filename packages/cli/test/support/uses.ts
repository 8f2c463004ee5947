/**
 * What the tests used of the command line: every run is noted, and at the end of a run of all tests of this package each
 * command, option, exit code and type of line that is documented has to have been used. Vitest calls it as its global setup.
 */
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"

/** One run of the command. */
export interface Use {
  /** The name of the test. */
  readonly test: string
  readonly args: ReadonlyArray<string>
  readonly code: number | null
  /** Of its lines of JSON. */
  readonly types: ReadonlyArray<string>
}

const variable = "COS_TEST_USES"

/** Notes a run. */
export const note = (use: Use): void => {
  const folder = process.env[variable]
  if (folder !== undefined) appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(use)}\n`)
}

const tests = fileURLToPath(new URL("..", import.meta.url))

export const table = "node_modules/.tests/uses.md"

export default (project: TestProject) => {
  const folder = mkdtempSync(join(tmpdir(), "cos-uses-"))
  process.env[variable] = folder
  return async () => {
    try {
      const all = readdirSync(tests).filter((name) => name.endsWith(".test.ts"))
      const files = new Map(project.vitest.state.getFiles().map(({ filepath, result }) => [filepath, result?.state]))
      const isWhole =
        project.config.testNamePattern === undefined && all.every((name) => files.get(join(tests, name)) === "pass")
      if (!isWhole) return
      const uses = readdirSync(folder).flatMap((name) =>
        readFileSync(join(folder, name), "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as Use)
      )
      const { judge } = await import("./coverage.js")
      const { missing, summary, text } = await judge(uses)
      const path = join(tests, "..", table)
      mkdirSync(join(path, ".."), { recursive: true })
      writeFileSync(path, text)
      console.log(`${summary}; the table is packages/cli/${table}`)
      if (missing.length > 0) {
        console.error(`No test of packages/cli uses\n${missing.map((what) => `  ${what}\n`).join("")}`)
        process.exitCode = 1
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
