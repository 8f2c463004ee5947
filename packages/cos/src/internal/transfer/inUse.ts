/**
 * What the transfers of this process are working on: nobody else in it takes that up or removes it. It belongs to the
 * process, not to a client, since two clients may reach the same bucket or the same directory, and not to this module,
 * which may be loaded twice.
 */
import * as Effect from "effect/Effect"
import { globalValue } from "effect/GlobalValue"
import type * as Scope from "effect/Scope"

const inUse = globalValue("effect-cos/transfersInUse", () => ({
  /** By upload id. */
  runningUploads: new Set<string>(),
  /** By upload id: how many have paused it. */
  pausedUploads: new Map<string, number>(),
  /** By absolute path. */
  temporaryFiles: new Set<string>()
}))

/** Succeeds with whether it is now the scope's own: `false` where somebody else is working on it. */
const claim = (claimed: Set<string>, name: string): Effect.Effect<boolean, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const isFree = !claimed.has(name)
      if (isFree) claimed.add(name)
      return isFree
    }),
    (isOurs) => Effect.sync(() => void (isOurs && claimed.delete(name)))
  )

/** For as long as the scope is open. An upload that is paused can be claimed, by whoever resumes it. */
export const claimUpload = (uploadId: string): Effect.Effect<boolean, never, Scope.Scope> =>
  claim(inUse.runningUploads, uploadId)

export const claimTemporaryFile = (path: string): Effect.Effect<boolean, never, Scope.Scope> =>
  claim(inUse.temporaryFiles, path)

/** Whether the upload is running or paused. */
export const isUploadInUse = (uploadId: string): boolean =>
  inUse.runningUploads.has(uploadId) || inUse.pausedUploads.has(uploadId)

/** Keeps an upload for whoever has paused it. Gives what ends that. */
export const reservePausedUpload = (uploadId: string): (() => void) => {
  const { pausedUploads } = inUse
  let isReserved = true
  pausedUploads.set(uploadId, (pausedUploads.get(uploadId) ?? 0) + 1)
  return () => {
    if (!isReserved) return
    isReserved = false
    const others = (pausedUploads.get(uploadId) ?? 1) - 1
    if (others === 0) pausedUploads.delete(uploadId)
    else pausedUploads.set(uploadId, others)
  }
}
