/**
 * Small inputs as a whole: documents and what somebody pasted, from a file or from standard input.
 */

import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { UsageError } from "./errors.js"
import { Output } from "./output.js"

/** In bytes. What is larger is an object, and goes by `cp`. */
export const largest = 64 * 1024 * 1024

const tooLarge = (name: string) =>
  new UsageError({ message: `${name} has more than ${largest} bytes`, advice: "`cos cp` sends files of any size" })

/** Whether somebody would have to type it. */
export const isTyped: Effect.Effect<boolean, never, Output> = Effect.map(Output, ({ stdin }) => stdin.isTTY === true)

/** Standard input, to its end. */
export const standard: Effect.Effect<Uint8Array, UsageError, Output> = Effect.flatMap(Output, ({ stdin }) =>
  Effect.async<Uint8Array, UsageError>((resume) => {
    const chunks: Array<Buffer> = []
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.byteLength
      if (size > largest) return done(Effect.fail(tooLarge("standard input")))
      chunks.push(chunk)
    }
    const onEnd = () => done(Effect.succeed(Buffer.concat(chunks)))
    const onError = (error: Error) =>
      done(Effect.fail(new UsageError({ message: `standard input cannot be read: ${error.message}` })))
    const stop = () => {
      stdin.off("data", onData).off("end", onEnd).off("error", onError)
      stdin.pause()
    }
    const done = (found: Effect.Effect<Uint8Array, UsageError>) => {
      stop()
      resume(found)
    }
    stdin.on("data", onData).on("end", onEnd).on("error", onError)
    return Effect.sync(stop)
  })
)

/** The bytes of a file, or of standard input for `-`. */
export const bytes = (
  path: string
): Effect.Effect<Uint8Array, UsageError | PlatformError, FileSystem.FileSystem | Output> =>
  path === "-"
    ? standard
    : Effect.flatMap(FileSystem.FileSystem, (fs) =>
        Effect.flatMap(
          fs.stat(path),
          ({ size }): Effect.Effect<Uint8Array, UsageError | PlatformError> =>
            size > largest ? Effect.fail(tooLarge(path)) : fs.readFile(path)
        )
      )

export const text = (path: string): Effect.Effect<string, UsageError | PlatformError, FileSystem.FileSystem | Output> =>
  Effect.map(bytes(path), (found) => new TextDecoder().decode(found))

/** The text of a file, or of standard input, where somebody has to have redirected something. */
export const document = (
  file = "-"
): Effect.Effect<string, UsageError | PlatformError, FileSystem.FileSystem | Output> =>
  Effect.flatMap(isTyped, (typed) =>
    typed && file === "-"
      ? new UsageError({ message: "standard input is a terminal", advice: "Redirect a document into it" })
      : text(file)
  )

/** The JSON of a file, or of standard input. A line of `get --json` counts as the configuration that it holds. */
export const json = (file?: string | undefined) =>
  Effect.flatMap(document(file), (text) =>
    Effect.try({
      try: (): unknown => {
        const json = JSON.parse(text)
        return json?.v === 1 && json.type === "configuration" ? json.configuration : json
      },
      catch: (error) =>
        new UsageError({
          message: `${file ?? "standard input"} is no JSON: ${error instanceof Error ? error.message : error}`
        })
    })
  )
