/**
 * How long the built command takes to start, beside an empty Node, each in turn so that load falls on all alike: when it was
 * run before, which the goal is about, and for the first time, when nothing compiled is kept.
 */
export const description = "cos --version takes at most 120 ms, and cos ls of a page 250 ms, over an empty Node"

import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Emulator } from "effect-cos-emulator"
import { Failed, main, must, root, tool } from "../tool.js"

const rounds = Number(process.argv[2] ?? 21)
const bucket = "examplebucket-1250000000"
const limits = { version: 120, ls: 250 }

const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const least = (values: ReadonlyArray<number>) => Math.min(...values)

const timed = (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>) =>
  Effect.async<number, Failed>((resume) => {
    const begin = performance.now()
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] })
    child.on("exit", (code) =>
      resume(
        code === 0 ? Effect.succeed(performance.now() - begin) : new Failed(`${args.join(" ")} ended with ${code}`)
      )
    )
  })

main(
  Effect.gen(function* () {
    yield* must(tool("tsx", "scripts/build/main.ts"))
    const { credentials, endpoint, region, seed } = yield* Emulator.Emulator
    yield* Effect.forEach(
      Array.from({ length: 1000 }, (_, index) => `photos/${index}.jpg`),
      (key) => seed(bucket, key, key),
      { discard: true }
    )
    const cache = mkdtempSync(join(tmpdir(), "cos-start-"))
    process.once("exit", () => rmSync(cache, { recursive: true }))
    const env = {
      PATH: process.env.PATH,
      XDG_CACHE_HOME: cache,
      COS_ENDPOINT: endpoint,
      COS_REGION: region,
      COS_BUCKET: bucket,
      COS_SECRET_ID: credentials.secretId,
      COS_SECRET_KEY: Redacted.value(credentials.secretKey)
    }
    const command = `${root}/packages/cli/dist/cos.cjs`
    const times: Record<"empty" | "version" | "ls" | "ls for the first time", Array<number>> = {
      empty: [],
      version: [],
      ls: [],
      "ls for the first time": []
    }
    const list = [command, "ls", "-r", "cos:///"]
    yield* timed(env, ...list)
    for (let round = 0; round < rounds; round++) {
      times.empty.push(yield* timed(env, "-e", "0"))
      times.version.push(yield* timed(env, command, "--version"))
      times.ls.push(yield* timed(env, ...list))
      times["ls for the first time"].push(yield* timed({ ...env, NODE_DISABLE_COMPILE_CACHE: "1" }, ...list))
    }
    const table = Object.fromEntries(
      Object.entries(times).map(([name, values]) => [
        name,
        {
          median: Math.round(median(values)),
          over: Math.round(median(values) - median(times.empty)),
          "least over": Math.round(least(values) - least(times.empty)),
          ratio: Number((median(values) / median(times.empty)).toFixed(2))
        }
      ])
    )
    console.table(table)
    const over = (name: keyof typeof limits) => least(times[name]) - least(times.empty)
    const late = (Object.keys(limits) as Array<keyof typeof limits>).filter((name) => over(name) > limits[name])
    console.log(`--version ${Math.round(over("version"))} ms, ls ${Math.round(over("ls"))} ms over an empty Node`)
    if (late.length > 0) return yield* new Failed(`too slow: ${late.join(", ")}`)
  }).pipe(Effect.provide(Emulator.layerServer({ buckets: [bucket] }).pipe(Layer.provide(NodeContext.layer))))
)
