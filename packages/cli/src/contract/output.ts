/**
 * Standard output, which has results and nothing else, and standard error, which has all the rest.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Format from "../terminal/format.js"
import { CommandFailed, oneLine, type Report, UsageError } from "./errors.js"
import type { Line } from "./lines.js"

/** Where a command writes. */
export class Output extends Context.Tag("effect-cos-cli/Output")<Output, Output.Service>() {}

/** A line without the version that each has. */
type Without<L> = L extends unknown ? Omit<L, "v"> : never

export declare namespace Output {
  export interface Service {
    /** Standard input. */
    readonly stdin: NodeJS.ReadStream
    /** Whether results are JSON. */
    readonly json: boolean
    readonly quiet: boolean
    /** Whether standard output is a terminal, which would do what characters in keys tell it to. */
    readonly isTerminal: boolean
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
    /**
     * The lines at the foot of the terminal, such as bars, instead of those that were there. They are taken away while
     * something else is written. Nothing where there is no terminal.
     */
    readonly foot: (lines: ReadonlyArray<string>) => Effect.Effect<void>
    /** The columns and rows of the terminal that standard error is. */
    readonly size: Effect.Effect<{ readonly columns: number; readonly rows: number }>
    /** Ends when nobody reads standard output any more; fails when it cannot be written. */
    readonly closed: Effect.Effect<void, CommandFailed>
    /** Waits until all is written, on both; fails when standard output could not be. */
    readonly flush: Effect.Effect<void, CommandFailed>
  }
}

/** Beyond this many characters lines are written without waiting for more. */
const enough = 16_384

const hasColors = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb"

/** Those of the process, or of a test. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** Output on these streams. */
export const make = (
  streams: Streams,
  options: { readonly json: boolean; readonly quiet: boolean }
): Output.Service => {
  const { stderr, stdout } = streams
  const closed = Deferred.unsafeMake<void, CommandFailed>(undefined as never)
  let isOpen = true
  let pending = ""
  let scheduled: NodeJS.Immediate | undefined
  let foot: ReadonlyArray<string> = []

  const ended = Deferred.await(closed)

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

  const interactive = stderr.isTTY === true && process.env.TERM !== "dumb"

  /** The cursor waits at the beginning of the last line: what somebody types there, such as `^C`, adds no row. */
  const drawFoot = () => (foot.length === 0 ? "" : `${foot.join("\n")}\r`)

  /** Where the terminal became narrower since they were drawn, lines take several rows. */
  const clearFoot = () => {
    const columns = stderr.columns || 80
    const above = foot.slice(0, -1).reduce((sum, line) => sum + Math.max(1, Math.ceil(Format.width(line) / columns)), 0)
    return `\r${above > 0 ? `\u001b[${above}A` : ""}\u001b[J`
  }

  /** Takes the foot away while something is written to the same terminal. */
  const aside = (isTerminal: boolean | undefined, write: () => void) => {
    if (foot.length === 0 || !isTerminal) return write()
    stderr.write(clearFoot())
    write()
    stderr.write(drawFoot())
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

  /** Waits until a stream has written what it was given, or has failed. */
  const written = (stream: NodeJS.WriteStream) =>
    Effect.async<void>((resume) => {
      // The last write is told of before the stream is.
      const done = () => setImmediate(() => resume(Effect.void))
      if (stream.destroyed) done()
      else stream.write("", done)
    })

  const error = (text: string) =>
    Effect.sync(() => {
      writePending()
      aside(stderr.isTTY, () => stderr.write(text))
    })

  return {
    // Opened by who asks for it.
    get stdin() {
      return streams.stdin
    },
    json: options.json,
    quiet: options.quiet,
    isTerminal: stdout.isTTY === true,
    colors: { stdout: hasColors(stdout), stderr: hasColors(stderr) },
    interactive,
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
    foot: (lines) =>
      Effect.sync(() => {
        if (!interactive || (lines.length === 0 && foot.length === 0)) return
        const cleared = foot.length === 0 ? "" : clearFoot()
        foot = lines
        stderr.write(cleared + drawFoot())
      }),
    size: Effect.sync(() => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 })),
    closed: ended,
    flush: Effect.suspend(() => {
      writePending()
      return Effect.all([written(stdout), written(stderr), Effect.suspend(() => (isOpen ? Effect.void : ended))], {
        discard: true
      })
    })
  }
}

/** Says no to `--json` where standard output has something else than lines, such as `the object`. */
export const noLines = (what: string): Effect.Effect<void, UsageError, Output> =>
  Effect.flatMap(Output, ({ json }) =>
    json ? new UsageError({ message: `--json has no place here: the output is ${what}` }) : Effect.void
  )

/** A failure in one line: of text, or of JSON. */
export const failure = (command: string | undefined, report: Report, json: boolean): string => {
  const { advice, code, exit, message, requestId } = report
  if (json) {
    return JSON.stringify({ v: 1, type: "error", command, exit, code, message, advice, requestId })
  }
  const facts = [code, requestId === undefined ? "" : `request ${requestId}`].filter((fact) => fact !== "")
  const isOwn = code === "UsageError" || code === "CommandFailed" || code === "DoneInPart"
  const where = command === undefined ? "cos" : `cos ${command}`
  const sentences = [message, advice].flatMap((text) => (text === undefined ? [] : text.replace(/([^.?!])$/, "$1.")))
  return oneLine(`${where}: ${sentences.join(" ")}${isOwn ? "" : ` (${facts.join(", ")})`}`)
}
