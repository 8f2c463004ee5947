/**
 * `pnpm evidence [name [argument…]]`: proofs that are too heavy for `pnpm test`. Each is a script of this folder that has an
 * `export const description = "…"`, runs in a process of its own, prints its figure as the last line, and exits with 1 if
 * the proof fails. With a name that script runs, without one all run in turn, and `--list` lists them.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Failed, main, root, run, tool } from "../tool.js"

const folder = `${root}/scripts/evidence`

// The files are read because importing a script would run it.
const scripts = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const files = (yield* fs.readDirectory(folder)).filter((file) => file.endsWith(".ts") && file !== "main.ts").sort()
  return yield* Effect.forEach(files, (file) =>
    Effect.map(fs.readFileString(`${folder}/${file}`), (source) => ({
      name: file.slice(0, -3),
      description: /^export const description =\s+"([^"]*)"/m.exec(source)?.[1]
    }))
  ).pipe(
    // Modules without a description are shared by several scripts.
    Effect.map((found) =>
      found.flatMap(({ description, name }) => (description === undefined ? [] : [{ name, description }]))
    )
  )
})

const runScript = (name: string, args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    console.log(`\n== ${name}`)
    const start = yield* Clock.currentTimeMillis
    const { ok, output } = yield* run(tool("tsx", `${folder}/${name}.ts`, ...args), { echo: true })
    const seconds = Math.round(((yield* Clock.currentTimeMillis) - start) / 1000)
    return { name, holds: ok ? "yes" : "NO", seconds, figure: output.trimEnd().split("\n").at(-1) ?? "" }
  })

main(
  Effect.gen(function* () {
    const known = yield* scripts
    const [wanted, ...args] = process.argv.slice(2)
    const list = known.map(({ description, name }) => `${name.padEnd(20)} ${description}`).join("\n")
    if (wanted === "--list") return console.log(list)
    const chosen = known.filter(({ name }) => wanted === undefined || name === wanted)
    if (wanted !== undefined && chosen.length === 0) return yield* new Failed(`No evidence ${wanted}:\n${list}`)
    const results = yield* Effect.forEach(chosen, ({ name }) => runScript(name, args))
    if (wanted === undefined) console.table(Object.fromEntries(results.map(({ name, ...figures }) => [name, figures])))
    const failed = results.filter(({ holds }) => holds === "NO").map(({ name }) => name)
    if (failed.length > 0) return yield* new Failed(`does not hold: ${failed.join(", ")}`)
  })
)
