/** The progress of a single request: how much of its body the HTTP client has taken. */
import * as Effect from "effect/Effect"
import type { Request } from "../http/request.js"
import * as meter from "../progress/meter.js"

/** Runs the request and reports on it, if its input asks for that. */
export const withProgress = <A, E, R>(
  request: Request,
  run: (request: Request) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  const { body, progress } = request
  if (progress?.onProgress === undefined) return run(request)
  const size = body?.size ?? 0
  return Effect.gen(function* () {
    const counts = yield* meter.make({ ...progress, total: size })
    let most = 0
    // Another attempt sends the same bytes again: what was reported once does not go back.
    const onSent = (sent: number) =>
      Effect.suspend(() => {
        const more = Math.min(sent, size) - most
        if (more <= 0) return Effect.void
        most += more
        return counts.add(more)
      })
    const result = yield* run({ ...request, onSent })
    yield* onSent(size)
    yield* counts.finish
    return result
  }).pipe(Effect.scoped) as Effect.Effect<A, E, R>
}
