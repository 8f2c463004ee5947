/** The dispatcher of undici that the options describe: pools of our connections, directly or through a proxy. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { InvalidInput } from "effect-cos/CosError"
import type { Options } from "../UndiciTransport.js"
import { poolFactory } from "./connection.js"
import { Connections } from "./connections.js"
import type { ExpectOptions } from "./expectContinue.js"
import * as undici from "./undici.js"

/** Effect makes zero of a negative duration and of `NaN`. */
const isDuration = (value: unknown): boolean =>
  !(Array.isArray(value) ? value : [value]).some((part) => typeof part !== "object" && /^-|NaN/.test(String(part))) &&
  Option.isSome(Duration.decodeUnknown(value))

/** In whole milliseconds, and no longer than a timer of Node can run. What is no duration is refused elsewhere. */
const millis = (duration: Duration.DurationInput): number =>
  Math.min(Math.ceil(Duration.toMillis(Option.getOrElse(Duration.decodeUnknown(duration), () => 0))), 2 ** 31 - 1)

const invalid = (field: string, reason: string) =>
  Effect.fail(new InvalidInput({ operation: "UndiciTransport", field, reason }))

/** Options of TLS, as both undici and `node:https` take them. */
const connectOptions = ({ tls }: Options) => {
  const ca = typeof tls?.ca === "object" ? [...tls.ca] : tls?.ca
  return { ...tls, ca, key: tls?.key && Redacted.value(tls.key) }
}

/**
 * How requests are sent whose body waits to be asked for. `undefined` where a proxy or a dispatcher of the caller's own
 * carries requests out.
 */
export const expectOptions = (options: Options): ExpectOptions | undefined =>
  options.proxy !== undefined || options.dispatcher !== undefined
    ? undefined
    : {
        tls: connectOptions(options),
        connectTimeout: millis(options.connectTimeout ?? "10 seconds"),
        continueTimeout: millis(options.continueTimeout ?? "1 second")
      }

const make = (options: Options): Effect.Effect<Connections, InvalidInput> => {
  const { connections } = options
  const proxy = Redacted.isRedacted(options.proxy) ? Redacted.value(options.proxy) : options.proxy
  if (connections !== undefined && !(connections >= 1)) return invalid("connections", "connections must be at least 1")
  if (proxy !== undefined && !/^https?:$/.test(proxy.protocol)) {
    return invalid("proxy", "proxy must be an http: or https: URL")
  }
  for (const field of ["connectTimeout", "keepAlive", "continueTimeout"] as const) {
    if (options[field] !== undefined && !isDuration(options[field])) {
      return invalid(field, `${field} must be a duration of 0 or more`)
    }
  }
  const timeout = millis(options.connectTimeout ?? "10 seconds")
  const keepAlive = millis(options.keepAlive ?? "4 seconds")
  const connect = { ...connectOptions(options), timeout }
  const { ca } = connect
  const pool = {
    connections: connections ?? null,
    ...(keepAlive === 0 ? { pipelining: 0 } : { keepAliveTimeout: keepAlive })
  }
  const direct = async () => {
    const loaded = await undici.pools()
    return () => new loaded.Agent({ ...pool, factory: poolFactory(loaded), connect })
  }
  const through =
    ({ href: uri }: URL) =>
    async () => {
      const loaded = await undici.all()
      return () =>
        new loaded.ProxyAgent({
          ...pool,
          factory: poolFactory(loaded),
          uri,
          requestTls: connect,
          proxyTls: { ca, timeout },
          // Waiting for the tunnel is a part of connecting.
          clientFactory: (origin, options) => new loaded.Pool(origin, { ...options, headersTimeout: timeout })
        })
    }
  return Effect.sync(() => new Connections(proxy === undefined ? direct : through(proxy)))
}

/** They close with the scope, unless the dispatcher is the caller's own. */
export const acquire = (options: Options): Effect.Effect<Connections, InvalidInput, Scope.Scope> => {
  const { dispatcher } = options
  return dispatcher === undefined
    ? Effect.acquireRelease(make(options), ({ close }) => close)
    : Effect.succeed(new Connections(async () => () => dispatcher))
}
