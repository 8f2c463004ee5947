/**
 * Small inputs as a whole: documents and what somebody pasted, from a file or from standard input.
 */

import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { UsageError } from "./errors.js"

/** In bytes. What is larger is an object, and goes by `cp`. */
export const largest = 64 * 1024 * 1024

const tooLarge = (name: string) =>
  new UsageError({ message: `${name} has more than ${largest} bytes`, advice: "`cos cp` sends files of any size" })

/** Whether somebody would have to type it. */
export const isTyped = (): boolean => process.stdin.isTTY === true

/** Standard input, to its end. */
export const standard: Effect.Effect<Uint8Array, UsageError> = Effect.async<Uint8Array, UsageError>((resume) => {
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
    process.stdin.off("data", onData).off("end", onEnd).off("error", onError)
    process.stdin.pause()
  }
  const done = (found: Effect.Effect<Uint8Array, UsageError>) => {
    stop()
    resume(found)
  }
  process.stdin.on("data", onData).on("end", onEnd).on("error", onError)
  return Effect.sync(stop)
})

/** The bytes of a file, or of standard input for `-`. */
export const bytes = (path: string): Effect.Effect<Uint8Array, UsageError | PlatformError, FileSystem.FileSystem> =>
  path === "-"
    ? standard
    : Effect.flatMap(FileSystem.FileSystem, (fs) =>
        Effect.flatMap(
          fs.stat(path),
          ({ size }): Effect.Effect<Uint8Array, UsageError | PlatformError> =>
            size > largest ? Effect.fail(tooLarge(path)) : fs.readFile(path)
        )
      )

export const text = (path: string): Effect.Effect<string, UsageError | PlatformError, FileSystem.FileSystem> =>
  Effect.map(bytes(path), (found) => new TextDecoder().decode(found))
