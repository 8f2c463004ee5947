/** Lines of a file that is open. Each reader has a place of its own, so that many may read one file in turns. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Crc64 from "../../Crc64.js"

/** A stretch of a file, in bytes. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** A file that many read at the same time. Each of them sets its place and reads there, and nobody else between the two. */
export interface SharedFile {
  readonly handle: FileSystem.File
  readonly lock: Effect.Semaphore
}

export const share = (handle: FileSystem.File): SharedFile => ({ handle, lock: Effect.unsafeMakeSemaphore(1) })

const blockSize = 64 * 1024

/** The next bytes, at most `size`; fewer than there should be only if the file is cut. */
export const readAt = (
  { handle, lock }: SharedFile,
  { from, to }: Stretch,
  size = blockSize
): Effect.Effect<Uint8Array, PlatformError> =>
  Effect.suspend(() => {
    const buffer = new Uint8Array(Math.min(size, to - from))
    return Effect.zipRight(
      handle.seek(from, "start"),
      Effect.map(handle.read(buffer), (read) => buffer.subarray(0, Number(read)))
    )
  }).pipe(lock.withPermits(1))

/** The checksum of a stretch, or of what is left of it if the file is cut. */
export const crc64Of = (file: SharedFile, { from, to }: Stretch): Effect.Effect<bigint, PlatformError> =>
  Effect.gen(function* () {
    const crc = Crc64.make()
    for (let at = from; at < to; ) {
      const bytes = yield* readAt(file, { from: at, to }, 1024 * 1024)
      if (bytes.length === 0) break
      crc.update(bytes)
      at += bytes.length
    }
    return crc.value
  })

/** The last line of a text with its line feed, or nothing if that was cut off. */
export const lastLineOf = (text: string): string =>
  text.endsWith("\n") ? text.slice(text.lastIndexOf("\n", text.length - 2) + 1) : ""

export class LineReader {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  #rest = ""
  #from: number

  constructor(
    readonly file: SharedFile,
    readonly stretch: Stretch
  ) {
    this.#from = stretch.from
  }

  /** The next lines, or none at the end. What does not end with a line feed is no line. */
  readonly next: Effect.Effect<ReadonlyArray<string>, PlatformError> = Effect.suspend(() => {
    const { to } = this.stretch
    if (this.#from >= to) return Effect.succeed([])
    return Effect.flatMap(readAt(this.file, { from: this.#from, to }), (bytes) => {
      this.#from = bytes.length === 0 ? to : this.#from + bytes.length
      const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n")
      this.#rest = lines.pop() as string
      return lines.length === 0 ? this.next : Effect.succeed(lines)
    })
  })
}
