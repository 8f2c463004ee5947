/** How the scripts of this workspace start its tools, and how they end. */

import { delimiter } from "node:path"
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { PlatformError } from "@effect/platform/Error"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** The directory of the workspace. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "")

/** The published packages by folder, in the order in which they are built. */
export const packages = { cos: "effect-cos", node: "effect-cos-node", emulator: "effect-cos-emulator" } as const

/** A command run in the root, where the tools installed in the workspace are found first. */
export const tool = (name: string, ...args: ReadonlyArray<string>): Command.Command =>
  Command.make(name, ...args).pipe(
    Command.workingDirectory(root),
    Command.env({
      PATH: `${root}/node_modules/.bin${delimiter}${process.env.PATH ?? ""}`,
      ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" })
    })
  )

/** The pnpm that runs this script, or the one a fresh machine would fetch. */
export const pnpm = (...args: ReadonlyArray<string>): Command.Command => {
  const running = process.env.npm_execpath
  return running !== undefined && /pnpm\.[cm]?js$/.test(running)
    ? tool(process.execPath, running, ...args)
    : tool("npx", "-y", "pnpm@10", ...args)
}

/** What a finished command said, both streams as they came. */
export interface Outcome {
  readonly ok: boolean
  readonly output: string
}

/** Runs a command to its end and keeps its output; `echo` also prints it as it comes. A failing command is no error. */
export const run = (
  command: Command.Command,
  options?: { readonly echo?: boolean }
): Effect.Effect<Outcome, PlatformError, CommandExecutor.CommandExecutor> =>
  Effect.scoped(
    Effect.gen(function* () {
      const child = yield* Command.start(command)
      const chunks = Stream.merge(Stream.decodeText(child.stdout), Stream.decodeText(child.stderr)).pipe(
        Stream.tap((chunk) => (options?.echo ? Effect.sync(() => process.stdout.write(chunk)) : Effect.void))
      )
      // A child that a signal ended has no exit code, and the error says which signal.
      const end = Effect.either(child.exitCode)
      const [output, exit] = yield* Effect.all([Stream.mkString(chunks), end], { concurrency: 2 })
      return Either.isRight(exit)
        ? { ok: exit.right === 0, output }
        : { ok: false, output: `${output}\n${exit.left.message}` }
    })
  )

/** Runs a command that has to succeed; its output is printed only if it does not. */
export const must = (
  command: Command.Command
): Effect.Effect<string, PlatformError | Failed, CommandExecutor.CommandExecutor> =>
  Effect.flatMap(run(command), ({ ok, output }) => (ok ? Effect.succeed(output) : Effect.fail(new Failed(output))))

/** Why a script ends with exit code 1, in the words the reader needs and no stack. */
export class Failed extends Data.TaggedError("Failed")<{ readonly report: string }> {
  constructor(report = "") {
    super({ report })
  }
}

/** Runs a script: exit code 0, 1 when it failed, 130 when it was interrupted. */
export const main = <E>(script: Effect.Effect<unknown, E, NodeContext.NodeContext>): void =>
  NodeRuntime.runMain(
    script.pipe(
      Effect.tapErrorCause((cause) => {
        const error = Option.getOrUndefined(Cause.failureOption(cause))
        if (error instanceof Failed) return Effect.sync(() => error.report && console.error(error.report))
        return Cause.isInterruptedOnly(cause) ? Effect.void : Effect.logError(cause)
      }),
      Effect.provide(NodeContext.layer)
    ),
    {
      disableErrorReporting: true,
      teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : Cause.isInterruptedOnly(exit.cause) ? 130 : 1)
    }
  )
