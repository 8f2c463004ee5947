/** The progress of a single request: how much of its body the HTTP client has taken. */
import * as Effect from "effect/Effect"
import type { Options } from "../../Progress.js"
import type { Watch } from "../http/request.js"
import * as meter from "../progress/meter.js"

/** Reports on the request that it runs. Only operations that can be watched bring this with them into a program. */
export const reportTo =
  (options: () => Options): Watch =>
  (request, run) =>
    Effect.scoped(
      Effect.gen(function* () {
        const total = request.body?.size ?? 0
        const counts = yield* meter.make({ ...options(), total })
        let most = 0
        // Another attempt sends the same bytes again: what was reported once does not go back.
        const onSent = (sent: number) =>
          Effect.suspend(() => {
            const more = Math.min(sent, total) - most
            if (more <= 0) return Effect.void
            most += more
            return counts.add(more)
          })
        const result = yield* run({ ...request, onSent })
        yield* onSent(total)
        yield* counts.finish
        return result
      })
    ) as ReturnType<typeof run>
