/** The pages of the docs that are made of the declarations. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { Failed, root } from "../tool.js"
import { commandReference } from "./commandReference.js"
import { commandPages } from "./commands.js"
import { migration, problems } from "./migration.js"
import { modules } from "./modules.js"
import { type Page, reference } from "./reference.js"

/** The folders of the docs that hold nothing else. */
export const generated = ["reference", "modules"]

export const directory = `${root}/packages/cos/docs`

/** All of them. Fails where the migration table lacks a row, or names what is not there. */
export const pages: Effect.Effect<ReadonlyArray<Page>, Failed> = Effect.flatMap(commandPages, (commands) => {
  const all = [...reference(), ...modules(), migration(), commandReference(), ...commands]
  return problems.length === 0 ? Effect.succeed(all) : Effect.fail(new Failed(problems.join("\n")))
})

/** Those that are not as they would be made now, and those that would not be made. */
export const stale: Effect.Effect<ReadonlyArray<string>, Failed | PlatformError, FileSystem.FileSystem> = Effect.gen(
  function* () {
    const fs = yield* FileSystem.FileSystem
    const all = yield* pages
    const changed = yield* Effect.filter(all, ({ path, text }) =>
      Effect.map(
        Effect.orElseSucceed(fs.readFileString(`${directory}/${path}`), () => ""),
        (found) => found !== text
      )
    )
    const made = new Set(all.map(({ path }) => path))
    const there = yield* Effect.forEach(generated, (folder) =>
      Effect.map(fs.readDirectory(`${directory}/${folder}`, { recursive: true }), (files) =>
        files.filter((file) => file.endsWith(".md")).map((file) => `${folder}/${file}`)
      )
    )
    return [...changed.map(({ path }) => path), ...there.flat().filter((path) => !made.has(path))]
  }
)
