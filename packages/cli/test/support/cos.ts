/**
 * Runs the built command against an emulator on a port. The command is built once for each worker of the tests, from the
 * sources, so that it is never an old one.
 */
import { spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { Readable, Writable } from "node:stream"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { EmulatorError } from "effect-cos-emulator/Control"
import * as Emulator from "effect-cos-emulator/Emulator"
import type { ServerOptions as Options } from "effect-cos-emulator/Options"
import { bundleCli } from "../../../../scripts/build/command.js"
import { root } from "../../../../scripts/tool.js"
import * as Lines from "../../src/contract/lines.js"
import { evaluate } from "../../src/program.js"

/** Beside the command's dependencies, where it finds them. */
const folder = `packages/cli/node_modules/.built/${process.pid}`

let building: Promise<string> | undefined

process.once("exit", () => rmSync(`${root}/${folder}`, { recursive: true, force: true }))

/** The path of the built command. */
export const command = Effect.promise(() => {
  building ??= Effect.runPromise(
    Effect.as(bundleCli(folder, { built: false }), `${root}/${folder}/cos.js`).pipe(Effect.provide(NodeContext.layer))
  )
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

const runOf = (args: ReadonlyArray<string>, code: number | null, stdout: string, stderr: string): Run => {
  const json = args.includes("--json")
  return {
    code,
    stdout,
    stderr,
    lines: json ? jsonLines(stdout).map((line) => decode(line)) : [],
    failure: json
      ? jsonLines(stderr)
          .map((line) => decode(line))
          .find((line) => line.type === "error")
      : undefined
  }
}

/** A stream that keeps what is written to it, as a pipe would. */
const collecting = () => {
  const chunks: Array<Buffer> = []
  const stream = new Writable({
    write: (chunk, _, done) => {
      chunks.push(Buffer.from(chunk))
      done()
    }
  })
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => Buffer.concat(chunks).toString() }
}

/** Runs the command line in this process, in milliseconds: for what does not depend on being a process. */
const runHere = (
  variables: Readonly<Record<string, string | undefined>>,
  args: ReadonlyArray<string>,
  stdin: string | Uint8Array = ""
): Effect.Effect<Run> =>
  Effect.suspend(() => {
    const [stdout, stderr] = [collecting(), collecting()]
    const input = Readable.from([Buffer.from(stdin)], { objectMode: false }) as unknown as NodeJS.ReadStream
    const set = Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const]
    )
    const provider = ConfigProvider.fromMap(new Map(set))
    return evaluate(args, { stdin: input, stdout: stdout.stream, stderr: stderr.stream }).pipe(
      Effect.withConfigProvider(provider),
      Effect.map((code) => runOf(args, code, stdout.text(), stderr.text()))
    )
  })

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
        NODE_COMPILE_CACHE: `${root}/${folder}/compiled`,
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
        resume(Effect.sync(() => runOf(args, code, stdout, stderr)))
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
    /** The same in this process, for what does not depend on being one: wrong command lines, and the rows of a table. */
    readonly here: (
      words: string | ReadonlyArray<string>,
      options?: Pick<RunOptions, "env" | "stdin">
    ) => Effect.Effect<Run>
    readonly env: Readonly<Record<string, string>>
  }
>() {}

const split = (words: string | ReadonlyArray<string>) => (typeof words === "string" ? words.split(" ") : words)

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
        run: (words, options) => runWith(env, split(words), options),
        here: (words, options) => runHere({ ...env, ...options?.env }, split(words), options?.stdin)
      }
    })
  ).pipe(
    Layer.provideMerge(Emulator.layerServer({ buckets: [bucket], ...options }).pipe(Layer.provide(NodeContext.layer)))
  )
