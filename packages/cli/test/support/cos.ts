/**
 * Runs `cos` against an emulator on a port: in the process of the test, which takes milliseconds, or as people do, the built
 * command in a process of its own. `run` is the former in `pnpm test`, and the latter in `pnpm evidence cliBuilt`; `built` is
 * always the latter. The command is built once for each worker of the tests, from the sources, so that it is never an old one.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable, Writable } from "node:stream"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { EmulatorError } from "effect-cos-emulator/Control"
import * as Emulator from "effect-cos-emulator/Emulator"
import type { ServerOptions as Options } from "effect-cos-emulator/Options"
import { bundleCli } from "../../../../scripts/build/command.js"
import { root } from "../../../../scripts/tool.js"
import * as Lines from "../../src/contract/lines.js"
import { evaluate } from "../../src/program.js"
import * as Uses from "./uses.js"

/** Whether every run is one of the built command. */
export const isBuilt = process.env.COS_TEST_BUILT !== undefined

/** A limit of time of a test that runs many: the built command takes longer. */
export const patience = (milliseconds: number): number => (isBuilt ? 20 : 1) * milliseconds

/** Beside the command's dependencies, where it finds them. */
const folder = `packages/cli/node_modules/.built/${process.pid}`

let building: Promise<string> | undefined

process.once("exit", () => rmSync(`${root}/${folder}`, { recursive: true, force: true }))

/** The path of the built command. */
export const command = Effect.promise(() => {
  building ??= Effect.runPromise(
    Effect.as(bundleCli(folder, { built: false }), `${root}/${folder}/cos.cjs`).pipe(Effect.provide(NodeContext.layer))
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
}

/** Of a process. */
export interface ProcessOptions extends RunOptions {
  readonly cwd?: string | undefined
  /** A file descriptor in place of a pipe: then what is written there is not in the run. */
  readonly stdout?: number | undefined
}

const decode = Schema.decodeUnknownSync(Lines.Line, { onExcessProperty: "error" })

const runOf = (args: ReadonlyArray<string>, code: number | null, stdout: string, stderr: string): Run => {
  const json = args.includes("--json") || args.includes("--json-progress")
  const [lines, told] = json
    ? [jsonLines(stdout), jsonLines(stderr)].map((some) => some.map((line) => decode(line)))
    : []
  Uses.note({
    test: expect.getState().currentTestName ?? "",
    args,
    code,
    types: [...(lines ?? []), ...(told ?? [])].map(({ type }) => type)
  })
  return { code, stdout, stderr, lines: lines ?? [], failure: told?.find((line) => line.type === "error") }
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

type Variables = Readonly<Record<string, string | undefined>>

/** Nothing of whoever runs the tests. */
const noOne: Variables = { HOME: "/nonexistent" }

/** Runs the command line in this process. */
const runHere = (
  variables: Variables,
  args: ReadonlyArray<string>,
  stdin: string | Uint8Array = ""
): Effect.Effect<Run> =>
  Effect.suspend(() => {
    const [stdout, stderr] = [collecting(), collecting()]
    const input = Readable.from([Buffer.from(stdin)], { objectMode: false }) as unknown as NodeJS.ReadStream
    const set = Object.entries({ ...noOne, ...variables }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const]
    )
    const provider = ConfigProvider.fromMap(new Map(set))
    return evaluate(args, { stdin: input, stdout: stdout.stream, stderr: stderr.stream }).pipe(
      Effect.withConfigProvider(provider),
      Effect.map((code) => runOf(args, code, stdout.text(), stderr.text()))
    )
  })

/** A process of the command. It is killed with the scope. */
export interface Started {
  readonly child: ChildProcess
  /** What it has written to standard output, and to standard error, so far. */
  readonly written: () => { readonly stdout: string; readonly stderr: string }
  readonly ended: Effect.Effect<Run>
}

/** Starts the built command with these variables and no others. */
export const startWith = (
  variables: Variables,
  args: ReadonlyArray<string>,
  options: ProcessOptions = {}
): Effect.Effect<Started, never, Scope.Scope> =>
  Effect.flatMap(command, (file) =>
    Effect.acquireRelease(
      Effect.sync((): Started => {
        const child = spawn(process.execPath, [file, ...args], {
          env: {
            PATH: process.env.PATH,
            NODE_COMPILE_CACHE: `${root}/${folder}/compiled`,
            ...noOne,
            ...variables,
            ...options.env
          },
          cwd: options.cwd,
          stdio: ["pipe", options.stdout ?? "pipe", "pipe"]
        })
        const chunks = { stdout: [] as Array<Buffer>, stderr: [] as Array<Buffer> }
        child.stdout?.on("data", (chunk) => chunks.stdout.push(chunk))
        child.stderr?.on("data", (chunk) => chunks.stderr.push(chunk))
        child.stdin?.on("error", () => {})
        child.stdin?.end(options.stdin ?? "")
        const written = () => ({
          stdout: Buffer.concat(chunks.stdout).toString(),
          stderr: Buffer.concat(chunks.stderr).toString()
        })
        const closed = new Promise<number | null>((resolve) => child.on("close", resolve))
        const ended = Effect.map(
          Effect.promise(() => closed),
          (code) => {
            const { stderr, stdout } = written()
            return runOf(args, code, stdout, stderr)
          }
        )
        return { child, written, ended }
      }),
      ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
    )
  )

/** Runs the built command with these variables and no others, to its end. */
export const runWith = (
  variables: Variables,
  args: ReadonlyArray<string>,
  options?: ProcessOptions
): Effect.Effect<Run> => Effect.scoped(Effect.flatMap(startWith(variables, args, options), ({ ended }) => ended))

const jsonLines = (text: string): ReadonlyArray<unknown> =>
  text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))

/** An emulator on a port, and the command that speaks to it. */
export class Cos extends Context.Tag("test/Cos")<
  Cos,
  {
    /** Runs `cos` with these words, as `"ls --json cos:///"` or in pieces. */
    readonly run: (words: string | ReadonlyArray<string>, options?: RunOptions) => Effect.Effect<Run>
    /** The same by the built command, for what depends on being a process. */
    readonly built: (words: string | ReadonlyArray<string>, options?: ProcessOptions) => Effect.Effect<Run>
    /** The built command while it runs. */
    readonly start: (
      words: string | ReadonlyArray<string>,
      options?: ProcessOptions
    ) => Effect.Effect<Started, never, Scope.Scope>
    readonly env: Readonly<Record<string, string>>
  }
>() {}

const split = (words: string | ReadonlyArray<string>) => (typeof words === "string" ? words.split(" ") : words)

export const bucket = "examplebucket-1250000000"

/** The same emulator for all tests of a file. */
export const layer = (options: Options = {}): Layer.Layer<Cos | Emulator.Emulator, EmulatorError> =>
  Layer.scoped(
    Cos,
    Effect.gen(function* () {
      const { credentials, endpoint, region } = yield* Emulator.Emulator
      const env = {
        COS_ENDPOINT: endpoint,
        COS_REGION: region,
        COS_BUCKET: bucket,
        COS_SECRET_ID: credentials.secretId,
        COS_SECRET_KEY: Redacted.value(credentials.secretKey),
        COS_STATE_DIR: yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "cos-state-"))),
          (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
        )
      }
      const built: Context.Tag.Service<Cos>["built"] = (words, options) => runWith(env, split(words), options)
      return {
        env,
        built,
        start: (words, options) => startWith(env, split(words), options),
        run: isBuilt ? built : (words, options) => runHere({ ...env, ...options?.env }, split(words), options?.stdin)
      }
    })
  ).pipe(
    Layer.provideMerge(Emulator.layerServer({ buckets: [bucket], ...options }).pipe(Layer.provide(NodeContext.layer)))
  )
