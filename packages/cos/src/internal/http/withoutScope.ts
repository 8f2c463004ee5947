/** A scope that is none of a request's. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"

const withoutIt = /*#__PURE__*/ Context.omit(Scope.Scope)

/**
 * Runs `self` where no scope is seen. Whatever a scope is open for, an HTTP client that sees one has to look for the signal
 * of `HttpClient.withScope`, which takes more steps than the request.
 */
export const withoutScope = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime(({ currentContext }) =>
    currentContext.unsafeMap.has(Scope.Scope.key)
      ? Effect.mapInputContext(self, (context: Context.Context<R>) => withoutIt(context) as Context.Context<R>)
      : self
  )
