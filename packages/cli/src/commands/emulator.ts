import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { make } from "../contract/command.js"
import { CommandFailed, UsageError } from "../contract/errors.js"
import { Globals } from "../contract/globals.js"
import { Output } from "../contract/output.js"

const text = (name: string, pseudo: string, description: string) =>
  Options.text(name).pipe(Options.withPseudoName(pseudo), Options.withDescription(description), Options.optional)

const port = (name: string, description: string) =>
  Options.integer(name).pipe(Options.withPseudoName("N"), Options.withDescription(description), Options.optional)

const options = {
  port: port("port", "where it listens; any free port by default"),
  host: text("host", "HOST", "default 127.0.0.1"),
  dir: text("dir", "DIR", "keep everything in DIR, across restarts; default: in memory"),
  seed: text("seed", "DIR", "put the files of DIR/NAME-APPID/ in the bucket of that name"),
  controlPort: port("control-port", "where faults are set over HTTP; any free port by default"),
  printEnv: Options.boolean("print-env").pipe(Options.withDescription("print nothing but the environment lines"))
}

const isPort = (given: number | undefined): boolean => given === undefined || (given >= 0 && given < 65_536)

export const command = make(
  {
    name: "emulator",
    summary: "Start a server that speaks COS on this machine, and print the variables by which clients find it",
    description:
      "For tests and development without an account. It runs until Ctrl-C and sends nothing anywhere. --bucket and --region " +
      "say what it has at the start. `effect-cos-emulator` of the package of that name has more options.",
    examples: [
      ["cos emulator", "in one terminal; paste what it prints into another"],
      ["cos emulator --dir ./cos --port 9000", "with a memory"]
    ],
    changes: false
  },
  options,
  (input) =>
    Effect.scoped(
      Effect.gen(function* () {
        const output = yield* Output
        const { bucket, region } = yield* Globals
        const orUndefined = Option.getOrUndefined
        const controlPort = orUndefined(input.controlPort)
        if (![orUndefined(input.port), controlPort].every(isPort)) {
          return yield* new UsageError({ message: "a port is a number from 0 to 65535" })
        }
        const host = orUndefined(input.host)
        // Its storage on disk is native code, which is loaded with it.
        const Command = yield* Effect.promise(() => import("effect-cos-emulator/Command"))
        const {
          control,
          bucket: first,
          environment,
          text,
          variables
        } = yield* Command.start({
          buckets: bucket === undefined ? undefined : [bucket],
          region,
          port: orUndefined(input.port),
          host,
          dir: orUndefined(input.dir),
          seed: orUndefined(input.seed),
          // Where other machines reach it, only on request.
          controlPort: controlPort ?? (host === undefined ? 0 : undefined)
        }).pipe(
          Effect.mapError(({ code, message }) =>
            code.startsWith("Invalid") ? new UsageError({ message }) : new CommandFailed({ exitCode: 1, message })
          )
        )
        yield* output.line(
          {
            type: "emulator",
            endpoint: control.endpoint,
            tlsEndpoint: control.tls?.endpoint,
            controlEndpoint: control.controlEndpoint,
            region: control.region,
            bucket: first,
            variables
          },
          () => (input.printEnv ? environment : text)
        )
        yield* Effect.never
      })
    )
)
