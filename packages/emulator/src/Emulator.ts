/**
 * A COS-compatible server for tests and for development without an account.
 *
 * {@link layer} is an `HttpClient` without a socket, driven by the caller's clock (`TestClock` included), and {@link
 * layerServer} listens on a port. Both run the same handler and provide the {@link Emulator} service, which sets
 * faults, reads the journal, inspects what is stored and moves the emulator's clock.
 *
 * The emulator verifies signatures, refuses what COS refuses (and with `strict` also what is probably misspelt), and sends
 * nothing to the network.
 *
 * @since 0.1.0
 */
import { randomBytes } from "node:crypto"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type Control, EmulatorError } from "./Control.js"
import { type Endpoints, makeControl } from "./internal/control/control.js"
import * as ControlServer from "./internal/control/controlServer.js"
import { makeState } from "./internal/control/startedState.js"
import * as Certificates from "./internal/server/certificates.js"
import * as Server from "./internal/server/httpServer.js"
import * as InProcess from "./internal/server/inProcess.js"
import type { Options, ServerOptions } from "./Options.js"

/**
 * The control service of the running emulator.
 *
 * @since 0.1.0
 * @category services
 */
export class Emulator extends Context.Tag("effect-cos-emulator/Emulator")<Emulator, Control>() {}

/**
 * The emulator in process: an `HttpClient` that reaches it without a socket, and its control service. Paths, queries
 * and Host arrive exactly as the client wrote them, an interrupt reaches the handler, and time is the caller's clock.
 *
 * @example
 * ```ts
 * import * as HttpClient from "@effect/platform/HttpClient"
 * import * as Effect from "effect/Effect"
 * import { Emulator, layer } from "effect-cos-emulator/Emulator"
 *
 * const program = Effect.gen(function* () {
 *   const emulator = yield* Emulator
 *   const response = yield* HttpClient.get("http://photos-1250000000.cos.ap-guangzhou.myqcloud.com/cat.jpg")
 *   return { status: response.status, journal: yield* emulator.journal }
 * }).pipe(Effect.provide(layer({ buckets: ["photos-1250000000"] })))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<Emulator | HttpClient.HttpClient, EmulatorError> =>
  Layer.scopedContext(
    Effect.gen(function* () {
      const state = yield* makeState(options)
      const control = makeControl(state, {
        endpoint: "http://cos.emulator",
        address: undefined,
        tls: undefined,
        controlEndpoint: undefined,
        controlToken: undefined
      })
      return Context.make(Emulator, control).pipe(
        Context.add(HttpClient.HttpClient, InProcess.make(state, yield* Effect.scope))
      )
    })
  )

/**
 * The emulator on a port: it listens once the layer is built, and stops when the layer's scope closes, also with
 * requests open.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerServer = (options: ServerOptions = {}): Layer.Layer<Emulator, EmulatorError> =>
  Layer.scoped(
    Emulator,
    Effect.gen(function* () {
      const { controlHosts = [], controlPort, host = "127.0.0.1", port = 0, tls = false } = options
      const controlToken = yield* checkToken(options.controlToken ?? randomToken())
      const state = yield* makeState(options, { host, controlToken })
      const authority = tls ? yield* Certificates.make : undefined
      const address = yield* Server.listen(state, { host, port, authority, limits: options.limits ?? {} })
      const endpoints: Endpoints = {
        address,
        endpoint: ControlServer.urlOf("http", host, address.port),
        tls: authority && {
          certificate: authority.certificate,
          endpoint: ControlServer.urlOf("https", host, address.port)
        },
        controlEndpoint: undefined,
        controlToken
      }
      const control = makeControl(state, endpoints)
      if (controlPort === undefined) return control
      const controlEndpoint = yield* ControlServer.listen(control, {
        host,
        port: controlPort,
        token: controlToken,
        hosts: [host, ...controlHosts]
      })
      return { ...control, controlEndpoint }
    })
  )

const randomToken = (): Redacted.Redacted => Redacted.make(randomBytes(32).toString("base64url"))

/** The syntax of RFC 6750, which is also what a shell takes without quotes. */
const checkToken = (token: Redacted.Redacted): Effect.Effect<Redacted.Redacted, EmulatorError> =>
  /^[\w.~+/-]{1,512}=*$/.test(Redacted.value(token))
    ? Effect.succeed(token)
    : new EmulatorError({
        code: "InvalidArgument",
        message:
          "The control token may have letters, digits and - . _ ~ + / only, and = at its end, at most 512 of them."
      })
