/**
 * The client of commands that speak to the service.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { CredentialsError, InvalidInput } from "effect-cos/CosError"
import * as Endpoint from "effect-cos/Endpoint"
import * as NodeCos from "effect-cos-node/NodeCos"
import type * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { UsageError } from "./contract/errors.js"
import { Globals } from "./contract/globals.js"
import { Output } from "./contract/output.js"
import * as Keys from "./keys/keys.js"
import { proxyOf, settingsOf, standardUrl } from "./keys/settings.js"

/** Tells each request and its response, without query, headers or body: nothing that signs. */
const told =
  (output: Output.Service) =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient =>
    HttpClient.transform(client, (effect, request) =>
      Effect.flatMap(Clock.currentTimeMillis, (begun) => {
        const { host, pathname } = new URL(request.url)
        const tell = (what: string) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            output.error(`cos: debug: ${request.method} ${host}${pathname} ${what} in ${now - begun} ms\n`)
          )
        return effect.pipe(
          Effect.tap(({ headers, status }) => tell(`${status} ${headers["x-cos-request-id"] ?? ""}`.trim())),
          Effect.tapError((error) => tell(error.reason))
        )
      })
    )

/** The transport: through the proxy that the environment names, unless the endpoint is exempt from it. */
export const transportOf = (
  endpoint: string | undefined
): Effect.Effect<UndiciTransport.Options, ConfigError | UsageError> =>
  Effect.flatMap(proxyOf(endpoint ?? standardUrl), ({ from, value }) => {
    if (value === undefined) return Effect.succeed({})
    const url = /^\w+:\/\//.test(value) ? value : `http://${value}`
    return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
      ? Effect.succeed({ proxy: Redacted.make(new URL(url)) })
      : Effect.fail(new UsageError({ message: `${from} must be the URL of an http: or https: proxy` }))
  })

/** What a client is made of: the options of every command, else the environment and the profile. */
export const optionsOf = (
  globals: Globals.Values
): Effect.Effect<NodeCos.Options, ConfigError | UsageError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { bucket, endpoint, region } = yield* settingsOf(globals)
    return {
      region: region.value,
      bucket: bucket.value,
      endpoint: endpoint.value === undefined ? undefined : Endpoint.custom({ url: endpoint.value }),
      credentials: Keys.layer(globals),
      transport: yield* transportOf(endpoint.value)
    }
  })

type Failure = ConfigError | CredentialsError | InvalidInput | UsageError
type Around = Globals | Output | FileSystem.FileSystem | Path.Path

/**
 * Bytes of the buffers of all transfers: three parts of the usual size. With the pieces that came from sockets and were not
 * collected yet, which may be as much again, a run stays within 200 MB.
 */
const memoryBudget = 24 * 1024 * 1024

/** Provides the client. */
export const withClient = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E | Failure, Around | Exclude<R, NodeCos.Provided>> =>
  Effect.provide(
    self,
    Layer.unwrapEffect(
      Effect.gen(function* () {
        const globals = yield* Globals
        const output = yield* Output
        const options = yield* optionsOf(globals)
        return NodeCos.layer({ ...options, memoryBudget, transformClient: globals.debug ? told(output) : undefined })
      })
    )
  ) as Effect.Effect<A, E | Failure, Around | Exclude<R, NodeCos.Provided>>
