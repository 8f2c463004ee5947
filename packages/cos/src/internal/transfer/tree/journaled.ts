/** Batches that leave out what an earlier run has done, by its journal. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { CosClient } from "../../../CosClient.js"
import * as ObjectKey from "../../../ObjectKey.js"
import * as bucketOperations from "../../../operations/bucket.js"
import * as object from "../../../operations/object.js"
import { md5Base64 } from "../../checksum/contentMd5.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"
import type { CopyInput, CopyResult, DownloadFileResult, UploadResult, UploadTarget } from "../model.js"
import type * as batch from "./batch.js"
import type * as remoteCopies from "./copies.js"
import type * as local from "./local.js"
import type * as remote from "./remote.js"
import type * as runJournal from "./runJournal.js"

/** Of a list or a stream, what is asked for at once. */
const concurrency = 16

/** What is left out where the service cannot be asked, or does not say: the file is transferred. */
const unknown = Effect.succeed(undefined)

/** All of a target that the object is stored with, as a text. Of a secret key its MD5, as the protocol sends it. */
const settingsOf = (target: UploadTarget) =>
  Effect.map(CosClient, ({ hash }) => {
    const { bucket: _bucket, customerKey, key: _key, region: _region, ...rest } = target
    const {
      callback: _callback,
      callbackVar: _variables,
      trafficLimit: _speed,
      expectContinue: _wait,
      ...stored
    } = rest
    const entries = Object.entries(stored).filter(([, value]) => value !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    return JSON.stringify([entries, customerKey && md5Base64(hash, Redacted.value(customerKey))])
  })

const eTagOf = ({ bucket, customerKey, key, region, versionId }: Parameters<typeof object.headObject>[0]) =>
  Effect.map(object.headObject({ bucket, region, key, versionId, customerKey }), ({ eTag }) => eTag).pipe(
    Effect.orElse(() => unknown)
  )

/**
 * The ETags of objects by their keys, which are best asked for in order. A page begins after the key that was asked for
 * last, so that what lies between is not listed.
 */
class Pages {
  #eTags = new Map<string, string>()
  #after: string | undefined
  #to: string | undefined
  #last: string | undefined

  constructor(readonly target: { readonly bucket?: string | undefined; readonly region?: string | undefined }) {}

  #has(key: string): boolean {
    return (
      this.#after !== undefined &&
      ObjectKey.compare(key, this.#after) > 0 &&
      (this.#to === undefined || ObjectKey.compare(key, this.#to) <= 0)
    )
  }

  readonly eTag = (key: string) =>
    Effect.suspend(() => {
      const before = this.#last
      this.#last = key
      if (this.#has(key)) return Effect.succeed(this.#eTags.get(key))
      // All that begins like the key comes after its beginning.
      const beginning = Array.from(key).slice(0, -1).join("")
      const marker =
        before !== undefined && ObjectKey.compare(before, key) < 0 && ObjectKey.compare(before, beginning) > 0
          ? before
          : beginning
      return Effect.map(
        bucketOperations.listObjects({ ...this.target, marker: marker === "" ? undefined : marker }),
        ({ contents, isTruncated }) => {
          this.#eTags = new Map(contents.map(({ eTag, key }) => [key, eTag]))
          this.#after = marker
          this.#to = isTruncated ? contents.at(-1)?.key : undefined
          return this.#eTags.get(key)
        }
      ).pipe(Effect.orElse(() => unknown))
    })
}

/**
 * Whether an edit of a file after `at` shows in its time. Times that are whole seconds are taken for those of a file system
 * that has no finer ones.
 */
const isSettled = (mtime: number, at: number): boolean => at - mtime >= (mtime % 1000 === 0 ? 2000 : 20)

const ofFile = ({ ino, mtime, size }: FileSystem.File.Info) => ({
  size: Number(size),
  mtime: Option.getOrUndefined(Option.map(mtime, (date) => date.getTime())),
  inode: Option.getOrUndefined(ino)
})

type Services = CosClient | FileSystem.FileSystem
type Found = Effect.Effect<runJournal.Done | undefined, never, Services>

interface Hooks<P, A> {
  /** By what a later run knows a file that was transferred, if it can; `at` is when that was begun. */
  readonly recordOf: (planned: P, result: A, at: number) => Found
  /** The same of what is there before the transfer. */
  readonly lookFor: (planned: P) => Found
  /** Whether `lookFor` is asked one after another. */
  readonly inOrder: boolean
}

interface Prepared<P extends batch.Planned<unknown, unknown>, A, E, R, E2, R2> {
  readonly plan: batch.Plan<P, E2, R2>
  readonly transfer: batch.Transfer<P, A, E, R>
}

/** A batch that notes what it has done, and leaves out what is done already. */
const withJournal = <P extends batch.Planned<unknown, unknown>, A, E, R, E2, R2>(
  { plan, transfer }: Prepared<P, A, E, R, E2, R2>,
  journal: runJournal.RunJournal,
  { inOrder, lookFor, recordOf }: Hooks<P, A>
): Prepared<P, A, E, R | Services, E2, R2 | Services> => {
  const mark = (planned: P): Effect.Effect<P, never, Services> =>
    planned.refused !== undefined || planned.isTemporary === true
      ? Effect.succeed(planned)
      : Effect.map(lookFor(planned), (done) =>
          done !== undefined && journal.has(done) ? { ...planned, isDone: true } : planned
        )
  const marked: batch.Plan<P, E2, R2 | Services> = journal.isResumed
    ? // How many are left is not known before all have been looked at.
      { planned: Stream.mapEffect(plan.planned, mark, { concurrency: inOrder ? 1 : concurrency }) }
    : plan
  return {
    plan: { ...marked, onWhole: journal.finish },
    transfer: {
      ...transfer,
      run: (planned, onProgress) =>
        Effect.flatMap(Clock.currentTimeMillis, (at) =>
          Effect.tap(transfer.run(planned, onProgress), (result) =>
            Effect.flatMap(recordOf(planned, result, at), (done) =>
              done === undefined ? Effect.void : journal.note(done)
            )
          )
        )
    }
  }
}

interface Place {
  readonly bucket?: string | undefined
  readonly region?: string | undefined
}

/** `tree`: where the objects of a tree go, in the order of their keys. */
export const uploads = <E, R, E2, R2>(
  prepared: Prepared<local.Planned, UploadResult, E, R, E2, R2>,
  journal: runJournal.RunJournal,
  tree: Place | undefined
) => {
  const pages = tree && new Pages({ bucket: tree.bucket, region: tree.region })
  const record = ({ info, input }: local.Planned, eTag: string | undefined) =>
    Effect.gen(function* () {
      if (info === undefined || eTag === undefined) return undefined
      const { path, ...target } = input
      const { inode, mtime, size } = ofFile(info)
      if (mtime === undefined) return undefined
      const bucket = yield* effectiveBucket(target)
      return ["up", path, size, mtime, inode, bucket, target.key, yield* settingsOf(target), eTag]
    })
  return withJournal(prepared, journal, {
    recordOf: (planned, { eTag }, at) => {
      const mtime = planned.info && ofFile(planned.info).mtime
      return mtime === undefined || !isSettled(mtime, at) ? unknown : record(planned, eTag)
    },
    lookFor: (planned) =>
      Effect.flatMap(pages?.eTag(planned.input.key) ?? eTagOf(planned.input), (eTag) => record(planned, eTag)),
    inOrder: pages !== undefined
  })
}

export const downloads = <E, R, E2, R2>(
  prepared: Prepared<remote.Planned, DownloadFileResult | undefined, E, R, E2, R2>,
  journal: runJournal.RunJournal
) => {
  const record = ({ input }: remote.Planned, eTag: string | undefined) =>
    Effect.gen(function* () {
      if (input.path === undefined || eTag === undefined) return undefined
      const fs = yield* FileSystem.FileSystem
      const info = yield* Effect.option(fs.stat(input.path))
      if (Option.isNone(info)) return undefined
      const { inode, mtime, size } = ofFile(info.value)
      if (mtime === undefined) return undefined
      return ["down", yield* effectiveBucket(input), input.key, input.versionId, eTag, input.path, size, mtime, inode]
    })
  return withJournal(prepared, journal, {
    recordOf: (planned, result) => record(planned, result?.eTag),
    lookFor: (planned) =>
      Effect.flatMap(planned.eTag === undefined ? eTagOf(planned.input) : Effect.succeed(planned.eTag), (eTag) =>
        record(planned, eTag)
      ),
    inOrder: false
  })
}

export const copies = <E, R, E2, R2>(
  prepared: Prepared<remoteCopies.Planned, CopyResult, E, R, E2, R2>,
  journal: runJournal.RunJournal,
  tree: Place | undefined
) => {
  const pages = tree && new Pages({ bucket: tree.bucket, region: tree.region })
  const record = (input: CopyInput, sourceETag: string | undefined, eTag: string | undefined) =>
    Effect.gen(function* () {
      if (sourceETag === undefined || eTag === undefined) return undefined
      const { metadataDirective, source, sourceCustomerKey: _, ...target } = input
      const bucket = yield* effectiveBucket(target)
      const settings = yield* settingsOf(target)
      const from = [source.bucket ?? bucket, source.key, source.versionId, sourceETag]
      return ["copy", ...from, bucket, target.key, metadataDirective, settings, eTag]
    })
  return withJournal(prepared, journal, {
    recordOf: ({ input }, { eTag, source }) => record(input, source.eTag, eTag),
    lookFor: ({ eTag, input }) =>
      Effect.gen(function* () {
        const { source, sourceCustomerKey } = input
        const place = { bucket: source.bucket ?? input.bucket, region: source.region ?? input.region }
        const sourceETag = eTag ?? (yield* eTagOf({ ...source, ...place, customerKey: sourceCustomerKey }))
        return yield* record(input, sourceETag, yield* pages?.eTag(input.key) ?? eTagOf(input))
      }),
    inOrder: pages !== undefined
  })
}
