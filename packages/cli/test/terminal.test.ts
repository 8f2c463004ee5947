/** What somebody at a real terminal sees: bars, questions, Ctrl-C. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { Emulator, Fault } from "effect-cos-emulator"
import * as Format from "../src/terminal/format.js"
import * as Cos from "./support/cos.js"
import * as Terminal from "./support/terminal.js"

/** A file of zeros. */
const zeros = (bytes: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(`${tmpdir()}/cos-terminal-`)
      writeFileSync(`${folder}/zeros`, "")
      truncateSync(`${folder}/zeros`, bytes)
      return { folder, file: `${folder}/zeros` }
    }),
    ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )

const mebibyte = 1024 * 1024

const isBar = (row: string) => /\d+%|[━─]/.test(row)

/** A `put` whose parts take their time, at a terminal of 100 columns. */
const slowPut = Effect.gen(function* () {
  const { env } = yield* Cos.Cos
  const { scopedFault } = yield* Emulator.Emulator
  const command = yield* Cos.command
  const { file } = yield* zeros(96 * mebibyte)
  yield* scopedFault({ on: { operation: "uploadPart", times: "all" }, do: Fault.delay("700 millis") })
  const line = `'${process.execPath}' '${command}' put --size 96MiB cos:///照片/big.bin < ${file}`
  return yield* Terminal.open(line, { columns: 100, env: { ...env, LC_ALL: "C.UTF-8" } })
})

describe.skipIf(!Terminal.isThere)("at a terminal", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.scoped(
      "a bar is drawn in place, follows the window's size, and Ctrl-C aborts the upload and ends with 130",
      () =>
        Effect.gen(function* () {
          const { unfinishedUploads } = yield* Emulator.Emulator
          const terminal = yield* slowPut
          const wide = yield* terminal.shows(/[1-9]\d*% .*MiB \/ 96\.0 MiB/)
          expect(wide).toMatch(/^照片\/big\.bin +━/)
          expect((yield* terminal.rows).filter(isBar)).toHaveLength(1)
          expect(yield* unfinishedUploads).toHaveLength(1)
          yield* terminal.resize(50)
          yield* terminal.shows(/^照片\/big\.bin .{0,36}$/m)
          const rows = (yield* terminal.rows).filter((row) => row !== "")
          expect(rows.filter(isBar)).toHaveLength(1)
          for (const row of rows) expect(Format.width(row)).toBeLessThan(50)
          yield* terminal.type("C-c")
          // What is longer than a row goes on in the next.
          expect((yield* terminal.shows(/exit \d/)).replace(/\n(?!exit)/g, "")).toBe(
            "cos put: interrupted; what is unfinished is cleaned up first. A second Ctrl-C ends at once.\nexit 130"
          )
          expect(yield* unfinishedUploads).toEqual([])
        })
    )

    it.scoped("a second Ctrl-C ends at once", () =>
      Effect.gen(function* () {
        const { fault } = yield* Emulator.Emulator
        const hanging = yield* fault({ on: { operation: "abortMultipartUpload" }, do: Fault.silence("before") })
        const terminal = yield* slowPut
        yield* terminal.shows(/[1-9]\d*%/)
        yield* terminal.type("C-c")
        yield* Effect.repeat(hanging.fired, { until: (fired) => fired > 0, schedule: Schedule.spaced("20 millis") })
        expect((yield* terminal.rows).join("\n")).not.toContain("exit")
        yield* terminal.type("C-c")
        yield* terminal.shows(/exit 130/)
      })
    )

    it.scoped("a prefix is removed after a yes, and after nothing else", () =>
      Effect.gen(function* () {
        const { env } = yield* Cos.Cos
        const { objects, seed } = yield* Emulator.Emulator
        yield* Effect.forEach(["p/a", "p/b"], (key) => seed(Cos.bucket, key, "12345"))
        const command = yield* Cos.command
        const line = `'${process.execPath}' '${command}' rm -r cos:///p/`
        const terminal = yield* Terminal.open(`${line}; echo "first $?"; ${line}`, { columns: 100, env })
        yield* terminal.shows(/^Remove 2 objects \(10 B\) of cos:\/\/\/p\/\? \[y\/N\]/)
        yield* terminal.type("n", "Enter")
        yield* terminal.shows(/cos rm: nothing was done\.\nfirst 1\nRemove 2/)
        expect(yield* objects(Cos.bucket)).toHaveLength(2)
        yield* terminal.type("y", "Enter")
        yield* terminal.shows(/cos:\/\/\/p\/a\ncos:\/\/\/p\/b\n2 objects removed\nexit 0/)
        expect(yield* objects(Cos.bucket)).toEqual([])
      })
    )
  })
})
