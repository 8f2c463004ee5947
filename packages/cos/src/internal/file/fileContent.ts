/** Reading files. */
import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type { InvalidInput } from "../../CosError.js"
import { invalidInput } from "../encoding/invalidInput.js"

/** Node reads at most 2 GiB - 1 byte at once. */
const largestRead = 1024 ** 3

/**
 * Reads until the buffer is full, or the file ends: a read may give fewer bytes than there are. Succeeds with the number
 * of bytes.
 */
export const fill = (handle: FileSystem.File, buffer: Uint8Array): Effect.Effect<number, PlatformError> =>
  Effect.suspend(() => {
    let filled = 0
    const rest = (): Effect.Effect<number, PlatformError> => {
      if (filled === buffer.byteLength) return Effect.succeed(filled)
      // The system writes into the buffer until it is done, even if nobody waits for it any more.
      const read = Effect.uninterruptible(handle.read(buffer.subarray(filled, filled + largestRead)))
      return Effect.flatMap(read, (count) => {
        filled += Number(count)
        return count > 0n ? rest() : Effect.succeed(filled)
      })
    }
    return rest()
  })

/** The error of a file handle has the handle's number in the place of the path. */
export const withPath =
  (path: string) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.mapError(self, (error) =>
      error instanceof SystemError ? (new SystemError({ ...error, pathOrDescriptor: path }) as E) : error
    )

/**
 * Reads a file of unknown size to its end. The system gives the size 0 for files that it makes up as they are read, such as
 * those of `/proc`.
 */
export const readUnsized = (
  operation: string,
  path: string,
  most: { readonly limit: number; readonly name: string }
): Effect.Effect<Uint8Array, PlatformError | InvalidInput, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const handle = yield* fs.open(path, { flag: "r" })
    const blocks: Array<Uint8Array> = []
    let size = 0
    for (;;) {
      const block = new Uint8Array(16 * 1024)
      // Such a read may wait for ever, and its buffer is used by nobody else: it can be interrupted.
      const count = Number(yield* handle.read(block))
      if (count === 0) break
      blocks.push(block.subarray(0, count))
      size += count
      if (size > most.limit) {
        return yield* invalidInput(
          operation,
          "path",
          `must be a file that tells its size, or holds no more than ${most.name} (${most.limit} bytes); Upload.stream sends any`
        )
      }
    }
    const content = new Uint8Array(size)
    let offset = 0
    for (const block of blocks) {
      content.set(block, offset)
      offset += block.byteLength
    }
    return content
  }).pipe(Effect.scoped, withPath(path))
