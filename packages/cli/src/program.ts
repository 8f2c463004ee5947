/**
 * Finds the command, runs it, and ends the process with its exit code.
 */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import { commands } from "./commands.js"
import type { AnyCommand } from "./contract/command.js"
import * as CommandLine from "./contract/commandLine.js"
import { type CommandError, oneLine, reportOf, UsageError } from "./contract/errors.js"
import type { ExitCode } from "./contract/exitCode.js"
import * as Help from "./contract/help.js"
import { failure, make, Output } from "./contract/output.js"
import { meant } from "./contract/spelling.js"
import { version } from "./version.js"

/** The command of a name, loaded. */
const load = (name: string): Effect.Effect<AnyCommand, UsageError> =>
  Effect.suspend(() => {
    const entry = commands.find((command) => command.name === name)
    if (entry !== undefined) return Effect.map(Effect.promise(entry.load), ({ command }) => command)
    const similar = meant(
      name,
      commands.map(({ name }) => name)
    )
    return new UsageError({
      message: `unknown command ${name}`,
      advice: similar === undefined ? "`cos help` lists the commands" : `Did you mean ${similar}?`
    })
  })

/** What the words ask for. */
const run = (words: ReadonlyArray<string>, named: (command: string) => void) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { options: leading, rest } = yield* CommandLine.readLeading(words)
    const [name, ...more] = rest
    if (leading.includes("--help") || name === undefined || (name === "help" && more.length === 0)) {
      if (name === undefined && !leading.includes("--help")) {
        return yield* new UsageError({ message: "no command", advice: "`cos help` lists the commands" })
      }
      return yield* output.text(Help.ofAll(commands))
    }
    if (name === "help") return yield* output.text(Help.ofOne(yield* load(more[0] ?? "")))
    const command = yield* load(name)
    named(name)
    if (command.raw !== undefined) return yield* reading(command, command.raw(more))
    const read = yield* CommandLine.read(more, command.options, name)
    if (read.options.includes("--help")) return yield* output.text(Help.ofOne(command))
    const input = yield* CommandLine.decode(command, { ...read, options: [...leading, ...read.options] })
    yield* reading(command, command.run(input))
  })

/** What only reads ends when nobody reads its output. */
const reading = <R>({ changes }: AnyCommand, body: Effect.Effect<void, CommandError, R>) =>
  Effect.flatMap(Output, ({ closed }) =>
    Effect.raceFirst(body, changes ? Effect.zipRight(Effect.ignore(closed), Effect.never) : closed)
  )

/** Warnings of the SDK, in a line each. */
const logger = (output: Output.Service) =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ logLevel, message }) => {
      const text = oneLine(Array.isArray(message) ? message.map(String).join(" ") : String(message))
      Effect.runSync(
        LogLevel.greaterThanEqual(logLevel, LogLevel.Warning) ? output.warn(text) : output.error(`cos: ${text}\n`)
      )
    })
  )

/** Runs the command line and ends the process. */
export const main = (words: ReadonlyArray<string>): void => {
  if (words[0] === "--version") return void process.stdout.write(`${version}\n`)
  const flags = words.slice(0, words.includes("--") ? words.indexOf("--") : undefined)
  const json = flags.includes("--json")
  const debug = flags.includes("--debug")
  const output = make({ json, quiet: flags.includes("--quiet") })
  let command: string | undefined
  let signal: NodeJS.Signals | undefined

  const program = run(words, (name) => {
    command = name
  }).pipe(
    Effect.provide(Layer.mergeAll(Layer.succeed(Output, output), NodeFileSystem.layer, NodePath.layer, logger(output))),
    Logger.withMinimumLogLevel(debug ? LogLevel.Debug : LogLevel.Warning),
    Effect.exit,
    Effect.flatMap((exit) => Effect.uninterruptible(end(exit))),
    Effect.onInterrupt(() => Effect.void)
  )

  const end = (exit: Exit.Exit<void, CommandError>) =>
    Effect.gen(function* () {
      yield* output.foot(undefined)
      yield* output.flush
      if (Exit.isSuccess(exit)) return 0
      const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
      if (error !== undefined) {
        const report = reportOf(error)
        yield* output.error(`${failure(command, report, json)}\n`)
        return report.exit
      }
      if (Cause.isInterruptedOnly(exit.cause)) return signal === "SIGTERM" ? 143 : 130
      const defect = Cause.squash(exit.cause)
      const message = `internal error: ${oneLine(String(defect))}`
      yield* output.error(
        `${failure(command, { exit: 1, code: "Defect", message, advice: "Please report it; --debug shows where" }, json)}\n`
      )
      if (debug) yield* output.error(`${Cause.pretty(exit.cause)}\n`)
      return 1
    })

  const fiber = Effect.runFork(program)
  // Node ends when nothing is pending, and an effect that waits for a signal is nothing to it.
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  const interrupt = (received: NodeJS.Signals) => {
    const code: ExitCode = received === "SIGTERM" ? 143 : 130
    if (signal !== undefined) process.exit(code)
    signal = received
    fiber.unsafeInterruptAsFork(fiber.id())
  }
  process.on("SIGINT", interrupt)
  process.on("SIGTERM", interrupt)
  fiber.addObserver((exit) => {
    clearInterval(keepAlive)
    process.exit(Exit.isSuccess(exit) ? exit.value : signal === "SIGTERM" ? 143 : 130)
  })
}
