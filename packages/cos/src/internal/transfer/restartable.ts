/** Transfers that can be interrupted and run again: what they have done is in a checkpoint. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Checkpoint from "../../Checkpoint.js"
import type { CosClient } from "../../CosClient.js"
import type { Progress } from "../../Progress.js"
import { isTemporaryName } from "../file/temporaryName.js"
import { runBounded } from "../time/runBounded.js"
import { reportUnfindable } from "./download/temporaryFile.js"
import { limitsOf } from "./interruptLimit.js"
import type { DownloadFileOptions, ResumableUploadOptions } from "./model.js"
import { abortUpload, reportUnfindableUpload } from "./upload/abortUpload.js"

export type AnyCheckpoint = Checkpoint.Upload | Checkpoint.Download

type Callback<A> = (value: A) => Effect.Effect<void>

/** What one run is given. */
export interface Run<C> {
  /** Where it looks for what earlier runs have done, and saves what it does itself. */
  readonly store: Checkpoint.Store.Service
  /** The checkpoint that the caller gave, until the store has one. */
  readonly resume: C | undefined
  readonly onProgress: Callback<Progress>
  readonly onCheckpoint: Callback<Checkpoint.Upload> | undefined
}

export interface Restartable<A, E, R, C> {
  /** The object's key, which errors name. */
  readonly key: string
  /** Whether its source can be read only once, so that it cannot be run again. */
  readonly isOneShot: boolean
  /** When it is interrupted it leaves what it has done, and its checkpoint in the store. */
  readonly run: (run: Run<C>) => Effect.Effect<A, E, R>
  /** Removes what runs have left. */
  readonly discard: (checkpoint: C) => Effect.Effect<void, never, R>
  /** Reports what runs have left, and a later one may not find. */
  readonly reportLeft: (checkpoint: C) => Effect.Effect<void>
  /** The checkpoint that the caller gave. */
  readonly resume: C | undefined
  /** How long an interrupt waits for the last request, once that is sent. */
  readonly abortGrace: Duration.Duration
  readonly onProgress: Callback<Progress> | undefined
  readonly onCheckpoint: Callback<Checkpoint.Upload> | undefined
}

/** An upload, or a copy, whose `run` takes these options. */
export const upload = <A, E, R, O extends Omit<ResumableUploadOptions, "integrity">>(
  key: string,
  options: O,
  run: (options: O) => Effect.Effect<A, E, R>
): Restartable<A, E, R | CosClient, Checkpoint.Upload> & { readonly isOneShot: false } => {
  const limits = limitsOf(options)
  return {
    key,
    isOneShot: false,
    run: ({ onCheckpoint, onProgress, resume, store }) =>
      run({
        ...options,
        resume: resume ?? (options.resume === "discover" ? "discover" : undefined),
        onInterrupt: "keep",
        onProgress,
        onCheckpoint
      }).pipe(Effect.provideService(Checkpoint.Store, store)),
    discard: ({ bucket, key, region, uploadId }) => abortUpload({ bucket, key, region }, uploadId, limits),
    reportLeft: ({ bucket, key, uploadId }) => reportUnfindableUpload({ bucket, key }, uploadId),
    resume: typeof options.resume === "object" ? options.resume : undefined,
    abortGrace: limits.abortGrace,
    onProgress: options.onProgress,
    onCheckpoint: options.onCheckpoint
  }
}

/** A download, whose `run` takes these options. */
export const download = <A, E, R>(
  key: string,
  options: DownloadFileOptions & Pick<ResumableUploadOptions, "abortGrace" | "releaseLimit">,
  run: (options: DownloadFileOptions) => Effect.Effect<A, E, R>
): Restartable<A, E, R | FileSystem.FileSystem, Checkpoint.Download> & { readonly isOneShot: false } => {
  const { abortGrace, release } = limitsOf(options)
  return {
    key,
    isOneShot: false,
    run: ({ onProgress, store }) =>
      run({ ...options, onInterrupt: "keep", onProgress }).pipe(Effect.provideService(Checkpoint.Store, store)),
    discard: ({ temporaryPath }) =>
      // A checkpoint may have been written by anybody: only a file that is named as a temporary one is removed.
      Effect.flatMap(FileSystem.FileSystem, (fs) =>
        !isTemporaryName(temporaryPath.slice(temporaryPath.lastIndexOf("/") + 1))
          ? Effect.void
          : runBounded(fs.remove(temporaryPath, { force: true }), {
              limit: release,
              onTimeout: () => ({ message: `not within ${Duration.format(release)}` })
            }).pipe(
              // The file system may be the user's, and die.
              Effect.catchAllCause((cause) =>
                Effect.logWarning("a temporary file could not be removed", {
                  path: temporaryPath,
                  reason: Option.match(Cause.failureOption(cause), {
                    onNone: () => String(Cause.squash(cause)),
                    onSome: ({ message }) => message
                  })
                })
              )
            )
      ),
    reportLeft: ({ temporaryPath }) => reportUnfindable(temporaryPath),
    resume: undefined,
    abortGrace,
    onProgress: options.onProgress,
    onCheckpoint: undefined
  }
}
