/**
 * What became of many files: a line for each, then the summary, and what failed last.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type CommandError, CommandFailed, DoneInPart, reportOf } from "../contract/errors.js"
import type { ExitCode } from "../contract/exitCode.js"
import type { Line } from "../contract/lines.js"
import { Output } from "../contract/output.js"
import * as Format from "../terminal/format.js"
import type { FailedFile } from "./failedFile.js"

/** Failures that are held in memory to be listed last; the file of `--failed` has all. */
const mostListed = 1000

interface Failure {
  readonly source: string | undefined
  readonly target: string | undefined
  readonly error: CommandError
}

type TransferLine = Omit<Extract<Line, { readonly type: "transfer" }>, "v" | "type">

/** What one run counts. */
export class Report {
  transferred = 0
  bytes = 0
  deleted = 0
  skipped = 0
  failed = 0
  withheld: number | undefined
  /** Left out although it should not have been. */
  readonly #failures: Array<Failure> = []
  readonly #exits = new Set<ExitCode>()

  constructor(
    readonly command: string,
    readonly what: string,
    readonly output: Output.Service,
    readonly failedFile: FailedFile,
    readonly begun: number
  ) {}

  transfer(line: TransferLine): Effect.Effect<void> {
    this.transferred += 1
    this.bytes += line.size
    const { action, moved, source, target } = line
    const verb = moved === true ? "moved" : { upload: "uploaded", download: "downloaded", copy: "copied" }[action]
    return this.output.line(
      { type: "transfer", ...line },
      () => `${verb} ${Format.key(source)} to ${Format.key(target)} (${Format.bytes(line.size)})`
    )
  }

  remove(target: string, size: number): Effect.Effect<void> {
    this.deleted += 1
    return this.output.line({ type: "sync-delete", target, size }, () => `deleted ${Format.key(target)}`)
  }

  planned(line: Omit<Extract<Line, { readonly type: "planned" }>, "v" | "type">): Effect.Effect<void> {
    const { action, reason, size, source, target } = line
    if (action === "delete") this.deleted += 1
    else {
      this.transferred += 1
      this.bytes += size ?? 0
    }
    const facts = [...(size === undefined ? [] : [Format.bytes(size)]), ...(reason === undefined ? [] : [reason])]
    const more = facts.length === 0 ? "" : ` (${facts.join(", ")})`
    return this.output.line({ type: "planned", ...line }, () =>
      source === undefined
        ? `would ${action} ${Format.key(target)}${more}`
        : `would ${action} ${Format.key(source)} to ${Format.key(target)}${more}`
    )
  }

  skip(line: { readonly source?: string | undefined; readonly target?: string | undefined; readonly reason: string }) {
    this.skipped += 1
    return this.output.line({ type: "skipped", ...line }, undefined)
  }

  fail(id: string, failure: Failure): Effect.Effect<void, CommandFailed> {
    this.failed += 1
    if (this.#failures.length < mostListed) this.#failures.push(failure)
    const { code, exit, message, requestId } = reportOf(failure.error)
    this.#exits.add(exit)
    const { source, target } = failure
    return this.failedFile.add(id, { source, target, exit, code, message, requestId })
  }

  /** The summary, and what failed. Fails as the run did. */
  finish(options: { readonly isDryRun: boolean; readonly isSingle?: boolean }): Effect.Effect<void, CommandError> {
    return Effect.gen(this, function* () {
      const { output } = this
      const failures = this.#failures
      yield* options.isDryRun ? Effect.void : this.failedFile.finish
      const [only] = failures
      // One file that failed is told as itself.
      if (options.isSingle === true && this.failed === 1 && only !== undefined) return yield* Effect.fail(only.error)
      const seconds = Math.round((yield* Clock.currentTimeMillis) - this.begun) / 1000
      yield* output.line(
        {
          type: "summary",
          command: this.command,
          transferred: this.transferred,
          bytes: this.bytes,
          deleted: this.deleted > 0 || this.command === "sync" || this.command === "apply" ? this.deleted : undefined,
          withheld: this.withheld,
          skipped: this.skipped,
          failed: this.failed,
          seconds
        },
        undefined
      )
      if (!output.json && options.isSingle !== true) yield* output.note(this.#sentence(options.isDryRun))
      for (const { error, source, target } of failures) {
        const { code, exit, message, requestId } = reportOf(error)
        if (output.json) {
          yield* output.line({ type: "failed", source, target, exit, code, message, requestId }, undefined)
        } else {
          const name = source ?? target ?? ""
          const why = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message
          yield* output.error(`cos: failed: ${Format.key(name)}: ${why} (${code})\n`)
        }
      }
      if (this.failed > failures.length) {
        yield* output.note(
          `cos: and ${Format.count(this.failed - failures.length, "more failure")}; --failed FILE lists all`
        )
      }
      if (this.failed === 0) return
      const done = this.transferred + this.deleted + this.skipped
      if (done > 0) return yield* new DoneInPart({ done, failed: this.failed, what: this.what })
      const exits = [...this.#exits]
      return yield* new CommandFailed({
        exitCode: exits.length === 1 ? (exits[0] as ExitCode) : 1,
        message: `${this.failed === 1 ? "the only one" : `all ${this.failed.toLocaleString("en-US")}`} of the ${this.what} failed`
      })
    })
  }

  #sentence(isDryRun: boolean): string {
    const parts = [
      `${Format.count(this.transferred, "file")}, ${Format.bytes(this.bytes)}${isDryRun ? " would be" : ""} transferred`,
      ...(this.deleted > 0 ? [`${this.deleted.toLocaleString("en-US")}${isDryRun ? " would be" : ""} deleted`] : []),
      ...(this.withheld ? [`${this.withheld.toLocaleString("en-US")} not deleted`] : []),
      ...(this.skipped > 0 ? [`${this.skipped.toLocaleString("en-US")} left out`] : []),
      ...(this.failed > 0 ? [`${this.failed.toLocaleString("en-US")} failed`] : [])
    ]
    return `cos ${this.command}: ${parts.join(", ")}`
  }
}

/** A report of a run that begins now. */
export const make = (command: string, what: string, failedFile: FailedFile): Effect.Effect<Report, never, Output> =>
  Effect.gen(function* () {
    return new Report(command, what, yield* Output, failedFile, yield* Clock.currentTimeMillis)
  })
