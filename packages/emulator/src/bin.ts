#!/usr/bin/env node
/**
 * The command `effect-cos-emulator`.
 */
import { parseArgs } from "node:util"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { start } from "./Command.js"
import { isLoopbackName } from "./internal/http/loopback.js"

const help = `effect-cos-emulator [options]

A server that speaks Tencent COS, for tests and for development without an account. It listens on 127.0.0.1 unless told
otherwise, stores nothing on disk unless --dir says where, and sends nothing anywhere.

  --port N              where it listens; any free port by default
  --host HOST           default 127.0.0.1
  --dir DIR             keep everything in DIR, across restarts; one server at a time
  --memory              keep everything in memory (the default)
  --durable             with --dir: wait for the disk, so that a power cut takes nothing that was acknowledged
  --bucket NAME-APPID   create this bucket; may be given several times, with one APPID
  --region REGION       default ap-guangzhou
  --seed DIR            put the files of DIR/NAME-APPID/ in the bucket of that name, under their relative paths
  --domain TEMPLATE     route hosts of your own too, such as {bucket}.cos.test or {bucket}.{region}.cos.test
  --tls                 print https:// as the endpoint; the port speaks TLS and accepts CONNECT either way
  --strict              refuse unknown query parameters, x-cos- headers and elements, which COS ignores: for finding
                        misspelt requests
  --control-port N      where faults are set and the journal is read over HTTP, with a token; by default any free port,
                        and none with a --host that other machines reach
  --control-host NAME   let clients call the control port by this host name too; may be given several times
  --print-env           print nothing but the environment lines
  --help, --version

COS_EMULATOR_CONTROL_TOKEN in the environment is the control port's token; by default it is made at every start.

Ctrl-C or SIGTERM stops it at once, also with requests open, and the exit code is 0. It is 2 when the options are wrong,
and 1 when it cannot start.
`

/** The command line is wrong. */
class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

const parse = Effect.try({
  try: () =>
    parseArgs({
      options: {
        port: { type: "string", default: "0" },
        host: { type: "string", default: "127.0.0.1" },
        dir: { type: "string" },
        memory: { type: "boolean", default: false },
        durable: { type: "boolean", default: false },
        bucket: { type: "string", multiple: true, default: [] },
        region: { type: "string", default: "ap-guangzhou" },
        seed: { type: "string" },
        domain: { type: "string" },
        tls: { type: "boolean", default: false },
        strict: { type: "boolean", default: false },
        "control-port": { type: "string" },
        "control-host": { type: "string", multiple: true, default: [] },
        "print-env": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", short: "v", default: false }
      }
    }).values,
  catch: (error) => new UsageError({ message: error instanceof globalThis.Error ? error.message : String(error) })
})

const portOf = (name: string, text: string): Effect.Effect<number, UsageError> =>
  /^\d+$/.test(text) && Number(text) < 65_536
    ? Effect.succeed(Number(text))
    : Effect.fail(new UsageError({ message: `--${name} must be a port, 0 to 65535` }))

/** If other machines can reach the emulator, it has a control port only on request. */
const controlPortOf = (options: {
  readonly host: string
  readonly "control-port"?: string | undefined
}): Effect.Effect<number | undefined, UsageError> => {
  const port = options["control-port"]
  if (port !== undefined) return portOf("control-port", port)
  return Effect.succeed(isLoopbackName(options.host.toLowerCase()) ? 0 : undefined)
}

const version = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = yield* path.fromFileUrl(new URL("../package.json", import.meta.url))
  const manifest: { readonly version: string } = JSON.parse(yield* fs.readFileString(file))
  return manifest.version
})

const program = Effect.gen(function* () {
  const options = yield* parse
  if (options.help) return yield* Console.log(help)
  if (options.version) return yield* Console.log(yield* version)
  if (options.memory && options.dir !== undefined) {
    return yield* new UsageError({ message: "--memory and --dir exclude each other" })
  }
  if (options.durable && options.dir === undefined) {
    return yield* new UsageError({ message: "--durable goes with --dir" })
  }
  const token = process.env.COS_EMULATOR_CONTROL_TOKEN
  const emulator = yield* start({
    buckets: options.bucket,
    region: options.region,
    host: options.host,
    port: yield* portOf("port", options.port),
    controlPort: yield* controlPortOf(options),
    controlToken: token === undefined || token === "" ? undefined : Redacted.make(token),
    controlHosts: options["control-host"],
    dir: options.dir,
    durable: options.durable,
    domain: options.domain,
    strict: options.strict,
    seed: options.seed,
    encrypted: options.tls
  })
  yield* Console.log(options["print-env"] ? emulator.environment : emulator.text)
  yield* Effect.never
}).pipe(
  Effect.scoped,
  Effect.catchIf(
    (error) => error._tag === "EmulatorError" && error.code.startsWith("Invalid"),
    ({ message }) => new UsageError({ message })
  )
)

const complain = (text: string) => Effect.sync(() => process.stderr.write(`effect-cos-emulator: ${text}\n`))

/** Standard output is for the environment lines, which scripts read. */
const logger = Logger.make(({ message }) => {
  process.stderr.write(`effect-cos-emulator: ${Array.isArray(message) ? message.join(" ") : message}\n`)
})

program.pipe(
  Effect.tapErrorCause((cause) =>
    Option.match(Cause.failureOption(cause), {
      onSome: (error) => complain(error._tag === "UsageError" ? `${error.message}\nTry --help.` : error.message),
      // a mistake of ours, which must not end the command without a word
      onNone: () => (Cause.isInterruptedOnly(cause) ? Effect.void : complain(Cause.pretty(cause)))
    })
  ),
  Effect.provide([NodeFileSystem.layer, NodePath.layer, Logger.replace(Logger.defaultLogger, logger)]),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, onExit) => {
      if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) return onExit(0)
      const error = Cause.squash(exit.cause)
      onExit(error instanceof UsageError ? 2 : 1)
    }
  })
)
