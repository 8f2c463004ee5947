/**
 * `pnpm build [package…]`: emits `dist` of the packages: ESM in few files, declarations, maps to `src`, and pure annotations,
 * so that a bundler can drop every operation that a program does not use.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { Failed, libraries, main, must, packages, root, tool } from "../tool.js"
import { chunk } from "./chunks.js"
import { bundleCli, bundleCommand } from "./command.js"

const folders = Object.keys(packages) as Array<keyof typeof packages>

const selected = (names: ReadonlyArray<string>) =>
  names.length === 0
    ? Effect.succeed(folders)
    : Effect.forEach(names, (name) => {
        const folder = folders.find((folder) => folder === name || packages[folder] === name)
        return folder ? Effect.succeed(folder) : new Failed(`No package ${name}: ${folders.join(", ")}`)
      }).pipe(
        // The others are compiled against the declarations of `cos`, so it is built with them. The command holds them all.
        Effect.map((wanted) =>
          folders.filter((folder) => folder === "cos" || wanted.includes(folder) || wanted.includes("cli"))
        )
      )

const build = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const wanted = yield* selected(process.argv.slice(2))
  yield* Effect.forEach(wanted, (folder) =>
    Effect.zip(
      fs.remove(`${root}/packages/${folder}/dist`, { recursive: true, force: true }),
      fs.remove(`${root}/packages/${folder}/build.tsbuildinfo`, { force: true })
    )
  )
  const compiled = wanted.filter((folder): folder is keyof typeof libraries => folder in libraries)
  yield* must(tool("tsc", "-b", ...compiled.map((folder) => `packages/${folder}/tsconfig.build.json`)))
  for (const folder of compiled) {
    const dist = `packages/${folder}/dist`
    // Babel finds the map that tsc wrote by the comment at the end of each file and chains its own to it.
    const plugins = "./scripts/build/pure-initializers.js,annotate-pure-calls"
    const flags = ["--plugins", plugins, "--source-maps", "true", "--no-babelrc"]
    const said = yield* must(tool("babel", dist, "--out-dir", dist, ...flags))
    if (folder === "emulator") yield* bundleCommand(dist)
    console.log(`${packages[folder]}: ${said.trim()}`)
  }
  // The commands are made of the modules: what a command does not need is dropped by files too.
  if (wanted.includes("cli")) yield* bundleCli("packages/cli/dist", { built: true })
  yield* Effect.forEach(compiled, chunk)
})

main(build)
