/** What is uploaded: something of known size that can be read at any offset, and whose changes are noticed. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Body from "../../../Body.js"
import type * as Checkpoint from "../../../Checkpoint.js"
import { InvalidInput, SourceChanged, SourceFailed } from "../../../CosError.js"
import type { FileInfo, FileReader, Steps } from "../../../CosFileSystem.js"
import * as Crc64 from "../../../Crc64.js"
import { type BytesLike, bytesOf, describe, isBlob, remedy } from "../../encoding/bytes.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { checkPath } from "../../file/checkPath.js"
import { fill, readUnsized, withPath } from "../../file/fileContent.js"
import * as fingerprint from "../../file/fileFingerprint.js"
import { fileSteps } from "../../file/steps.js"
import { onEnd } from "../../http/onEnd.js"
import { defaultLimits, limitInterrupt } from "../interruptLimit.js"
import type { UploadContent } from "../model.js"

/** `E`: what reading it can fail with. */
export interface Reader<out E> {
  /**
   * The bytes at a place: within the buffer, or the source's own where it has them in memory. The buffer has room for at
   * least one byte more, so that a file can be seen to go on after its end.
   */
  readonly read: (offset: number, size: number, buffer: () => Uint8Array) => Effect.Effect<Uint8Array, E>
}

export interface Source<out E> {
  /** Bytes. */
  readonly size: number
  /** By what a later run knows it again. Only an upload that can be resumed needs it. */
  readonly identity: Effect.Effect<Checkpoint.Source, E>
  /** Where it is one. */
  readonly blob?: Blob | undefined
  /** Whether reading it needs no memory. */
  readonly isInMemory: boolean
  /** Whether an interrupt ends `readAll` at once. */
  readonly endsAtOnce: boolean
  /** A reader of its own for every worker. */
  readonly open: Effect.Effect<Reader<E>, E, Scope.Scope>
  /** All of it, verified, where that takes fewer calls than to open, read and verify it. */
  readonly readAll?: ((buffer: () => Uint8Array) => Effect.Effect<Uint8Array, E>) | undefined
  /** Fails when the source is not, or may not be, what these bytes were read from. */
  readonly verify: (crc64: () => bigint) => Effect.Effect<void, E>
}

const inMemory = <E>(size: number, isInMemory: boolean, read: Reader<E>["read"]): Source<E> => ({
  size,
  isInMemory,
  endsAtOnce: isInMemory,
  identity: Effect.succeed({ kind: "memory", size }),
  open: Effect.succeed({ read }),
  readAll: (buffer) => read(0, size, buffer),
  verify: () => Effect.void
})

const ofBytes = (bytes: Uint8Array): Source<never> =>
  inMemory(bytes.byteLength, true, (offset, size) => Effect.succeed(bytes.subarray(offset, offset + size)))

export const bytes = (bytes: BytesLike): Either.Either<Source<never>, InvalidInput> => {
  const window = bytesOf(bytes)
  return window === undefined
    ? Either.left(invalidInput("Upload.bytes", "bytes", `must be bytes, not ${describe(bytes)}${remedy(bytes)}`))
    : Either.right(ofBytes(window))
}

export const blob = (blob: Blob): Effect.Effect<Source<SourceFailed>, InvalidInput> =>
  isBlob(blob)
    ? Effect.succeed(ofBlob(blob))
    : Effect.fail(invalidInput("Upload.blob", "blob", `must be a Blob, not ${describe(blob)}${remedy(blob)}`))

const ofBlob = (blob: Blob): Source<SourceFailed> => ({
  ...inMemory<SourceFailed>(blob.size, false, (offset, size) =>
    Effect.tryPromise({
      try: async () => new Uint8Array(await blob.slice(offset, offset + size).arrayBuffer()),
      catch: (cause) => new SourceFailed({ operation: "Upload.blob", cause })
    })
  ),
  blob
})

/** The errors of a stream of somebody else's, as an upload has them. */
export const withTypedErrors = <A, R>(
  stream: Stream.Stream<A, unknown, R>,
  key: string
): Stream.Stream<A, SourceChanged | InvalidInput | SourceFailed, R> =>
  // What is no Stream is refused where it would be run.
  !isStream(stream)
    ? (stream as Stream.Stream<A, never, R>)
    : Stream.mapError(stream, (cause) =>
        cause instanceof SourceChanged || cause instanceof InvalidInput
          ? cause
          : new SourceFailed({ operation: "Upload.stream", key, cause })
      )

const isStream = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Stream.StreamTypeId in value

/** Refuses what is no Stream. */
export const checkStream = (stream: unknown): Either.Either<void, InvalidInput> =>
  isStream(stream)
    ? Either.void
    : Either.left(
        invalidInput(
          "Upload.stream",
          "stream",
          `must be a Stream of Effect, not ${describe(stream)}${ofStreams(stream)}`
        )
      )

const ofStreams = (value: unknown): string =>
  describe(value) === "a stream of Node"
    ? ": NodeReadable.stream (effect-cos-node) makes one, and Upload.file sends a file"
    : describe(value) === "a ReadableStream"
      ? ": Stream.fromReadableStream makes one"
      : ": Upload.body sends text, bytes and a Blob"

export const isReadOnce = (content: UploadContent): boolean =>
  "stream" in content || ("body" in content && isSized(content.body) && !content.body.replayable)

const isSized = (body: Body.Input): body is Body.Sized =>
  typeof body === "object" && body !== null && "_tag" in body && body._tag === "Sized"

/** How many bytes are read at once of what is too large for a buffer. */
export const blockSize = 1024 * 1024

/** Reads all of it, block by block. */
export const readThrough = <E>(
  { open, size }: Pick<Source<E>, "open" | "size">,
  onBlock: (block: Uint8Array) => Effect.Effect<void>
): Effect.Effect<void, E> =>
  Effect.scoped(
    Effect.gen(function* () {
      const reader = yield* open
      const block = new Uint8Array(Math.min(blockSize, size) + 1)
      for (let at = 0; at < size; at += blockSize) {
        yield* onBlock(yield* reader.read(at, Math.min(blockSize, size - at), () => block))
      }
    })
  )

export const crc64Of = <E>(source: Pick<Source<E>, "open" | "size">): Effect.Effect<bigint, E> =>
  Effect.suspend(() => {
    const crc = Crc64.make()
    return Effect.map(
      readThrough(source, (block) => Effect.sync(() => crc.update(block))),
      () => crc.value
    )
  })

/** What reading a file can fail with. */
export type FileError = SourceChanged | PlatformError

/** What a source is used for. */
export type Use<E, A, E2, R> = (source: Source<E>) => Effect.Effect<A, E2, R>

/**
 * Larger files are opened once more when there is memory for them, so that those that wait for it have no descriptor. An
 * interrupt leaves the system to its read, so these are read into buffers of which `Memory` keeps none for others.
 */
const mostKeptOpen = 64 * 1024

/**
 * Runs with a regular file: a pipe would be waited for, and a device might never end. One that was `seen` before may not have
 * changed since in any way.
 */
export const withFile = <A, E, R>(
  path: string,
  maxPartBuffer: number,
  use: Use<FileError, A, E, R>,
  seen?: fingerprint.FileFingerprint
): Effect.Effect<A, E | FileError | InvalidInput, R | FileSystem.FileSystem> =>
  Effect.flatMap(checkPath("Upload.file", path), () =>
    Effect.flatMap(fileSteps, (steps) => {
      if (steps === undefined) {
        return Effect.flatMap(FileSystem.FileSystem, (fs) =>
          Effect.flatMap(fs.stat(path), (info) =>
            Effect.flatMap(fingerprint.fromInfo(path, info), (first) =>
              fromFirst({ path, first, fs, seen }, info.type, maxPartBuffer, use)
            )
          )
        )
      }
      const fs = steps.fileSystem
      const fromInfo = (info: FileInfo, reader?: FileReader) => {
        const first = fingerprint.fromWholeInfo(info)
        return fromFirst(
          { path, first, fs, seen, steps, opened: reader && { reader, info } },
          info.type,
          maxPartBuffer,
          use
        )
      }
      return withReader(path, steps, (reader) =>
        Effect.matchEffect(reader.open, {
          // What cannot be opened, as a socket, is still looked at.
          onFailure: () => Effect.flatMap(steps.stat(path), (info) => fromInfo(info)),
          onSuccess: (info) => {
            if (info.type === "File" && info.size <= mostKeptOpen) return fromInfo(info, reader)
            reader.close()
            return fromInfo(info)
          }
        })
      )
    })
  )

/** Closes the file in the end, also after an interrupt. */
const withReader = <A, E, R>(path: string, steps: Steps, use: (reader: FileReader) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const reader = steps.reader(path)
    return onEnd(use(reader), reader.close)
  })

interface LocalFile {
  readonly path: string
  /** As it was found. */
  readonly first: fingerprint.FileFingerprint
  readonly seen: fingerprint.FileFingerprint | undefined
  readonly fs: FileSystem.FileSystem
  readonly steps?: Steps | undefined
  /** Where it is open, until it is read, and what it was found by. */
  readonly opened?: { readonly reader: FileReader; readonly info: FileInfo } | undefined
}

const fromFirst = <A, E, R>(
  file: LocalFile,
  type: FileSystem.File.Type,
  maxPartBuffer: number,
  use: Use<FileError, A, E, R>
): Effect.Effect<A, E | FileError | InvalidInput, R | FileSystem.FileSystem> => {
  const { first, path, seen } = file
  const difference = seen && fingerprint.difference(path, seen, first)
  if (difference !== undefined) return Effect.fail(difference)
  if (type !== "File") return Effect.fail(invalidInput("Upload.file", "path", "must be a regular file"))
  if (first.size > 0) return use(ofFile(file))
  const read = readUnsized("Upload.file", path, { limit: maxPartBuffer, name: "maxPartBuffer" })
  return Effect.flatMap(limitInterrupt(defaultLimits)(read), (content) =>
    // What such a file says of itself tells nothing of its content.
    use(content.byteLength > 0 ? ofBytes(content) : ofFile({ ...file, opened: undefined }))
  )
}

const ofFile = ({ first, fs, opened, path, seen, steps }: LocalFile): Source<FileError> => {
  const changedSize = (found: string) => Effect.fail(fingerprint.changed(path, "size", first.size, found))
  // Suspended, like what follows: of most files only `readAll` is used.
  const handle = Effect.suspend(() => fs.open(path, { flag: "r" }))
  const open = Effect.map(handle, (handle): Reader<FileError> => {
    /** Where the next read begins, unless one has failed. */
    let position: number | undefined = 0
    const seek = (offset: number) => (offset === position ? Effect.void : handle.seek(FileSystem.Size(offset), "start"))
    return {
      read: (offset, size, buffer) =>
        Effect.suspend(() => {
          const isLast = offset + size === first.size
          // At the end one byte more is asked for: it is not there, or the file holds more than it said.
          const target = buffer().subarray(0, isLast ? size + 1 : size)
          const read = Effect.zipRight(seek(offset), fill(handle, target))
          position = undefined
          return Effect.flatMap(read, (filled) => {
            position = offset + filled
            if (filled === size) return Effect.succeed(target.subarray(0, size))
            return changedSize(`${filled < size ? "" : "at least "}${offset + filled}`)
          })
        }).pipe(withPath(path))
    }
  })

  const now = Effect.suspend(() => Effect.provideService(fingerprint.ofFile(path), FileSystem.FileSystem, fs))
  /** It may have been renamed, linked or given another mode; or it was rewritten, and its mtime set back. */
  const compareContent = (crc64: bigint, found: fingerprint.FileFingerprint) =>
    Effect.gen(function* () {
      const content = yield* crc64Of({ open, size: first.size })
      if (content !== crc64) return yield* fingerprint.changed(path, "content", crc64, content)
      const again = fingerprint.difference(path, found, yield* now)
      if (again !== undefined) return yield* again
    })
  const compare = (found: fingerprint.FileFingerprint, crc64: () => bigint): Effect.Effect<void, FileError> => {
    const difference = fingerprint.difference(path, first, found)
    if (difference === undefined) return Effect.void
    return difference.field === "ctime" && seen === undefined ? compareContent(crc64(), found) : Effect.fail(difference)
  }
  const readAll = (steps: Steps) => (buffer: () => Uint8Array) =>
    Effect.suspend(() => {
      const target = buffer().subarray(0, first.size + 1)
      const read =
        opened?.reader.read(target) ??
        // The buffer counts until the system no longer uses it.
        Effect.uninterruptible(
          withReader(path, steps, (reader) => Effect.flatMap(reader.open, () => reader.read(target)))
        )
      return Effect.flatMap(read, ({ bytes, info }): Effect.Effect<Uint8Array, FileError> => {
        if (bytes !== first.size) return changedSize(`${bytes < first.size ? "" : "at least "}${bytes}`)
        const content = target.subarray(0, bytes)
        if (info === opened?.info) return Effect.succeed(content)
        return Effect.as(
          compare(fingerprint.fromWholeInfo(info), () => Crc64.of(content)),
          content
        )
      })
    })
  const { ctime: _, ...known } = first
  return {
    size: first.size,
    isInMemory: false,
    endsAtOnce: opened !== undefined,
    identity: Effect.suspend(() =>
      Effect.map(fs.realPath(path), (path): Checkpoint.Source => ({ kind: "file", path, ...known }))
    ),
    open,
    readAll: steps && readAll(steps),
    verify: (crc64) => Effect.flatMap(now, (found) => compare(found, crc64))
  }
}
