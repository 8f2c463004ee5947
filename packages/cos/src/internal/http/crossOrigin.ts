/** Requests of a page to another origin: what a browser lets it see of them. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CosError from "../../CosError.js"
import type * as Endpoint from "../../Endpoint.js"
import type { RequestSummary } from "./request.js"
import { withoutRedirects } from "./withoutRedirects.js"

/** What one client knows of the hosts that it sends to. */
export interface CrossOrigin {
  /** Notes that a response to this method could be read. */
  readonly readable: (host: string, method: string) => void
  /** Whether a response to this method, or to any, could be read. */
  readonly isReadable: (host: string, method?: string) => boolean
  readonly isFirstWarning: (name: string) => boolean
}

export const make = (): CrossOrigin => {
  const known = new Set<string>()
  const warned = new Set<string>()
  return {
    readable: (host, method) => {
      known.add(host).add(`${method} ${host}`)
    },
    isReadable: (host, method) => known.has(method === undefined ? host : `${method} ${host}`),
    isFirstWarning: (name) => {
      if (warned.has(name)) return false
      warned.add(name)
      return true
    }
  }
}

/** All that Chromium, Firefox and Safari tell of a failed request, whatever it failed of. */
const opaque = /^(?:Failed to fetch|NetworkError when attempting to fetch resource\.?|Load failed)\b/

const isOpaque = (error: unknown): boolean => error instanceof TypeError && opaque.test(error.message)

/** What `fetch` tells of one request beside its response. */
export interface Observed {
  /** Whether the response is of another origin, so that headers may be hidden. */
  isOther: boolean
  /** After an opaque failure: whether the host responds to a request that needs no rule. */
  isReached: boolean | undefined
}

/** `fetch` that notes what it sees. */
const observing =
  (fetch: typeof globalThis.fetch, observed: Observed, isUnexplained: () => boolean): typeof globalThis.fetch =>
  async (input, init) => {
    try {
      const response = await fetch(input, init)
      observed.isOther = response.type === "cors"
      return response
    } catch (error) {
      if (isOpaque(error) && isUnexplained() && init?.signal?.aborted !== true) {
        observed.isReached = await isReached(fetch, String(input), init?.signal ?? null)
      }
      throw error
    }
  }

/** Asks without a signature, a cookie, or a right to read the response. */
const isReached = (fetch: typeof globalThis.fetch, url: string, signal: AbortSignal | null): Promise<boolean> =>
  fetch(new URL("/", url).href, {
    method: "HEAD",
    mode: "no-cors",
    credentials: "omit",
    cache: "no-store",
    redirect: "manual",
    signal
  }).then(
    () => true,
    () => false
  )

/** Runs a request of a client that sends with `fetch`. */
export const observe = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  observed: Observed,
  isUnexplained: () => boolean
): Effect.Effect<A, E, R> =>
  Effect.mapInputContext(self, (context: Context.Context<R>) =>
    Context.add(
      withoutRedirects(context),
      FetchHttpClient.Fetch,
      observing(
        Option.getOrElse(Context.getOption(context, FetchHttpClient.Fetch), () => globalThis.fetch),
        observed,
        isUnexplained
      )
    )
  )

/**
 * The error of a request that a browser may have refused to the page. A host that lets the page read such responses, or
 * responds to nothing but has responded before, is a matter of the network.
 */
export const blocked = (
  request: RequestSummary,
  { host }: Pick<Endpoint.Resolved, "host">,
  error: HttpClientError,
  { isReached }: Observed,
  crossOrigin: CrossOrigin,
  isSigned: boolean
): CosError.TransportError | undefined => {
  if (error._tag !== "RequestError" || !isOpaque(error.cause) || crossOrigin.isReadable(host, request.method)) {
    return undefined
  }
  if (isReached === false && crossOrigin.isReadable(host)) return undefined
  const cause =
    isReached === true
      ? `the host responds, so its CORS rules do not let this page send ${request.method} with these headers, or read the response`
      : "possibly its CORS rules do not let this page send it, or the host cannot be reached"
  return new CosError.TransportError({
    operation: request.operation,
    reason: "Cors",
    // A browser asks first whether it may send a signature, so that the request itself was not sent.
    phase: isSigned ? "connect" : "response",
    message: `${request.operation}: the browser refused the request to ${host} or its response without saying why: ${cause} (see Cors.check and Cors.forBrowser)`,
    bucket: request.bucket,
    key: request.key
  })
}
