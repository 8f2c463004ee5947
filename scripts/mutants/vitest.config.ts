/** Runs the tests it is given with the defect that the variable `MUTANT` names. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig, type Plugin } from "vitest/config"
import { mutants } from "./allMutants.js"
import { defect } from "./mutant.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const name = process.env.MUTANT
const mutant = mutants.find((candidate) => candidate.name === name)
if (name !== undefined && mutant === undefined) throw new Error(`no mutant ${name}`)

// Checked here, so that a mutant whose place has changed ends the run instead of counting as killed.
if (mutant !== undefined) defect(mutant, readFileSync(root + mutant.file, "utf8"))

const plugin: Plugin = {
  name: "mutant",
  enforce: "pre",
  transform: (source, id) => (mutant !== undefined && id === root + mutant.file ? defect(mutant, source) : null)
}

export default defineConfig({
  root,
  plugins: [plugin],
  test: { bail: 1, testTimeout: 60_000 }
})
