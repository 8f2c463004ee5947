/** Transfers in processes of their own, and the signals that end them. */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { Emulator } from "effect-cos-emulator/Emulator"
import type { FaultSpec } from "effect-cos-emulator/Fault"
import { build } from "esbuild"
import * as World from "../../support/world.js"
import { Directory } from "../row.js"
import { Order } from "./order.js"

export type Transfer = (typeof Order.Type)["transfers"][number]

/** What a process ended with: a code, or the signal that nobody answered. */
export type End = number | NodeJS.Signals

/** A module of this folder in one file: compiled once, it starts in a fraction of the time. */
const bundle = (name: string) =>
  Effect.runSync(
    Effect.cached(
      Effect.promise(async () => {
        const { outputFiles } = await build({
          entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
          bundle: true,
          platform: "node",
          format: "cjs",
          external: ["lmdb"],
          write: false
        })
        return outputFiles[0]?.text ?? ""
      })
    )
  )
const bundles = { child: bundle("./child.ts"), emulator: bundle("./emulator.ts") }

/** Where the emulator finds what cannot be bundled. */
const NODE_PATH = fileURLToPath(new URL("../../../packages/emulator/node_modules", import.meta.url))

/** Killed with the scope if it is still there. */
const run = (name: keyof typeof bundles, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const module = `${yield* fs.makeTempDirectoryScoped()}/${name}.cjs`
    yield* fs.writeFileString(module, yield* bundles[name])
    return yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [module, ...args], {
          stdio: ["ignore", "pipe", "inherit"],
          env: { ...process.env, NODE_PATH }
        })
      ),
      (child) => Effect.sync(() => child.exitCode === null && child.kill("SIGKILL"))
    )
  })

export interface Options {
  /** Kills the process in the middle of the nth write of a checkpoint. */
  readonly killAtWrite?: number
  /** The directory of the checkpoints; default `checkpoints`. */
  readonly checkpoints?: string
}

/** A child at work. Names are of the row's directory. */
export const start = (transfers: ReadonlyArray<Transfer>, { checkpoints = "checkpoints", killAtWrite }: Options = {}) =>
  Effect.gen(function* () {
    const { credentials, endpoint } = yield* Emulator
    const root = yield* Directory
    const order = yield* Schema.encode(Order)({
      url: endpoint,
      bucket: World.bucket,
      region: World.region,
      secretId: credentials.secretId,
      secretKey: Redacted.value(credentials.secretKey),
      checkpoints: `${root}/${checkpoints}`,
      killAtWrite,
      transfers: transfers.map((transfer) => ({ ...transfer, path: `${root}/${transfer.path}` }))
    })
    return yield* run("child", order)
  })

/** An emulator on a directory, with one fault; and where it is. */
export const startEmulator = (dir: string, fault: FaultSpec) =>
  Effect.gen(function* () {
    const child = yield* run("emulator", dir, World.bucket, World.region, JSON.stringify(fault))
    const endpoint = yield* Effect.async<string>((resume) => {
      child.stdout.once("data", (line) => resume(Effect.succeed(String(line).trim())))
    })
    return { child, endpoint }
  })

export const ended = (child: ChildProcess): Effect.Effect<End> =>
  Effect.async((resume) => {
    const end = () => resume(Effect.succeed(child.exitCode ?? child.signalCode ?? -1))
    if (child.exitCode !== null || child.signalCode !== null) end()
    else child.once("exit", end)
  })

export const end = (child: ChildProcess, signal: NodeJS.Signals): Effect.Effect<End> =>
  Effect.zipRight(
    Effect.sync(() => child.kill(signal)),
    ended(child)
  )

/** Waits for what another process does. */
export const eventually = <E, R>(condition: Effect.Effect<boolean, E, R>) =>
  Effect.repeat(condition, { until: (done) => done, schedule: Schedule.spaced("20 millis") })

/** Waits until so many requests of an operation have come. */
export const until = (operation: string, count: number) =>
  eventually(Effect.map(World.requests(operation), (entries) => entries.length >= count))
