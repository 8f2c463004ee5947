/** The map of the rooms names files and folders that exist. */
import { readdirSync, readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { root } from "../../scripts/tool.js"

it("the architecture page names only rooms and files that exist", () => {
  const page = readFileSync(`${root}/packages/cos/docs/architecture.md`, "utf8")
  const paths = ["cos", "emulator", "cli"].flatMap((name) =>
    readdirSync(`${root}/packages/${name}/src`, { recursive: true, encoding: "utf8" }).map(
      (path) => `/${path.replace(/\.ts$/, "")}/`
    )
  )
  const rooms = page.slice(page.indexOf("| room |"), page.indexOf("## The path of one request"))
  const diagrams = page.slice(page.indexOf("## The path of one request"), page.indexOf("## Glossary"))
  const named = [
    ...Array.from(rooms.matchAll(/`([\w/]+)`/g), ([, name = ""]) => name.replace(/\/$/, "")),
    ...Array.from(diagrams.matchAll(/\b((?:operation|http|upload)\/\w+)/g), ([, name = ""]) => name)
  ].filter((name) => !name.startsWith("packages/") && name !== "Cos")
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter((name) => !paths.some((path) => path.includes(`/${name}/`)))).toEqual([])
})
