/**
 * `pnpm vectors FILE [--excuse ID[,ID]]`: recomputes every signing vector of a file and prints `K of N vectors hold`.
 *
 * The exit code is 1 if a vector does not hold. A vector that its file marks as `contested` (official SDKs disagree about it)
 * is printed and not counted, but does not fail the run. With `--excuse` only the contested vectors named there are excused.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { portable } from "../packages/cos/src/Hash.js"
import { checkAll, decodeFile } from "../packages/cos/test/signingVectors.js"
import { Failed, main } from "./tool.js"

const usage = "usage: pnpm vectors FILE [--excuse ID[,ID]]"

const program = Effect.gen(function* () {
  const [file, option, names, ...rest] = process.argv.slice(2).filter((argument) => argument !== "--")
  if (file === undefined || rest.length > 0 || (option !== undefined && (option !== "--excuse" || !names))) {
    return yield* Effect.fail(new Failed(usage))
  }
  const excused = names?.split(",")
  const text = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(file))
  const { vectors } = yield* decodeFile(text)
  const { failures, total } = checkAll(portable, vectors)
  let failed = total === 0
  for (const { problems, vector } of failures) {
    const excuse = vector.contested !== undefined && (excused?.includes(vector.id) ?? true)
    failed ||= !excuse
    console.log(`${vector.id} does not hold${excuse ? `, excused as contested: ${vector.contested}` : ""}`)
    for (const problem of problems) console.log(`  ${problem}`)
  }
  console.log(`${total - failures.length} of ${total} vectors hold`)
  if (failed) return yield* Effect.fail(new Failed())
})

main(program)
