/**
 * The emulator on a port, used by plain `node:http` and by `fetch`.
 */
import { createHash, randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import * as Http from "node:http"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { Emulator, layerServer, type Emulator as Tag } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { bucket, host } from "./support/client.js"
import { authorization, encodePath } from "./support/signer.js"

const server = layerServer({ buckets: [bucket], minPartSize: 1, strict: true })

interface Ask {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array
  readonly agent?: Http.Agent
  readonly expect100?: boolean
}

interface Got {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly body: Buffer
  /** The body ended before its announced length. */
  readonly aborted: boolean
  readonly continued: boolean
}

const sign = (
  emulator: Effect.Effect.Success<typeof Tag>,
  method: string,
  path: string,
  headers: Record<string, string>
) => {
  const now = Math.floor(Date.now() / 1000)
  return authorization({
    secretId: emulator.credentials.secretId,
    secretKey: Redacted.value(emulator.credentials.secretKey),
    method,
    path,
    headers,
    start: now - 60,
    end: now + 600
  })
}

/** One signed request over node:http, with COS's own Host. */
const ask = (options: Ask): Effect.Effect<Got, Error, Emulator> =>
  Effect.flatMap(Emulator, (emulator) =>
    Effect.async<Got, Error>((resume) => {
      const { method = "GET", path = "/" } = options
      const headers: Record<string, string> = { host, ...options.headers }
      const authorized = { ...headers, authorization: sign(emulator, method, path, headers) }
      let continued = false
      const request = Http.request(
        {
          host: "127.0.0.1",
          port: emulator.address?.port,
          method,
          path: encodePath(path),
          headers: {
            ...authorized,
            ...(options.body === undefined ? {} : { "content-length": options.body.length }),
            ...(options.expect100 === true ? { expect: "100-continue" } : {})
          },
          agent: options.agent ?? false
        },
        (response) => {
          const chunks: Array<Buffer> = []
          const done = (aborted: boolean) =>
            resume(
              Effect.succeed({
                status: response.statusCode ?? 0,
                headers: response.headers,
                body: Buffer.concat(chunks),
                aborted,
                continued
              })
            )
          response.on("data", (chunk: Buffer) => chunks.push(chunk))
          response.on("end", () => done(false))
          response.on("error", () => done(true))
        }
      )
      request.on("error", (error) => resume(Effect.fail(error)))
      if (options.expect100 === true) {
        request.on("continue", () => {
          continued = true
          request.end(options.body)
        })
        request.flushHeaders()
      } else {
        request.end(options.body)
      }
      return Effect.sync(() => request.destroy())
    })
  )

const codeOf = (error: Error): unknown => (error as NodeJS.ErrnoException).code

describe("a port", () => {
  it.live("serves objects under raw paths over kept-alive connections", () =>
    Effect.gen(function* () {
      const agent = new Http.Agent({ keepAlive: true, maxSockets: 1 })
      const body = Buffer.from("hello world!")
      const put = yield* ask({ method: "PUT", path: "/a/../b//./c+ü", body, agent })
      expect(put.status).toBe(200)
      expect(put.headers.connection).toBe("keep-alive")
      expect(put.headers.etag).toBe('"fc3ff98e8c6a0d3087d515c0473f8677"')
      expect((yield* ask({ method: "HEAD", path: "/a/../b//./c+ü", agent })).headers["content-length"]).toBe("12")
      expect((yield* ask({ path: "/a/../b//./c+ü", agent })).body.toString()).toBe("hello world!")
      expect(Object.values(agent.freeSockets).flat()).toHaveLength(1)
      agent.destroy()
      const keys = (yield* (yield* Emulator).objects(bucket)).map(({ key }) => key)
      expect(keys).toEqual(["a/../b//./c+ü"])
    }).pipe(Effect.provide(server))
  )

  it.live("streams bodies both ways", () =>
    Effect.gen(function* () {
      const body = Buffer.alloc(9 * 1024 * 1024 + 17, "0123456789abcdef!")
      const put = yield* ask({ method: "PUT", path: "/big", body })
      expect(put.headers.etag).toBe(`"${createHash("md5").update(body).digest("hex")}"`)
      expect((yield* ask({ path: "/big" })).body.equals(body)).toBe(true)
      const range = yield* ask({ path: "/big", headers: { range: "bytes=8388600-8388610" } })
      expect(range.status).toBe(206)
      expect(range.body.equals(body.subarray(8388600, 8388611))).toBe(true)
    }).pipe(Effect.provide(server))
  )

  it.live("is path style for hosts that are not COS's, and any fetch can use it", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const url = new URL(emulator.endpoint)
      const path = `/${bucket}/k`
      const headers = { host: url.host }
      const put = yield* Effect.promise(() =>
        fetch(`${emulator.endpoint}${path}`, {
          method: "PUT",
          body: "fetched",
          headers: { authorization: sign(emulator, "PUT", path, headers) }
        })
      )
      expect(put.status).toBe(200)
      const get = yield* Effect.promise(() =>
        fetch(`${emulator.endpoint}${path}`, { headers: { authorization: sign(emulator, "GET", path, headers) } })
      )
      expect(yield* Effect.promise(() => get.text())).toBe("fetched")
      expect(yield* emulator.bytes(bucket, "k")).toEqual(new Uint8Array(Buffer.from("fetched")))
    }).pipe(Effect.provide(server))
  )

  it.live("sends 100 Continue only when it wants the body", () =>
    Effect.gen(function* () {
      const body = Buffer.from("wanted")
      for (const wanted of [body, Buffer.alloc(300_000)]) {
        const put = yield* ask({ method: "PUT", path: "/k", body: wanted, expect100: true })
        expect([put.status, put.continued]).toEqual([200, true])
      }
      yield* (yield* Emulator).removeCredentials("AKIDEMULATOR0000000000000000000000")
      const refused = yield* ask({ method: "PUT", path: "/k", body, expect100: true })
      expect([refused.status, refused.continued]).toEqual([403, false])
    }).pipe(Effect.provide(server))
  )

  it.live("responds early, and the connection can be used again", () =>
    Effect.gen(function* () {
      const agent = new Http.Agent({ keepAlive: true, maxSockets: 1 })
      const emulator = yield* Emulator
      yield* emulator.fault({ do: Fault.statusAfterBytes(1, 503, { code: "SlowDown" }) })
      const put = yield* ask({ method: "PUT", path: "/k", body: Buffer.alloc(4 * 1024 * 1024), agent })
      expect(put.status).toBe(503)
      expect((yield* ask({ method: "HEAD", path: "/k", agent })).status).toBe(404)
      agent.destroy()
    }).pipe(Effect.provide(server))
  )

  it.live("breaks connections as the faults say", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const body = Buffer.from("0123456789")
      yield* ask({ method: "PUT", path: "/k", body })
      const faulty = (fault: Fault.Fault, options: Ask) =>
        Effect.gen(function* () {
          const handle = yield* emulator.fault({ do: fault })
          const result = yield* Effect.either(ask(options))
          expect(yield* handle.fired, fault._tag).toBe(1)
          return result
        })
      const before = yield* faulty(Fault.resetBefore, { path: "/k" })
      expect(before).toMatchObject({ _tag: "Left" })
      expect(before._tag === "Left" && codeOf(before.left)).toBe("ECONNRESET")

      const midway = yield* faulty(Fault.resetAfterBytes(5), { method: "PUT", path: "/never", body })
      expect(midway._tag === "Left" && codeOf(midway.left)).toBe("ECONNRESET")

      const lost = yield* faulty(Fault.lostResponse, { method: "PUT", path: "/lost", body })
      expect(lost._tag === "Left" && codeOf(lost.left)).toBe("ECONNRESET")

      const cut = yield* faulty(Fault.truncate(4), { path: "/k" })
      expect(cut).toMatchObject({ right: { status: 200, aborted: true } })
      expect(cut._tag === "Right" && cut.right.body.toString()).toBe("0123")

      const reset = yield* faulty(Fault.resetResponseAfterBytes(4), { path: "/k" })
      expect(reset._tag === "Left" || reset.right.aborted).toBe(true)

      const long = yield* faulty(Fault.wrongLength(3), { path: "/k" })
      expect(long).toMatchObject({ right: { aborted: true, headers: { "content-length": "13" } } })

      const flipped = yield* faulty(Fault.flipBit(9), { path: "/k" })
      expect(flipped._tag === "Right" && flipped.right.body.toString()).toBe("0123456788")

      const crawling = yield* faulty(Fault.slowHeaders(100_000), { path: "/k" })
      expect(crawling).toMatchObject({ right: { status: 200, aborted: false } })

      const late = yield* faulty(Fault.keepAliveBlanks(3, 1), { path: "/k" })
      expect(late).toMatchObject({ right: { status: 200, headers: { "transfer-encoding": "chunked" } } })
      expect(late._tag === "Right" && late.right.body.toString()).toBe("   0123456789")

      const full = yield* faulty(Fault.diskFullAfterBytes(9), { method: "PUT", path: "/never", body })
      expect(full).toMatchObject({ right: { status: 500, aborted: false } })

      expect((yield* emulator.objects(bucket)).map(({ key }) => key)).toEqual(["k", "lost"])
      const outcomes = (yield* emulator.journal).map(({ outcome }) => outcome)
      expect(outcomes.slice(1, 6)).toEqual([
        "serverClosed",
        "serverClosed",
        "serverClosed",
        "serverClosed",
        "serverClosed"
      ])
    }).pipe(Effect.provide(server))
  )

  it.live("notices that the client left", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const handle = yield* emulator.fault({ do: Fault.silence("before") })
      yield* ask({ path: "/k" }).pipe(
        Effect.raceFirst(
          Effect.repeat(Effect.zipRight(Effect.sleep(1), handle.fired), { until: (fired) => fired === 1 })
        )
      )
      /** How the nth exchange ended: the socket's news come between two looks, so there has to be time for them. */
      const outcome = (nth: number) =>
        Effect.repeat(
          Effect.zipRight(
            Effect.sleep(1),
            Effect.map(emulator.journal, (entries) => entries[nth]?.outcome ?? "pending")
          ),
          { until: (value) => value !== "pending" }
        )
      expect(yield* outcome(0)).toBe("clientClosed")
      // Half a body and then nothing: what was begun leaves nothing behind.
      yield* Effect.async<void>((resume) => {
        const headers = { host, "content-length": "100" }
        const socket = Net.connect(emulator.address?.port ?? 0, "127.0.0.1", () => {
          socket.write(
            `PUT /half HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 100\r\nauthorization: ${sign(emulator, "PUT", "/half", headers)}\r\n\r\nhalf`,
            () => setTimeout(() => socket.destroy(), 20)
          )
        })
        socket.on("close", () => resume(Effect.void))
      })
      expect(yield* outcome(1)).toBe("clientClosed")
      expect(yield* emulator.objects(bucket)).toEqual([])
    }).pipe(Effect.provide(server))
  )

  it.live("takes requests that are sent at once one after the other, and can break off each of them", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      yield* emulator.fault({ on: { key: "slow", times: "all" }, do: Fault.delay("20 millis") })
      yield* emulator.fault({ on: { key: "reset" }, do: Fault.resetBefore })
      yield* emulator.fault({ on: { key: "trickle" }, do: Fault.slowHeaders(100_000) })
      yield* emulator.fault({ on: { key: "silent" }, do: Fault.silence("before") })
      const get = (key: string) => `GET /${key} HTTP/1.1\r\nhost: ${host}\r\n\r\n`
      /** What comes until the server closes the connection, or the client does. */
      const got = (keys: ReadonlyArray<string>, milliseconds: number) =>
        Effect.async<string>((resume) => {
          let text = ""
          const socket = Net.connect(emulator.address?.port ?? 0, "127.0.0.1", () =>
            socket.write(keys.map(get).join(""))
          )
          const timer = setTimeout(() => socket.destroy(), milliseconds)
          socket.on("data", (chunk) => {
            text += chunk
          })
          socket.on("error", () => {})
          socket.on("close", () => {
            clearTimeout(timer)
            resume(Effect.succeed(text))
          })
        })
      const outcomes = Effect.map(emulator.journal, (entries) => entries.map(({ key, outcome }) => [key, outcome]))
      expect((yield* got(["slow", "reset"], 5000)).match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 403"])
      expect((yield* got(["slow", "trickle"], 5000)).match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 403", "HTTP/1.1 403"])
      expect(yield* outcomes).toEqual([
        ["slow", "completed"],
        ["reset", "serverClosed"],
        ["slow", "completed"],
        ["trickle", "completed"]
      ])
      yield* emulator.clearJournal
      // What follows a request that the client has given up is not begun.
      yield* got(["silent", "slow"], 50)
      yield* Effect.repeat(Effect.zipRight(Effect.sleep(1), outcomes), {
        until: ([first]) => first?.[1] === "clientClosed"
      })
      expect(yield* outcomes).toEqual([["silent", "clientClosed"]])
    }).pipe(Effect.provide(server))
  )

  // An error that nobody listens to would end the process.
  it.live("outlives a client that resets its CONNECT", () =>
    Effect.gen(function* () {
      const { address } = yield* Emulator
      yield* Effect.async<void>((resume) => {
        const socket = Net.connect(address?.port ?? 0, "127.0.0.1", () =>
          socket.write("CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n", () => socket.resetAndDestroy())
        )
        socket.on("close", () => resume(Effect.void))
      })
      expect((yield* ask({ path: "/" })).status).toBe(200)
    }).pipe(Effect.provide(server))
  )

  it.live("stops while requests are open, and frees its port", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(server, scope)
      const result = yield* Effect.gen(function* () {
        const emulator = yield* Emulator
        const handle = yield* emulator.fault({ do: Fault.silence("before") })
        const fiber = yield* Effect.fork(Effect.either(ask({ path: "/k" })))
        yield* Effect.repeat(Effect.zipRight(Effect.sleep(1), handle.fired), { until: (fired) => fired === 1 })
        yield* Scope.close(scope, Exit.void)
        return { answer: yield* fiber, port: emulator.address?.port ?? 0 }
      }).pipe(Effect.provide(context))
      expect(result.answer._tag).toBe("Left")
      const again = layerServer({ port: result.port })
      const port = Effect.map(Emulator, (emulator) => emulator.address?.port)
      expect(yield* Effect.provide(port, again)).toBe(result.port)
    })
  )

  it.live("with a directory keeps everything across restarts", () =>
    Effect.gen(function* () {
      const dir = mkdtempSync(join(tmpdir(), "cos-emulator-"))
      const kept = layerServer({ buckets: [bucket], dir })
      const body = Buffer.alloc(300_000, "kept ")
      yield* Effect.gen(function* () {
        yield* ask({ method: "PUT", path: "/big", body, headers: { "x-cos-meta-a": "1" } })
        yield* ask({ method: "PUT", path: "/small", body: Buffer.from("small") })
      }).pipe(Effect.provide(kept))
      yield* Effect.gen(function* () {
        const big = yield* ask({ path: "/big" })
        expect(big.body.equals(body)).toBe(true)
        expect(big.headers["x-cos-meta-a"]).toBe("1")
        expect((yield* ask({ path: "/small" })).body.toString()).toBe("small")
      }).pipe(Effect.provide(kept))
      rmSync(dir, { recursive: true })
    })
  )

  it.live("gives every client its own bytes, however slowly it reads them", () =>
    Effect.gen(function* () {
      const dir = mkdtempSync(join(tmpdir(), "cos-emulator-"))
      yield* Effect.gen(function* () {
        const emulator = yield* Emulator
        const [slow, fast] = [randomBytes(16 * 1024 * 1024), randomBytes(3 * 1024 * 1024)]
        yield* ask({ method: "PUT", path: "/slow", body: slow })
        yield* ask({ method: "PUT", path: "/fast", body: fast })
        const response = yield* Effect.async<Http.IncomingMessage>((resume) => {
          const headers = { host, authorization: sign(emulator, "GET", "/slow", { host }) }
          const { port } = emulator.address ?? {}
          Http.get({ host: "127.0.0.1", port, path: "/slow", headers, agent: false }, (response) =>
            resume(Effect.succeed(response))
          )
        })
        for (let i = 0; i < 3; i++) {
          const got = yield* Effect.all(
            [1, 2, 3, 4].map(() => ask({ path: "/fast" })),
            { concurrency: "unbounded" }
          )
          for (const { body } of got) expect(body.equals(fast)).toBe(true)
        }
        const chunks = yield* Effect.promise(() => response.toArray())
        expect(Buffer.concat(chunks).equals(slow)).toBe(true)
      }).pipe(Effect.provide(layerServer({ buckets: [bucket], dir })))
      rmSync(dir, { recursive: true })
    })
  )

  it.live("that is taken is a typed error", () =>
    Effect.gen(function* () {
      const { address } = yield* Emulator
      const error = yield* Effect.flip(Layer.build(layerServer({ port: address?.port ?? 0 })))
      expect(error).toMatchObject({ _tag: "EmulatorError", code: "Listen" })
    }).pipe(Effect.scoped, Effect.provide(server))
  )
})
