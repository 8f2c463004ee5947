/**
 * An object that one request carries into a file, by steps of the file system: without what a larger one needs. `file` tries
 * this first.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { CosClient } from "../../../CosClient.js"
import type { NewFile, Steps } from "../../../CosFileSystem.js"
import * as Crc64 from "../../../Crc64.js"
import { ifOwner, TransferContext } from "../context.js"
import type { DownloadFileError, DownloadFileResult, DownloadSource } from "../model.js"
import { type Beginning, fetchBeginning } from "./beginning.js"
import { compareCrc64 } from "./integrity.js"
import * as targets from "./target.js"
import * as temporary from "./temporaryFile.js"

interface Settings {
  readonly partSize: number
  readonly verify: boolean
  readonly symlinks: "follow" | "refuse"
}

/** The object takes more, and nothing is left of the attempt but what has come of it. */
export class Larger {
  constructor(readonly begun: Beginning | undefined) {}
}

interface Temporary {
  readonly path: string
  readonly file: NewFile
}

type Done = Effect.Effect<DownloadFileResult | Larger, DownloadFileError, CosClient | FileSystem.FileSystem>

export const download = (steps: Steps, input: DownloadSource, path: string, settings: Settings): Done =>
  Effect.flatMap(targets.inspect(path, settings.symlinks), (target) =>
    Effect.acquireUseRelease(
      temporary.createBy(steps, target),
      (created) =>
        Effect.flatMap(
          fetchBeginning(input, settings),
          (begun): Done =>
            begun === undefined || begun.bytes.byteLength < begun.head.contentLength
              ? Effect.succeed(new Larger(begun))
              : keep(steps, created, target, { input, path, settings, begun })
        ),
      ({ file, path }, exit) =>
        Exit.isSuccess(exit) && !(exit.value instanceof Larger)
          ? Effect.void
          : Effect.zipRight(file.close, ifOwner(temporary.remove(path)))
    )
  )

/** Gives the bytes the target's name. */
const keep = (
  steps: Steps,
  { file, path: temporaryPath }: Temporary,
  target: targets.DownloadTarget,
  {
    begun: { bytes, head },
    input,
    path,
    settings: { symlinks, verify }
  }: { readonly input: DownloadSource; readonly path: string; readonly settings: Settings; readonly begun: Beginning }
) =>
  Effect.gen(function* () {
    const { onBytes, onPhase } = yield* TransferContext
    const crc64 = verify ? Crc64.of(bytes) : head.crc64
    yield* compareCrc64("Download.file", input, head.crc64, crc64)
    yield* onPhase("finishing")
    yield* file.write(bytes)
    yield* onBytes(bytes.byteLength, false)
    const now = yield* targets.inspectAgain(path, symlinks, target)
    if (now.replaced !== undefined) {
      yield* targets.copyModeAndOwner(temporaryPath, yield* steps.stat(temporaryPath), now)
    }
    yield* Effect.uninterruptible((yield* FileSystem.FileSystem).rename(temporaryPath, target.path))
    const size = bytes.byteLength
    return { ...head, key: input.key, path, size, crc64, parts: 1, resumedParts: 0 } satisfies DownloadFileResult
  })
