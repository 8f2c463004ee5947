/** How the scripts of this workspace start tools, and how they end. */

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

/** The root directory of the workspace. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "")

/** The packages that programs import, by folder, in build order. */
export const libraries = { cos: "effect-cos", node: "effect-cos-node", emulator: "effect-cos-emulator" } as const

/** The published packages by folder, in build order: the command line is made of the others. */
export const packages = { ...libraries, cli: "effect-cos-cli" } as const

/** A command that runs in the root and prefers the tools installed in the workspace. */
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

/** Whether a command succeeded, and what it wrote to both streams. */
export interface Outcome {
  readonly ok: boolean
  readonly output: string
}

/** Runs a command and collects its output; `echo` also prints it at once. A command that fails is not an error here. */
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
      // A child that was killed has no exit code; the error names the signal.
      const end = Effect.either(child.exitCode)
      const [output, exit] = yield* Effect.all([Stream.mkString(chunks), end], { concurrency: 2 })
      return Either.isRight(exit)
        ? { ok: exit.right === 0, output }
        : { ok: false, output: `${output}\n${exit.left.message}` }
    })
  )

/** Runs a command that must succeed, and returns its output; otherwise the output becomes the error. */
export const must = (
  command: Command.Command
): Effect.Effect<string, PlatformError | Failed, CommandExecutor.CommandExecutor> =>
  Effect.flatMap(run(command), ({ ok, output }) => (ok ? Effect.succeed(output) : Effect.fail(new Failed(output))))

/** Ends a script with exit code 1 and this report, without a stack trace. */
export class Failed extends Data.TaggedError("Failed")<{ readonly report: string }> {
  constructor(report = "") {
    super({ report })
  }
}

/** Runs a script. The exit code is 0, or 1 when it failed, or 130 when it was interrupted. */
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
