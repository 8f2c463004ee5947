/** The states of a transfer that can be interrupted and run again: paused is interrupted, resumed is run again. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Checkpoint from "../../Checkpoint.js"
import type { Controlled, State } from "../../Controlled.js"
import type { CosClient } from "../../CosClient.js"
import { TransferCancelled } from "../../CosError.js"
import type { Progress, Options as ProgressOptions } from "../../Progress.js"
import { runBounded } from "./bounded.js"
import { type Phase, within } from "./context.js"
import { currentStore } from "./currentStore.js"
import { releasePausedUpload, reservePausedUpload } from "./inUse.js"
import type { DownloadFileOptions, ResumableUploadOptions } from "./model.js"
import * as session from "./upload/session.js"

// --- what can be run again -------------------------------------------------------------------------------------------

type AnyCheckpoint = Checkpoint.Upload | Checkpoint.Download

/** A checkpoint, and the id that the store has it under. */
export interface Noted<C> {
  readonly id: string
  readonly checkpoint: C
}

/** How one run is run. */
interface Run<C> {
  /** Where it looks for what earlier runs had done, and notes what it does itself. */
  readonly store: Checkpoint.Store.Service
  /** Where the caller said to go on from, until there is a checkpoint in the store. */
  readonly given: C | undefined
  readonly onProgress: (progress: Progress) => Effect.Effect<void>
}

export interface Restartable<A, E, R, C> {
  /** For errors. */
  readonly key: string
  /** Interrupted, it leaves what it has done, and notes that in the store. */
  readonly run: (run: Run<C>) => Effect.Effect<A, E, R>
  /** Removes what runs have left. */
  readonly discard: (checkpoint: C) => Effect.Effect<void, never, R>
  readonly given: C | undefined
  /** How long the last request, once sent, is waited for. */
  readonly abortGrace: Duration.Duration
  readonly onProgress: ProgressOptions["onProgress"]
}

const limitsOf = (options: ResumableUploadOptions): session.Limits => ({
  abortGrace: Duration.decode(options.abortGrace ?? "5 seconds"),
  release: Duration.decode(options.releaseLimit ?? "10 seconds")
})

/** An upload, or a copy, whose `run` takes these options. */
export const upload = <A, E, R, O extends Omit<ResumableUploadOptions, "integrity">>(
  key: string,
  options: O,
  run: (options: O) => Effect.Effect<A, E, R>
): Restartable<A, E, R | CosClient, Checkpoint.Upload> => {
  const limits = limitsOf(options)
  return {
    key,
    run: ({ given, onProgress, store }) =>
      run({
        ...options,
        resume: given ?? (options.resume === "discover" ? "discover" : undefined),
        onInterrupt: "keep",
        onProgress
      }).pipe(Effect.provideService(Checkpoint.Store, store)),
    discard: ({ bucket, key, region, uploadId }) => session.abort({ bucket, key, region }, uploadId, limits),
    given: typeof options.resume === "object" ? options.resume : undefined,
    abortGrace: limits.abortGrace,
    onProgress: options.onProgress
  }
}

/** A download, whose `run` takes these options. */
export const download = <A, E, R>(
  key: string,
  options: DownloadFileOptions & Pick<ResumableUploadOptions, "abortGrace">,
  run: (options: DownloadFileOptions) => Effect.Effect<A, E, R>
): Restartable<A, E, R | FileSystem.FileSystem, Checkpoint.Download> => ({
  key,
  run: ({ onProgress, store }) =>
    run({ ...options, onInterrupt: "keep", onProgress }).pipe(Effect.provideService(Checkpoint.Store, store)),
  discard: ({ temporaryPath }) =>
    Effect.flatMap(FileSystem.FileSystem, (fs) =>
      Effect.catchAll(fs.remove(temporaryPath, { force: true }), (error) =>
        Effect.logWarning("a temporary file could not be removed", error.message)
      )
    ),
  given: undefined,
  abortGrace: Duration.decode(options.abortGrace ?? "5 seconds"),
  onProgress: options.onProgress
})

// --- what is remembered between runs ---------------------------------------------------------------------------------

/** The store of one transfer: remembers its checkpoint, beside the store that there may be. */
const remember = <C extends AnyCheckpoint>(
  store: Option.Option<Checkpoint.Store.Service>,
  first: Noted<C> | undefined,
  given: C | undefined,
  onNoted: (id: string) => Effect.Effect<void>
) => {
  let noted: Noted<C> | undefined
  let current: C | undefined
  const hold = (checkpoint: C | undefined) => {
    if (current?.kind === "upload") releasePausedUpload(current.uploadId)
    current = checkpoint
    if (current?.kind === "upload") reservePausedUpload(current.uploadId)
  }
  const note = (next: Noted<C> | undefined) => {
    given = undefined
    noted = next
    hold(next?.checkpoint)
  }
  if (first === undefined) hold(given)
  else note(first)
  const service: Checkpoint.Store.Service = {
    get: <A, I>(id: string, schema: Parameters<typeof Checkpoint.journal<A, I>>[1]) =>
      Effect.suspend(() => {
        if (noted?.id === id) return Effect.succeedSome(noted.checkpoint as unknown as A)
        return Option.match(store, { onNone: () => Effect.succeedNone, onSome: (store) => store.get(id, schema) })
      }),
    set: (id, schema, value) =>
      Effect.suspend(() => {
        const isNew = noted?.id !== id
        note({ id, checkpoint: value as unknown as C })
        return Option.match(store, { onNone: () => Effect.void, onSome: (store) => store.set(id, schema, value) }).pipe(
          Effect.zipRight(isNew ? onNoted(id) : Effect.void)
        )
      }),
    remove: (id) =>
      Effect.suspend(() => {
        if (noted?.id === id) note(undefined)
        return Option.match(store, { onNone: () => Effect.void, onSome: (store) => store.remove(id) })
      }),
    list: Option.match(store, { onNone: () => Effect.succeed([]), onSome: ({ list }) => list })
  }
  return {
    service,
    checkpoint: () => current,
    given: () => given,
    /** It is nobody's any more, though it stays. */
    release: () => {
      if (current?.kind === "upload") releasePausedUpload(current.uploadId)
    },
    forget: () => {
      const id = noted?.id
      note(undefined)
      return id === undefined
        ? Effect.void
        : Effect.catchAll(service.remove(id), (error) =>
            Effect.logWarning("a checkpoint that is of no more use could not be removed", error.message)
          )
    }
  }
}

// --- the machine -----------------------------------------------------------------------------------------------------

export interface Options<A, E, C> {
  /** Whether a scope that closes leaves what there is of a transfer in this state. */
  readonly isKept: (state: State) => boolean
  /** Around every run: waits for its turn. */
  readonly inTurn?: (<A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>) | undefined
  /** Begins paused. */
  readonly paused?: boolean | undefined
  /** The checkpoint of an earlier process. */
  readonly noted?: Noted<C> | undefined
  /** Told of the id of the first checkpoint. */
  readonly onNoted?: ((id: string) => Effect.Effect<void>) | undefined
  /** Told of every new state and progress, at the moment of the change: no command may be given from within it. */
  readonly onChange?: ((now: Snapshot<A, E>) => Effect.Effect<void>) | undefined
}

/** As of a transfer that nobody holds in hand. */
export const isKeptBy =
  (options: Pick<ResumableUploadOptions | DownloadFileOptions, "onFailure" | "onInterrupt">) =>
  (state: State): boolean =>
    (state === "failed" ? options.onFailure : options.onInterrupt) === "keep"

export interface Snapshot<A, E> {
  readonly state: State
  readonly progress: Progress
  /** Of the last run, if it has ended by itself. */
  readonly exit: Exit.Exit<A, E> | undefined
}

export const nothing: Progress = {
  transferred: 0,
  total: undefined,
  bytesPerSecond: 0,
  eta: undefined,
  partsDone: undefined,
  partsTotal: undefined,
  checking: undefined,
  inFlight: undefined
}

const isRunning = (state: State): boolean => state === "waiting" || state === "checking" || state === "transferring"

const isOver = (state: State): boolean => state === "succeeded" || state === "cancelled"

interface Told<A> {
  readonly value: A
  readonly last: boolean
}

/** Tells whoever listens of a value, now and whenever it changes. Most transfers are listened to by nobody: it costs them nothing. */
const makeTeller = <A>(now: () => Told<A>, makeHub: Effect.Effect<PubSub.PubSub<Told<A>>>) => {
  let hub: PubSub.PubSub<Told<A>> | undefined
  return {
    tell: () => {
      hub?.unsafeOffer(now())
    },
    stream: Stream.suspend(() =>
      Stream.unwrap(
        Effect.map(makeHub, (made) => {
          if (hub === undefined) {
            hub = made
            hub.unsafeOffer(now())
          }
          return Stream.fromPubSub(hub)
        })
      ).pipe(
        Stream.takeUntil(({ last }) => last),
        Stream.map(({ value }) => value),
        Stream.changesWith((a, b) => a === b)
      )
    )
  }
}

/** Closing the scope cancels a transfer that is not over, unless it is to be kept. */
export const make = <A, E, R, C extends AnyCheckpoint>(
  transfer: Restartable<A, E, R, C>,
  options: Options<A, E, C>
): Effect.Effect<Controlled<A, E, C>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const { inTurn = identity } = options
    const context = yield* Effect.context<R>()
    const memory = remember(yield* currentStore, options.noted, transfer.given, options.onNoted ?? (() => Effect.void))
    const lock = yield* Effect.makeSemaphore(1)
    const command = <X>(make: () => Effect.Effect<X, never, R>): Effect.Effect<X> =>
      Effect.suspend(() =>
        // What is to be done is decided in turn, not when it is asked for.
        Effect.suspend(make).pipe(Effect.provide(context), lock.withPermits(1), Effect.uninterruptible)
      )

    // Plain variables: one command at a time, and fibers take turns. Effects are made when they are needed: a queue may
    // hold thousands of these.
    let state: State = "paused"
    let progress = nothing
    let phase: Phase | undefined
    let exit: Exit.Exit<A, E> | undefined
    let fiber: Fiber.RuntimeFiber<A, E> | undefined
    let stopping = false
    let closed = false
    let ended = false
    let outcome = yield* Deferred.make<A, E | TransferCancelled>()

    const isLast = () => ended || isOver(state)
    const states = makeTeller(() => ({ value: state, last: isLast() }), PubSub.unbounded({ replay: 1 }))
    const reports = makeTeller(() => ({ value: progress, last: isLast() }), PubSub.sliding({ capacity: 1, replay: 1 }))
    const onChange = () => options.onChange?.({ state, progress, exit }) ?? Effect.void
    const become = (next: State): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (next === state) return Effect.void
        state = next
        // Nothing moves any more.
        if (!isRunning(state)) progress = { ...progress, bytesPerSecond: 0, eta: undefined }
        states.tell()
        reports.tell()
        return onChange()
      })
    const report = (next: Progress): Effect.Effect<void> =>
      Effect.suspend(() => {
        progress = { ...next, transferred: Math.max(next.transferred, progress.transferred) }
        reports.tell()
        return Effect.zipRight(onChange(), transfer.onProgress?.(progress) ?? Effect.void)
      })

    // --- one run

    const entered = (next: Phase): Effect.Effect<void> =>
      Effect.suspend(() => {
        phase = next
        // Also of what was all there already.
        return become(next === "finishing" ? "transferring" : next)
      })
    const settle = (result: Exit.Exit<A, E>): Effect.Effect<void> => {
      if (Exit.isFailure(result) && stopping && Cause.isInterruptedOnly(result.cause)) return Effect.void
      exit = result
      return Effect.zipRight(become(Exit.isSuccess(result) ? "succeeded" : "failed"), Deferred.done(outcome, result))
    }
    const start = () =>
      Effect.gen(function* () {
        if (state === "failed") outcome = yield* Deferred.make<A, E | TransferCancelled>()
        exit = undefined
        phase = undefined
        yield* become(options.inTurn === undefined ? "checking" : "waiting")
        const run = Effect.suspend(() =>
          transfer.run({ store: memory.service, given: memory.given(), onProgress: report })
        )
        fiber = yield* inTurn(Effect.zipRight(entered("checking"), run)).pipe(
          within({ onPhase: entered }),
          Effect.interruptible,
          Effect.onExit(settle),
          Effect.forkDaemon
        )
      })
    const stop = () =>
      Effect.gen(function* () {
        if (fiber === undefined) return
        stopping = true
        if (phase === "finishing") {
          const limit = { limit: transfer.abortGrace, onTimeout: () => "unanswered" as const }
          yield* Effect.ignore(runBounded(Fiber.await(fiber), limit))
        }
        yield* Fiber.interrupt(fiber)
        fiber = undefined
        stopping = false
      })
    const discard = () => {
      const checkpoint = memory.checkpoint()
      return checkpoint === undefined ? Effect.void : Effect.zipRight(transfer.discard(checkpoint), memory.forget())
    }

    // --- commands

    const pause = () =>
      Effect.gen(function* () {
        if (isRunning(state)) yield* stop()
        if (isRunning(state)) yield* become("paused")
        return isOver(state) ? undefined : memory.checkpoint()
      })
    const resume = () => (!closed && (state === "paused" || state === "failed") ? start() : Effect.void)
    const cancelled = () => Deferred.fail(outcome, new TransferCancelled({ key: transfer.key }))
    const cancel = () =>
      Effect.gen(function* () {
        yield* stop()
        if (isOver(state)) return
        yield* discard()
        yield* become("cancelled")
        yield* cancelled()
      })
    const close = () =>
      Effect.gen(function* () {
        closed = true
        if (isOver(state)) return
        const { isKept } = options
        if (!isKept(state)) yield* state === "failed" ? discard() : cancel()
        else yield* pause()
        memory.release()
        yield* cancelled()
        ended = true
        states.tell()
        reports.tell()
      })
    yield* Effect.addFinalizer(() => command(close))

    if (options.paused !== true) yield* command(start)
    return {
      pause: command(pause),
      resume: command(resume),
      cancel: command(cancel),
      await: Effect.suspend(() => Deferred.await(outcome)),
      current: Effect.sync(() => ({ state, progress })),
      state: states.stream,
      progress: reports.stream
    }
  })
