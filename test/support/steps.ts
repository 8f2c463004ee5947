/** How many steps of the runtime an effect takes, with all fibers that it starts: the same wherever it runs. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RuntimeFlags from "effect/RuntimeFlags"
import * as Supervisor from "effect/Supervisor"

class Counter extends Supervisor.AbstractSupervisor<void> {
  steps = 0
  override readonly value = Effect.void
  override onEffect() {
    this.steps += 1
  }
}

export const countSteps = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<number, E, R> =>
  Effect.suspend(() => {
    const counter = new Counter()
    return Effect.map(
      Effect.provide(self, Layer.merge(Supervisor.addSupervisor(counter), RuntimeFlags.enableOpSupervision)),
      () => counter.steps
    )
  })
