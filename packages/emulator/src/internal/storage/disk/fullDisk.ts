/**
 * What happens when the disk is full: LMDB never learns of it, and a client gets 500
 * `InternalError` (`errorReplies`).
 *
 * LMDB does not survive a full disk: after a commit that met one, a later transaction aborts the process. So before a
 * transaction writes, this module writes zeros behind the last page that LMDB uses, more than the transaction can need.
 * Where that fails, the transaction fails with `DiskFull`. Rewriting written blocks takes no space on the usual file
 * systems (btrfs and ZFS promise nothing).
 */
import { Buffer } from "node:buffer"
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statfsSync, writeSync } from "node:fs"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Purpose } from "../records/tables.js"
import type { StorageError } from "../Storage.js"
import { diskFull, toStorageError } from "../storageErrors.js"

/** The unit of all that is counted here, and the size of LMDB's pages on most systems. */
export const pageSize = 4096

/** What one write can need: the pages from the root to a leaf twice over, and those that list what it frees. */
const pagesOfWrite = 12
/** Larger values lie on pages of their own. */
const largestOnLeaf = 1024

/** Kept free by writes, so that removals succeed on a full disk. In pages. */
const reserve = 512
/** The part of it that is left to removals alone, where LMDB has free pages of its own to write to. */
const reserveForRemovals = 128
/** How much is written ahead at most, in bytes. */
const largestStep = 16 * 1024 * 1024

/** The pages that a write of so many bytes can need. */
export const pagesFor = (bytes: number): number =>
  pagesOfWrite + (bytes > largestOnLeaf ? Math.ceil((bytes + 64) / pageSize) : 0)

/** How much of its file LMDB uses, in pages. */
export interface Usage {
  /** From the beginning of the file to the end of the last page that was ever used. */
  readonly used: number
  /** How many of those pages are free. */
  readonly free: number
}

export interface ReservedSpace {
  /** Throws `DiskFull` unless the file has room for so many pages behind `used`. */
  readonly ensure: (pages: number, purpose: Purpose) => void
  /** Says that a transaction which ensured so many pages was committed. */
  readonly spend: (pages: number) => void
}

/** Writes zeros at `[from, to)`. Tests replace it to simulate a full disk. */
export type WriteZeros = (descriptor: number, from: number, to: number) => void

const zeros = Buffer.alloc(1024 * 1024)

export const writeZeros: WriteZeros = (descriptor, from, to) => {
  for (let at = from; at < to; ) at += writeSync(descriptor, zeros, 0, Math.min(zeros.length, to - at), at)
}

/** Rewrites a file in place, so that its holes get blocks on the disk. */
const fillHoles = (descriptor: number): void => {
  const { blocks, size } = fstatSync(descriptor)
  if (blocks * 512 >= size) return
  const block = Buffer.alloc(1024 * 1024)
  for (let at = 0; at < size; ) {
    const read = readSync(descriptor, block, 0, block.length, at)
    if (read === 0) return
    for (let done = 0; done < read; ) done += writeSync(descriptor, block, done, read - done, at + done)
    at += read
  }
}

/** Reserves space in LMDB's file, which must exist. Calls `usage` only when what it knows already is not enough. */
export const make = (
  path: string,
  usage: () => Usage,
  write: WriteZeros = writeZeros
): Effect.Effect<ReservedSpace, StorageError, Scope.Scope> =>
  Effect.gen(function* () {
    const descriptor = yield* Effect.acquireRelease(
      Effect.try({ try: () => openSync(path, "r+"), catch: (error) => toStorageError(error, path) }),
      (descriptor) => Effect.sync(() => closeSync(descriptor))
    )
    yield* Effect.try({ try: () => fillHoles(descriptor), catch: (error) => toStorageError(error, path) })
    let size = fstatSync(descriptor).size
    /** An upper bound of the pages that LMDB has used. */
    let used = Number.POSITIVE_INFINITY

    const extendTo = (end: number): boolean => {
      try {
        write(descriptor, size, end)
        size = end
        return true
      } catch {
        // gives back what it took before it failed
        ftruncateSync(descriptor, size)
        return false
      }
    }

    /** More than is needed, but little of what the disk still has. */
    const stepOf = (): number => {
      const { bavail, bsize } = statfsSync(path)
      const step = Math.min(largestStep, Math.floor((bavail * bsize) / 32))
      return step - (step % pageSize)
    }

    const fits = (pages: number, kept: number) => (used + pages + kept) * pageSize <= size

    const ensure = (pages: number, purpose: Purpose): void => {
      if (fits(pages, reserve)) return
      const now = usage()
      used = now.used
      if (fits(pages, reserve)) return
      const needed = (used + pages + reserve) * pageSize
      size = Math.max(size, fstatSync(descriptor).size)
      if (extendTo(needed + stepOf()) || extendTo(needed)) return
      if (fits(pages, purpose === "remove" ? 0 : now.free > 2 * pages + 64 ? reserveForRemovals : reserve)) return
      throw diskFull(path)
    }

    return {
      ensure,
      spend: (pages) => {
        used += pages
      }
    }
  })
