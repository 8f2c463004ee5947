/**
 * `pnpm recordings [name]`: runs the built command in a terminal, against an emulator, and draws what the terminal shows
 * into `packages/cli/docs/images`. Needs tmux.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import { bundleCli } from "../build/command.js"
import { Failed, main, root } from "../tool.js"
import { draw } from "./image.js"
import { bucket, type Scene, scenes } from "./scenes.js"
import { parse } from "./screen.js"
import { record } from "./terminal.js"

const images = "packages/cli/docs/images"

/** Beside the command's dependencies, where it finds them. */
const built = "packages/cli/node_modules/.recorded"

/** Hides where it was recorded. */
const anonymous = (text: string, home: string): string =>
  text.replaceAll(home, "~").replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:9000")

const recorded = (scene: Scene) =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { credentials, endpoint, region } = yield* Emulator
      const home = yield* fs.makeTempDirectoryScoped({ prefix: "home-" })
      yield* fs.makeDirectory(`${home}/bin`)
      yield* fs.makeDirectory(`${home}/work`)
      yield* fs.writeFileString(`${home}/bin/cos`, `#!/bin/sh\nexec ${process.execPath} ${root}/${built}/cos.js "$@"\n`)
      yield* fs.chmod(`${home}/bin/cos`, 0o755)
      yield* scene.prepare(`${home}/work`)
      const screen = yield* record(scene.lines, {
        columns: scene.columns,
        rows: 60,
        cwd: `${home}/work`,
        env: {
          PATH: `${home}/bin:${process.env.PATH}`,
          HOME: home,
          COS_ENDPOINT: endpoint,
          COS_REGION: region,
          COS_BUCKET: bucket,
          COS_SECRET_ID: credentials.secretId,
          COS_SECRET_KEY: Redacted.value(credentials.secretKey)
        }
      })
      return draw(parse(anonymous(screen, home)), scene)
    })
  ).pipe(Effect.provide(layerServer()))

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const wanted = process.argv.slice(2)
    const chosen = scenes.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
    if (chosen.length === 0) return yield* new Failed(`recordings: ${scenes.map(({ name }) => name).join(", ")}`)
    yield* bundleCli(built, { built: false })
    yield* fs.makeDirectory(`${root}/${images}`, { recursive: true })
    for (const scene of chosen) {
      const svg = yield* recorded(scene)
      yield* fs.writeFileString(`${root}/${images}/${scene.name}.svg`, svg)
      console.log(`${images}/${scene.name}.svg: ${(svg.length / 1024).toFixed(1)} KiB`)
    }
  })
)
