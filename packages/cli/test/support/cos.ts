/**
 * Runs the built command against an emulator on a port. The command is built once for each worker of the tests, from the
 * sources, so that it is never an old one.
 */
import { spawn } from "node:child_process"
import { existsSync, rmSync } from "node:fs"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { EmulatorError } from "effect-cos-emulator/Control"
import * as Emulator from "effect-cos-emulator/Emulator"
import type { Options } from "effect-cos-emulator/Options"
import { bundleCli } from "../../../../scripts/build/command.js"
import { root } from "../../../../scripts/tool.js"
import * as Lines from "../../src/contract/lines.js"

/** Beside the command's dependencies, where it finds them. */
const folder = `packages/cli/node_modules/.built/${process.pid}`

let building: Promise<string> | undefined

/** The path of the built command. */
export const command = Effect.promise(() => {
  building ??= Effect.runPromise(
    Effect.as(bundleCli(folder, { built: false }), `${root}/${folder}/cos.js`).pipe(Effect.provide(NodeContext.layer))
  )
  process.once("exit", () => existsSync(`${root}/${folder}`) && rmSync(`${root}/${folder}`, { recursive: true }))
  return building
})

/** What a run of the command came to. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Of `--json`: every line of standard output, decoded by its Schema. */
  readonly lines: ReadonlyArray<Lines.Line>
  /** Of `--json`: the line on standard error that says why it failed. */
  readonly failure: typeof Lines.Error.Type | undefined
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array | undefined
  /** Beside the emulator's; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  readonly cwd?: string | undefined
}

const decode = Schema.decodeUnknownSync(Lines.Line, { onExcessProperty: "error" })

/** Runs the command with these variables and no others of COS. */
export const runWith = (
  variables: Readonly<Record<string, string | undefined>>,
  args: ReadonlyArray<string>,
  options: RunOptions = {}
): Effect.Effect<Run> =>
  Effect.flatMap(command, (file) =>
    Effect.async<Run>((resume) => {
      const env = {
        PATH: process.env.PATH,
        HOME: "/nonexistent",
        ...variables,
        ...options.env
      }
      const child = spawn(process.execPath, [file, ...args], { env, cwd: options.cwd })
      const chunks = { stdout: [] as Array<Buffer>, stderr: [] as Array<Buffer> }
      child.stdout.on("data", (chunk) => chunks.stdout.push(chunk))
      child.stderr.on("data", (chunk) => chunks.stderr.push(chunk))
      child.stdin.on("error", () => {})
      child.stdin.end(options.stdin ?? "")
      child.on("close", (code) => {
        const stdout = Buffer.concat(chunks.stdout).toString()
        const stderr = Buffer.concat(chunks.stderr).toString()
        const json = args.includes("--json")
        resume(
          Effect.sync(() => ({
            code,
            stdout,
            stderr,
            lines: json ? jsonLines(stdout).map((line) => decode(line)) : [],
            failure: json
              ? jsonLines(stderr)
                  .map((line) => decode(line))
                  .find((line) => line.type === "error")
              : undefined
          }))
        )
      })
      return Effect.sync(() => child.kill("SIGKILL"))
    })
  )

const jsonLines = (text: string): ReadonlyArray<unknown> =>
  text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))

/** An emulator on a port, and the command that speaks to it. */
export class Cos extends Context.Tag("test/Cos")<
  Cos,
  {
    /** Runs `cos` with these words, as `"ls --json cos:///"` or in pieces. */
    readonly run: (words: string | ReadonlyArray<string>, options?: RunOptions) => Effect.Effect<Run>
    readonly env: Readonly<Record<string, string>>
  }
>() {}

export const bucket = "examplebucket-1250000000"

/** The same emulator for all tests of a file. */
export const layer = (options: Options = {}): Layer.Layer<Cos | Emulator.Emulator, EmulatorError> =>
  Layer.effect(
    Cos,
    Effect.map(Emulator.Emulator, ({ credentials, endpoint, region }) => {
      const env = {
        COS_ENDPOINT: endpoint,
        COS_REGION: region,
        COS_BUCKET: bucket,
        COS_SECRET_ID: credentials.secretId,
        COS_SECRET_KEY: Redacted.value(credentials.secretKey)
      }
      return {
        env,
        run: (words, options) => runWith(env, typeof words === "string" ? words.split(" ") : words, options)
      }
    })
  ).pipe(
    Layer.provideMerge(Emulator.layerServer({ buckets: [bucket], ...options }).pipe(Layer.provide(NodeContext.layer)))
  )
