/** An empty folder, the tarballs, `npx cos emulator` in one terminal, and the ten lines of the README in another. */
export const description =
  "The command line's tarball installs in an empty folder, and the README's ten lines run as written"

import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { Failed, main, must, packages, pnpm, root, run, tool } from "../tool.js"

/** The block of shell under "Ten lines". */
const tenLines = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const readme = yield* fs.readFileString(`${root}/packages/cli/README.md`)
  const block = /## Ten lines\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)?.[1]
  const lines = block?.trim().split("\n") ?? []
  if (lines.length !== 10) return yield* new Failed(`the README has ${lines.length} lines to try, not ten`)
  return lines
})

/** The folder in which the tarball is installed. */
const installed = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-cli-" })
  const tarball = `${folder}/${packages.cli}.tgz`
  yield* must(tool("tsx", "scripts/build/main.ts"))
  yield* must(Command.workingDirectory(pnpm("pack", "--out", tarball), `${root}/packages/cli`))
  yield* fs.writeFileString(`${folder}/package.json`, '{ "private": true }')
  yield* must(Command.make("npm", "install", "--no-audit", "--no-fund", tarball).pipe(Command.workingDirectory(folder)))
  return folder
})

/** The `export` lines that it prints for effect-cos: those that somebody pastes. */
const emulator = (folder: string) =>
  Effect.acquireRelease(
    Effect.async<{ readonly exports: string; readonly stop: () => void }, Failed>((resume) => {
      const child = spawn("npx", ["cos", "emulator"], {
        cwd: folder,
        detached: true,
        stdio: ["ignore", "pipe", "inherit"]
      })
      const stop = () => void (child.pid !== undefined && process.kill(-child.pid, "SIGTERM"))
      const exports: Array<string> = []
      createInterface(child.stdout).on("line", (line) => {
        if (/^export COS_\w+=/.test(line)) exports.push(line)
        else if (line.startsWith("For other clients")) resume(Effect.succeed({ exports: exports.join("\n"), stop }))
      })
      child.on("exit", (code) => resume(new Failed(`npx cos emulator ended with ${code}`)))
    }),
    ({ stop }) => Effect.sync(stop)
  )

main(
  Effect.scoped(
    Effect.gen(function* () {
      const lines = yield* tenLines
      const folder = yield* installed
      const { exports } = yield* emulator(folder)
      const script = [
        exports,
        "set -e -o pipefail",
        ...lines.map((line) => `echo '$' ${JSON.stringify(line)} >&2\n${line}`)
      ]
      const { ok, output } = yield* run(
        Command.make("bash", "-c", script.join("\n")).pipe(
          Command.workingDirectory(folder),
          Command.env({ npm_config_offline: "true" })
        ),
        { echo: true }
      )
      if (!ok) return yield* new Failed("one of the ten lines failed")
      for (const expected of ['"type":"object"', "site/css/site.css", "q-signature=", "content", "removed"]) {
        if (!output.includes(expected)) return yield* new Failed(`the ten lines never show ${expected}`)
      }
      console.log("ten lines of ten, as written")
    })
  )
)
