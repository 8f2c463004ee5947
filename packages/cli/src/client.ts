/**
 * The client of commands that speak to the service.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { CredentialsError, InvalidInput } from "effect-cos/CosError"
import * as Endpoint from "effect-cos/Endpoint"
import * as NodeCos from "effect-cos-node/NodeCos"
import { Globals } from "./contract/globals.js"
import { Output } from "./contract/output.js"
import * as Keys from "./keys/keys.js"

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

/** Provides the client: with the settings of the options of every command, else of the environment. */
export const withClient = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<
  A,
  E | ConfigError | CredentialsError | InvalidInput,
  Globals | Output | Exclude<R, NodeCos.Provided>
> =>
  Effect.provide(
    self,
    Layer.unwrapEffect(
      Effect.gen(function* () {
        const globals = yield* Globals
        const output = yield* Output
        return NodeCos.layer({
          region: globals.region,
          bucket: globals.bucket,
          endpoint: globals.endpoint === undefined ? undefined : Endpoint.custom({ url: globals.endpoint }),
          credentials: Keys.layer(globals),
          transformClient: globals.debug ? told(output) : undefined
        })
      })
    )
  ) as Effect.Effect<
    A,
    E | ConfigError | CredentialsError | InvalidInput,
    Globals | Output | Exclude<R, NodeCos.Provided>
  >
