/**
 * Commands in one file each, which start in half the time, and hold 20 MB less, than from the modules of Effect that they are made
 * of.
 */
import { readdirSync, readFileSync } from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as esbuild from "esbuild"
import { Failed, root } from "../tool.js"

const packageOf = /^(?:.*\/)?node_modules\/(?:\.pnpm\/.*\/node_modules\/)?((?:@[^/]+\/)?[^/]+)\//

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  metafile: true
} as const satisfies esbuild.BuildOptions

const build = (options: esbuild.BuildOptions) =>
  Effect.tryPromise({
    try: () => esbuild.build({ ...options, metafile: true }),
    catch: (error) => new Failed(String(error))
  })

/**
 * Imports each operation that a module of the command line names from the file that declares it. esbuild splits by files: a
 * command that imports `Cos` would load the declarations of all commands' operations, 50 ms of CPU before its first request.
 */
const operationsByFile = (cos: string): esbuild.Plugin => ({
  name: "operations-by-file",
  setup: ({ onLoad, onResolve }) => {
    const extension = cos.endsWith("src") ? ".ts" : ".js"
    const declared = new Map(
      readdirSync(`${cos}/operations`)
        .filter((file) => file.endsWith(extension) && !file.endsWith(".d.ts"))
        .flatMap((file) =>
          Array.from(
            readFileSync(`${cos}/operations/${file}`, "utf8").matchAll(/^export (?:const|class|function) (\w+)/gm),
            ([, name = ""]) => [name, file] as const
          )
        )
    )
    onResolve({ filter: /^effect-cos\/Cos$/ }, ({ importer }) => {
      const text = readFileSync(importer, "utf8")
      // As a whole, such as in `Object.values(Cos)`, it stays what it is.
      if (!importer.includes("/packages/cli/") || /\bCos\b(?!\.|\$|["/])/.test(text.replace(/^import .*$/gm, "")))
        return undefined
      // Those with a capital are types.
      const names = new Set(Array.from(text.matchAll(/\bCos\.([a-z]\w*)/g), ([, name = ""]) => name))
      if (![...names].every((name) => declared.has(name))) return undefined
      return { path: [...names].toSorted().join(","), namespace: "operations" }
    })
    onLoad({ filter: /.*/, namespace: "operations" }, ({ path }) => ({
      contents: path
        .split(",")
        .map((name) => `export { ${name} } from "${cos}/operations/${declared.get(name)}"`)
        .join("\n"),
      resolveDir: cos
    }))
  }
})

/** The licences of what a bundle holds. */
const licencesOf = ({ inputs }: esbuild.Metafile) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folders = new Map(
      Object.keys(inputs).flatMap((path) => {
        const [folder, name] = packageOf.exec(path) ?? []
        return folder === undefined || name === undefined ? [] : [[name, folder]]
      })
    )
    const licences = yield* Effect.forEach([...folders].toSorted(), ([name, folder]) =>
      Effect.gen(function* () {
        const files = yield* fs.readDirectory(`${root}/${folder}`)
        const file = files.find((file) => /^licen[cs]e/i.test(file))
        if (file === undefined) {
          // Some are published with the name of their licence only.
          const { author, license } = JSON.parse(yield* fs.readFileString(`${root}/${folder}package.json`))
          return `${name}\n\n${license}, ${typeof author === "object" ? author?.name : author}\n`
        }
        return `${name}\n\n${(yield* fs.readFileString(`${root}/${folder}${file}`)).trim()}\n`
      })
    )
    return licences.join(`\n${"-".repeat(80)}\n\n`)
  })

/** Replaces the module of the command by itself with all that it imports, and writes the licences of that beside it. */
export const bundleCommand = (dist: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { metafile } = yield* build({
      ...common,
      entryPoints: [`${dist}/bin.js`],
      outfile: `${dist}/bin.js`,
      allowOverwrite: true,
      alias: { "effect-cos": `${root}/packages/cos/dist` },
      // One is native, and neither is small.
      external: ["lmdb", "msgpackr", "node-forge"]
    })
    yield* fs.remove(`${root}/${dist}/bin.js.map`)
    // Not named a licence: pnpm packs the workspace's own only where nothing else looks like one.
    yield* fs.writeFileString(`${root}/${dist}/bin.js.THIRD-PARTY.txt`, yield* licencesOf(metafile))
  })

/** What the transport takes of undici when it asks for all of it. Nobody else needs fetch, web sockets and caches, half of a megabyte. */
const partOfUndici: esbuild.Plugin = {
  name: "part-of-undici",
  setup: (build) => {
    const resolveDir = `${root}/packages/node`
    build.onResolve({ filter: /^undici\/index\.js$/ }, () => ({ path: "undici", namespace: "part-of-undici" }))
    build.onLoad({ filter: /.*/, namespace: "part-of-undici" }, () => ({
      resolveDir,
      contents: `
        // The tunnel of a proxy is asked for by a method that the whole of undici adds.
        require("undici/lib/dispatcher/dispatcher.js").prototype.connect = require("undici/lib/api/api-connect.js")
        exports.Client = require("undici/lib/dispatcher/client.js")
        exports.Pool = require("undici/lib/dispatcher/pool.js")
        exports.Agent = require("undici/lib/dispatcher/agent.js")
        exports.ProxyAgent = require("undici/lib/dispatcher/proxy-agent.js")
        Object.defineProperty(exports, "FormData", {
          enumerable: true,
          get: () => require("undici/lib/web/fetch/formdata.js").FormData
        })`
    }))
  }
}

/**
 * Writes `cos.cjs` and the program that it loads: one script, since V8 keeps what it compiled for scripts only. `built` takes the other
 * packages as they will be published, whose unused parts can be dropped; without it they are taken from their sources, as tests do.
 */
export const bundleCli = (dist: string, options: { readonly built: boolean }) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { version } = JSON.parse(yield* fs.readFileString(`${root}/packages/cli/package.json`))
    const names = ["cos", "node", "emulator"]
    const small = { ...common, outdir: dist, legalComments: "none", minify: true } as const
    const define = { COS_CLI_VERSION: JSON.stringify(version) }
    const { metafile } = yield* build({
      ...small,
      entryPoints: [{ in: "packages/cli/src/program.ts", out: "program" }],
      entryNames: "[name]-[hash]",
      format: "cjs",
      alias: options.built
        ? Object.fromEntries(
            names.map((folder) => [
              folder === "cos" ? "effect-cos" : `effect-cos-${folder}`,
              `${root}/packages/${folder}/dist`
            ])
          )
        : {},
      plugins: [partOfUndici, operationsByFile(`${root}/packages/cos/${options.built ? "dist" : "src"}`)],
      define: { ...define, "import.meta.url": "__filename" },
      // As Node does it for modules, but in the file: to add it when it is loaded would copy all of it.
      banner: { js: "(function (exports, require, module, __filename) {" },
      footer: { js: "})" },
      // An error that nobody caught is told with the line it comes from.
      lineLimit: 200,
      external: ["lmdb"]
    })
    const [program = ""] = Object.keys(metafile.outputs)
    yield* build({
      ...small,
      entryPoints: [{ in: "packages/cli/src/main.ts", out: "cos" }],
      // Node loads it in less time than a module.
      format: "cjs",
      outExtension: { ".js": ".cjs" },
      define: {
        ...define,
        "import.meta.dirname": "__dirname",
        COS_CLI_PROGRAM: JSON.stringify(program.slice(program.lastIndexOf("/") + 1))
      }
    })
    if (options.built) yield* fs.writeFileString(`${root}/${dist}/THIRD-PARTY.txt`, yield* licencesOf(metafile))
  })
