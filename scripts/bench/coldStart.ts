/** What importing costs: a process that imports what a program needs to upload and download, and ends. */
import { execFile } from "node:child_process"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import * as Esbuild from "esbuild"
import { folder } from "./data.js"
import type { Figures, Variant } from "./variants.js"

const ours = `
  import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
  import * as Cos from "effect-cos/Cos"
  import * as CosClient from "effect-cos/CosClient"
  import * as Credentials from "effect-cos/Credentials"
  import * as Download from "effect-cos/Download"
  import * as Upload from "effect-cos/Upload"
  import * as NodeHash from "effect-cos-node/NodeHash"
  import * as UndiciTransport from "effect-cos-node/UndiciTransport"
  globalThis.program = [Upload.file, Download.file, Cos.putObject, Cos.listObjects, CosClient.layer, Credentials.layerEnv,
    UndiciTransport.layer, NodeHash.layer, NodeFileSystem.layer]`

const programs = {
  empty: { source: "", bundled: false },
  ours: { source: ours, bundled: false },
  bundled: { source: ours, bundled: true },
  official: { source: 'import "cos-nodejs-sdk-v5"', bundled: false }
}

type Program = keyof typeof programs

const report = "\nconst { user, system } = process.cpuUsage()\nconsole.log(user + system, performance.now() * 1000)"

/** Leaves installed packages outside of the bundle. Our own modules are TypeScript, which Node cannot load, so they become one file. */
const installed: Esbuild.Plugin = {
  name: "installed",
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /^[^./]/ }, async ({ kind, path, pluginData, ...options }) => {
      if (pluginData === "resolved" || path.startsWith("effect-cos")) return undefined
      if (path.startsWith("node:")) return { path, external: true }
      const found = await resolve(path, { ...options, kind, pluginData: "resolved" })
      return { path: pathToFileURL(found.path).href, external: true }
    })
  }
}

export const prepare = (): Promise<unknown> =>
  Promise.all(
    Object.entries(programs).map(([name, { bundled, source }]) =>
      Esbuild.build({
        stdin: { contents: source + report, resolveDir: process.cwd() },
        outfile: `${folder}/cold-${name}.mjs`,
        bundle: true,
        minify: bundled,
        // A program that is not bundled loads whole modules, whatever it uses of them.
        ignoreAnnotations: !bundled,
        logLevel: "error",
        platform: "node",
        format: "esm",
        banner: bundled ? { js: requireInModule } : {},
        plugins: bundled ? [] : [installed]
      })
    )
  )

/** For the CommonJS parts of a bundle. */
const requireInModule = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'

const starting =
  (program: Program): Variant =>
  () =>
  async (count) => {
    let [cpu, wall] = [0, 0]
    for (let i = 0; i < count; i++) {
      const { stdout } = await promisify(execFile)(process.execPath, [`${folder}/cold-${program}.mjs`])
      const [usedCpu = 0, usedWall = 0] = stdout.split(" ").map(Number)
      cpu += usedCpu
      wall += usedWall
    }
    return { cpu, wall } satisfies Figures
  }

export const variants: { readonly [name: string]: Variant } = {
  "an empty program": starting("empty"),
  "effect-cos": starting("ours"),
  "effect-cos, bundled": starting("bundled"),
  official: starting("official")
}
