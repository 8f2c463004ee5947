/** Collects the warnings of a program, and how many uploads it counts as left. */
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"

/** Adds the messages of its warnings. */
export const warned = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<{ readonly value: A; readonly warnings: ReadonlyArray<unknown> }, E, R> =>
  Effect.suspend(() => {
    const warnings: Array<unknown> = []
    const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
      if (LogLevel.greaterThanEqual(logLevel, LogLevel.Warning)) warnings.push(...[message].flat())
    })
    return Effect.map(Effect.provide(self, Logger.replace(Logger.defaultLogger, logger)), (value) => ({
      value,
      warnings
    }))
  })

const uploadsLeft = Metric.counter("cos_uploads_left_total", {
  description: "Multipart uploads that may have been left on the server",
  incremental: true
})

/** Adds how many uploads it counted as left on the server. */
export const watched = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* Metric.value(uploadsLeft)
    const result = yield* warned(self)
    return { ...result, left: (yield* Metric.value(uploadsLeft)).count - before.count }
  })
