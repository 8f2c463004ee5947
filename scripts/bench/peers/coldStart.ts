/** What importing costs: a process that imports what a program needs to upload and download, and ends. */
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { promisify } from "node:util"
import * as Esbuild from "esbuild"
import { buildPackages } from "../build.js"
import { folder } from "../data.js"
import type { Variant } from "../variants.js"

const ours = `
  import * as Cos from "effect-cos/Cos"
  import * as Download from "effect-cos/Download"
  import * as Upload from "effect-cos/Upload"
  import { NodeCos } from "effect-cos-node"
  globalThis.program = [Upload.file, Download.file, Cos.putObject, Cos.listObjects, NodeCos.layerEnv]`

const programs = { empty: "", ours, official: 'import "cos-nodejs-sdk-v5"' }

type Program = keyof typeof programs | "bundled"

const report = "\nconst { user, system } = process.cpuUsage()\nconsole.log(user + system, performance.now() * 1000)"

const installed = `${folder}/installed`

/** Where a program finds the packages as they are published. In the workspace their names lead to the sources. */
const install = () => {
  const modules = `${installed}/node_modules`
  rmSync(installed, { recursive: true, force: true })
  for (const [name, from] of [
    ["effect-cos", "packages/cos"],
    ["effect-cos-node", "packages/node"]
  ] as const) {
    const { publishConfig, ...manifest } = JSON.parse(readFileSync(`${from}/package.json`, "utf8"))
    cpSync(`${from}/dist`, `${modules}/${name}/dist`, { recursive: true })
    writeFileSync(`${modules}/${name}/package.json`, JSON.stringify({ ...manifest, ...publishConfig }))
    for (const other of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      if (other === "effect-cos") continue
      mkdirSync(dirname(`${modules}/${name}/node_modules/${other}`), { recursive: true })
      symlinkSync(realpathSync(`${from}/node_modules/${other}`), `${modules}/${name}/node_modules/${other}`)
    }
  }
}

export const prepare = async (): Promise<void> => {
  await buildPackages()
  install()
  for (const [name, source] of Object.entries(programs)) writeFileSync(`${installed}/${name}.mjs`, source + report)
  await Esbuild.build({
    entryPoints: [`${installed}/ours.mjs`],
    outfile: `${installed}/bundled.mjs`,
    bundle: true,
    minify: true,
    logLevel: "error",
    platform: "node",
    format: "esm",
    // For the CommonJS parts of a bundle.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
    }
  })
}

export const starting =
  (program: Program): Variant =>
  () =>
  async (count) => {
    let [cpu, wall] = [0, 0]
    for (let i = 0; i < count; i++) {
      const { stdout } = await promisify(execFile)(process.execPath, [`${installed}/${program}.mjs`])
      const [usedCpu = 0, usedWall = 0] = stdout.split(" ").map(Number)
      cpu += usedCpu
      wall += usedWall
    }
    return { cpu: cpu / count, wall: wall / count }
  }
