/** What a call does in the end, whatever becomes of it. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/**
 * `self`, which is let go of when it runs.
 *
 * V8 makes the closures of Effect's regions in the old space, because they are assigned to a property where they are written.
 * There they live until the next major collection, and all that they refer to is moved there too. So they get to see this.
 */
export const runOnce = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  let held: Effect.Effect<A, E, R> | undefined = self
  return Effect.suspend(() => {
    const run = held ?? Effect.dieMessage("runs once")
    held = undefined
    return run
  })
}

/**
 * `Effect.onExit` for a plain function and an effect that runs once.
 */
export const onEnd = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  end: (exit: Exit.Exit<A, E>) => void
): Effect.Effect<A, E, R> => endInRegion(runOnce(self), end)

const endInRegion = <A, E, R>(self: Effect.Effect<A, E, R>, end: (exit: Exit.Exit<A, E>) => void) =>
  Effect.uninterruptibleMask((restore) => ended(restore(self), end))

export interface Begun<A, E, R> {
  readonly run: Effect.Effect<A, E, R>
  readonly end: (exit: Exit.Exit<A, E>) => void
}

/** The same where something begins that `end` ends: both in one region, so that no interrupt comes in between. */
export const beginToEnd = <A, E, R>(begin: Effect.Effect<Begun<A, E, R>>): Effect.Effect<A, E, R> => {
  let held: Effect.Effect<Begun<A, E, R>> | undefined = begin
  return Effect.uninterruptibleMask((restore) => {
    const begun = held ?? Effect.dieMessage("runs once")
    held = undefined
    return Effect.flatMap(begun, ({ end, run }) => ended(restore(runOnce(run)), end))
  })
}

const ended = <A, E, R>(self: Effect.Effect<A, E, R>, end: (exit: Exit.Exit<A, E>) => void) =>
  Effect.matchCauseEffect(self, {
    onFailure: (cause) => {
      const exit = Exit.failCause(cause)
      end(exit)
      return exit
    },
    onSuccess: (value) => {
      const exit = Exit.succeed(value)
      end(exit)
      return exit
    }
  })
