/** A connection of undici's pools. It knows what undici does not tell its handlers: how far a failed request had come. */
import type { Socket } from "node:net"
import type { buildConnector, Client, Dispatcher } from "undici/index.js"
import type { Exchange, ExchangeConnection } from "./exchange.js"
import type { Pools } from "./undici.js"

/** undici passes these options on to the connection (a proxy copies them), so the exchange travels among them. */
export interface DispatchOptions extends Dispatcher.DispatchOptions {
  readonly exchange: Exchange
  readonly servername?: string | undefined
}

const isSocket = (u: unknown): u is Socket => typeof u === "object" && u !== null && "destroy" in u

/** undici connects again, at once and for ever, when connecting fails with these codes: when a proxy closes, for example. */
const withSafeCode = (error: Error): Error =>
  "code" in error && (error.code === "UND_ERR_SOCKET" || error.code === "UND_ERR_INFO")
    ? Object.assign(new Error(error.message), { code: "ECONNRESET" })
    : error

/** Makes pools of such connections, for `Agent` and `ProxyAgent`. */
export const poolFactory = ({ Client, Pool }: Pools) => {
  class Connection extends Client implements ExchangeConnection {
    /** undici does not wait for a `100 Continue`. */
    readonly awaitsContinue = false
    /** The socket that is being connected; unknown behind a proxy. */
    private connecting: Socket | undefined
    /** The socket that was connected last. */
    private socket: Socket | undefined
    /** How many exchanges have begun on that socket. */
    private exchanges = 0
    private bytesReadBefore = 0
    private wasUnsent = false

    constructor(origin: URL, options: Client.Options & { readonly connect: buildConnector.connector }) {
      const connect: buildConnector.connector = (target, callback) => {
        const socket: unknown = options.connect(target, (...[error, socket]) => {
          this.connecting = undefined
          if (error !== null) return callback(withSafeCode(error), null)
          this.socket = socket
          this.exchanges = 0
          // Looked at now, because the socket is empty by the time the exchange hears of the error.
          socket.once("error", (error: NodeJS.ErrnoException) => {
            this.wasUnsent = socket.writableLength > 0 || error.syscall?.startsWith("write") === true
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

    /** Called when an exchange begins. */
    begin(): void {
      this.exchanges++
      this.bytesReadBefore = this.socket?.bytesRead ?? 0
      this.wasUnsent = false
    }

    /** Whether the connection failed before the request of the current exchange was wholly handed to the system. */
    get failedSending(): boolean {
      return this.wasUnsent
    }

    /** Whether the current exchange reused the connection and has read nothing from it. */
    get isStale(): boolean {
      return this.exchanges > 1 && this.socket?.bytesRead === this.bytesReadBefore
    }

    get remoteAddress(): string | undefined {
      return this.socket?.remoteAddress
    }

    /** A server that responded early may never read the rest of the request, and the next one would wait behind it. */
    closeIfUnsent(): void {
      if (this.socket !== undefined && this.socket.writableLength > 0) this.socket.destroy()
    }

    /** Ends the current exchange. If undici did it, it would open the connection again for the dropped request. */
    fail(error: Error): void {
      this.socket?.destroy(error)
    }

    /** Stops connecting: nobody waits for this connection any more. */
    stopConnecting(error: Error): void {
      this.connecting?.destroy(error)
    }
  }
  return (origin: string | URL, options: object): Dispatcher =>
    new Pool(origin, {
      ...options,
      factory: (origin, options) => new Connection(origin, options as ConstructorParameters<typeof Connection>[1])
    })
}
