/** The page on Effect 4 names every module of the platform that has another place there. */
import { readdirSync, readFileSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import { packages, root } from "../../scripts/tool.js"

it("every module of the platform that the sources import has its new place", () => {
  const page = readFileSync(`${root}/packages/cos/docs/decisions/0010-effect-4.md`, "utf8")
  const files = Object.keys(packages).flatMap((folder) =>
    readdirSync(`${root}/packages/${folder}/src`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(`${root}/packages/${folder}/src/${file}`, "utf8"))
  )
  const modules = new Set(
    files.flatMap((text) => Array.from(text.matchAll(/^.*from "@effect\/platform\/(\w+)"$/gm), ([, name = ""]) => name))
  )
  expect([...modules].filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})
