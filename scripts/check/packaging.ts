/**
 * Packs the packages as they would be published and checks what a user gets. `publint` and `attw` check the tarballs. Then
 * they are unpacked into a consumer, `.consumer`, in which Node imports every public module and the README's examples are
 * compiled against the declarations. The steps "bundle size" and "type cost" measure in the same folder.
 */

import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { Failed, libraries, main, must, packages, pnpm, root, run, tool } from "../tool.js"
import { examplesOf, fileName } from "./examples.js"

const consumer = `${root}/.consumer`

/** A package that is a command only has nothing to import. */
const isCommand = (folder: string) => !(folder in libraries)

const publicModules = (folder: string) =>
  FileSystem.FileSystem.pipe(
    Effect.flatMap((fs) => fs.readDirectory(`${root}/packages/${folder}/dist`)),
    // Public modules are named in PascalCase. `bin` would run when imported.
    Effect.map((files) => files.filter((file) => /^[A-Z]\w*\.js$/.test(file)).map((file) => file.slice(0, -3)))
  )

/** Unpacks the tarball and links its dependencies beside it, as npm would. */
const install = Effect.fnUntraced(function* (folder: string, npm: string, tarball: string) {
  const fs = yield* FileSystem.FileSystem
  const target = `${consumer}/node_modules/${npm}`
  yield* fs.makeDirectory(target, { recursive: true })
  yield* must(tool("tar", "-xzf", tarball, "-C", target, "--strip-components", "1"))
  const manifest = JSON.parse(yield* fs.readFileString(`${target}/package.json`))
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const link = `${consumer}/node_modules/${name}`
    if (name.startsWith("effect-cos") || (yield* fs.exists(link))) continue
    yield* fs.makeDirectory(link.slice(0, link.lastIndexOf("/")), { recursive: true })
    yield* fs.symlink(yield* fs.realPath(`${root}/packages/${folder}/node_modules/${name}`), link)
  }
})

/** Checks that every source map leads to a source in the tarball. */
const checkMaps = Effect.fnUntraced(function* (npm: string) {
  const fs = yield* FileSystem.FileSystem
  const dist = `${consumer}/node_modules/${npm}/dist`
  for (const file of yield* fs.readDirectory(dist, { recursive: true })) {
    if (!file.endsWith(".map")) continue
    const { sources } = JSON.parse(yield* fs.readFileString(`${dist}/${file}`))
    for (const source of sources) {
      const path = new URL(source, `file://${dist}/${file}`).pathname
      if (!path.includes(`/${npm}/src/`) || !(yield* fs.exists(path))) {
        return yield* new Failed(`${npm}/dist/${file} maps to ${source}`)
      }
    }
  }
})

/** What npm shows of a package, and what its licence asks for. */
const checkManifest = Effect.fnUntraced(function* (npm: string) {
  const fs = yield* FileSystem.FileSystem
  const folder = `${consumer}/node_modules/${npm}`
  for (const file of ["LICENSE", "README.md", ...(npm === "effect-cos-node" ? [] : ["docs"])]) {
    if (!(yield* fs.exists(`${folder}/${file}`))) return yield* new Failed(`${npm} lacks ${file}`)
  }
  const manifest = JSON.parse(yield* fs.readFileString(`${folder}/package.json`))
  const fields = ["description", "keywords", "author", "license", "homepage", "repository", "bugs"]
  const missing = fields.filter((field) => manifest[field] === undefined)
  if (missing.length > 0) return yield* new Failed(`${npm}'s package.json lacks ${missing}`)
})

/** The declarations carry the docs of parameters and fields. */
const checkDocs = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const expected = {
    bucket: /Begins after this key\. \*\/\s+readonly marker\?: /,
    object: /Default `STANDARD`\. \*\/\s+readonly storageClass\?: /,
    cors: /Headers of the response that a script may read\. \*\/\s+readonly exposeHeaders\?: /
  }
  for (const [group, pattern] of Object.entries(expected)) {
    const text = yield* fs.readFileString(`${consumer}/node_modules/effect-cos/dist/operations/generated/${group}.d.ts`)
    if (!pattern.test(text)) return yield* new Failed(`generated/${group}.d.ts lacks ${pattern}`)
  }
})

/** Checks that internal modules cannot be imported. */
const checkClosed = Effect.fnUntraced(function* (npm: string) {
  const attempt = tool(process.execPath, "-e", `import("${npm}/internal/any")`).pipe(Command.workingDirectory(consumer))
  const { output } = yield* run(attempt)
  if (!output.includes("ERR_PACKAGE_PATH_NOT_EXPORTED")) return yield* new Failed(`${npm}/internal is open`)
})

/** The packed command starts, and loads what it needs to speak to the service. */
const checkCommand = Effect.gen(function* () {
  const cos = (...words: ReadonlyArray<string>) =>
    tool(process.execPath, `${consumer}/node_modules/${packages.cli}/dist/cos.cjs`, ...words)
  const { version } = JSON.parse(
    yield* FileSystem.FileSystem.pipe(Effect.flatMap((fs) => fs.readFileString(`${root}/packages/cli/package.json`)))
  )
  const said = (yield* must(cos("--version"))).trim()
  if (said !== version) return yield* new Failed(`cos --version says ${said}, not ${version}`)
  const keys = {
    COS_SECRET_ID: "id",
    COS_SECRET_KEY: "key",
    COS_ENDPOINT: "http://127.0.0.1:1",
    COS_REGION: "ap-guangzhou"
  }
  const { output } = yield* run(Command.env(cos("ls", "--json", "cos://none-1250000000"), keys))
  if (!output.includes('"code":"TransportError"')) return yield* new Failed(`cos ls says ${output}`)
})

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    yield* fs.remove(consumer, { recursive: true, force: true })
    yield* fs.makeDirectory(consumer)
    const modules: Array<string> = []
    for (const [folder, npm] of Object.entries(packages)) {
      const tarball = `${consumer}/${npm}.tgz`
      yield* must(Command.workingDirectory(pnpm("pack", "--out", tarball), `${root}/packages/${folder}`))
      yield* must(tool("publint", "run", tarball, "--strict", "--pack", "false"))
      const names = yield* publicModules(folder)
      if (!isCommand(folder)) {
        yield* must(tool("attw", tarball, "--profile", "esm-only", "--include-entrypoints", ...names))
      }
      yield* install(folder, npm, tarball)
      yield* checkManifest(npm)
      yield* checkMaps(npm)
      yield* checkClosed(npm)
      if (!isCommand(folder)) modules.push(npm, ...names.map((name) => `${npm}/${name}`))
    }

    yield* checkDocs
    yield* checkCommand

    const source = modules.map((module, index) => `export * as m${index} from "${module}"\n`).join("")
    yield* fs.writeFileString(`${consumer}/package.json`, `{ "type": "module" }\n`)
    yield* fs.writeFileString(`${consumer}/modules.js`, source)
    yield* fs.writeFileString(`${consumer}/modules.ts`, source)
    const readme = examplesOf("README.md", yield* fs.readFileString(`${root}/README.md`))
    yield* Effect.forEach(readme, (example) => fs.writeFileString(`${consumer}/${fileName(example)}`, example.text))
    yield* fs.copyFile(`${root}/test/types/program.ts`, `${consumer}/program.ts`)
    // Our declarations are checked too: only they show that the manifest lacks a dependency.
    const compilerOptions = { noEmit: true, skipLibCheck: false, noUnusedLocals: false }
    const config = {
      extends: "../tsconfig.base.json",
      compilerOptions,
      files: ["modules.ts", "program.ts", ...readme.map(fileName)]
    }
    yield* fs.writeFileString(`${consumer}/tsconfig.json`, JSON.stringify(config))
    yield* must(tool(process.execPath, `${consumer}/modules.js`))
    const { output } = yield* run(tool("tsc", "-p", consumer, "--pretty", "false"))
    // Errors in the declarations of other packages are not ours.
    const errors = output.split("\n").filter((line) => /^(error|\.consumer\/)/.test(line))
    if (errors.length > 0) return yield* new Failed(errors.join("\n"))
    console.log(`${modules.length} modules of ${Object.keys(packages).length} packages`)
  })
)
