/**
 * Few files for Node, which resolves each import of each file: to find the two hundred modules of a program that transfers took
 * as long as to run them.
 */
import { readFileSync } from "node:fs"
import { isAbsolute } from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Rollup from "rollup"
import { Failed, type libraries, root } from "../tool.js"

/**
 * The public modules that nearly every program loads. They and all that they import become one file, `internal/common.js`. What
 * only the others need stays apart: Node would run it too.
 */
const common: Record<keyof typeof libraries, ReadonlyArray<string>> = {
  cos: ["Cos", "CosClient", "Download", "Upload"],
  node: ["NodeCos", "NodeReadable"],
  emulator: ["Emulator"]
}

/** Stands for a public module, so that its file exports what the module does and no more, wherever its code has gone. */
const entry = "?entry"

const modules: Rollup.Plugin = {
  name: "modules",
  resolveId: (id) => (id.endsWith(entry) ? id : null),
  load: (id) =>
    id.endsWith(entry)
      ? `export * from ${JSON.stringify(id.slice(0, -entry.length))}`
      : // Babel's map leads to the sources; Rollup adds its own to it.
        { code: readFileSync(id, "utf8"), map: JSON.parse(readFileSync(`${id}.map`, "utf8")) }
}

/** The modules, and all that they import. */
const withImports = (modules: ReadonlyArray<string>, { getModuleInfo }: Rollup.ManualChunkMeta) => {
  const all = new Set(modules)
  for (const id of all) for (const imported of getModuleInfo(id)?.importedIds ?? []) all.add(imported)
  return all
}

const write = async (dist: string, entries: ReadonlyArray<string>, common: ReadonlyArray<string>) => {
  let together: ReadonlySet<string> | undefined
  const bundle = await Rollup.rollup({
    input: Object.fromEntries(entries.map((name) => [name, `${dist}/${name}.js${entry}`])),
    external: (id) => !id.startsWith(".") && !isAbsolute(id),
    // As the packages' `sideEffects` says.
    treeshake: { moduleSideEffects: false },
    plugins: [modules],
    onLog: (_, { code, message }) => {
      // Modules of types only are empty.
      if (code !== "EMPTY_BUNDLE") throw new Error(message)
    }
  })
  const { output } = await bundle.write({
    dir: dist,
    chunkFileNames: "internal/[name].js",
    sourcemap: true,
    sourcemapExcludeSources: true,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    manualChunks: (id, graph) => {
      together ??= withImports(
        common.map((name) => `${dist}/${name}.js`),
        graph
      )
      return together.has(id) ? "common" : undefined
    }
  })
  return new Set(output.map(({ fileName }) => fileName))
}

/**
 * Replaces the modules of a package by chunks. The declarations stay as they are, and so does `index.js`: in a chunk its
 * `export * as` would be objects that hold all that a bundler should drop.
 */
export const chunk = (folder: keyof typeof libraries) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const dist = `${root}/packages/${folder}/dist`
    const files = (yield* fs.readDirectory(dist, { recursive: true })).filter((file) => file.endsWith(".js"))
    // Public modules are named in PascalCase.
    const entries = files.flatMap((file) => /^([A-Z]\w*)\.js$/.exec(file)?.[1] ?? [])
    const written = yield* Effect.tryPromise({
      try: () => write(dist, entries, common[folder]),
      catch: (error) => new Failed(String(error))
    })
    const replaced = files.filter((file) => !written.has(file) && file !== "index.js" && file !== "bin.js")
    yield* Effect.forEach(replaced, (file) =>
      Effect.zip(fs.remove(`${dist}/${file}`), fs.remove(`${dist}/${file}.map`))
    )
  })
