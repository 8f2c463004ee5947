/** Many files that are submitted to a queue together: each a transfer of its own, and all of them watched as one. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Chunk from "effect/Chunk"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type { CurrentConcurrency, Outcome, Report, TotalProgress } from "../../Batch.js"
import type { State } from "../../Controlled.js"
import type { CosClient } from "../../CosClient.js"
import type { TransferCancelled } from "../../CosError.js"
import type { Kinds, QueuedFiles, Ticket, TransferQueue } from "../../TransferQueue.js"
import { percentOf } from "../progress/meter.js"
import { isFinished } from "./lifecycle.js"
import type {
  DownloadFileInput,
  DownloadFilesError,
  DownloadFilesItem,
  RemoteTree,
  UploadFileError,
  UploadFileInput
} from "./model.js"
import type { Plan, Planned } from "./tree/batch.js"
import * as local from "./tree/local.js"
import * as remote from "./tree/remote.js"

type ManyKind = "upload" | "download"

/** One of many: its ticket, or why it has none. */
interface Item<K extends ManyKind, Input, E> {
  readonly planned: Planned<Input, E>
  /** Absent where it was refused, is skipped, or was done at once. */
  readonly ticket: Ticket<K> | undefined
  readonly refused: E | undefined
}

const isWaiting = (state: State): boolean => state === "waiting"

const make = <K extends ManyKind, Input, E>(
  items: ReadonlyArray<Item<K, Input, E>>,
  changes: TransferQueue.Service["changes"],
  concurrency: () => CurrentConcurrency
): QueuedFiles<K, Input, E> => {
  const files = items.flatMap(({ planned, ticket }) => (ticket === undefined ? [] : [{ input: planned.input, ticket }]))
  const counted = items.filter(({ planned }) => planned.isTemporary !== true)
  const refused = items.filter((item) => item.refused !== undefined).length
  const done = counted.length - files.length - refused

  const look = Effect.map(
    Effect.forEach(items, ({ planned, ticket }) =>
      ticket === undefined ? Effect.succeed(undefined) : Effect.map(ticket.current, (now) => ({ ...now, planned }))
    ),
    (all) => {
      const found = all.filter((one) => one !== undefined)
      let transferred = 0
      let total: number | undefined = 0
      let bytesPerSecond = 0
      let inFlight: number | undefined
      let failed = refused
      let succeeded = done
      for (const { planned, progress, state } of found) {
        const size = progress.total ?? planned.size
        transferred += progress.transferred
        total = total === undefined || size === undefined ? undefined : total + size
        bytesPerSecond += progress.bytesPerSecond
        if (progress.inFlight !== undefined) inFlight = (inFlight ?? 0) + progress.inFlight
        if (state === "succeeded") succeeded += 1
        if (state === "failed" || state === "cancelled") failed += 1
      }
      const isOver = succeeded + failed === counted.length
      const left = total === undefined ? undefined : Math.max(0, total - transferred)
      const progress: TotalProgress = {
        transferred,
        total,
        percent: percentOf(transferred, total, isOver && failed === 0),
        bytesPerSecond,
        eta:
          left === 0
            ? Duration.zero
            : left === undefined || bytesPerSecond === 0
              ? undefined
              : Duration.millis(Math.ceil((left * 1000) / bytesPerSecond)),
        partsDone: undefined,
        partsTotal: undefined,
        checking: undefined,
        inFlight,
        files: { succeeded, failed, total: counted.length },
        concurrency: concurrency()
      }
      return { progress, isOver }
    }
  )

  type Value = Kinds[K]["success"] | undefined
  const outcomeOf = ({
    planned: { input, isTemporary },
    refused,
    ticket
  }: Item<K, Input, E>): Effect.Effect<Outcome<Input, Value, E | Kinds[K]["error"] | TransferCancelled>> => {
    if (isTemporary === true) return Effect.succeed({ _tag: "Skipped", input, reason: "Temporary" })
    if (refused !== undefined) return Effect.succeed({ _tag: "Failure", input, error: refused })
    if (ticket === undefined) return Effect.succeed({ _tag: "Success", input, value: undefined })
    return Effect.match(ticket.await, {
      onFailure: (error) => ({ _tag: "Failure", input, error }) as const,
      onSuccess: (value) => ({ _tag: "Success", input, value }) as const
    })
  }
  const report = Effect.map(
    Effect.forEach(items, outcomeOf),
    (outcomes): Report<Input, Value, E | Kinds[K]["error"] | TransferCancelled> => {
      const failures = outcomes.filter((outcome) => outcome._tag === "Failure")
      const succeeded = outcomes.filter((outcome) => outcome._tag === "Success").length
      return { outcomes, succeeded, failures, skipped: outcomes.length - succeeded - failures.length }
    }
  )

  const each = (where: (state: State) => boolean, command: (ticket: Ticket<K>) => Effect.Effect<unknown>) =>
    Effect.forEach(
      files,
      ({ ticket }) => Effect.flatMap(ticket.current, ({ state }) => (where(state) ? command(ticket) : Effect.void)),
      { concurrency: 16, discard: true }
    )
  /** Those that wait first, or they would begin when the others stop. */
  const waitingFirst = (command: (ticket: Ticket<K>) => Effect.Effect<unknown>) =>
    Effect.zipRight(
      each(isWaiting, command),
      each((state) => !isFinished(state), command)
    )
  return {
    files,
    current: Effect.map(look, ({ progress }) => progress),
    progress: changes.pipe(
      Stream.mapEffect(() => look),
      Stream.takeUntil(({ isOver }) => isOver),
      Stream.map(({ progress }) => progress)
    ),
    await: report,
    pause: waitingFirst((ticket) => ticket.pause),
    resume: Effect.forEach(files, ({ ticket }) => ticket.resume, { discard: true }),
    cancel: Effect.zipRight(
      waitingFirst((ticket) => ticket.cancel),
      each(
        (state) => state === "failed" || state === "paused",
        (ticket) => ticket.cancel
      )
    )
  }
}

interface Needs {
  readonly concurrency: () => CurrentConcurrency
  readonly services: Context.Context<CosClient | FileSystem.FileSystem>
}

const isTried = ({ isTemporary, refused }: Planned<unknown, unknown>): boolean =>
  isTemporary !== true && refused === undefined

/** A queue knows all of its transfers before the first one ends. */
const collect = <P, E, R>({ planned }: Plan<P, E, R>) => Effect.map(Stream.runCollect(planned), Chunk.toReadonlyArray)

export const uploadFiles =
  ({
    changes,
    concurrency,
    services,
    upload
  }: Pick<TransferQueue.Service, "changes" | "upload"> & Needs): TransferQueue.Service["uploadFiles"] =>
  (input, options) =>
    Effect.gen(function* () {
      const items = yield* Effect.forEach(
        yield* collect(yield* local.plan("TransferQueue.uploadFiles", input, { hasSizes: true })),
        (planned) => {
          const { isFolder } = planned
          const { path: _path, ...target } = planned.input
          const submitted = !isTried(planned)
            ? Effect.succeed(undefined)
            : isFolder
              ? upload({ ...target, bytes: new Uint8Array(0) }, options)
              : upload(planned.input, options)
          return Effect.map(submitted, (ticket) => ({ planned, ticket, refused: planned.refused }))
        }
      )
      return make<"upload", UploadFileInput, UploadFileError>(items, changes, concurrency)
    }).pipe(Effect.provide(services))

export const downloadFiles =
  ({
    changes,
    concurrency,
    download,
    services
  }: Pick<TransferQueue.Service, "changes" | "download"> & Needs): TransferQueue.Service["downloadFiles"] =>
  (input: ReadonlyArray<DownloadFileInput> | RemoteTree, options) =>
    Effect.gen(function* () {
      // Links below the directory of a tree may have been made by others.
      const withLinks = "directory" in input ? { ...options, symlinks: "refuse" as const } : options
      const items = yield* Effect.forEach(
        yield* collect(yield* remote.plan("TransferQueue.downloadFiles", input)),
        (planned) =>
          Effect.gen(function* () {
            if (!isTried(planned)) return { planned, ticket: undefined, refused: planned.refused }
            const path = yield* Effect.either(planned.pathFor)
            if (Either.isLeft(path)) return { planned, ticket: undefined, refused: path.left }
            if (path.right === undefined) return { planned, ticket: undefined, refused: undefined }
            const ticket = yield* download({ ...planned.input, path: path.right }, withLinks)
            return { planned, ticket, refused: undefined }
          })
      )
      return make<"download", DownloadFilesItem, DownloadFilesError>(items, changes, concurrency)
    }).pipe(Effect.provide(services))
