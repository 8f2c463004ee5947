/** What a transfer runs within: who watches over it, and what it shares with others. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"

/**
 * What a transfer is at: comparing what an earlier run left, moving bytes, or at the one request that makes the object.
 */
export type Phase = "checking" | "transferring" | "finishing"

export interface Service {
  /** Told when the transfer comes to a phase; also when it is in it already. */
  readonly onPhase: (phase: Phase) => Effect.Effect<void>
  /** Told of bytes that were acknowledged, or found to be there from an earlier run. */
  readonly onBytes: (bytes: number, resumed: boolean) => Effect.Effect<void>
  /** Around every part, and every object that is sent whole: a limit over all transfers. */
  readonly withPermit: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** A transfer by itself. */
export const alone: Service = { onPhase: () => Effect.void, onBytes: () => Effect.void, withPermit: identity }

export class TransferContext extends Context.Reference<TransferContext>()("effect-cos/internal/TransferContext", {
  defaultValue: (): Service => alone
}) {}

export const enterPhase = (phase: Phase): Effect.Effect<void> =>
  Effect.flatMap(TransferContext, (context) => context.onPhase(phase))

export const withPermit = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(TransferContext, (context) => context.withPermit(self))

/** Runs `self` within this context as well as the one it already has. */
export const within =
  (inner: Partial<Service>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(TransferContext, (outer) =>
      Effect.provideService(self, TransferContext, {
        onPhase: (phase) => Effect.zipRight(outer.onPhase(phase), inner.onPhase?.(phase) ?? Effect.void),
        onBytes: (bytes, resumed) =>
          Effect.zipRight(outer.onBytes(bytes, resumed), inner.onBytes?.(bytes, resumed) ?? Effect.void),
        withPermit: (part) => outer.withPermit(inner.withPermit?.(part) ?? part)
      })
    )
