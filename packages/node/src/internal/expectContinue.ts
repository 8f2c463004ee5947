/**
 * Requests whose body waits until the server asks for it (`Expect: 100-continue`). undici refuses that header, so `node:http`
 * sends them, each on a connection of its own, and its events become those of an {@link Exchange}.
 */
import type { ClientRequest, IncomingMessage } from "node:http"
import * as Http from "node:http"
import * as Https from "node:https"
import type { Socket } from "node:net"
import type { Readable } from "node:stream"
import type { ConnectionOptions } from "node:tls"
import { constVoid } from "effect/Function"
import type { Dispatcher } from "undici/index.js"
import type { Connections } from "./connections.js"
import type { Exchange, ExchangeConnection } from "./exchange.js"

/** How these connections are made. */
export interface ExpectOptions {
  readonly tls: ConnectionOptions
  /** Milliseconds until a connection has to be there; 0: no limit. `node:http` itself has none. */
  readonly connectTimeout: number
  /** Milliseconds after which the body is sent though the server has not asked for it: many servers never ask. */
  readonly continueTimeout: number
}

/** A request, as far as it concerns the connection. */
export interface ExpectingRequest {
  readonly origin: string
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable | Uint8Array
}

export const isExpecting = (headers: Readonly<Record<string, string | undefined>>): boolean =>
  headers.expect?.toLowerCase() === "100-continue"

class ExpectingConnection implements ExchangeConnection {
  private socket: Socket | undefined
  private request: ClientRequest | undefined
  private timer: NodeJS.Timeout | undefined
  private response: IncomingMessage | undefined
  private begun = false

  constructor(
    private readonly exchange: Exchange,
    private readonly body: Readable | Uint8Array,
    private readonly options: ExpectOptions,
    private readonly connections: Connections
  ) {}

  /** What the exchange does to the response, in place of undici's own. */
  private readonly controller = {
    aborted: false,
    paused: false,
    reason: null,
    pause: () => void this.response?.pause(),
    resume: () => void this.response?.resume(),
    abort: (error: Error) => this.fail(error)
  } as unknown as Dispatcher.DispatchController

  open({ headers, method, origin, path }: ExpectingRequest): void {
    const url = new URL(origin)
    const options = { ...urlOptions(url), path, method, headers, agent: false }
    const { request: send } = url.protocol === "https:" ? Https : Http
    const request = send({ ...options, ...(url.protocol === "https:" ? this.options.tls : undefined) })
    this.request = request
    request
      .on("socket", (socket) => this.connecting(socket, url.protocol === "https:" ? "secureConnect" : "connect"))
      .on("continue", () => this.send())
      .on("response", (response) => this.respond(response))
      .on("error", (error) => {
        clearTimeout(this.timer)
        this.exchange.onResponseError(this.isConnected ? this.controller : undefined, error)
      })
      // Of a 101 that nobody asked for there is no other event.
      .on("close", () => {
        clearTimeout(this.timer)
        this.connections.remove(this)
        if (this.response !== undefined) return
        const error = Object.assign(new Error("the connection closed without a response"), { code: "ECONNRESET" })
        this.exchange.onResponseError(this.controller, error)
      })
    if (!(this.body instanceof Uint8Array)) {
      this.body.on("error", (error) => this.exchange.onResponseError(this.controller, error))
    }
  }

  private isConnected = false

  private connecting(socket: Socket, event: "connect" | "secureConnect"): void {
    this.socket = socket
    const { connectTimeout } = this.options
    if (connectTimeout > 0) {
      this.timer = setTimeout(() => {
        const error = new Error(`no connection within ${connectTimeout} ms`)
        this.request?.destroy(Object.assign(error, { code: "UND_ERR_CONNECT_TIMEOUT" }))
      }, connectTimeout)
    }
    socket.once(event, () => {
      clearTimeout(this.timer)
      this.isConnected = true
      try {
        this.exchange.onRequestStart(this.controller)
      } catch (error) {
        // It was aborted while it connected.
        return this.fail(error as Error)
      }
      // Not from the call on: connecting may take longer.
      this.timer = setTimeout(() => this.send(), this.options.continueTimeout)
    })
  }

  /** Sends the body, once; never after a response. */
  private send(): void {
    clearTimeout(this.timer)
    if (this.begun || this.response !== undefined || this.request === undefined) return
    this.begun = true
    if (this.body instanceof Uint8Array) this.request.end(this.body)
    else this.body.pipe(this.request)
  }

  private respond(response: IncomingMessage): void {
    clearTimeout(this.timer)
    const { controller, exchange } = this
    this.response = response
    response
      .on("data", (chunk: Uint8Array) => exchange.onResponseData(controller, chunk))
      .on("end", () => exchange.onResponseEnd())
      .on("error", (error) => exchange.onResponseError(controller, error))
    exchange.onResponseStart(controller, response.statusCode ?? 0, response.headers)
  }

  begin = constVoid
  readonly isStale = false

  get awaitsContinue(): boolean {
    return !this.begun
  }

  get failedSending(): boolean {
    return this.begun && this.request?.writableFinished === false
  }

  get remoteAddress(): string | undefined {
    return this.socket?.remoteAddress
  }

  /** A refused body is never sent, and without it nothing else can follow on this connection. */
  closeIfUnsent = (): void => {
    if (this.request?.writableFinished === false) this.request.destroy()
  }

  fail = (error: Error): void => {
    clearTimeout(this.timer)
    this.request?.destroy(error)
  }

  stopConnecting = this.fail
}

const urlOptions = ({ hostname, port, protocol }: URL) => ({
  protocol,
  hostname: hostname.replace(/^\[|\]$/g, ""),
  port: port === "" ? undefined : port
})

/** Carries an exchange out. May throw what `node:http` refuses to send, and after the end of the connections. */
export const dispatchExpecting = (
  exchange: Exchange,
  request: ExpectingRequest,
  options: ExpectOptions,
  connections: Connections
): void => {
  const connection = new ExpectingConnection(exchange, request.body, options, connections)
  exchange.connection = connection
  connections.add(connection)
  try {
    connection.open(request)
  } catch (error) {
    connections.remove(connection)
    throw error
  }
}
