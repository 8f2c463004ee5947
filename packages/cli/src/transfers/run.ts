/**
 * Carries out what `cp` and `mv` were asked for.
 */
import { existsSync } from "node:fs"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Batch from "effect-cos/Batch"
import * as Copy from "effect-cos/Copy"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as NodeReadable from "effect-cos-node/NodeReadable"
import { print } from "../address.js"
import { type CommandError, CommandFailed } from "../contract/errors.js"
import { Output } from "../contract/output.js"
import type { Bars } from "../terminal/bars.js"
import type { FailedFile } from "./failedFile.js"
import type { Job, Place } from "./jobs.js"
import type { Stored } from "./options.js"
import { removeEmptied, removeObject, removeVerifiedFile } from "./removeSource.js"
import type { Report } from "./report.js"

type Services = CosClient | FileSystem.FileSystem | Path.Path

export interface Settings {
  readonly stored: Stored
  readonly partSize: number | undefined
  readonly concurrency: Batch.Concurrency | undefined
  readonly include: ReadonlyArray<string>
  readonly exclude: ReadonlyArray<string>
  readonly noClobber: boolean
  readonly isMove: boolean
  readonly isDryRun: boolean
  /** Whether anybody sees how far it is. */
  readonly isWatched: boolean
  readonly journal: string | undefined
  /** Whether a later run goes on from what this one leaves. */
  readonly isResumed: boolean
  readonly failed: FailedFile
}

/** What became of one file, whichever way it went. */
interface Result {
  readonly source: string
  readonly target: string
  readonly outcome:
    | {
        readonly _tag: "Success"
        readonly size: number
        readonly eTag?: string | undefined
        readonly versionId?: string | undefined
        /** Of a move, after which the source is gone. */
        readonly removeSource?: Effect.Effect<void, CommandError, Services>
      }
    | { readonly _tag: "Failure"; readonly error: CommandError }
    | { readonly _tag: "Skipped"; readonly reason: string; readonly size?: number | undefined }
    /** A folder that was made. */
    | { readonly _tag: "Nothing" }
}

const address = (place: Place, key: string) => print({ bucket: place.bucket, key })

/** The patterns of a glob, and those that were given beside it. */
const selectionOf = (include: string | undefined, settings: Settings) => ({
  // Both have to match: what the glob does not is left out by the filter.
  include: include ?? (settings.include.length === 0 ? undefined : settings.include),
  exclude: settings.exclude.length === 0 ? undefined : settings.exclude
})

const reasons = { Stopped: "stopped", Temporary: "temporary", Done: "done", DryRun: "dry run" } as const

const other = <I, A>(outcome: Exclude<Batch.Outcome<I, A, CommandError>, { readonly _tag: "Success" }>) =>
  outcome._tag === "Failure"
    ? ({ _tag: "Failure", error: outcome.error } as const)
    : ({ _tag: "Skipped", reason: reasons[outcome.reason], size: outcome.size } as const)

const progressOf = (settings: Settings, bars: Bars) =>
  settings.isWatched
    ? ({ files, total, transferred }: Batch.TotalProgress) =>
        bars.set("total", {
          label: `${files.succeeded.toLocaleString("en-US")} of ${files.total.toLocaleString("en-US")} files`,
          unit: "bytes",
          done: transferred,
          total
        })
    : undefined

const common = (settings: Settings, bars: Bars) => ({
  partSize: settings.partSize,
  concurrency: settings.concurrency,
  journal: settings.journal,
  dryRun: settings.isDryRun,
  onFailure: settings.isResumed ? ("keepIfRetryable" as const) : undefined,
  onProgress: progressOf(settings, bars)
})

const uploads = (
  files: ReadonlyArray<Upload.UploadFileInput> | Upload.LocalTree,
  settings: Settings,
  bars: Bars
): Stream.Stream<Result, CommandError, Services> =>
  Stream.map(Upload.filesStream(files, common(settings, bars)), (outcome): Result => {
    const { bucket, key, path } = outcome.input
    const names = { source: path, target: print({ bucket, key }) }
    if (outcome._tag !== "Success") return { ...names, outcome: other(outcome) }
    const { eTag, size, versionId } = outcome.value
    const removeSource = removeVerifiedFile(path, { bucket, key }, outcome.value)
    return { ...names, outcome: { _tag: "Success", size, eTag, versionId, removeSource } }
  })

const downloads = (
  files: ReadonlyArray<Download.DownloadFileInput> | Download.RemoteTree,
  settings: Settings,
  bars: Bars
): Stream.Stream<Result, CommandError, Services> =>
  Stream.map(Download.filesStream(files, common(settings, bars)), (outcome): Result => {
    const { bucket, key, path, region } = outcome.input
    const names = { source: print({ bucket, key }), target: path ?? "" }
    if (outcome._tag !== "Success") return { ...names, outcome: other(outcome) }
    if (outcome.value === undefined) return { ...names, outcome: { _tag: "Nothing" } }
    const { eTag, size, versionId } = outcome.value
    const removeSource = removeObject({ bucket, region, key }, outcome.value)
    return { ...names, outcome: { _tag: "Success", size, eTag, versionId, removeSource } }
  })

const copies = (
  files: ReadonlyArray<Copy.CopyInput> | Copy.CopyTree,
  settings: Settings,
  bars: Bars
): Stream.Stream<Result, CommandError, Services> =>
  Stream.map(Copy.objectsStream(files, { ...common(settings, bars), move: settings.isMove }), (outcome): Result => {
    const { bucket, key, source } = outcome.input
    const names = {
      source: print({ bucket: source.bucket ?? bucket, key: source.key }),
      target: print({ bucket, key })
    }
    if (outcome._tag !== "Success") return { ...names, outcome: other(outcome) }
    const { eTag, size, versionId } = outcome.value
    return { ...names, outcome: { _tag: "Success", size, eTag, versionId } }
  })

/** What objects are stored with when they are copied: of headers and metadata all are the source's, or none. */
const copyOf = (stored: Stored) => ({
  ...stored,
  metadataDirective:
    stored.metadata !== undefined || stored.contentType !== undefined || stored.cacheControl !== undefined
      ? ("Replaced" as const)
      : undefined
})

/** Files that are there already, of downloads: uploads and copies ask the service. */
const withoutExisting = (
  settings: Settings,
  files: ReadonlyArray<Download.DownloadFileInput>,
  source: (key: string) => string
) => {
  if (!settings.noClobber) return { files, existing: [] as ReadonlyArray<Result> }
  const existing = files.filter(({ path }) => existsSync(path))
  return {
    files: files.filter((file) => !existing.includes(file)),
    existing: existing.map(
      ({ key, path }): Result => ({
        source: source(key),
        target: path,
        outcome: { _tag: "Skipped", reason: "exists" }
      })
    )
  }
}

const resultsOf = (
  job: Job,
  settings: Settings,
  bars: Bars,
  report: Report
): Stream.Stream<Result, CommandError, Services> => {
  const { failed, stored } = settings
  switch (job._tag) {
    case "UploadTree": {
      const { directory, include, prefix, to } = job
      const tree = { ...stored, ...to, directory, prefix, ...selectionOf(include, settings) }
      return uploads({ ...tree, filter: ({ path }) => failed.has(path) }, settings, bars)
    }
    case "UploadFiles": {
      const files = job.files.filter(({ path }) => failed.has(path)).map((file) => ({ ...stored, ...job.to, ...file }))
      return uploads(files, settings, bars)
    }
    case "DownloadTree":
      return Stream.unwrap(
        Effect.map(Path.Path, ({ join }) => {
          const { directory, from, include, prefix } = job
          const isDue = ({ key, name }: Download.RemoteObject) => {
            if (!failed.has(address(from, key))) return false
            if (!settings.noClobber || !existsSync(join(directory, name))) return true
            report.skipped += name.endsWith("/") ? 0 : 1
            return false
          }
          return downloads(
            {
              ...from,
              directory,
              prefix,
              ...selectionOf(include, settings),
              filter: isDue,
              // What Linux can name, it may.
              platform: process.platform === "linux" ? "posix" : "portable"
            },
            settings,
            bars
          )
        })
      )
    case "DownloadFiles": {
      const due = job.files.filter(({ key }) => failed.has(address(job.from, key)))
      const inputs = due.map((file) => ({ ...job.from, ...file }))
      const { existing, files } = withoutExisting(settings, inputs, (key) => address(job.from, key))
      return Stream.concat(Stream.fromIterable(existing), downloads(files, settings, bars))
    }
    case "CopyTree": {
      const { from, include, prefix, to, toPrefix } = job
      return copies(
        {
          ...copyOf(stored),
          ...to,
          source: { bucket: from.bucket ?? undefined, region: from.region, prefix },
          prefix: toPrefix,
          ...selectionOf(include, settings),
          filter: ({ key }) => failed.has(address(from, key))
        },
        settings,
        bars
      )
    }
    case "CopyObjects": {
      const due = job.files.filter(({ key }) => failed.has(address(job.from, key)))
      const files = due.map(({ key, target }) => ({
        ...copyOf(stored),
        ...job.to,
        key: target,
        source: { ...job.from, key }
      }))
      return copies(files, settings, bars)
    }
    case "FromInput": {
      const { key, to } = job
      const names = { source: "-", target: address(to, key) }
      if (settings.isDryRun) {
        const result: Result = { ...names, outcome: { _tag: "Skipped", reason: "dry run" } }
        return Stream.make(result)
      }
      const input = Stream.unwrap(Effect.map(Output, ({ stdin }) => NodeReadable.stream(() => stdin)))
      return Stream.fromEffect(
        Effect.map(
          Upload.stream({ ...stored, ...to, key, stream: input }, { partSize: settings.partSize }),
          ({ eTag, size, versionId }): Result => ({ ...names, outcome: { _tag: "Success", size, eTag, versionId } })
        )
      ) as Stream.Stream<Result, CommandError, Services>
    }
    case "ToOutput":
      return Stream.empty
  }
}

const actions = {
  UploadTree: "upload",
  UploadFiles: "upload",
  FromInput: "upload",
  DownloadTree: "download",
  DownloadFiles: "download",
  ToOutput: "download",
  CopyTree: "copy",
  CopyObjects: "copy"
} as const

const tell = (
  report: Report,
  job: Job,
  settings: Settings,
  result: Result,
  moved: Array<string>
): Effect.Effect<void, CommandError, Services> =>
  Effect.gen(function* () {
    const { outcome, source, target } = result
    switch (outcome._tag) {
      case "Nothing":
        return
      case "Failure": {
        if (settings.noClobber && outcome.error._tag === "FileAlreadyExists") {
          return yield* report.skip({ source, target, reason: "exists" })
        }
        return yield* report.fail(source, { source, target, error: outcome.error })
      }
      case "Skipped":
        return yield* outcome.reason === "dry run"
          ? report.planned({ action: actions[job._tag], source, target, size: outcome.size })
          : report.skip({ source, target, reason: outcome.reason })
      case "Success": {
        const { eTag, removeSource, size, versionId } = outcome
        if (settings.isMove && removeSource !== undefined) {
          const removed = yield* Effect.either(removeSource)
          if (removed._tag === "Left") return yield* report.fail(source, { source, target, error: removed.left })
          if (job._tag === "UploadTree") moved.push(source)
        }
        yield* report.transfer({
          action: actions[job._tag],
          source,
          target,
          size,
          etag: eTag,
          versionId,
          moved: settings.isMove ? true : undefined
        })
      }
    }
  })

/** Sources that are removed at once. */
const removals = 16

/** Carries out the jobs, and tells what became of each file. */
export const run = (
  jobs: ReadonlyArray<Job>,
  settings: Settings,
  bars: Bars,
  report: Report
): Effect.Effect<void, CommandError, Services | Output> =>
  Effect.forEach(
    jobs,
    (job): Effect.Effect<void, CommandError, Services | Output> => {
      if (job._tag === "ToOutput") return toOutput(job)
      const moved: Array<string> = []
      const results = resultsOf(job, settings, bars, report)
      const told = Stream.mapEffect(results, (result) => tell(report, job, settings, result, moved), {
        concurrency: settings.isMove ? removals : 1,
        unordered: settings.isMove
      })
      return Effect.zipRight(
        Stream.runDrain(told),
        job._tag === "UploadTree" ? removeEmptied(job.directory, moved) : Effect.void
      )
    },
    { discard: true }
  )

/** Ends quietly when nobody reads any more. */
const toOutput = ({ from, key }: Extract<Job, { readonly _tag: "ToOutput" }>) =>
  Effect.flatMap(Output, (output) =>
    Effect.raceFirst(Stream.runForEach(Download.stream({ ...from, key }), output.bytes), output.closed)
  )

/** Whether the words name one file, whose failure is the command's. */
export const isSingle = (jobs: ReadonlyArray<Job>): boolean => {
  const [job] = jobs
  return (
    jobs.length === 1 && job !== undefined && (!("files" in job) ? !job._tag.endsWith("Tree") : job.files.length === 1)
  )
}

/** A single file that was there already, which `--no-clobber` left. */
export const existing = (report: Report, jobs: ReadonlyArray<Job>) =>
  isSingle(jobs) && report.skipped > 0 && report.transferred === 0 && report.failed === 0
    ? Effect.fail(new CommandFailed({ exitCode: 6, message: "the target exists, and was left" }))
    : Effect.void
