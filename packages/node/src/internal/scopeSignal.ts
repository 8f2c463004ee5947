/** The signal by which `HttpClient.withScope` ends a request when its scope closes. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as Scope from "effect/Scope"

const signals = new WeakMap<HttpClientRequest.HttpClientRequest, AbortSignal>()

// One error for all, because making one costs more than all the rest of the probe.
const unsent = /*#__PURE__*/ Effect.fail(
  /*#__PURE__*/ new HttpClientError.RequestError({ request: HttpClientRequest.get(""), reason: "Transport" })
)

/**
 * Notes the signal and sends nothing. The platform shows the signal only to clients of `HttpClient.make`. Ours is made by
 * `makeWith`, because `make` wraps responses and makes spans.
 */
const probe = /*#__PURE__*/ HttpClient.withTracerDisabledWhen(
  /*#__PURE__*/ HttpClient.make((request, _url, signal) => {
    signals.set(request, signal)
    return unsent
  }),
  constTrue
)

/** `withScope` cannot have been used outside of any scope. */
export const mayHaveScopeSignal = (context: Context.Context<never>): boolean => context.unsafeMap.has(Scope.Scope.key)

/** `undefined` outside of any scope, where `withScope` cannot have been used; in others a signal that may never fire. */
export const scopeSignal = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<AbortSignal | undefined> =>
  Effect.contextWithEffect((context: Context.Context<never>) =>
    mayHaveScopeSignal(context)
      ? Effect.match(probe.execute(request), {
          onFailure: () => signals.get(request),
          onSuccess: () => undefined
        })
      : Effect.succeed(undefined)
  )
