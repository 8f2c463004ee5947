/** The results that are kept in the repository, and the page and charts that are made of them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { root } from "../../tool.js"
import type { Results } from "../results.js"
import { chartsOf } from "./charts.js"
import { pageOf } from "./page.js"

const docs = `${root}/packages/cos/docs`
export const page = `${docs}/performance.md`
export const folder = `${docs}/performance`
const results = `${folder}/results.json`

export const readResults = (): Results => (existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : {})

export const writeResults = (kept: Results): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(results, `${JSON.stringify(kept, null, 1)}\n`)
}

/** Every file of the report, by its path. */
export const reportOf = (kept: Results): { readonly [path: string]: string } => {
  const charts = chartsOf(kept)
  return {
    [page]: pageOf(kept, Object.keys(charts)),
    ...Object.fromEntries(Object.entries(charts).map(([name, svg]) => [`${folder}/${name}.svg`, svg]))
  }
}

export const writeReport = (kept: Results): void => {
  mkdirSync(folder, { recursive: true })
  for (const [path, text] of Object.entries(reportOf(kept))) writeFileSync(path, text)
}
