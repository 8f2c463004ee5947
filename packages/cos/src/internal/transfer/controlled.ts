/** A transfer that can be controlled: a pause interrupts its run, and to resume it runs it again. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { identity } from "effect/Function"
import * as Scope from "effect/Scope"
import type { Controlled, State } from "../../Controlled.js"
import { TransferCancelled, TransferNotPausable } from "../../CosError.js"
import type { Progress } from "../../Progress.js"
import * as listener from "../progress/listener.js"
import * as progress from "../progress/meter.js"
import { runBounded } from "../time/runBounded.js"
import type { Findable } from "./confirmSaved.js"
import { type Phase, withTransferContext } from "./context.js"
import * as controlledCheckpoints from "./controlledCheckpoint.js"
import * as lifecycle from "./lifecycle.js"
import type { DownloadFileOptions, ResumableUploadOptions } from "./model.js"
import type { AnyCheckpoint, Restartable } from "./restartable.js"
import { storeInContext } from "./storeInContext.js"
import * as watched from "./watched.js"

export interface Options<A, E, C> {
  /** Whether the parts of a transfer in this state stay when its scope closes. */
  readonly isKept: (state: State) => boolean
  /** Wraps every run, which waits for its turn. */
  readonly withTurn?: (<A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>) | undefined
  /** Begins paused. */
  readonly paused?: boolean | undefined
  /** The checkpoint of an earlier process. */
  readonly restored?: controlledCheckpoints.Saved<C> | undefined
  /** Called with the id of the first checkpoint when that is saved. */
  readonly onSaved?: ((id: string) => Effect.Effect<void>) | undefined
  /** Whether a later process can find, beside its checkpoint, what else it needs. */
  readonly findable?: Effect.Effect<Findable> | undefined
  /** Called within every change of state or progress: it must not wait for a command. */
  readonly onChange?: ((now: Snapshot<A, E>) => Effect.Effect<void>) | undefined
}

/** The options of a transfer outside a queue. */
export const isKeptBy =
  (options: Pick<ResumableUploadOptions | DownloadFileOptions, "onFailure" | "onInterrupt">) =>
  (state: State): boolean =>
    state === "failed" ? (options.onFailure ?? "abort").startsWith("keep") : options.onInterrupt === "keep"

export interface Snapshot<A, E> {
  readonly state: State
  readonly progress: Progress
  /** How the last run ended, if it ended by itself. */
  readonly exit: Exit.Exit<A, E> | undefined
}

export const noProgress: Progress = {
  transferred: 0,
  total: undefined,
  percent: undefined,
  bytesPerSecond: 0,
  eta: undefined,
  partsDone: undefined,
  partsTotal: undefined,
  checking: undefined,
  inFlight: undefined
}

const makeResult = <A, E>() => Deferred.unsafeMake<A, E | TransferCancelled>(FiberId.none)

/** The transfers, and queues, whose runs the current fiber is part of, such as by a stream that they read. */
class Running extends Context.Reference<Running>()("effect-cos/internal/Running", {
  defaultValue: (): ReadonlySet<object> => new Set()
}) {}

/** Within a run of `owner`. */
export const inRunOf =
  (owner: object) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.mapInputContext(self, (context: Context.Context<R>) =>
      Context.add(context, Running, new Set([...Context.get(context, Running), owner]))
    )

/**
 * What is asked of `owner` within its run goes on in a fiber of its own. It may have to wait for the run, or interrupt it,
 * and ends all the same.
 */
export const apartFromRunOf =
  (owner: object) =>
  <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.flatMap(Running, (running) =>
      running.has(owner)
        ? Effect.uninterruptible(
            Effect.flatMap(Effect.forkDaemon(self), (fiber) => Effect.interruptible(Fiber.join(fiber)))
          )
        : self
    )

/** What a transfer is made of. */
interface Parts<A, E, R, C> {
  readonly transfer: Restartable<A, E, R, C>
  readonly options: Options<A, E, C>
  readonly context: Context.Context<R>
  readonly controlledCheckpoint: controlledCheckpoints.ControlledCheckpoint<C>
  /** The user's callbacks. They live as long as the transfer: a run that a callback ends does not wait for it. */
  readonly callbacks: Pick<Restartable<A, E, R, C>, "onCheckpoint" | "onProgress">
}

/** Plain fields: one command runs at a time, and fibers take turns. Methods: a queue has thousands of these. */
class Transfer<A, E, R, C extends AnyCheckpoint> {
  private state: State = "paused"
  private progress = noProgress
  /** The phase of the current run. */
  private phase: Phase | undefined
  private exit: Exit.Exit<A, E> | undefined
  private fiber: Fiber.RuntimeFiber<A, E> | undefined
  /** The result of the current run, once the object is known to be there. */
  private stored: { readonly result: A } | undefined
  /** An earlier run may have made the object. */
  private mayBeStored = false
  /** A run has come so far that the source was, or may have been, read. */
  private hasBegun = false
  /** A command is interrupting the run. */
  private isStopping = false
  /** The scope is closing: nothing is begun any more. */
  private isClosing = false
  /** The scope has closed. */
  private isClosed = false
  private result = makeResult<A, E>()
  private readonly parts: Parts<A, E, R, C>
  private readonly lock = Effect.unsafeMakeSemaphore(1)
  private readonly states: watched.Watched<State>
  private readonly reports: watched.Watched<Progress>

  constructor(parts: Parts<A, E, R, C>) {
    this.parts = parts
    const isLast = () => this.isClosed || lifecycle.isFinished(this.state)
    this.states = watched.make(() => ({ value: this.state, isLast: isLast() }), "all")
    this.reports = watched.make(() => ({ value: this.progress, isLast: isLast() }), "newest")
  }

  // --- changes

  private publish() {
    this.states.publish()
    this.reports.publish()
  }

  private changed(): Effect.Effect<void> {
    const { exit, progress, state } = this
    return this.parts.options.onChange?.({ state, progress, exit }) ?? Effect.void
  }

  private enter(next: State): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (!lifecycle.canFollow(this.state, next)) return Effect.void
      this.state = next
      // No bytes are transferred any more.
      if (!lifecycle.isRunning(next)) this.progress = { ...this.progress, bytesPerSecond: 0, eta: undefined }
      this.publish()
      return this.changed()
    })
  }

  private report(next: Progress): Effect.Effect<void> {
    return Effect.suspend(() => {
      // A run that begins anew counts from 0.
      const transferred = Math.max(next.transferred, this.progress.transferred)
      this.progress = { ...next, transferred, percent: progress.percentOf(transferred, next.total, next.percent === 1) }
      this.reports.publish()
      return Effect.zipRight(this.changed(), this.parts.callbacks.onProgress?.(this.progress) ?? Effect.void)
    })
  }

  // --- one run

  private enterPhase(next: Phase): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.phase = next
      // A run that finds everything done comes to `finishing` straight away.
      return this.enter(next === "finishing" ? "transferring" : next)
    })
  }

  private start(): Effect.Effect<void, never, R> {
    const { callbacks, options, controlledCheckpoint, transfer } = this.parts
    const { withTurn = identity } = options
    // Whoever waited for the result of the failed run has got it already.
    if (this.state === "failed") this.result = makeResult()
    this.exit = undefined
    this.phase = undefined
    this.stored = undefined
    const { mayBeStored } = this
    this.mayBeStored = true
    const run = Effect.suspend(() => {
      this.hasBegun = true
      return transfer.run({
        store: controlledCheckpoint.service,
        resume: controlledCheckpoint.resume(),
        onProgress: (progress) => this.report(progress),
        onCheckpoint: callbacks.onCheckpoint
      })
    })
    return Effect.zipRight(
      this.enter(options.withTurn === undefined ? "checking" : "waiting"),
      withTurn(Effect.zipRight(this.enterPhase("checking"), run)).pipe(
        inRunOf(this),
        withTransferContext({
          onPhase: (phase) => this.enterPhase(phase),
          onStored: (result) =>
            Effect.sync(() => {
              this.stored = { result: result as A }
            }),
          mayBeStored
        }),
        Effect.interruptible,
        Effect.onExit((exit) => this.ended(exit)),
        Effect.forkDaemon,
        Effect.flatMap((fiber) =>
          Effect.sync(() => {
            this.fiber = fiber
          })
        )
      )
    )
  }

  private ended(exit: Exit.Exit<A, E>): Effect.Effect<void> {
    // The object is there, and an interrupt after that changes nothing.
    if (this.stored !== undefined) return this.end(Exit.succeed(this.stored.result))
    // The command that interrupted the run decides what becomes of the transfer.
    if (Exit.isFailure(exit) && this.isStopping && Cause.isInterruptedOnly(exit.cause)) return Effect.void
    return this.end(exit)
  }

  private end(exit: Exit.Exit<A, E>): Effect.Effect<void> {
    this.exit = exit
    // The last report may not have come through.
    if (Exit.isSuccess(exit)) {
      const { total, transferred } = this.progress
      this.progress = {
        ...this.progress,
        transferred: total ?? transferred,
        percent: total === undefined ? undefined : 1
      }
    }
    return Effect.zipRight(this.enter(Exit.isSuccess(exit) ? "succeeded" : "failed"), Deferred.done(this.result, exit))
  }

  private stop(): Effect.Effect<void> {
    const { fiber, phase } = this
    if (fiber === undefined) return Effect.void
    this.isStopping = true
    // The upload, or copy, may have become an object when its last request is answered. (A PUT that is broken off can be
    // sent again.)
    const answered =
      phase === "finishing"
        ? runBounded(Fiber.await(fiber), {
            limit: this.parts.transfer.abortGrace,
            onTimeout: () => "unanswered" as const
          })
        : Effect.void
    return Effect.ignore(answered).pipe(
      Effect.zipRight(Fiber.interrupt(fiber)),
      Effect.zipRight(
        Effect.sync(() => {
          this.fiber = undefined
          this.isStopping = false
        })
      )
    )
  }

  private discard(): Effect.Effect<void, never, R> {
    const { controlledCheckpoint, transfer } = this.parts
    const checkpoint = controlledCheckpoint.current()
    return checkpoint === undefined
      ? Effect.void
      : Effect.zipRight(transfer.discard(checkpoint), controlledCheckpoint.forget)
  }

  // --- commands

  /** Runs commands one after the other. What a command does is decided at its turn, not when it is given. */
  private command<X, XE>(act: () => Effect.Effect<X, XE, R>): Effect.Effect<X, XE> {
    return Effect.suspend(act).pipe(
      Effect.provide(this.parts.context),
      this.lock.withPermits(1),
      Effect.uninterruptible,
      apartFromRunOf(this)
    )
  }

  private resume(): Effect.Effect<void, never, R> {
    return !this.isClosing && !this.isSpent && lifecycle.canResume(this.state) ? this.start() : Effect.void
  }

  /** The source can be read only once, and has been. */
  private get isSpent(): boolean {
    return this.parts.transfer.isOneShot && this.hasBegun
  }

  private pause(): Effect.Effect<C | undefined, TransferNotPausable> {
    return this.isSpent && lifecycle.isRunning(this.state)
      ? Effect.fail(new TransferNotPausable({ key: this.parts.transfer.key }))
      : this.stay()
  }

  private stay(): Effect.Effect<C | undefined> {
    return (lifecycle.isRunning(this.state) ? this.stop() : Effect.void).pipe(
      // The run may have ended before it could be stopped.
      Effect.zipRight(this.enter("paused")),
      Effect.map(() => (lifecycle.isFinal(this.state) ? undefined : this.parts.controlledCheckpoint.current()))
    )
  }

  private cancel(): Effect.Effect<void, never, R> {
    return Effect.flatMap(this.stop(), () =>
      lifecycle.isFinal(this.state)
        ? Effect.void
        : Effect.all([this.discard(), this.enter("cancelled"), this.failCancelled()], { discard: true })
    )
  }

  private failCancelled(): Effect.Effect<boolean> {
    return Deferred.fail(this.result, new TransferCancelled({ key: this.parts.transfer.key }))
  }

  /** What of an unfinished transfer is kept stays; the rest is removed. */
  private leave(): Effect.Effect<unknown, never, R> {
    if (this.parts.options.isKept(this.state)) {
      return Effect.zipRight(
        this.stay(),
        Effect.flatMap(this.findable(), (findable) =>
          findable === "found" ? Effect.void : this.keepOrDiscard(findable)
        )
      )
    }
    // A failure stays one, though nothing is left of it.
    return this.state === "failed" ? this.discard() : this.cancel()
  }

  /** Whether a later process can go on with what is kept. */
  private findable(): Effect.Effect<Findable> {
    const { options, controlledCheckpoint } = this.parts
    return Effect.flatMap(controlledCheckpoint.findable, (findable) =>
      findable === "found" && controlledCheckpoint.current() !== undefined
        ? (options.findable ?? Effect.succeed(findable))
        : Effect.succeed(findable)
    )
  }

  private keepOrDiscard(findable: Exclude<Findable, "found">): Effect.Effect<void, never, R> {
    const checkpoint = this.parts.controlledCheckpoint.current()
    if (findable === "lost" || checkpoint === undefined) return this.discard()
    return this.parts.transfer.reportLeft(checkpoint)
  }

  private close(): Effect.Effect<void, never, R> {
    this.isClosing = true
    const left = lifecycle.isFinal(this.state) ? Effect.void : Effect.zipRight(this.leave(), this.failCancelled())
    return Effect.map(left, () => {
      // Also one that was given and is of no use.
      this.parts.controlledCheckpoint.release()
      this.isClosed = true
      this.publish()
    })
  }

  get closing(): Effect.Effect<void> {
    return this.command(() => this.close())
  }

  get controlled(): Controlled<A, E, C, TransferNotPausable> {
    return {
      pause: this.command(() => this.pause()),
      resume: this.command(() => this.resume()),
      cancel: this.command(() => this.cancel()),
      await: Effect.suspend(() => Deferred.await(this.result)),
      current: Effect.sync(() => ({ state: this.state, progress: this.progress })),
      state: this.states.stream,
      progress: this.reports.stream
    }
  }
}

/** A transfer whose source can be read again. */
export const make = <A, E, R, C extends AnyCheckpoint>(
  transfer: Restartable<A, E, R, C> & { readonly isOneShot: false },
  options: Options<A, E, C>
): Effect.Effect<Controlled<A, E, C>, never, R | Scope.Scope> =>
  Effect.map(makeAny(transfer, options), (controlled) => ({ ...controlled, pause: Effect.orDie(controlled.pause) }))

/** Closing the scope cancels a transfer that has not ended, unless its parts are to be kept. */
export const makeAny = <A, E, R, C extends AnyCheckpoint>(
  transfer: Restartable<A, E, R, C>,
  options: Options<A, E, C>
): Effect.Effect<Controlled<A, E, C, TransferNotPausable>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const { onCheckpoint, onProgress, resume } = transfer
    const checkpoints = onCheckpoint && (yield* listener.make("onCheckpoint", onCheckpoint, listener.newest))
    const reports = onProgress && (yield* listener.make("onProgress", onProgress, listener.newest))
    const controller = new Transfer({
      transfer,
      options,
      context: yield* Effect.context<R>(),
      controlledCheckpoint: controlledCheckpoints.make<C>({
        store: yield* storeInContext,
        restored: options.restored,
        resume,
        onSaved: options.onSaved ?? (() => Effect.void)
      }),
      callbacks: { onCheckpoint: checkpoints?.notify, onProgress: reports?.notify }
    })
    // Not `Effect.addFinalizer`, which would give it the context of now: `Running` is of who closes the scope.
    yield* Scope.addFinalizer(yield* Effect.scope, controller.closing)
    const { controlled } = controller
    if (options.paused !== true) yield* controlled.resume
    return controlled
    // Its checkpoint is in use from the beginning, and must not be left so.
  }).pipe(Effect.uninterruptible)
