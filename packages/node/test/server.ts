/** Servers made of sockets, so that tests decide what is sent, when, and how a connection ends. */

import * as Net from "node:net"
import * as Tls from "node:tls"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export interface Server {
  readonly port: number
  readonly origin: string
  /** Every connection so far. */
  readonly sockets: ReadonlyArray<Net.Socket>
}

export interface Options {
  /** Called for every connection. */
  readonly onConnection?: ((socket: Net.Socket) => void) | undefined
  /** Called for the head of every request; bodies by `Content-Length` are skipped unless `onBody` takes them. */
  readonly onRequest?: ((socket: Net.Socket, head: string, connection: number) => void) | undefined
  readonly tls?: Tls.TlsOptions | undefined
  /** Default: any that is free. */
  readonly port?: number | undefined
}

export const make = (options: Options): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Server & { readonly server: Net.Server }>((resume) => {
      const sockets: Array<Net.Socket> = []
      const onSocket = (socket: Net.Socket) => {
        const connection = sockets.push(socket)
        socket.on("error", () => {})
        options.onConnection?.(socket)
        if (options.onRequest !== undefined) heads(socket, (head) => options.onRequest?.(socket, head, connection))
      }
      const server = options.tls ? Tls.createServer(options.tls, onSocket) : Net.createServer(onSocket)
      server.on("tlsClientError", () => {})
      server.listen(options.port ?? 0, "127.0.0.1", () => {
        const { port } = server.address() as Net.AddressInfo
        const origin = `${options.tls ? "https" : "http"}://127.0.0.1:${port}`
        resume(Effect.succeed({ port, origin, sockets, server }))
      })
    }),
    ({ server, sockets }) =>
      Effect.async<void>((resume) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resume(Effect.void))
      })
  )

/** The heads of the requests on a socket, between bodies that have a length. */
const heads = (socket: Net.Socket, onHead: (head: string) => void): void => {
  let held = ""
  let body = 0
  socket.on("data", (data) => {
    const skipped = Math.min(body, data.length)
    body -= skipped
    held += data.subarray(skipped).toString("latin1")
    for (let end = held.indexOf("\r\n\r\n"); end >= 0; end = held.indexOf("\r\n\r\n")) {
      const head = held.slice(0, end)
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
      const after = held.length - end - 4
      body = Math.max(0, length - after)
      held = held.slice(end + 4 + Math.min(length, after))
      onHead(head)
    }
  })
}

export const answer = (body = "", status = "200 OK"): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** Waits until the peer, or the server, has ended a connection. */
export const closed = (socket: Net.Socket | undefined): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (socket === undefined || socket.closed) resume(Effect.void)
    else socket.once("close", () => resume(Effect.void))
  })

/** Until a number has not changed for a while of the event loop. */
export const quiet = (read: () => number): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (let last = -1, same = 0; same < 20; same = read() === last ? same + 1 : 0) {
      last = read()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })
