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
  readonly entered: (phase: Phase) => Effect.Effect<void>
  /** Told of bytes that were acknowledged, or found to be there from an earlier run. */
  readonly moved: (bytes: number, resumed: boolean) => Effect.Effect<void>
  /** Around every part, and every object that is sent whole: a limit over all transfers. */
  readonly limited: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** A transfer by itself. */
export const alone: Service = { entered: () => Effect.void, moved: () => Effect.void, limited: identity }

export class Surroundings extends Context.Reference<Surroundings>()("effect-cos/internal/Surroundings", {
  defaultValue: (): Service => alone
}) {}

export const entered = (phase: Phase): Effect.Effect<void> =>
  Effect.flatMap(Surroundings, (surroundings) => surroundings.entered(phase))

export const limited = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Surroundings, (surroundings) => surroundings.limited(self))

/** Runs `self` within these surroundings as well as those that it has. */
export const within =
  (inner: Partial<Service>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Surroundings, (outer) =>
      Effect.provideService(self, Surroundings, {
        entered: (phase) => Effect.zipRight(outer.entered(phase), inner.entered?.(phase) ?? Effect.void),
        moved: (bytes, resumed) =>
          Effect.zipRight(outer.moved(bytes, resumed), inner.moved?.(bytes, resumed) ?? Effect.void),
        limited: (part) => outer.limited(inner.limited?.(part) ?? part)
      })
    )
