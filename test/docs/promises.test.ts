/** Each promise in `promises.md` names tests; each of them is there. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { root } from "../../scripts/tool.js"

interface Reference {
  readonly file: string
  readonly titles: ReadonlyArray<string>
}

const cell = /^`[^`]+` "[^"]+"(, "[^"]+")*(; `[^`]+` "[^"]+"(, "[^"]+")*)*$/

/** The rows of all tables, without their heads. */
const promises = (page: string): ReadonlyArray<readonly [promise: string, heldBy: string]> =>
  Array.from(page.matchAll(/^\| (?!promise \||---)(.+) \| (.+) \|$/gm), ([, promise = "", heldBy = ""]) => [
    promise,
    heldBy
  ])

const references = (heldBy: string): ReadonlyArray<Reference> =>
  Array.from(heldBy.matchAll(/`([^`]+)`([^`]+)/g), ([, file = "", titles = ""]) => ({
    file,
    titles: Array.from(titles.matchAll(/"([^"]+)"/g), ([, title = ""]) => title)
  }))

/** Whether the source has a string of this text; each `…` stands for anything within it. */
const hasTitle = (source: string, title: string): boolean =>
  new RegExp(
    `["\`]${title
      .split("…")
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}["\`]`
  ).test(source)

describe("promises", () => {
  layer(NodeFileSystem.layer)((it) => {
    it.effect("are each held by tests that exist", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const rows = promises(yield* fs.readFileString(`${root}/packages/cos/docs/promises.md`))
        expect(rows.length).toBeGreaterThan(100)
        expect(rows.filter(([, heldBy]) => !cell.test(heldBy))).toEqual([])
        const missing = yield* Effect.forEach(
          rows.flatMap(([, heldBy]) => references(heldBy)),
          ({ file, titles }) =>
            fs.readFileString(`${root}/${file}`).pipe(
              Effect.map((source) => titles.filter((title) => !hasTitle(source, title))),
              Effect.orElseSucceed(() => titles),
              Effect.map((titles) => titles.map((title) => `${file}: ${title}`))
            )
        )
        expect(missing.flat()).toEqual([])
      })
    )

    it("a title that no test has is noticed", () => {
      const source = `it(\`a \${size} of bytes\`)\nit("is whole")`
      expect(["is whole", "a … of bytes"].map((title) => hasTitle(source, title))).toEqual([true, true])
      expect(["is who", "whole", "a … of files"].map((title) => hasTitle(source, title))).toEqual([false, false, false])
    })
  })
})
