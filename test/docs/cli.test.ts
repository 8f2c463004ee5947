/** The docs of the command line: what they link to is there, and recordings tell nothing of where they were made. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { root } from "../../scripts/tool.js"

const docs = `${root}/packages/cli/docs`

const pages = readdirSync(docs).filter((file) => file.endsWith(".md"))

/** The anchor that GitHub makes of a heading. */
const anchorsOf = (file: string) =>
  Array.from(readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-")
  )

describe("docs of the command line", () => {
  it.each(pages)("%s links to what is there, in the package too", (page) => {
    const text = readFileSync(`${docs}/${page}`, "utf8")
    const links = Array.from(text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g))
    const broken = links.flatMap(([, link = "", anchor]) => {
      const target = link === "" ? `${docs}/${page}` : resolve(docs, link)
      const isThere = existsSync(target) && target.startsWith(dirname(docs))
      return isThere && (anchor === undefined || anchorsOf(target).includes(anchor)) ? [] : [`${link}#${anchor ?? ""}`]
    })
    expect(broken).toEqual([])
  })

  it("every recording is shown, small, and has no path or port of where it was made", () => {
    const shown = pages.map((page) => readFileSync(`${docs}/${page}`, "utf8")).join("\n")
    for (const image of readdirSync(`${docs}/images`)) {
      const svg = readFileSync(`${docs}/images/${image}`, "utf8")
      expect(shown).toContain(`(images/${image})`)
      expect(svg.length).toBeLessThan(40_000)
      expect(svg).not.toMatch(/\/tmp\/|\/home\/|\/root\b|127\.0\.0\.1:(?!9000)/)
    }
  })
})
