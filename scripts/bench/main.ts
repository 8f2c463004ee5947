/**
 * `pnpm bench [name[:case]…]`: compares the cost of the SDK with the least possible, with the official SDK and with the AWS
 * SDK, in one run, and judges every goal. `name:case` selects the cases of a bench whose names hold the text.
 *
 * - `--rounds=5`: how often each variant is measured. Figures are medians; ratios are taken within a round.
 * - `--quick`: less work, one round, only what a goal names, and only the cases that have a `quick`: all goals but those of
 *   50,000 files and of a million keys, of the number of files at once that is found, of memory and of the bundle; and of
 *   the cells of 5,000 files one. Ends within a minute on a quiet machine.
 * - `--all`: also the cases that take minutes.
 * - `--report`: puts the results in place of older ones of the same cases, and writes `packages/cos/docs/performance.md`
 *   with its charts from all of them. It can be stopped and taken up again: every case is kept as soon as it is measured.
 * - `--missing`: with `--report`, only what has no result yet. A case of which nothing could be measured has none.
 * - `--page`: only writes the page from the results that there are.
 *
 * On a shared machine, CPU time (user and system) of the client's process varies less than wall time, and ratios vary less
 * than either.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import type { Case } from "./bench.js"
import { benches } from "./benches.js"
import { buildClientAndServer, buildPackages } from "./build.js"
import { makeFile, makeSmallFiles, makeTree } from "./content.js"
import { folder } from "./data.js"
import { isInGoals } from "./goals.js"
import { machine, measure } from "./measure.js"
import * as coldStart from "./peers/coldStart.js"
import { printCase, printGoals } from "./print.js"
import { readResults, writeReport, writeResults } from "./report/files.js"
import { type Result, type Results, withResult } from "./results.js"

const options = process.argv.slice(2).filter((argument) => argument.startsWith("--"))
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
const has = (option: string) => options.includes(`--${option}`)
const [quick, all, report, missing] = [has("quick"), has("all"), has("report"), has("missing")]
const rounds = options.find((option) => option.startsWith("--rounds="))?.slice("--rounds=".length)

const known = ["quick", "all", "report", "missing", "page"]
const strange = options.filter((option) => !known.includes(option.slice(2)) && !option.startsWith("--rounds="))
if (strange.length > 0) throw new Error(`no option ${strange.join(", ")}`)
if (quick && report) throw new Error("--report takes the whole work")
const unknown = wanted.filter((name) => !((name.split(":")[0] ?? "") in benches))
if (unknown.length > 0) throw new Error(`no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`)

interface Chosen {
  readonly bench: string
  readonly name: string
  readonly case: Case
}

const isWanted = (bench: string, name: string, { quick: share, slow = false }: Case): boolean => {
  if (quick && share === undefined) return false
  const named = wanted.filter((text) => text === bench || text.startsWith(`${bench}:`))
  if (wanted.length > 0 && named.length === 0) return false
  const texts = named.flatMap((text) => (text === bench ? [] : [text.slice(bench.length + 1)]))
  if (texts.some((text) => name.includes(text))) return true
  return texts.length === 0 && (all || !slow)
}

const chosenFrom = (earlier: Results): ReadonlyArray<Chosen> =>
  Object.entries(benches).flatMap(([bench, { cases }]) =>
    Object.entries(cases)
      .filter(([name, found]) => isWanted(bench, name, found))
      .filter(([name]) => !missing || earlier[bench]?.[name] === undefined)
      .map(([name, found]) => ({ bench, name, case: found }))
  )

/** Each variant is a process, which takes a second; and nothing is warmed up with more than is measured. */
const quickly = (bench: string, { quick: count = 0, variants, warmUp = 0, ...found }: Case): Case => ({
  ...found,
  count,
  warmUp: Math.min(warmUp, count),
  variants: Object.fromEntries(Object.entries(variants).filter(([variant]) => isInGoals(bench, variant)))
})

/** What only one bench needs; made just before it, so that a failure here does not lose the others. */
const preparations: { readonly [bench: string]: () => unknown } = {
  "cold-start": coldStart.prepare,
  bundle: buildPackages
}

const measureCase = async ({ bench, case: found, name }: Chosen, times: number): Promise<Result | undefined> => {
  try {
    await preparations[bench]?.()
    return await measure(bench, name, quick ? quickly(bench, found) : found, times)
  } catch (error) {
    console.error(`${bench}: ${name} failed:`, error)
    return undefined
  }
}

const prepare = async (chosen: ReadonlyArray<Chosen>): Promise<void> => {
  mkdirSync(folder, { recursive: true })
  await buildClientAndServer()
  for (const mebibytes of [128, 256, 512, 1024]) await makeFile(mebibytes)
  await makeSmallFiles(
    Math.max(5000, ...chosen.map(({ case: { fromStart, count } }) => (fromStart === true ? count : 0)))
  )
  await makeTree()
}

const run = async (): Promise<void> => {
  let kept = readResults()
  let measured: Results = {}
  const chosen = chosenFrom(kept)
  await prepare(chosen)
  console.log(
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")
  )
  for (const one of chosen) {
    const { bench, name } = one
    const begun = performance.now()
    const times = Number(rounds ?? (quick ? 1 : (one.case.rounds ?? 3)))
    const result = await measureCase(one, times)
    if (result === undefined) continue
    measured = withResult(measured, bench, name, result)
    const description = benches[bench]
    if (description !== undefined) printCase(description, name, result.rounds)
    console.log(`${times} ${times === 1 ? "round" : "rounds"} in ${Math.round((performance.now() - begun) / 1000)} s`)
    if (report) {
      kept = withResult(readResults(), bench, name, result)
      writeResults(kept)
    } else writeFileSync(`${folder}/results.json`, JSON.stringify(measured, null, 2))
  }
  printGoals(measured)
}

if (!has("page")) await run()
if (report || has("page")) await writeReport(readResults())
