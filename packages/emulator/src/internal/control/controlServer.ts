/**
 * The server of the control port: lets in who holds the token, and hands the request to the routes.
 */
import * as Http from "node:http"
import type * as Net from "node:net"
import { Readable } from "node:stream"
import { buffer } from "node:stream/consumers"
import * as HttpApp from "@effect/platform/HttpApp"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Control, EmulatorError } from "../../Control.js"
import { discardBody } from "../http/discardBody.js"
import { type Refusal, type Requirements, refusalOf } from "./authorization.js"
import { makeApp } from "./routes.js"

/** A web `Request`: an `HttpServerRequest` can be made from it without the platform's server. */
const toWeb = (message: Http.IncomingMessage): Request => {
  const { headersDistinct, method = "GET", url = "/" } = message
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value])
  )
  const bodiless = method === "GET" || method === "HEAD"
  const init: RequestInit & { readonly duplex: "half" } = {
    method,
    headers,
    body: bodiless ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>),
    duplex: "half"
  }
  return new Request(new URL(url, "http://control"), init)
}

/** Responds before anything of a body is read. */
const refuse = (
  request: Http.IncomingMessage,
  response: Http.ServerResponse,
  { code, message, status }: Refusal
): void => {
  const body = `${JSON.stringify({ code, message }, null, 2)}\n`
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {})
  })
  response.end(body)
  discardBody(request, { maxBytes: 1024 * 1024, milliseconds: 5000 })
}

/** In milliseconds: generous to a person with curl, but silent connections do not stay for ever. */
const timeLimits = { headersTimeout: 30_000, requestTimeout: 600_000, keepAliveTimeout: 30_000 }

const maxConnections = 256

/** Listens until the scope closes; gives the base URL. */
export const listen = (
  control: Control,
  { host, port, ...requirements }: Requirements & { readonly host: string; readonly port: number }
): Effect.Effect<string, EmulatorError, Scope.Scope> =>
  Effect.gen(function* () {
    const handle = HttpApp.toWebHandlerRuntime(yield* Effect.runtime<never>())(makeApp(control))
    const respond = async (message: Http.IncomingMessage, response: Http.ServerResponse) => {
      const { body, headers, status } = await handle(toWeb(message))
      response.writeHead(status, Object.fromEntries(headers))
      response.end(body === null ? undefined : await buffer(body))
    }
    const serve = (message: Http.IncomingMessage, response: Http.ServerResponse, expectsContinue: boolean): void => {
      const refusal = refusalOf(message, requirements)
      if (refusal !== undefined) {
        refuse(message, response, refusal)
        return
      }
      if (expectsContinue) response.writeContinue()
      respond(message, response).catch(() => response.destroy())
    }
    const server = Http.createServer(timeLimits)
    server.maxConnections = maxConnections
    server.on("request", (message, response) => serve(message, response, false))
    server.on("checkContinue", (message: Http.IncomingMessage, response: Http.ServerResponse) =>
      serve(message, response, true)
    )
    yield* Effect.acquireRelease(
      Effect.async<void, EmulatorError>((resume) => {
        server.once("error", ({ message }) => resume(Effect.fail(new EmulatorError({ code: "Listen", message }))))
        server.listen(port, host, () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          // Otherwise `close` waits for open connections.
          server.closeAllConnections()
        })
    )
    return urlOf("http", host, (server.address() as Net.AddressInfo).port)
  })

/** A base URL without a slash at its end. */
export const urlOf = (scheme: "http" | "https", host: string, port: number): string =>
  `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`
