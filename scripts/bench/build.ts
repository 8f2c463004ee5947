/** Builds the programs of the benches from the sources, which are TypeScript, and the packages as they are published. */
import { execFile } from "node:child_process"
import { existsSync, readdirSync, rmSync, statSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import * as Esbuild from "esbuild"
import { folder } from "./data.js"

/** Leaves installed packages outside of the bundle, as they are on a user's machine. The workspace's own become one file. */
export const installed: Esbuild.Plugin = {
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

/** The client loads the code of a variant only when it runs it. */
export const buildClientAndServer = (): Promise<unknown> => {
  rmSync(`${folder}/built`, { recursive: true, force: true })
  return Esbuild.build({
    entryPoints: ["scripts/bench/client.ts", "scripts/bench/server.ts"],
    outdir: `${folder}/built`,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    plugins: [installed]
  })
}

const newestIn = (directory: string): number =>
  Math.max(
    ...readdirSync(directory, { recursive: true, encoding: "utf8" }).map(
      (name) => statSync(`${directory}/${name}`).mtimeMs
    )
  )

/** Those that were built since their sources changed are left as they are. */
export const buildPackages = async (): Promise<void> => {
  const changed = Math.max(...["cos/src", "node/src"].map((directory) => newestIn(`packages/${directory}`)))
  const isBuilt = (folder: string) => {
    const index = `packages/${folder}/dist/index.js`
    return existsSync(index) && statSync(index).mtimeMs > changed
  }
  if (!isBuilt("cos") || !isBuilt("node")) {
    await promisify(execFile)("node_modules/.bin/tsx", ["scripts/build/main.ts", "cos", "node"])
  }
}
