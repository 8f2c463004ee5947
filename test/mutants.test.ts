/** The table of `pnpm test:mutants`, which takes too long for `pnpm test`, fits the sources. */
import { existsSync, readFileSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import { mutants } from "../scripts/mutants/allMutants.js"
import { defect } from "../scripts/mutants/mutant.js"
import { root } from "../scripts/tool.js"

it("every mutant changes one place that is there, and names tests that are there", () => {
  const stale = mutants.flatMap((mutant) => {
    try {
      defect(mutant, readFileSync(`${root}/${mutant.file}`, "utf8"))
      return mutant.tests.filter((test) => !existsSync(`${root}/${test}`))
    } catch (error) {
      return [`${mutant.name}: ${error}`]
    }
  })
  expect(stale).toEqual([])
})
