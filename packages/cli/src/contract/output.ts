/**
 * Standard output, which has results and nothing else, and standard error, which has all the rest.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { CommandFailed, oneLine, type Report } from "./errors.js"
import type { Line } from "./lines.js"

/** Lines at the foot of the terminal, such as bars, which are taken away while something else is written. */
export interface Foot {
  readonly clear: () => string
  readonly draw: () => string
}

/** Where a command writes. */
export class Output extends Context.Tag("effect-cos-cli/Output")<Output, Output.Service>() {}

/** A line without the version that each has. */
type Without<L> = L extends unknown ? Omit<L, "v"> : never

export declare namespace Output {
  export interface Service {
    /** Whether results are JSON. */
    readonly json: boolean
    readonly quiet: boolean
    /** Whether standard output, and standard error, are a terminal that shows colours. */
    readonly colors: { readonly stdout: boolean; readonly stderr: boolean }
    /** Whether standard error is a terminal: only then is there anybody to see bars. */
    readonly interactive: boolean
    /** A result: a JSON line with `--json`, else the text, if there is any. */
    readonly line: (line: Without<Line>, text: (() => string) | undefined) => Effect.Effect<void>
    /** Text as it is, with its line ends: documents, scripts, help. */
    readonly text: (text: string) => Effect.Effect<void>
    /** Bytes of an object. Waits until they are written. */
    readonly bytes: (bytes: Uint8Array) => Effect.Effect<void>
    /** What is good to know, on standard error; nothing with `--quiet`. */
    readonly note: (text: string) => Effect.Effect<void>
    /** What somebody should look at, on standard error. */
    readonly warn: (text: string) => Effect.Effect<void>
    /** Text as it is on standard error, such as a question. */
    readonly error: (text: string) => Effect.Effect<void>
    /** Puts lines at the foot of the terminal, or takes them away. */
    readonly foot: (foot: Foot | undefined) => Effect.Effect<void>
    /** Ends when nobody reads standard output any more; fails when it cannot be written. */
    readonly closed: Effect.Effect<void, CommandFailed>
    /** Waits until all is written. */
    readonly flush: Effect.Effect<void>
  }
}

/** Beyond this many characters lines are written without waiting for more. */
const enough = 16_384

const hasColors = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb"

/** The output of this process. */
export const make = (options: { readonly json: boolean; readonly quiet: boolean }): Output.Service => {
  const { stderr, stdout } = process
  const closed = Deferred.unsafeMake<void, CommandFailed>(undefined as never)
  let isOpen = true
  let pending = ""
  let scheduled: NodeJS.Immediate | undefined
  let foot: Foot | undefined

  const onError = (error: NodeJS.ErrnoException) => {
    isOpen = false
    Deferred.unsafeDone(
      closed,
      error.code === "EPIPE"
        ? Effect.void
        : Effect.fail(new CommandFailed({ exitCode: 1, message: `standard output cannot be written: ${error.code}` }))
    )
  }
  stdout.on("error", onError)
  // Whoever closes standard error does not want to know.
  stderr.on("error", () => {})

  /** Takes the foot away while something is written to the same terminal. */
  const aside = (isTerminal: boolean | undefined, write: () => void) => {
    if (foot === undefined || !isTerminal) return write()
    stderr.write(foot.clear())
    write()
    stderr.write(foot.draw())
  }

  const writePending = () => {
    if (scheduled !== undefined) clearImmediate(scheduled)
    scheduled = undefined
    const text = pending
    pending = ""
    if (text !== "" && isOpen) aside(stdout.isTTY, () => stdout.write(text))
  }

  const write = (text: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      pending += text
      if (pending.length < enough) {
        scheduled ??= setImmediate(writePending)
        return Effect.void
      }
      writePending()
      return isOpen && stdout.writableNeedDrain ? drained : Effect.yieldNow()
    })

  const drained = Effect.async<void>((resume) => {
    const done = () => {
      stdout.off("drain", done)
      stdout.off("error", done)
      resume(Effect.void)
    }
    stdout.once("drain", done)
    stdout.once("error", done)
    return Effect.sync(() => {
      stdout.off("drain", done)
      stdout.off("error", done)
    })
  })

  const error = (text: string) =>
    Effect.sync(() => {
      writePending()
      aside(stderr.isTTY, () => stderr.write(text))
    })

  return {
    json: options.json,
    quiet: options.quiet,
    colors: { stdout: hasColors(stdout), stderr: hasColors(stderr) },
    interactive: stderr.isTTY === true,
    line: (line, text) =>
      options.json
        ? write(`${JSON.stringify({ v: 1, ...line })}\n`)
        : text === undefined
          ? Effect.void
          : write(`${text()}\n`),
    text: write,
    bytes: (bytes) =>
      Effect.suspend(() => {
        writePending()
        if (!isOpen) return Effect.void
        return Effect.async<void>((resume) => {
          stdout.write(bytes, () => resume(Effect.void))
        })
      }),
    note: (text) => (options.quiet ? Effect.void : error(`${text}\n`)),
    warn: (text) => error(`cos: warning: ${text}\n`),
    error,
    foot: (next) =>
      Effect.sync(() => {
        if (foot !== undefined) stderr.write(foot.clear())
        foot = next
        if (next !== undefined) stderr.write(next.draw())
      }),
    closed: Deferred.await(closed),
    flush: Effect.async((resume) => {
      writePending()
      if (!isOpen) return resume(Effect.void)
      stdout.write("", () => resume(Effect.void))
    })
  }
}

/** A failure in one line: of text, or of JSON. */
export const failure = (command: string | undefined, report: Report, json: boolean): string => {
  const { advice, code, exit, message, requestId } = report
  if (json) {
    return JSON.stringify({ v: 1, type: "error", command, exit, code, message, advice, requestId })
  }
  const facts = [code, requestId === undefined ? "" : `request ${requestId}`].filter((fact) => fact !== "")
  const isOwn = code === "UsageError" || code === "CommandFailed" || code === "DoneInPart"
  const where = command === undefined ? "cos" : `cos ${command}`
  const sentences =
    advice === undefined ? message : `${message.replace(/\.$/, "")}. ${advice.replace(/([^.?!])$/, "$1.")}`
  return oneLine(`${where}: ${sentences}${isOwn ? "" : ` (${facts.join(", ")})`}`)
}
