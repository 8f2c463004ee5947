/**
 * The emulator on a port. It has a `node:http` server of its own, so that responses can break off, connections can be
 * reset, and `100 Continue` is sent only when the body is wanted. As a proxy it stands for every host.
 */
import * as Http from "node:http"
import * as Net from "node:net"
import { createSecureContext, TLSSocket } from "node:tls"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { EmulatorError } from "../../Control.js"
import type { ConnectionLimits } from "../../Options.js"
import type { EmulatorState } from "../handler/emulatorState.js"
import { handle } from "../handler/handler.js"
import { discardBody } from "../http/discardBody.js"
import { isLoopbackAddress } from "../http/loopback.js"
import {
  type BodyCut,
  type HandlerResult,
  IncompleteBody,
  maxBufferedBody,
  type Reply,
  type Request
} from "../http/message.js"
import * as BufferPool from "../storage/bodies/bufferPool.js"
import type { Authority } from "./certificates.js"

/** Limits for clients that are slow, silent, or many; times in milliseconds. */
interface Limits {
  readonly maxConnections: number
  readonly headersTimeout: number
  readonly bodyTimeout: number
  readonly requestTimeout: number
  /** In bytes per second. */
  readonly minBodyRate: number
}

/** The longest time that a timer of Node waits, in milliseconds: with a longer one it fires at once. */
const longestTime = 2 ** 31 - 1

const limitsOf = (limits: ConnectionLimits): Limits => {
  const time = (given: Duration.DurationInput) => Math.min(longestTime, Math.ceil(Duration.toMillis(given)))
  const requestTimeout = time(limits.requestTimeout ?? "1 hour")
  return {
    maxConnections: limits.maxConnections ?? 4096,
    // Node takes none that is longer than that of the whole request.
    headersTimeout: Math.min(time(limits.headersTimeout ?? "60 seconds"), requestTimeout || longestTime),
    bodyTimeout: time(limits.bodyTimeout ?? "60 seconds"),
    requestTimeout,
    // 0 bytes at a rate of 0 take no time.
    minBodyRate: Math.max(limits.minBodyRate ?? 500, Number.MIN_VALUE)
  }
}

/** Clients of a proxy send an absolute target: splits it into the authority and the rest. */
const originForm = (url: string): { readonly target: string; readonly authority: string | undefined } => {
  const match = /^https?:\/\/([^/?#]+)(.*)$/i.exec(url)
  if (match === null) return { target: url, authority: undefined }
  const rest = match[2] ?? ""
  return { target: rest.startsWith("/") ? rest : `/${rest}`, authority: match[1] }
}

const headersOf = (message: Http.IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {}
  const raw = message.rawHeaders
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase()
    const value = raw[index + 1] ?? ""
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value
  }
  return headers
}

const slowClient = (): Error => new Error("the client sent its body too slowly, or stopped sending it")

/**
 * How long a client may let the server wait: for each piece no longer than `bodyTimeout`, and altogether no longer than
 * that and the time that its bytes take at the least rate. Otherwise a client that sends a byte now and then would keep
 * its connection, and what the handler holds for it, as long as it likes.
 */
const makePatience = ({ bodyTimeout, minBodyRate }: Limits, giveUp: (cause: Error) => void) => {
  let [waited, bytes, since, left] = [0, 0, 0, 0]
  // Node's timer instead of the emulator's clock, because this waits for a real client.
  let timer: NodeJS.Timeout | undefined
  let over: NodeJS.Immediate | undefined
  const stop = (): void => {
    clearTimeout(timer)
    clearImmediate(over)
  }
  return {
    /** Waits for the next piece. */
    begin: (): void => {
      since = performance.now()
      left = Math.max(0, Math.min(bodyTimeout, bodyTimeout + (bytes / minBodyRate) * 1000 - waited))
      timer = setTimeout(() => {
        // What came while this process was busy with something else is still to be read.
        over = setImmediate(() => giveUp(slowClient()))
      }, left)
    },
    end: (received: number): void => {
      stop()
      const time = performance.now() - since
      // Later than the limit, this process was busy with something else: then nobody knows when it came.
      if (time <= left) waited += time
      bytes += received
    },
    stop
  }
}

/** How far reading a body may run ahead of the handler, in bytes. */
const readAheadBytes = 256 * 1024

/**
 * The message's bytes, read at the handler's pace. The first pull sends `100 Continue` if the client waits for it. Uses
 * events, which cost a third of the message's async iterator.
 */
const bodyOf = (message: Http.IncomingMessage, sendContinue: () => void, limits: Limits): Request["body"] =>
  Stream.fromPull(
    Effect.gen(function* () {
      type Pulled = Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<IncompleteBody>>
      let waiting: ((pulled: Pulled) => void) | undefined
      let chunks: Array<Uint8Array> = []
      let bytes = 0
      let end: Pulled | undefined

      const take = (): Pulled | undefined => {
        if (chunks.length === 0) return end
        const taken = Effect.succeed(Chunk.unsafeFromArray(chunks))
        chunks = []
        bytes = 0
        return taken
      }
      const offer = () => {
        const taken = waiting && take()
        if (waiting === undefined || taken === undefined) return
        const resume = waiting
        waiting = undefined
        patience.stop()
        resume(taken)
      }
      const onData = (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (waiting !== undefined) patience.end(chunk.length)
        offer()
        if (bytes >= readAheadBytes) message.pause()
      }
      const finish = (how: Pulled) => {
        end ??= how
        offer()
      }
      const onEnd = () => finish(Effect.fail(Option.none()))
      const onError = (cause: unknown) => finish(Effect.fail(Option.some(new IncompleteBody({ cause }))))
      const onClose = () => onError(new Error("the client left"))
      const patience = makePatience(limits, onError)

      yield* Effect.acquireRelease(
        Effect.sync(() => {
          sendContinue()
          message.on("data", onData).on("end", onEnd).on("error", onError).on("close", onClose)
          if (message.readableEnded) onEnd()
          else if (message.destroyed) onClose()
        }),
        () =>
          Effect.sync(() => {
            patience.stop()
            message.off("data", onData).off("end", onEnd).off("error", onError).off("close", onClose)
            // The socket stays open: the response still has to go out on it.
            message.on("error", () => {})
          })
      )
      return Effect.async<Chunk.Chunk<Uint8Array>, Option.Option<IncompleteBody>>((resume) => {
        const taken = take()
        if (message.isPaused()) message.resume()
        if (taken !== undefined) {
          resume(taken)
          return
        }
        waiting = resume
        patience.begin()
      })
    })
  )

const readBuffered = (
  message: Http.IncomingMessage,
  sendContinue: () => void,
  limits: Limits
): Effect.Effect<Uint8Array, IncompleteBody> =>
  Effect.async((resume) => {
    sendContinue()
    const chunks: Array<Buffer> = []
    const fail = (cause: unknown) => {
      patience.stop()
      resume(new IncompleteBody({ cause }))
    }
    const patience = makePatience(limits, fail)
    patience.begin()
    message.on("data", (chunk: Buffer) => {
      chunks.push(chunk)
      patience.end(chunk.length)
      patience.begin()
    })
    message.on("end", () => {
      patience.stop()
      resume(Effect.succeed(Buffer.concat(chunks)))
    })
    message.on("error", fail)
    return Effect.sync(patience.stop)
  })

/** How many bytes of an unwanted body are read and dropped, so that the connection can be used again. */
const maxDiscardedBytes = 64 * 1024 * 1024

/** Who is at the other end, and how it speaks to us. */
const connectionOf = (socket: Net.Socket): Pick<Request, "address" | "secure" | "tlsVersion"> => {
  const tls = socket instanceof TLSSocket ? socket : undefined
  const { remoteAddress = "" } = (tls && rawSockets.get(tls)) ?? socket
  return {
    address: remoteAddress.replace(/^::ffff:/, ""),
    secure: tls !== undefined,
    tlsVersion: tls?.getProtocol()?.replace(/^TLSv/, "")
  }
}

const toRequest = (message: Http.IncomingMessage, sendContinue: () => void, limits: Limits): Request => {
  const { authority, target } = originForm(message.url ?? "/")
  const headers = headersOf(message)
  const host = authority ?? headers.host ?? ""
  const short = Number(headers["content-length"] ?? Number.NaN) <= maxBufferedBody
  return {
    method: message.method ?? "GET",
    target,
    host,
    headers: { ...headers, host },
    origin: isLoopbackAddress(message.socket.remoteAddress) ? "loopback" : "network",
    ...connectionOf(message.socket),
    body: bodyOf(message, sendContinue, limits),
    bufferedBody: short ? readBuffered(message, sendContinue, limits) : undefined
  }
}

/** Text beyond Latin-1 is written as its UTF-8 bytes; node refuses it otherwise. */
const toLatin1 = (value: string): string =>
  /[^\u0000-\u00ff]/.test(value) ? Buffer.from(value, "utf8").toString("latin1") : value

/** Waits until the socket has room again, or is closed. */
const write = (response: Http.ServerResponse, chunk: Uint8Array): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (response.write(chunk, () => BufferPool.release(chunk))) {
      resume(Effect.void)
      return
    }
    const done = () => {
      response.off("drain", done)
      response.off("close", done)
      resume(Effect.void)
    }
    response.on("drain", done)
    response.on("close", done)
    return Effect.sync(() => {
      response.off("drain", done)
      response.off("close", done)
    })
  })

const end = (response: Http.ServerResponse, chunk?: Uint8Array): Effect.Effect<void> =>
  Effect.async((resume) => {
    response.once("close", () => resume(Effect.void))
    response.end(chunk)
  })

/** The raw sockets below TLS sockets: only raw sockets can be reset. */
const rawSockets = new WeakMap<Net.Socket, Net.Socket>()

const reset = (socket: Net.Socket | null): void => {
  if (socket !== null) (rawSockets.get(socket) ?? socket).resetAndDestroy()
}

const resetConnection = (response: Http.ServerResponse): Effect.Effect<void> =>
  Effect.sync(() => reset(response.socket))

/** Flushes what was written so far, then ends the connection. */
const cutBody = (response: Http.ServerResponse, { how }: BodyCut): Effect.Effect<void> =>
  Effect.async((resume) => {
    const { socket } = response
    if (socket === null || socket.destroyed) {
      resume(Effect.void)
      return
    }
    response.uncork()
    socket.write("", () => {
      if (how === "reset") reset(socket)
      else socket.destroySoon()
      resume(Effect.void)
    })
  })

/** Writes the head byte by byte, which node's own writer cannot do. */
const trickleHead = (response: Http.ServerResponse, reply: Reply, rate: number): Effect.Effect<void> => {
  const lines = Object.entries(reply.headers).map(([name, value]) => `${name}: ${toLatin1(value)}`)
  const head = `HTTP/1.1 ${reply.status} ${Http.STATUS_CODES[reply.status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n`
  return Effect.forEach(
    Buffer.from(head, "latin1"),
    (byte) =>
      Effect.zipRight(
        Effect.sleep(1000 / rate),
        Effect.sync(() => response.socket?.write(Buffer.of(byte)))
      ),
    { discard: true }
  )
}

/**
 * Content-Disposition goes first. Once node has seen Content-Length it reads that one header as UTF-8 and then writes
 * the characters as Latin-1, which cuts them: U+010D U+010A would end the line.
 */
const byWriting = (headers: Reply["headers"]): ReadonlyArray<readonly [name: string, value: string]> => {
  const isFirst = ([name]: readonly [string, string]) => name === "content-disposition"
  // trailers exist only with chunks, and node throws otherwise
  const entries = Object.entries(headers).filter(
    ([name]) => name.toLowerCase() !== "trailer" || headers["transfer-encoding"] === "chunked"
  )
  return [...entries.filter(isFirst), ...entries.filter((entry) => !isFirst(entry))]
}

const render = (response: Http.ServerResponse, result: HandlerResult): Effect.Effect<void> => {
  if (result._tag === "ConnectionReset") return resetConnection(response)
  const { body, headBytesPerSecond } = result
  if (headBytesPerSecond !== undefined) {
    // The body follows on the raw socket, which then closes: node knows nothing of this response.
    return trickleHead(response, result, headBytesPerSecond).pipe(
      Effect.zipRight(
        body instanceof Uint8Array
          ? Effect.sync(() => response.socket?.write(body))
          : Effect.ignore(Stream.runForEach(body, (chunk) => Effect.sync(() => response.socket?.write(chunk))))
      ),
      Effect.zipRight(Effect.sync(() => response.socket?.destroySoon()))
    )
  }
  return Effect.suspend(() => {
    response.sendDate = false
    for (const [name, value] of byWriting(result.headers)) response.setHeader(name, toLatin1(value))
    if (!response.shouldKeepAlive) response.setHeader("connection", "close")
    response.writeHead(result.status)
    if (body instanceof Uint8Array) return end(response, body)
    response.flushHeaders()
    return Stream.runForEach(body, (chunk) => write(response, chunk)).pipe(
      Effect.zipRight(end(response)),
      Effect.catchAll((cut) => cutBody(response, cut))
    )
  })
}

/**
 * Refuses what Node does not hand over as a request, and closes the connection. Node looks after such a socket no more, neither
 * after its errors nor after its time: a client that never closes its side is cut off after `patience` milliseconds.
 */
const refuseConnection = (socket: Net.Socket, status: string, text: string, patience: number): void => {
  socket.on("error", () => socket.destroy())
  const timer = setTimeout(() => socket.destroy(), patience)
  socket.once("close", () => clearTimeout(timer))
  socket.resume()
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
}

/**
 * Runs the requests of a connection one after the other. A client may send the next before it has the response, and Node then
 * hands it over at once, with a response that has no socket yet: it could be neither reset nor cut off, and nothing would tell
 * it that the client left.
 */
const makeTurns = () => {
  const last = new WeakMap<Net.Socket, Http.ServerResponse>()
  return (socket: Net.Socket, response: Http.ServerResponse, run: () => void): void => {
    const before = last.get(socket)
    last.set(socket, response)
    if (before === undefined || before.closed) run()
    // Nobody waits for the others once the connection is gone.
    else before.once("close", () => socket.destroyed || run())
  }
}

/** Where the server listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** The first byte of a TLS connection. No HTTP method begins with it. */
const tlsHandshakeByte = 0x16

/** Hands a connection to the server once its first byte shows whether it speaks TLS. */
const tlsOrPlain = (server: Http.Server, host: string, { contextOf, identityOf }: Authority, timeout: number) => {
  // A client that connects to an address sends no server name.
  const own = createSecureContext(identityOf("localhost", "127.0.0.1", "::1", ...(Net.isIP(host) === 0 ? [] : [host])))
  return (socket: Net.Socket): void => {
    const timer = setTimeout(() => socket.destroy(), timeout)
    socket.on("error", () => socket.destroy())
    socket.on("close", () => clearTimeout(timer))
    socket.once("data", (first: Buffer) => {
      socket.pause()
      socket.unshift(first)
      if (first[0] !== tlsHandshakeByte) {
        clearTimeout(timer)
        server.emit("connection", socket)
        process.nextTick(() => socket.resume())
        return
      }
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext: own,
        SNICallback: (name, done) => done(null, name === "localhost" ? own : contextOf(name))
      })
      secure.on("error", () => socket.destroy())
      secure.on("secure", () => clearTimeout(timer))
      rawSockets.set(secure, socket)
      server.emit("connection", secure)
    })
  }
}

/**
 * Listens until the scope closes; then closes open connections and interrupts running handlers. With an authority the
 * port speaks TLS beside HTTP, and `CONNECT` leads to the emulator itself, with a certificate for the host that the
 * client named.
 */
export const listen = (
  state: EmulatorState,
  options: {
    readonly host: string
    readonly port: number
    readonly authority: Authority | undefined
    readonly limits: ConnectionLimits
  }
): Effect.Effect<Address, EmulatorError, Scope.Scope> =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<never>()
    const fork = Runtime.runFork(runtime)
    const running = new Set<Fiber.RuntimeFiber<void>>()
    const limits = limitsOf(options.limits)

    const run = (message: Http.IncomingMessage, response: Http.ServerResponse, sendContinue: () => void): void => {
      const fiber = fork(
        handle(state, toRequest(message, sendContinue, limits)).pipe(
          Effect.flatMap((result) => render(response, result)),
          Effect.scoped,
          // A defect is a bug of the emulator; the client must not wait for ever.
          Effect.catchAllDefect((defect) => Effect.zipRight(Effect.logError(defect), resetConnection(response))),
          Effect.ensuring(
            Effect.sync(() => discardBody(message, { maxBytes: maxDiscardedBytes, milliseconds: limits.bodyTimeout }))
          )
        )
      )
      running.add(fiber)
      // The client left before the response was complete.
      const leave = () => {
        if (!response.writableFinished) fork(Fiber.interruptFork(fiber))
      }
      response.on("close", leave)
      fiber.addObserver(() => {
        running.delete(fiber)
      })
    }
    const inTurn = makeTurns()
    const serve = (message: Http.IncomingMessage, response: Http.ServerResponse, sendContinue: () => void): void =>
      inTurn(message.socket, response, () => run(message, response, sendContinue))

    const { headersTimeout, maxConnections, requestTimeout } = limits
    const server = Http.createServer({
      keepAliveTimeout: 60_000,
      headersTimeout,
      requestTimeout,
      connectionsCheckingInterval: Math.min(headersTimeout, 15_000)
    })
    server.on("request", (message, response) => serve(message, response, () => {}))
    server.on("checkContinue", (message: Http.IncomingMessage, response: Http.ServerResponse) =>
      serve(message, response, () => response.writeContinue())
    )
    // The handler ignores other expectations.
    server.on("checkExpectation", (message: Http.IncomingMessage, response: Http.ServerResponse) =>
      serve(message, response, () => {})
    )
    server.on("clientError", ({ code }: NodeJS.ErrnoException, socket: Net.Socket) => {
      const status = code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request"
      if (socket.writable) refuseConnection(socket, status, "", headersTimeout)
    })
    const enter = options.authority && tlsOrPlain(server, options.host, options.authority, headersTimeout)
    server.on("connect", (_message: Http.IncomingMessage, socket: Net.Socket, head: Buffer) => {
      if (enter === undefined) {
        refuseConnection(socket, "501 Not Implemented", "CONNECT needs an emulator with TLS.\n", headersTimeout)
        return
      }
      if (head.length > 0) socket.unshift(head)
      enter(socket)
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
    })
    const listener = enter === undefined ? server : Net.createServer({ noDelay: true }, enter)
    listener.maxConnections = maxConnections
    // The HTTP server does not listen itself here, and would never check its connections for time-outs.
    if (listener !== server) listener.once("listening", () => server.emit("listening"))
    const sockets = new Set<Net.Socket>()
    listener.on("connection", (socket: Net.Socket) => {
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
    })

    yield* Effect.acquireRelease(
      Effect.async<void, EmulatorError>((resume) => {
        listener.once("error", ({ message }) => resume(Effect.fail(new EmulatorError({ code: "Listen", message }))))
        listener.listen(options.port, options.host, () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          listener.close(() => resume(Effect.void))
          if (listener !== server) server.close()
          // `close` waits for open connections otherwise.
          for (const socket of sockets) socket.destroy()
        }).pipe(Effect.zipRight(Effect.suspend(() => Fiber.interruptAll(running))))
    )
    const { port } = listener.address() as Net.AddressInfo
    return { host: options.host, port }
  })
