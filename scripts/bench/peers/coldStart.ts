/** What importing costs: a process that imports what a program needs to upload and download, and ends. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import * as Esbuild from "esbuild"
import { installed } from "../build.js"
import { folder } from "../data.js"
import type { Variant } from "../variants.js"

const ours = `
  import * as Cos from "effect-cos/Cos"
  import * as Download from "effect-cos/Download"
  import * as Upload from "effect-cos/Upload"
  import { NodeCos } from "effect-cos-node"
  globalThis.program = [Upload.file, Download.file, Cos.putObject, Cos.listObjects, NodeCos.layerEnv]`

const programs = {
  empty: { source: "", bundled: false },
  ours: { source: ours, bundled: false },
  bundled: { source: ours, bundled: true },
  official: { source: 'import "cos-nodejs-sdk-v5"', bundled: false }
}

type Program = keyof typeof programs

const report = "\nconst { user, system } = process.cpuUsage()\nconsole.log(user + system, performance.now() * 1000)"

export const prepare = (): Promise<unknown> =>
  Promise.all(
    Object.entries(programs).map(([name, { bundled, source }]) =>
      Esbuild.build({
        stdin: { contents: source + report, resolveDir: process.cwd() },
        outdir: `${folder}/cold-${name}`,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        // What is loaded on demand stays apart, as it does when installed; a program in one file holds it too.
        splitting: !bundled,
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

export const starting =
  (program: Program): Variant =>
  () =>
  async (count) => {
    let [cpu, wall] = [0, 0]
    for (let i = 0; i < count; i++) {
      const { stdout } = await promisify(execFile)(process.execPath, [`${folder}/cold-${program}/stdin.mjs`])
      const [usedCpu = 0, usedWall = 0] = stdout.split(" ").map(Number)
      cpu += usedCpu
      wall += usedWall
    }
    return { cpu: cpu / count, wall: wall / count }
  }
