/** `pnpm docs:api`: writes the reference of the operations, the pages of the modules, and the migration table; `--check` only tells if they are stale. */
import { dirname } from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { Failed, main } from "../tool.js"
import { directory, generated, pages, stale } from "./pages.js"

main(
  Effect.gen(function* () {
    if (process.argv.includes("--check")) {
      const found = yield* stale
      if (found.length > 0) return yield* new Failed(`pnpm docs:api would change: ${found.join(", ")}`)
      return
    }
    const fs = yield* FileSystem.FileSystem
    const all = yield* pages
    yield* Effect.forEach(generated, (folder) => fs.remove(`${directory}/${folder}`, { recursive: true, force: true }))
    yield* Effect.forEach(all, ({ path, text }) =>
      Effect.zipRight(
        fs.makeDirectory(dirname(`${directory}/${path}`), { recursive: true }),
        fs.writeFileString(`${directory}/${path}`, text)
      )
    )
    console.log(`${all.length} pages`)
  })
)
