/** What is uploaded: something of known size that can be read at any place, and told from another. */
import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Checkpoint from "../../../Checkpoint.js"
import { SourceChanged, SourceFailed } from "../../../CosError.js"
import { invalidInput } from "../../http/invalidInput.js"

export type SourceError = SourceChanged | SourceFailed | PlatformError

export interface Reader {
  /** The bytes at a place: within `buffer`, or the source's own where it has them in memory. */
  readonly read: (offset: number, size: number, buffer: () => Uint8Array) => Effect.Effect<Uint8Array, SourceError>
}

export interface Source {
  /** Bytes. */
  readonly size: number
  readonly identity: Checkpoint.Source
  /** A reader of its own for every worker. */
  readonly open: Effect.Effect<Reader, SourceError, Scope.Scope>
  /** Fails when the source is no longer what `identity` says. */
  readonly verify: Effect.Effect<void, SourceError>
}

const inMemory = (size: number, read: Reader["read"]): Source => ({
  size,
  identity: { kind: "memory", size },
  open: Effect.succeed({ read }),
  verify: Effect.void
})

export const bytes = (bytes: Uint8Array): Source =>
  inMemory(bytes.byteLength, (offset, size) => Effect.succeed(bytes.subarray(offset, offset + size)))

export const blob = (blob: Blob): Source =>
  inMemory(blob.size, (offset, size) =>
    Effect.tryPromise({
      try: async () => new Uint8Array(await blob.slice(offset, offset + size).arrayBuffer()),
      catch: (cause) => new SourceFailed({ operation: "Upload.blob", cause })
    })
  )

const fingerprint = (info: FileSystem.File.Info) => ({
  size: Number(info.size),
  mtime: Option.getOrUndefined(info.mtime)?.getTime(),
  identity: Option.match(info.ino, { onNone: () => undefined, onSome: (ino) => `${info.dev}:${ino}` })
})

const changed = (path: string, field: "size" | "mtime" | "identity", expected: unknown, actual: unknown) =>
  new SourceChanged({ source: path, field, expected: String(expected), actual: String(actual) })

/** A regular file: a pipe would be waited for, and a device might never end. */
export const file = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const info = yield* fs.stat(path)
  if (info.type !== "File") {
    return yield* invalidInput("Upload.file", "path", "must be a regular file")
  }
  const first = fingerprint(info)

  const verify = Effect.gen(function* () {
    const now = fingerprint(yield* fs.stat(path))
    for (const field of ["size", "mtime", "identity"] as const) {
      if (now[field] !== first[field]) return yield* changed(path, field, first[field], now[field])
    }
  })

  const open = Effect.map(
    fs.open(path, { flag: "r" }),
    (handle): Reader => ({
      read: (offset, size, buffer) =>
        Effect.gen(function* () {
          const target = buffer().subarray(0, size)
          yield* handle.seek(FileSystem.Size(offset), "start")
          let filled = 0
          while (filled < size) {
            // The system writes into the buffer until it is done, whoever still wants it.
            const count = Number(yield* Effect.uninterruptible(handle.read(target.subarray(filled))))
            if (count === 0) return yield* changed(path, "size", first.size, offset + filled)
            filled += count
          }
          return target
        }).pipe(
          // A handle names its number, which says nothing.
          Effect.mapError((error) =>
            error._tag === "SystemError" ? new SystemError({ ...error, pathOrDescriptor: path }) : error
          )
        )
    })
  )
  const identity: Checkpoint.Source = { kind: "file", path: yield* fs.realPath(path), ...first }
  return { size: first.size, identity, open, verify } satisfies Source
})
