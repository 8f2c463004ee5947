/**
 * The docs of the command line: what they link to is there, every line that they show is read by its command, and recordings
 * tell nothing of where they were made.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { commands } from "../../packages/cli/src/commands.js"
import * as CommandLine from "../../packages/cli/src/contract/commandLine.js"
import { Line } from "../../packages/cli/src/contract/lines.js"
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

/** Lines of a shell. */
const shownIn = (file: string) =>
  Array.from(readFileSync(`${root}/${file}`, "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm), ([, block = ""]) =>
    block.split("\n")
  ).flat()

/** The words of each call of `cos` in a line, up to a redirection, a pipe or a comment. */
const callsOf = (line: string): ReadonlyArray<ReadonlyArray<string>> => {
  const words = Array.from(
    line.matchAll(/\s(#)|[|<>]|;(?=\s)|(?:'[^']*'|"[^"]*"|[^\s'"|<>])+/g),
    ([word, comment]) => comment ?? word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double)
  )
  const ends = ["|", "<", ">", "#", ";", "&&"]
  return words.flatMap((word, index) => {
    if (word !== "cos" || words.slice(0, index).includes("#")) return []
    const rest = words.slice(index + 1)
    const end = rest.findIndex((word) => ends.includes(word))
    return [end < 0 ? rest : rest.slice(0, end)]
  })
}

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

  it("the lines of JSON that are shown have a type", () => {
    const decode = Schema.decodeUnknownSync(Schema.parseJson(Line), { onExcessProperty: "error" })
    const lines = pages.flatMap((page) =>
      Array.from(readFileSync(`${docs}/${page}`, "utf8").matchAll(/^\{"v":1,.*$/gm), ([line]) => decode(line).type)
    )
    expect(lines).toEqual(["object"])
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

  it.effect("every line that is shown is read by its command", () =>
    Effect.gen(function* () {
      const loaded = yield* Effect.forEach(commands, ({ load }) => Effect.promise(load))
      const known = new Map(loaded.map(({ command }) => [command.name, command]))
      const lines = [
        ...loaded.flatMap(({ command }) => command.examples.map(([line]) => line)),
        ...["README.md", "packages/cli/README.md", ...pages.map((page) => `packages/cli/docs/${page}`)].flatMap(shownIn)
      ].flatMap(callsOf)
      const wrong = yield* Effect.forEach(lines, ([name = "", ...words]) =>
        Effect.gen(function* () {
          const command = known.get(name)
          // What an operation of `cos api` takes, its own tests know.
          if (command === undefined || command.raw !== undefined) {
            return command === undefined ? [[name, "is no command"]] : []
          }
          const read = yield* CommandLine.read(words, command.options, name)
          yield* CommandLine.decode(command, read)
          return []
        }).pipe(Effect.catchAll((error) => Effect.succeed([[name, ...words, error.message]])))
      )
      expect(wrong.flat()).toEqual([])
      expect(lines.length).toBeGreaterThan(80)
    })
  )
})
