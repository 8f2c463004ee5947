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
import { draw, type Shown } from "./image.js"
import { bucket, type Scene, scenes } from "./scenes.js"
import { parse } from "./screen.js"
import { type Frame, record } from "./terminal.js"

const images = "packages/cli/docs/images"

/** Beside the command's dependencies, where it finds them. */
const built = "packages/cli/node_modules/.recorded"

/** Hides where it was recorded. */
const anonymous = (text: string, home: string): string =>
  text.replaceAll(home, "~").replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:9000")

/** How long the last screen is shown, and each of the others at most. */
const seconds = { last: 5, most: 1.5 }

/** What is worth another screen: all but speeds, and the time that is left. */
const essence = ({ screen }: Frame): string => screen.replace(/%.*$/gm, "%")

const screensOf = ({ columns, isMoving }: Scene, frames: ReadonlyArray<Frame>, home: string): ReadonlyArray<Shown> => {
  const distinct = frames.filter((frame, index) => {
    const next = frames[index + 1]
    return next === undefined || essence(next) !== essence(frame)
  })
  const shown = distinct.map(({ millis, screen }, index) => {
    const next = distinct[index + 1]
    return {
      rows: parse(anonymous(screen, home), columns),
      seconds: next === undefined ? seconds.last : Math.min(seconds.most, (next.millis - millis) / 1000)
    }
  })
  return isMoving === true ? shown.filter(({ rows }) => rows.some((row) => row.length > 0)) : shown.slice(-1)
}

const recorded = (scene: Scene) =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { credentials, endpoint, region } = yield* Emulator
      const home = yield* fs.makeTempDirectoryScoped({ prefix: "home-" })
      const bin = yield* fs.makeTempDirectoryScoped({ prefix: "bin-" })
      yield* fs.writeFileString(`${bin}/cos`, `#!/bin/sh\nexec ${process.execPath} ${root}/${built}/cos.cjs "$@"\n`)
      yield* fs.chmod(`${bin}/cos`, 0o755)
      yield* scene.prepare(home)
      const frames = yield* record(scene.lines, {
        columns: scene.columns,
        rows: 60,
        cwd: home,
        env: {
          PATH: `${bin}:${process.env.PATH}`,
          HOME: home,
          COS_ENDPOINT: endpoint,
          COS_REGION: region,
          COS_BUCKET: bucket,
          COS_SECRET_ID: credentials.secretId,
          COS_SECRET_KEY: Redacted.value(credentials.secretKey)
        }
      })
      return draw(screensOf(scene, frames, home), scene)
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
