/**
 * Finds the command, runs it, and ends the process with its exit code.
 */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import { commands } from "./commands.js"
import { type AnyCommand, Commands } from "./contract/command.js"
import * as CommandLine from "./contract/commandLine.js"
import { type CommandError, oneLine, type Report, reportOf, UsageError } from "./contract/errors.js"
import type { ExitCode } from "./contract/exitCode.js"
import * as Help from "./contract/help.js"
import { failure, make, Output, type Streams } from "./contract/output.js"
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
const run = (words: ReadonlyArray<string>, named: (command: AnyCommand) => void) =>
  Effect.gen(function* () {
    const output = yield* Output
    if (words.includes("--version") && words.every((word) => word.startsWith("-"))) {
      return yield* output.text(`${version}\n`)
    }
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
    named(command)
    if (command.raw !== undefined) return yield* reading(command, command.raw([...leading, ...more]))
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

/** A part of a message: the fields of what is no more than fields. */
const textOf = (part: unknown): string =>
  typeof part === "object" && part !== null && Object.getPrototypeOf(part) === Object.prototype
    ? `(${Object.entries(part)
        .map(([name, value]) => `${name}: ${value}`)
        .join(", ")})`
    : String(part)

/** Warnings of the SDK, in a line each. */
const logger = (output: Output.Service) =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ logLevel, message }) => {
      const text = oneLine(Array.isArray(message) ? message.map(textOf).join(" ") : textOf(message))
      Effect.runSync(
        LogLevel.greaterThanEqual(logLevel, LogLevel.Warning) ? output.warn(text) : output.error(`cos: ${text}\n`)
      )
    })
  )

/** Who does not read for so long after an interrupt does not get the rest. */
const patience = "1 second"

/** Says why it did not end well, if so, and gives the exit code. */
const ending = (
  exit: Exit.Exit<void, CommandError>,
  output: Output.Service,
  options: { readonly command: AnyCommand | undefined; readonly debug: boolean }
): Effect.Effect<number> =>
  Effect.gen(function* () {
    const { debug } = options
    const command = options.command?.name
    yield* output.foot([])
    if (Exit.isSuccess(exit)) return 0
    const flush = Effect.ignore(output.flush)
    if (Cause.isInterruptedOnly(exit.cause)) {
      yield* Effect.timeoutOption(Effect.interruptible(flush), patience)
      return 130
    }
    yield* flush
    const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
    const report: Report =
      error === undefined
        ? {
            exit: 1,
            code: "Defect",
            message: `internal error: ${oneLine(String(Cause.squash(exit.cause)))}`,
            advice: "Please report it; --debug shows where"
          }
        : reportOf(error)
    yield* output.error(`${failure(command, report, output.json)}\n`)
    if (debug && error === undefined) yield* output.error(`${Cause.pretty(exit.cause)}\n`)
    // The process ends with what is not written yet.
    yield* flush
    return report.exit
  })

/** Says that it is ending, and fails as interrupted, once `signal` is there. */
const interrupted = (
  signal: Deferred.Deferred<void>,
  output: Output.Service,
  command: () => AnyCommand | undefined
): Effect.Effect<never> =>
  Deferred.await(signal).pipe(
    Effect.zipRight(
      Effect.suspend(() => {
        const running = command()
        // What only reads has nothing left to do, which is no news to whoever pressed Ctrl-C.
        return running?.changes === true
          ? output.note(
              `cos ${running.name}: interrupted; what is unfinished is cleaned up first. A second Ctrl-C ends at once.`
            )
          : Effect.void
      })
    ),
    Effect.zipRight(Effect.interrupt)
  )

/** Runs the command line, tells how it ended, and gives the exit code; also when `signal` interrupts it. */
export const evaluate = (
  words: ReadonlyArray<string>,
  streams: Streams,
  signal?: Deferred.Deferred<void>
): Effect.Effect<number> =>
  Effect.suspend(() => {
    const flags = words.slice(0, words.includes("--") ? words.indexOf("--") : undefined)
    const debug = flags.includes("--debug")
    const output = make(streams, { json: flags.includes("--json"), quiet: flags.includes("--quiet") })
    let command: AnyCommand | undefined
    const named = (loaded: AnyCommand) => {
      command = loaded
    }
    // What could not be written was not done.
    const whole = Effect.zipRight(run(words, named), output.flush)
    return Effect.uninterruptibleMask((restore) =>
      restore(
        signal === undefined
          ? whole
          : Effect.raceFirst(
              whole,
              interrupted(signal, output, () => command)
            )
      ).pipe(
        Effect.provide(
          Layer.mergeAll(
            Layer.succeed(Output, output),
            Layer.succeed(Commands, commands),
            NodeFileSystem.layer,
            NodePath.layer,
            logger(output)
          )
        ),
        Logger.withMinimumLogLevel(debug ? LogLevel.Debug : LogLevel.Warning),
        Effect.exit,
        Effect.flatMap((exit) => ending(exit, output, { command, debug }))
      )
    )
  })

/** What interrupts a run, and its exit code. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** Runs the command line and ends the process. */
export const main = (words: ReadonlyArray<string>): void => {
  let signal: keyof typeof signals | undefined
  const interrupted = (): ExitCode => signals[signal ?? "SIGINT"]
  const stop = Deferred.unsafeMake<void>(FiberId.none)
  const fiber = Effect.runFork(evaluate(words, process, stop))
  // Node ends when nothing is pending, and an effect that waits for a signal is nothing to it.
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  const interrupt = (received: keyof typeof signals) => {
    if (signal !== undefined) process.exit(interrupted())
    signal = received
    Deferred.unsafeDone(stop, Effect.void)
  }
  for (const name of Object.keys(signals)) process.on(name, interrupt)
  fiber.addObserver((exit) => {
    clearInterval(keepAlive)
    const code = Exit.isSuccess(exit) ? exit.value : 130
    process.exit(code === 130 ? interrupted() : code)
  })
}
