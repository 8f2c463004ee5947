/** How many steps of the runtime an effect takes, with all fibers that it starts: the same wherever it runs. */
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"

export const countSteps = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<number, E, R> =>
  Effect.suspend(() => {
    let steps = 0
    const counting: Scheduler.Scheduler = {
      scheduleTask: (task, priority) => Scheduler.defaultScheduler.scheduleTask(task, priority),
      shouldYield: (fiber) => {
        steps += 1
        return Scheduler.defaultScheduler.shouldYield(fiber)
      }
    }
    return Effect.map(Effect.withScheduler(self, counting), () => steps)
  })
