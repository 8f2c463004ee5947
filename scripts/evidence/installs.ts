/**
 * The first hour of a user: in an empty folder the README's install line, with each package manager, and the cookbook's
 * programs. Our packages come from a package server on loopback, as they would from npm, which gives it all others.
 *
 * `pnpm evidence installs [npm|pnpm|yarn|bun|lowest]`
 */
import { createServer } from "node:net"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { binary } from "../runtimes/binaries.js"
import { Failed, libraries, main, must, pnpm, root, tool } from "../tool.js"
import { start } from "./command.js"

export const description =
  "The README's install line with npm, pnpm, yarn and bun, at the lowest versions too, and the cookbook's programs"

/** What the README says to install, and what the programs need beside it. */
const wanted = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const readme = yield* fs.readFileString(`${root}/README.md`)
  const [, line] = /^npm install (.*)$/m.exec(readme) ?? []
  if (line === undefined) return yield* new Failed("The README has no install line")
  return line.split(" ")
})

const tools = ["effect-cos-emulator", "tsx", "@types/node@20", "vitest@3", "@effect/vitest@0.30"]

/** The compilers, under names of their own. */
const compilers = { "typescript-5.9": "npm:typescript@5.9", "typescript-latest": "npm:typescript@latest" }

/** The lowest versions that the manifests allow. */
const lowest = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const manifests = yield* Effect.forEach(Object.keys(libraries), (folder) =>
    Effect.map(fs.readFileString(`${root}/packages/${folder}/package.json`), JSON.parse)
  )
  const ranges: ReadonlyArray<readonly [string, string]> = manifests.flatMap(({ dependencies, peerDependencies }) =>
    Object.entries({ ...dependencies, ...peerDependencies })
  )
  return Object.fromEntries(
    ranges.filter(([name]) => !name.startsWith("effect-cos")).map(([name, range]) => [name, range.replace(/^\^/, "")])
  )
})

const freePort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

const npmrc = (port: number) => `registry=http://127.0.0.1:${port}/\n//127.0.0.1:${port}/:_authToken=of-this-run\n`

/** The last that runs on Node 20. Its `node-fetch` is asked for by a tag that not every registry has. */
const verdaccio = {
  private: true,
  dependencies: { verdaccio: "6.8.0" },
  overrides: { "node-fetch": "2.7.0" }
}

/** A package server with our tarballs, and with all else from the registry that npm is set to. */
const packageServer = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-registry-" })
  const port = yield* freePort
  // Below pnpm, npm warns of settings that it does not know before it answers.
  const uplink = (yield* must(Command.make("npm", "config", "get", "registry"))).trim().split("\n").at(-1)
  const open = { access: "$all", publish: "$all", unpublish: "$all" }
  yield* fs.writeFileString(
    `${folder}/config.yaml`,
    JSON.stringify({
      storage: `${folder}/storage`,
      uplinks: { npm: { url: uplink, maxage: "1h", timeout: "120s" } },
      packages: { "effect-cos*": open, "**": { ...open, proxy: "npm" } },
      auth: { htpasswd: { file: `${folder}/htpasswd` } },
      max_body_size: "50mb",
      log: { type: "stdout", format: "pretty", level: "error" }
    })
  )
  yield* fs.writeFileString(`${folder}/package.json`, JSON.stringify(verdaccio))
  yield* must(Command.make("npm", "install", "--no-audit", "--no-fund").pipe(Command.workingDirectory(folder)))
  yield* Command.make(
    `${folder}/node_modules/.bin/verdaccio`,
    "--config",
    `${folder}/config.yaml`,
    "--listen",
    `127.0.0.1:${port}`
  ).pipe(Command.stdout("inherit"), Command.stderr("inherit"), Command.start)
  yield* Effect.tryPromise(() => fetch(`http://127.0.0.1:${port}/-/ping`)).pipe(
    Effect.retry(Schedule.intersect(Schedule.spaced("500 millis"), Schedule.recurs(240))),
    Effect.mapError(() => new Failed("The package server does not start"))
  )
  yield* fs.writeFileString(`${folder}/.npmrc`, npmrc(port))
  yield* must(tool("tsx", "scripts/build/main.ts"))
  for (const [name, npm] of Object.entries(libraries)) {
    const tarball = `${folder}/${npm}.tgz`
    yield* must(Command.workingDirectory(pnpm("pack", "--out", tarball), `${root}/packages/${name}`))
    yield* must(Command.workingDirectory(Command.make("npm", "publish", tarball), folder))
  }
  return port
})

/** How each package manager adds packages to a folder that has none. */
const managers = (bun: string): Readonly<Record<string, ReadonlyArray<string>>> => ({
  npm: ["npm", "install", "--no-audit", "--no-fund"],
  pnpm: ["npx", "-y", "pnpm@10", "add"],
  yarn: ["npx", "-y", "yarn@1.22", "add", "--non-interactive"],
  bun: [bun, "add"],
  // The newest packages that these want as peers want newer ones than the lowest.
  lowest: ["npm", "install", "--no-audit", "--no-fund", "--legacy-peer-deps"]
})

/** A user's folder: it must compile with both compilers, the test must pass, and the programs must run. */
const firstHour = (manager: string, [command = "", ...args]: ReadonlyArray<string>, port: number) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: `effect-cos-first-hour-${manager}-` })
    const inFolder = (...line: readonly [string, ...ReadonlyArray<string>]) =>
      must(
        Command.make(...(line as [string, ...Array<string>])).pipe(
          Command.workingDirectory(folder),
          Command.env({
            CI: "true",
            NO_COLOR: "1",
            npm_config_cache: `${folder}/.cache`,
            YARN_CACHE_FOLDER: `${folder}/.yarn`
          })
        )
      )
    const overrides = manager === "lowest" ? yield* lowest : undefined
    yield* fs.writeFileString(`${folder}/.npmrc`, npmrc(port))
    yield* fs.writeFileString(`${folder}/.yarnrc`, `registry "http://127.0.0.1:${port}/"\n`)
    yield* fs.writeFileString(
      `${folder}/package.json`,
      JSON.stringify({ private: true, type: "module", dependencies: overrides, devDependencies: compilers })
    )
    const line = yield* wanted
    const pinned =
      overrides === undefined
        ? line
        : [...line.filter((name) => name.startsWith("effect-cos")), "@effect/platform-node@0.108.0"]
    yield* inFolder(command, ...args, ...pinned, ...tools)

    for (const file of yield* fs.readDirectory(`${root}/packages/cos/docs/cookbook`)) {
      if (file.endsWith(".ts")) yield* fs.copyFile(`${root}/packages/cos/docs/cookbook/${file}`, `${folder}/${file}`)
    }
    yield* fs.writeFileString(
      `${folder}/tsconfig.json`,
      JSON.stringify({
        compilerOptions: {
          target: "ES2022",
          module: "NodeNext",
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          types: ["node"]
        },
        include: ["*.ts"]
      })
    )
    for (const compiler of Object.keys(compilers)) {
      yield* inFolder(process.execPath, `node_modules/${compiler}/bin/tsc`, "-p", `${folder}/tsconfig.json`)
    }
    yield* inFolder("node_modules/.bin/vitest", "run")

    const { env } = yield* start(`${folder}/node_modules/.bin/effect-cos-emulator`, "--bucket", "first-1250000000")
    const program = (...line: ReadonlyArray<string>) =>
      must(
        Command.make(`${folder}/node_modules/.bin/tsx`, ...line).pipe(
          Command.workingDirectory(folder),
          Command.env(Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("COS_"))))
        )
      )
    yield* fs.makeDirectory(`${folder}/site`)
    yield* fs.writeFileString(`${folder}/site/index.html`, "<h1>Hello</h1>")
    const lines = [
      yield* program("upload-directory.ts", "./site", "www/"),
      yield* program("sync.ts", "./site", "www/", "--dry-run"),
      yield* program("resume.ts", "site/index.html", "large"),
      yield* program("live-queue.ts", "site/index.html"),
      yield* program("presigned-put.ts", "a.txt", "text/plain"),
      yield* program("delete-prefix.ts", "www/", "--yes")
    ]
    if (!lines[0]?.includes("1 files are uploaded") || !lines[5]?.includes("1 objects are deleted")) {
      return yield* new Failed(lines.join("\n"))
    }
    console.log(`${manager}: installs, compiles with ${Object.keys(compilers).join(" and ")}, tests and runs`)
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) => (error._tag === "Failed" ? new Failed(`${manager}\n${error.report}`) : error))
  )

main(
  Effect.scoped(
    Effect.gen(function* () {
      const all = managers((yield* binary("Bun")).path)
      const names = process.argv.slice(2)
      const chosen = Object.entries(all).filter(([name]) => names.length === 0 || names.includes(name))
      const port = yield* packageServer
      yield* Effect.forEach(chosen, ([name, line]) => firstHour(name, line, port))
      console.log(`${chosen.map(([name]) => name).join(", ")}: the README's line installs, and the cookbook runs`)
    })
  )
)
