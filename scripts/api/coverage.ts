/** Each operation of COS: whether the SDK has it, the emulator answers it, and a test sends it through both. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import * as Presign from "effect-cos/Presign"
import { operations } from "../../packages/emulator/src/internal/operations/registry.js"
import { Failed, main, root } from "../tool.js"
import { type Row, rows } from "./rows.js"

const modules: Record<string, Record<string, unknown>> = { Presign }

const inSdk = ({ operation }: Row): boolean => {
  const [module, name] = operation.includes(".") ? operation.split(".") : [undefined, operation]
  return typeof (module === undefined ? (Cos as Record<string, unknown>) : modules[module])?.[name ?? ""] === "function"
}

/** What has no request of its own is answered as the operation it stands for. */
const standsFor: Record<string, string> = {
  "Presign.url": "getObject",
  "Presign.form": "postObject",
  request: "getObject"
}

const emulated = new Set(operations.map(({ name }) => name))

const inEmulator = ({ operation }: Row): boolean => emulated.has(standsFor[operation] ?? operation)

const mark = (value: boolean): string => (value ? "✓" : "–")

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = `${root}/test/operations`
    const files = yield* fs.readDirectory(directory, { recursive: true })
    const tests = yield* Effect.forEach(
      files.filter((file) => file.endsWith(".ts")),
      (file) => fs.readFileString(`${directory}/${file}`)
    )
    const text = tests.join("\n")
    const isTested = ({ operation }: Row): boolean =>
      new RegExp(`\\b${operation.includes(".") ? operation.replace(".", "\\.") : `Cos\\.${operation}`}\\b`).test(text)

    const marks = rows.map((row) => ({ row, sdk: inSdk(row), emulator: inEmulator(row), test: isTested(row) }))
    const width = Math.max(...rows.map(({ operation }) => operation.length))
    console.log(`${"".padEnd(4)} ${"operation".padEnd(width)}  SDK  emulator  test`)
    for (const { emulator, row, sdk, test } of marks) {
      console.log(
        `${row.section.padEnd(4)} ${row.operation.padEnd(width)}   ${mark(sdk)}       ${mark(emulator)}      ${mark(test)}   ${row.wire}`
      )
    }
    const complete = marks.filter(({ emulator, sdk, test }) => sdk && emulator && test).length
    console.log(`${complete} of ${rows.length} operations`)
    if (complete < rows.length) return yield* new Failed()
  })
)
