/**
 * An object that one request carries into a file, by steps of the file system: without what a larger one needs. `file` tries
 * this first.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type { CosClient } from "../../../CosClient.js"
import type { NewFile, Steps } from "../../../CosFileSystem.js"
import * as Crc64 from "../../../Crc64.js"
import { ifOwner, withContext } from "../context.js"
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

type Services = CosClient | FileSystem.FileSystem
type Done = Effect.Effect<DownloadFileResult | Larger, DownloadFileError, Services>

export const download = (steps: Steps, input: DownloadSource, path: string, settings: Settings): Done =>
  Effect.flatMap(targets.inspectBy(steps, path, settings.symlinks), (target) =>
    // Not `acquireUseRelease`, whose release takes steps for each file that needs none.
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(temporary.createBy(steps, target), (created) => {
        const discard = Effect.zipRight(created.file.close, ifOwner(temporary.remove(created.path)))
        return Effect.matchCauseEffect(restore(fetchAndKeep(steps, created, target, { input, path, settings })), {
          onFailure: (cause) => Effect.zipRight(discard, Effect.failCause(cause)),
          onSuccess: (done): Done => (done instanceof Larger ? Effect.as(discard, done) : Effect.succeed(done))
        })
      })
    )
  )

interface Temporary {
  readonly path: string
  readonly file: NewFile
}

interface Given {
  readonly input: DownloadSource
  readonly path: string
  readonly settings: Settings
}

const fetchAndKeep = (steps: Steps, created: Temporary, target: targets.DownloadTarget, given: Given): Done =>
  Effect.flatMap(
    fetchBeginning(given.input, given.settings),
    (begun): Done =>
      begun === undefined || begun.bytes.byteLength < begun.head.contentLength
        ? Effect.succeed(new Larger(begun))
        : keep(steps, created, target, given, begun)
  )

/** Gives the bytes the target's name. */
const keep = (
  steps: Steps,
  { file, path: temporaryPath }: Temporary,
  target: targets.DownloadTarget,
  { input, path, settings: { symlinks, verify } }: Given,
  { bytes, head }: Beginning
): Done => {
  const crc64 = verify ? Crc64.of(bytes) : head.crc64
  const { byteLength: size } = bytes
  const written = withContext(({ onBytes, onPhase }) =>
    onPhase("finishing").pipe(Effect.zipRight(file.write(bytes)), Effect.zipRight(onBytes(size, false)))
  )
  const moved = Effect.map(
    steps.rename(temporaryPath, target.path),
    (): DownloadFileResult => Object.assign({}, head, { key: input.key, path, size, crc64, parts: 1, resumedParts: 0 })
  )
  const taken = Effect.flatMap(targets.inspectBy(steps, path, symlinks), (found) =>
    Effect.flatMap(targets.stillSame(target, found), (now) =>
      now.replaced === undefined
        ? moved
        : Effect.flatMap(steps.stat(temporaryPath), (info) =>
            Effect.zipRight(targets.copyModeAndOwner(temporaryPath, info, now), moved)
          )
    )
  )
  return compareCrc64("Download.file", input, head.crc64, crc64).pipe(Effect.zipRight(written), Effect.zipRight(taken))
}
