/**
 * Bodies of requests: text, bytes, a `Blob`, a file, or a stream of known size.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as CosError from "./CosError.js"

/**
 * A body whose size is known before it is sent.
 *
 * @since 0.1.0
 * @category models
 */
export type Body = Bytes | Sized

/**
 * A body in memory.
 *
 * @since 0.1.0
 * @category models
 */
export interface Bytes {
  readonly _tag: "Bytes"
  readonly bytes: Uint8Array
  /** Bytes. */
  readonly size: number
  readonly replayable: true
}

/**
 * A body that is read while it is sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sized {
  readonly _tag: "Sized"
  readonly stream: Stream.Stream<Uint8Array, unknown>
  /** Bytes; a stream that gives another number fails the request. */
  readonly size: number
  /** Whether the stream gives the same bytes again when it is run again; only then is the request retried. */
  readonly replayable: boolean
}

/**
 * What an operation takes as its body.
 *
 * @since 0.1.0
 * @category models
 */
export type Input = string | Uint8Array | Blob | Body

const encoder = new TextEncoder()

/**
 * Bytes as they are; they are not copied.
 *
 * @since 0.1.0
 * @category constructors
 */
export const bytes = (bytes: Uint8Array): Bytes => ({ _tag: "Bytes", bytes, size: bytes.byteLength, replayable: true })

/**
 * UTF-8.
 *
 * @since 0.1.0
 * @category constructors
 */
export const text = (text: string): Bytes => bytes(encoder.encode(text))

/**
 * The bytes that a base64 text stands for: with padding, of the alphabet with `+` and `/`.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Body } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * const put = (content: string) =>
 *   Effect.flatMap(Body.base64(content), (body) => Cos.putObject({ key: "a.bin", body }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const base64 = (text: string): Either.Either<Bytes, CosError.InvalidInput> =>
  Either.mapBoth(Encoding.decodeBase64(text), {
    onLeft: () => new CosError.InvalidInput({ operation: "Body.base64", field: "text", reason: "text must be base64" }),
    onRight: bytes
  })

/**
 * A `Blob` or a browser's `File`, read as it is sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const blob = (blob: Blob): Sized => ({
  _tag: "Sized",
  stream: Stream.fromReadableStream({
    evaluate: () => blob.stream() as ReadableStream<Uint8Array>,
    onError: (cause) => cause
  }),
  size: blob.size,
  replayable: true
})

/**
 * A stream of `size` bytes; with more or fewer the request fails with `InvalidInput`. Sent once unless `replayable` says
 * that running it again gives the same bytes.
 *
 * Needs a transport that keeps Content-Length: see `CosTransport`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const stream = <E>(
  stream: Stream.Stream<Uint8Array, E>,
  options: {
    /** Bytes. */
    readonly size: number
    /** Default `false`. */
    readonly replayable?: boolean | undefined
  }
): Sized => ({ _tag: "Sized", stream, size: options.size, replayable: options.replayable ?? false })

/** A block that is read and written at once. */
const blockSize = 256 * 1024

/**
 * A file, opened again for every attempt. If its size or its time has changed by then, the request fails with
 * `SourceChanged`.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Body } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * const put = Effect.flatMap(Body.file("./cat.png"), (body) => Cos.putObject({ key: "cat.png", body }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const file: (path: string) => Effect.Effect<Sized, PlatformError, FileSystem.FileSystem> = Effect.fnUntraced(
  function* (path: string) {
    const fs = yield* FileSystem.FileSystem
    const info = yield* fs.stat(path)
    const size = Number(info.size)
    const modified = (found: FileSystem.File.Info) => Option.getOrUndefined(found.mtime)?.getTime()
    const source = Effect.gen(function* () {
      const found = yield* fs.stat(path)
      if (Number(found.size) !== size || modified(found) !== modified(info)) {
        const field = Number(found.size) !== size ? "size" : "mtime"
        return yield* new CosError.SourceChanged({
          source: path,
          field,
          expected: String(field === "size" ? size : modified(info)),
          actual: String(field === "size" ? found.size : modified(found))
        })
      }
      return fs.stream(path, { chunkSize: blockSize, bufferSize: 4, bytesToRead: FileSystem.Size(size) })
    })
    return stream(Stream.unwrap(source), { size, replayable: true })
  }
)

/**
 * The body for an input in any form.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromInput = (input: Input): Body => {
  if (typeof input === "string") return text(input)
  if (input instanceof Uint8Array) return bytes(input)
  return "_tag" in input ? input : blob(input)
}
