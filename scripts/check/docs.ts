/** Compiles every example of the documentation: the `ts` blocks in Markdown files and doc comments. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { Failed, main, packages, root, run, tool } from "../tool.js"
import { examplesOf, fileName } from "./examples.js"

const out = ".docs-examples"

const collect = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const under = (folder: string, extension: string) =>
    fs.readDirectory(`${root}/${folder}`, { recursive: true }).pipe(
      Effect.orElseSucceed((): Array<string> => []),
      Effect.map((entries) => entries.filter((entry) => entry.endsWith(extension)).map((entry) => `${folder}/${entry}`))
    )
  const folders = Object.keys(packages)
  const files = yield* Effect.all([
    ...folders.map((folder) => under(`packages/${folder}/src`, ".ts")),
    ...folders.map((folder) => under(`packages/${folder}/docs`, ".md"))
  ])
  const readmes = ["README.md", "README.zh-CN.md", ...folders.map((folder) => `packages/${folder}/README.md`)]
  const present = yield* Effect.filter(readmes, (file) => fs.exists(`${root}/${file}`))
  return yield* Effect.forEach([...present, ...files.flat()], (file) =>
    Effect.map(fs.readFileString(`${root}/${file}`), (text) => examplesOf(file, text))
  ).pipe(Effect.map((examples) => examples.flat()))
})

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const examples = yield* collect
    if (examples.length === 0) return console.log("no examples")
    yield* fs.remove(`${root}/${out}`, { recursive: true, force: true })
    yield* fs.makeDirectory(`${root}/${out}`)
    yield* fs.writeFileString(
      `${root}/${out}/tsconfig.json`,
      JSON.stringify({
        extends: "../tsconfig.json",
        compilerOptions: { noUnusedLocals: false },
        files: examples.map(fileName)
      })
    )
    const sources = new Map<string, string>()
    for (const example of examples) {
      sources.set(`${out}/${fileName(example)}`, example.source)
      yield* fs.writeFileString(`${root}/${out}/${fileName(example)}`, example.text)
    }
    const { output } = yield* run(tool("tsc", "-p", out, "--pretty", "false"))
    // Errors in other files are reported by the step "types".
    const messages = output.split("\n").flatMap((message) => {
      const [file = "", rest = ""] = message.split(/(?=\(\d+,\d+\): )/)
      const source = sources.get(file)
      return source ? [source + rest] : message.startsWith("error ") ? [message] : []
    })
    if (messages.length > 0) return yield* new Failed(messages.join("\n"))
    console.log(`${examples.length} examples of ${new Set(sources.values()).size} files compile`)
  })
)
