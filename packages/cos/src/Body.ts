/**
 * Bodies of requests: text, bytes in whatever holds them, a `Blob`, a file, or a stream of known size.
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
import { bytesOf, isBlob, isOwnBlob } from "./internal/encoding/bytes.js"
import { invalidInput } from "./internal/encoding/invalidInput.js"
import { checkPath } from "./internal/file/checkPath.js"
import { fill, readUnsized, withPath } from "./internal/file/fileContent.js"
import * as fingerprint from "./internal/file/fileFingerprint.js"

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
  /** What the stream reads, where that is a `Blob`: transports that send streams without a length send it itself. */
  readonly blob?: Blob | undefined
}

/**
 * What holds bytes in memory: an `ArrayBuffer`, a typed array of any kind, or a `DataView`. Of a view only its own window
 * is sent. Shared memory is refused, since it may change while it is sent, and so is memory that was transferred away.
 *
 * @since 0.1.0
 * @category models
 */
export type BytesLike = Uint8Array | ArrayBuffer | ArrayBufferView

/**
 * What an operation takes as its body. A `File` of a browser is a `Blob`.
 *
 * @since 0.1.0
 * @category models
 */
export type Input = string | BytesLike | Blob | Body

const encoder = new TextEncoder()

/**
 * Bytes as they are; they are not copied, so they must not change until they have been sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const bytes = (bytes: BytesLike): Bytes => {
  // What holds no bytes is left as it is, for the operation to refuse by its name.
  const window = bytesOf(bytes) ?? (bytes as Uint8Array)
  return { _tag: "Bytes", bytes: window, size: window?.byteLength, replayable: true }
}

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
 * A `Blob` or a browser's `File`, read as it is sent. One that cannot be read, as that of a file that has changed, fails
 * the request with `SourceFailed`.
 *
 * It works on every transport: `fetch`, which cannot stream with a length, gets the `Blob` itself. Node's `fetch` then
 * holds all of it in memory.
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
  replayable: true,
  blob: isOwnBlob(blob) ? blob : undefined
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

/** How many bytes of a file are read at once. */
const blockSize = 256 * 1024

/** How many of them are read ahead. */
const blocksAhead = 4

/** Bytes: as much as is held of a file that does not tell its size. */
const mostUnsized = 16 * 1024 * 1024

/**
 * A regular file, opened again for every attempt. A file that is changed until its last byte has been read fails with
 * `SourceChanged` (its size, its times or its identity differ), and that byte is not sent: no object of mixed content is
 * stored. A file that says it is empty and is not, such as those of `/proc`, is read at once, up to 16 MiB.
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
export const file: (
  path: string
) => Effect.Effect<Sized, PlatformError | CosError.InvalidInput, FileSystem.FileSystem> = Effect.fnUntraced(function* (
  path: string
) {
  yield* checkPath("Body.file", path)
  const fs = yield* FileSystem.FileSystem
  const info = yield* fs.stat(path)
  if (info.type !== "File") return yield* invalidInput("Body.file", "path", "must be a regular file")
  const before = yield* fingerprint.fromInfo(path, info)
  const { size } = before
  if (size === 0) {
    const content = yield* readUnsized("Body.file", path, { limit: mostUnsized, name: "the limit of Body.file" })
    if (content.byteLength > 0) {
      return stream(Stream.succeed(content), { size: content.byteLength, replayable: true })
    }
  }

  const verify = Effect.gen(function* () {
    const difference = fingerprint.difference(path, before, yield* fingerprint.ofFile(path))
    if (difference !== undefined) return yield* difference
  }).pipe(Effect.provideService(FileSystem.FileSystem, fs))

  const readBlock = (handle: FileSystem.File, offset: number) =>
    Effect.gen(function* () {
      const length = Math.min(blockSize, size - offset)
      const isLast = offset + length === size
      // At the end one byte more is asked for: it is not there, or the file holds more than it said.
      const block = new Uint8Array(isLast ? length + 1 : length)
      const filled = yield* withPath(path)(fill(handle, block))
      if (filled !== length) return yield* fingerprint.changed(path, "size", size, offset + filled)
      // The last block is given away only when the file is seen to be the same as at the beginning.
      if (isLast) yield* verify
      return [block.subarray(0, length), isLast ? Option.none<number>() : Option.some(offset + length)] as const
    })

  const content = Stream.unwrapScoped(
    Effect.gen(function* () {
      yield* verify
      const handle = yield* fs.open(path, { flag: "r" })
      return Stream.paginateEffect(0, (offset) => readBlock(handle, offset)).pipe(
        Stream.buffer({ capacity: blocksAhead })
      )
    })
  )
  return stream(size === 0 ? Stream.execute(verify) : content, { size, replayable: true })
})

/**
 * The body for an input in any form.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromInput = (input: Input): Body => {
  if (typeof input === "string") return text(input)
  if (isBlob(input)) return blob(input)
  return "_tag" in input ? input : bytes(input)
}
