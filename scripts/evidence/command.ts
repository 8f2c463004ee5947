/** Installs and starts the emulator's command in a process of its own, for the other scripts. It stops with the scope. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as CosClient from "effect-cos/CosClient"
import { NodeCos } from "effect-cos-node"
import { Failed, must, packages, pnpm, root, tool } from "../tool.js"

/** The running command. */
export interface Running {
  readonly child: ChildProcess
  /** The environment variables that it printed. */
  readonly env: Readonly<Record<string, string>>
  /** From the start of the process to the last variable. */
  readonly milliseconds: number
  readonly end: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** Builds and packs the packages, installs the tarballs in an empty folder, and returns the path of the command there. */
export const install = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  yield* must(tool("tsx", "scripts/build/main.ts", "emulator"))
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-installed-" })
  const tarballs = yield* Effect.forEach(["cos", "emulator"] as const, (name) => {
    const tarball = `${folder}/${packages[name]}.tgz`
    return Effect.as(
      must(Command.workingDirectory(pnpm("pack", "--out", tarball), `${root}/packages/${name}`)),
      tarball
    )
  })
  yield* fs.writeFileString(`${folder}/package.json`, '{ "private": true }')
  yield* must(
    Command.make("npm", "install", "--no-audit", "--no-fund", ...tarballs).pipe(Command.workingDirectory(folder))
  )
  return `${folder}/node_modules/.bin/effect-cos-emulator`
})

/** A client of the command. */
export const client = ({ env }: Running): Layer.Layer<CosClient.CosClient> =>
  NodeCos.layerEnv.pipe(
    Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(env))))),
    Layer.orDie
  )

export const start = (command: string, ...args: ReadonlyArray<string>): Effect.Effect<Running, Failed, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Running, Failed>((resume) => {
      const begin = performance.now()
      const child = spawn(command, [...args, "--print-env"], { stdio: ["ignore", "pipe", "pipe"] })
      let complaints = ""
      child.stderr.setEncoding("utf8").on("data", (text) => {
        complaints += text
        process.stderr.write(text)
      })
      const end: Running["end"] = new Promise((done) => child.on("exit", (code, signal) => done({ code, signal })))
      const env: Record<string, string> = {}
      createInterface(child.stdout).on("line", (line) => {
        const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
        if (name !== undefined && value !== undefined) env[name] = value
        // The last variable that the command prints.
        if (name === "NODE_EXTRA_CA_CERTS") {
          resume(Effect.succeed({ child, env, milliseconds: performance.now() - begin, end }))
        }
      })
      child.on("error", (error) => resume(new Failed(error.message)))
      void end.then(({ code }) => resume(new Failed(`the command ended with ${code}\n${complaints}`)))
    }),
    ({ child, end }) =>
      Effect.promise(() => {
        child.kill("SIGKILL")
        return end
      })
  )
