/** One connection of undici's pools, telling the exchanges it carries what undici's handlers are not told. */
import type { Socket } from "node:net"
import { type buildConnector, Client, type Dispatcher, Pool } from "undici"
import type { Exchange } from "./exchange.js"

/** Dispatch options reach the connection unchanged (a proxy copies them), so the exchange travels among them. */
export interface DispatchOptions extends Dispatcher.DispatchOptions {
  readonly exchange: Exchange
  readonly servername?: string | undefined
}

export class Connection extends Client {
  /** Being connected; unknown behind a proxy. */
  private connecting: Socket | undefined
  /** The last one connected. */
  private socket: Socket | undefined
  /** Exchanges begun on that socket. */
  private exchanges = 0
  private readBefore = 0
  private unsent = false

  constructor(origin: URL, options: Client.Options & { readonly connect: buildConnector.connector }) {
    const connect: buildConnector.connector = (target, callback) => {
      const socket: unknown = options.connect(target, (...[error, socket]) => {
        this.connecting = undefined
        if (error !== null) return callback(asFailed(error), null)
        this.socket = socket
        this.exchanges = 0
        // By the time the exchange hears of it, nothing is left to be seen.
        socket.once("error", (error: NodeJS.ErrnoException) => {
          this.unsent = socket.writableLength > 0 || error.syscall?.startsWith("write") === true
        })
        callback(null, socket)
      })
      this.connecting = isSocket(socket) ? socket : undefined
    }
    super(origin, { ...options, connect })
  }

  override dispatch(options: DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    options.exchange.connection = this
    return super.dispatch(options, handler)
  }

  /** An exchange begins. */
  begin(): void {
    this.exchanges++
    this.readBefore = this.socket?.bytesRead ?? 0
    this.unsent = false
  }

  /** Of the present exchange: whether its request was not wholly handed to the system when the connection failed. */
  get failedSending(): boolean {
    return this.unsent
  }

  /** Of the present exchange: whether it had the connection from others and read nothing. */
  get isStale(): boolean {
    return this.exchanges > 1 && this.socket?.bytesRead === this.readBefore
  }

  get remoteAddress(): string | undefined {
    return this.socket?.remoteAddress
  }

  /** After an answer: a server that answered early may never read the rest, and the next request would wait behind it. */
  closeIfUnsent(): void {
    if (this.socket !== undefined && this.socket.writableLength > 0) this.socket.destroy()
  }

  /** The present exchange has failed. Left to undici, the connection would be opened anew for the dropped request. */
  fail(error: Error): void {
    this.socket?.destroy(error)
  }

  /** Nobody waits for this connection any more. */
  giveUp(error: Error): void {
    this.connecting?.destroy(error)
  }
}

const isSocket = (u: unknown): u is Socket => typeof u === "object" && u !== null && "destroy" in u

/** undici connects again, at once and for ever, when connecting fails in this way (a proxy that closes, say). */
const asFailed = (error: Error): Error =>
  "code" in error && (error.code === "UND_ERR_SOCKET" || error.code === "UND_ERR_INFO")
    ? Object.assign(new Error(error.message), { code: "ECONNRESET" })
    : error

/** For `Agent` and `ProxyAgent`: pools of such connections. */
export const factory = (origin: string | URL, options: object): Dispatcher =>
  new Pool(origin, {
    ...options,
    factory: (origin, options) => new Connection(origin, options as ConstructorParameters<typeof Connection>[1])
  })
