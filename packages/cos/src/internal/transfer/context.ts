/** What surrounds a transfer: who follows it, and what it shares with others. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"

/** Comparing what an earlier run left, moving bytes, or at the one request that makes the object. */
export type Phase = "checking" | "transferring" | "finishing"

export interface Service {
  /** Called when the transfer enters a phase, possibly more than once for the same. */
  readonly onPhase: (phase: Phase) => Effect.Effect<void>
  /** Called with bytes that were acknowledged, or that an earlier run had done. */
  readonly onBytes: (bytes: number, resumed: boolean) => Effect.Effect<void>
  /** Wraps every part, and every object that goes in one request: a limit over all transfers. */
  readonly withPartPermit: <A, E, R>(self: Effect.Effect<A, E, R>, bytes: number) => Effect.Effect<A, E, R>
  /**
   * Who decides how many parts of a transfer run at once where its options do not: it finds out by itself, or there are as
   * many as were always, or what all transfers share does.
   */
  readonly partsAtOnce: () => "own" | "fixed" | "shared"
  /** Whether the transfer may still remove what it has begun: another process may have taken it over. */
  readonly isOwner: Effect.Effect<boolean>
  /** Called with the result once the object is known to be there: an interrupt that comes later is too late. */
  readonly onStored: (result: unknown) => Effect.Effect<void>
  /** Whether an earlier run of the same transfer may have made the object, though its response was never heard. */
  readonly mayBeStored: boolean
}

const nothing = () => Effect.void

/** A transfer by itself. */
const standalone: Service = {
  onPhase: nothing,
  onBytes: nothing,
  withPartPermit: identity,
  partsAtOnce: () => "own",
  isOwner: Effect.succeed(true),
  onStored: nothing,
  mayBeStored: false
}

export class TransferContext extends Context.Reference<TransferContext>()("effect-cos/internal/TransferContext", {
  defaultValue: (): Service => standalone
}) {}

/** Whether nobody follows the transfer, or shares anything with it. */
export const isAlone = (context: Context.Context<never>): boolean =>
  Context.get(context, TransferContext) === standalone

/** In one step of the fiber; `Effect.flatMap` of the tag takes three, several times for each small file. */
export const withContext = <A, E, R>(use: (context: Service) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime(({ currentContext }) => use(Context.get(currentContext, TransferContext)))

export const enterPhase = (phase: Phase): Effect.Effect<void> => withContext((context) => context.onPhase(phase))

/** Runs `self` unless another process has taken over the transfer. */
export const ifOwner = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<void, E, R> =>
  withContext(({ isOwner }) => Effect.asVoid(Effect.whenEffect(self, isOwner)))

/** Calls both, as far as there are two. Of the calls of each file most are nobody's. */
const both = <A extends ReadonlyArray<unknown>>(
  outer: (...args: A) => Effect.Effect<void>,
  inner: ((...args: A) => Effect.Effect<void>) | undefined
): ((...args: A) => Effect.Effect<void>) =>
  inner === undefined ? outer : outer === nothing ? inner : (...args) => Effect.zipRight(outer(...args), inner(...args))

/** Runs `self` within this context as well as the one it already has. */
export const withTransferContext =
  (inner: Partial<Service>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    withContext((outer) =>
      Effect.provideService(self, TransferContext, {
        onPhase: both(outer.onPhase, inner.onPhase),
        onBytes: both(outer.onBytes, inner.onBytes),
        withPartPermit: (part, bytes) => outer.withPartPermit(inner.withPartPermit?.(part, bytes) ?? part, bytes),
        partsAtOnce: inner.partsAtOnce ?? outer.partsAtOnce,
        onStored: both(outer.onStored, inner.onStored),
        mayBeStored: outer.mayBeStored || inner.mayBeStored === true,
        isOwner:
          inner.isOwner === undefined ? outer.isOwner : Effect.zipWith(outer.isOwner, inner.isOwner, (a, b) => a && b)
      })
    )
