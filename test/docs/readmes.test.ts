/** The READMEs say the same in both languages, and what they link to is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { packages, root } from "../../scripts/tool.js"

const text = (file: string) => readFileSync(`${root}/${file}`, "utf8")

/** The blocks of code, without what a comment explains. */
const code = (file: string) =>
  Array.from(text(file).matchAll(/^```\w+\n([\s\S]*?)^```$/gm), ([, block = ""]) => block.replace(/ +#.*$/gm, ""))

/** The places in backquotes, such as names of functions, options and metrics. */
const names = (file: string) =>
  new Set(
    Array.from(
      text(file)
        .replace(/^```[\s\S]*?^```$/gm, "")
        .matchAll(/`([^`\n]+)`/g),
      ([, name = ""]) => name
    )
  )

describe("READMEs", () => {
  it("the Chinese one shows the same code and speaks of the same names", () => {
    expect(code("README.zh-CN.md")).toEqual(code("README.md"))
    const known = names("README.md")
    expect([...names("README.zh-CN.md")].filter((name) => !known.has(name))).toEqual([])
  })

  it("the one of effect-cos names every module", () => {
    const modules = readdirSync(`${root}/packages/cos/src`).flatMap((file) => /^([A-Z]\w*)\.ts$/.exec(file)?.[1] ?? [])
    const known = names("packages/cos/README.md")
    expect(modules.filter((name) => !known.has(name))).toEqual([])
  })

  it.each(["README.md", "README.zh-CN.md", ...Object.keys(packages).map((folder) => `packages/${folder}/README.md`)])(
    "%s links to what is there, in its package too",
    (file) => {
      const folder = dirname(resolve(root, file))
      const links = Array.from(text(file).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g), ([, link = ""]) => link)
      expect(links.filter((link) => !existsSync(resolve(folder, link)))).toEqual([])
      if (folder !== root) expect(links.filter((link) => !resolve(folder, link).startsWith(folder))).toEqual([])
    }
  )
})
