/** What the emulator does with clients that send too much, too slowly, or nothing: all that they can use up has a limit. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as HttpBody from "@effect/platform/HttpBody"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Emulator, layer, layerServer } from "effect-cos-emulator/Emulator"
import { anybody, converse, form, headOf } from "./support/anybody.js"
import { bucket, host, type Send, send } from "./support/client.js"

const endless = (chunk: Uint8Array) => {
  const taken = { bytes: 0 }
  const stream = Stream.repeatEffect(
    Effect.sync(() => {
      taken.bytes += chunk.length
      return chunk
    })
  )
  return { taken, body: HttpBody.stream(stream) }
}

describe("bodies without an end", () => {
  it.effect("are refused once they are too large, and leave nothing", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { body, taken } = endless(new Uint8Array(10_000))
      const put = yield* send("PUT", { key: "k", body })
      expect([put.status, put.code]).toEqual([400, "EntityTooLarge"])
      expect(taken.bytes).toBeLessThan(200_000)
      const announced = HttpBody.raw(new Uint8Array(100_001), { contentLength: 100_001 })
      expect((yield* send("PUT", { key: "k", body: announced })).code).toBe("EntityTooLarge")
      expect((yield* send("PUT", { key: "k", body: "x".repeat(100_000) })).status).toBe(200)
      expect((yield* send("POST", form([["key", "f"]], "x".repeat(100_001)))).code).toBe("EntityTooLarge")
      expect((yield* emulator.objects(bucket)).map(({ key }) => key)).toEqual(["k"])
    }).pipe(Effect.provide(layer({ buckets: [anybody], maxBodySize: 100_000, strict: true })))
  )

  it.effect("are refused in a form before much of them was read", () =>
    Effect.gen(function* () {
      const headers = { "content-type": "multipart/form-data; boundary=B" }
      const field = (name: string) => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`
      const forms: ReadonlyArray<readonly [start: string, chunk: string]> = [
        ["", "x".repeat(16)],
        [field("a"), "x".repeat(1000)],
        ["--B\r\n", "x-header: y\r\nx-another: y\r\n"],
        [`--B\r\nContent-Disposition: form-data; ${"; ".repeat(10_000)}`, " ; ".repeat(10)]
      ]
      for (const [start, chunk] of forms) {
        const { body, taken } = endless(Buffer.from(chunk))
        const stream = Stream.concat(Stream.make(Buffer.from(start) as Uint8Array), body.stream)
        const refused = yield* send("POST", { as: null, headers, body: HttpBody.stream(stream) })
        expect(refused.code).toBe("MalformedPOSTRequest")
        expect(taken.bytes).toBeLessThan(600_000)
      }
      const many = (count: number) => Array.from({ length: count }, (_, index) => [`f${index}`, "x"] as const)
      expect((yield* send("POST", form([["key", "k"], ...many(99)]))).status).toBe(204)
      expect((yield* send("POST", form([["key", "k"], ...many(100)]))).code).toBe("MalformedPOSTRequest")
      const heavy = Array.from({ length: 10 }, (_, index) => [`f${index}`, "x".repeat(30_000)] as const)
      expect((yield* send("POST", form(heavy))).code).toBe("MalformedPOSTRequest")
    }).pipe(Effect.provide(layer({ buckets: [anybody], strict: true })))
  )

  it.effect("are not read at all if the sender may not write", () =>
    Effect.gen(function* () {
      const requests: ReadonlyArray<readonly ["PUT" | "POST", Send]> = [
        ["PUT", { key: "k" }],
        ["POST", { key: "k", query: { append: "", position: "0" } }],
        ["PUT", { key: "k", query: { partNumber: "1", uploadId: "U" } }],
        ["PUT", { query: { cors: "" } }],
        ["POST", { query: { delete: "" } }],
        ["PUT", { host: host.replace(bucket, "none-1250000000"), key: "k" }]
      ]
      for (const [method, options] of requests) {
        const { body, taken } = endless(new Uint8Array(1000))
        const { status } = yield* send(method, { ...options, body, as: null })
        expect([status >= 400, taken.bytes], JSON.stringify(options)).toEqual([true, 0])
      }
    }).pipe(Effect.provide(layer({ buckets: [bucket], strict: true })))
  )

  it.live("get their response at once over a socket, and are cut off in the end", () =>
    Effect.gen(function* () {
      const started = Date.now()
      const got = yield* converse(
        `PUT /${bucket}/k HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000000000\r\n\r\nsome bytes`
      )
      expect(headOf(got)[0]).toContain("403")
      expect(got).not.toContain("<still open>")
      expect(Date.now() - started).toBeLessThan(4000)
    }).pipe(Effect.provide(layerServer({ buckets: [bucket], limits: { bodyTimeout: "300 millis" } })))
  )
})

describe("silent clients", () => {
  /** How the response begins; empty where there is none. */
  const statusOf = (address: { readonly port: number } | undefined, send: (socket: Net.Socket) => void) =>
    Effect.async<string>((resume) => {
      const socket = Net.connect(address?.port ?? 0, "127.0.0.1")
      socket.setEncoding("latin1").once("data", (chunk) => {
        resume(Effect.succeed(String(chunk).slice(0, 12)))
        socket.destroy()
      })
      socket.on("error", () => {})
      socket.on("close", () => resume(Effect.succeed("")))
      send(socket)
    })
  const limits = { headersTimeout: "300 millis", bodyTimeout: "300 millis", requestTimeout: "2 seconds" } as const
  const head = `PUT /${bucket}/k HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n`

  for (const tls of [false, true]) {
    it.live(`are closed${tls ? ", with TLS too" : ""}`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const texts = [
          "",
          "GET",
          "GET / HTTP/1.1\r\nHost: a\r\n",
          `${head}\r\nhalf`,
          `${head.replace("10", "999999")}\r\nhalf`
        ]
        const conversations = texts.map((text) => converse(text, { milliseconds: 4000 }))
        for (const got of yield* Effect.all(conversations, { concurrency: "unbounded" })) {
          expect(got).not.toContain("<still open>")
        }
        if (tls) expect(yield* converse("\u0016\u0003\u0001", { milliseconds: 4000 })).toBe("")
        expect((yield* emulator.objects(bucket)).length).toBe(0)
      }).pipe(Effect.provide(layerServer({ buckets: [anybody], tls, limits })))
    )
  }

  it.live("are cut off if they never close what was refused", () =>
    Effect.gen(function* () {
      const { address } = yield* Emulator
      /** Leaves its own side open, and goes on sending once the other is closed; ends when it can no longer. */
      const refused = (text: string) =>
        Effect.async<string>((resume) => {
          let got = ""
          let timer: NodeJS.Timeout | undefined
          const socket = Net.connect({ port: address?.port ?? 0, host: "127.0.0.1", allowHalfOpen: true })
          socket.setEncoding("latin1").on("data", (chunk) => {
            got += chunk
          })
          socket.on("end", () => {
            timer = setInterval(() => socket.write("x"), 20)
          })
          socket.on("error", () => {})
          socket.on("close", () => {
            clearInterval(timer)
            resume(Effect.succeed(got))
          })
          socket.write(text)
        })
      const texts = ["NONSENSE\r\n\r\n", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"]
      const got = yield* Effect.forEach(texts, refused, { concurrency: "unbounded" }).pipe(Effect.timeout("4 seconds"))
      expect(got.map((text) => headOf(text)[0])).toEqual(["HTTP/1.1 400 Bad Request", "HTTP/1.1 501 Not Implemented"])
    }).pipe(Effect.provide(layerServer({ limits })))
  )

  it.live("are closed if they send a body byte by byte, whatever it is for", () =>
    Effect.gen(function* () {
      const { address } = yield* Emulator
      const form = "Content-Type: multipart/form-data; boundary=B\r\n"
      /** Sends the head, and then a piece every few milliseconds; how the response begins. */
      const drip = (head: string, piece: string) =>
        Effect.async<string>((resume) => {
          const socket = Net.connect(address?.port ?? 0, "127.0.0.1")
          let got = ""
          const timer = setInterval(() => socket.write(piece, "latin1"), 10)
          socket.setEncoding("latin1").on("data", (chunk) => {
            got += chunk
          })
          socket.on("error", () => {})
          socket.on("close", () => {
            clearInterval(timer)
            resume(Effect.succeed(got))
          })
          socket.write(`${head}\r\n`, "latin1")
        })
      const post = `POST /${bucket} HTTP/1.1\r\nHost: 127.0.0.1\r\n`
      const drips = [
        drip(`${post}${form}Content-Length: 100000000\r\n`, "x"),
        drip(`${post}${form}Transfer-Encoding: chunked\r\n`, "1\r\nx\r\n"),
        drip(head.replace("10", "100000000"), "x"),
        drip(head.replace("10", "60000"), "x"),
        drip(`POST /${bucket}?delete HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-MD5: x\r\nContent-Length: 9999\r\n`, "x")
      ]
      yield* Effect.all(drips, { concurrency: "unbounded" })
      expect((yield* (yield* Emulator).objects(bucket)).length).toBe(0)
      // at the least rate, and more, everything arrives
      expect(headOf(yield* drip(`${head.replace("10", "4000")}Connection: close\r\n`, "x".repeat(100)))[0]).toContain(
        "200"
      )
    }).pipe(
      Effect.provide(layerServer({ buckets: [anybody], limits: { bodyTimeout: "200 millis", minBodyRate: 1000 } }))
    )
  )

  it.live("are not blamed for the time in which the process of the server does something else", () =>
    Effect.gen(function* () {
      const { address } = yield* Emulator
      /** Sends a body in three pieces, and keeps the process busy for longer than the limit before the second is read. */
      const whileBusy = (head: string, ...pieces: readonly [string, string, string]) =>
        statusOf(address, (socket) => {
          socket.write(`${head}\r\n${pieces[0]}`)
          setTimeout(() => {
            socket.write(pieces[1])
            for (const end = performance.now() + 300; performance.now() < end; );
            setTimeout(() => socket.write(pieces[2]), 20)
          }, 100)
        })
      expect(yield* whileBusy(head, "12", "345", "67890")).toBe("HTTP/1.1 200")
      const chunked = head.replace("Content-Length: 10", "Transfer-Encoding: chunked")
      expect(yield* whileBusy(chunked, "1\r\n1\r\n", "1\r\n1\r\n", "0\r\n\r\n")).toBe("HTTP/1.1 200")
    }).pipe(Effect.provide(layerServer({ buckets: [anybody], limits: { bodyTimeout: "200 millis" } })))
  )

  it.live("may have any limits: none, and a shorter one for a whole request than a head has by default", () =>
    Effect.gen(function* () {
      const { address } = yield* Emulator
      /** Sends the rest of a body a little later. */
      const late = (head: string, first: string, rest: string) =>
        statusOf(address, (socket) => {
          socket.write(`${head}\r\n`)
          setTimeout(() => socket.write(first), 10)
          setTimeout(() => socket.write(rest), 30)
        })
      expect(yield* late(head, "12345", "67890")).toBe("HTTP/1.1 200")
      const chunked = head.replace("Content-Length: 10", "Transfer-Encoding: chunked")
      expect(yield* late(chunked, "1\r\n1\r\n", "0\r\n\r\n")).toBe("HTTP/1.1 200")
    }).pipe(
      Effect.provide(
        layerServer({
          buckets: [anybody],
          limits: {
            bodyTimeout: Duration.infinity,
            headersTimeout: "40 days",
            requestTimeout: "30 seconds",
            minBodyRate: 0
          }
        })
      )
    )
  )

  it.live("are limited in number", () =>
    Effect.gen(function* () {
      const { address } = yield* Emulator
      const silent = yield* Effect.forEach([1, 2, 3], () =>
        Effect.acquireRelease(
          Effect.async<Net.Socket>((resume) => {
            const socket = Net.connect(address?.port ?? 0, "127.0.0.1", () => resume(Effect.succeed(socket)))
            socket.on("error", () => {})
          }),
          (socket) => Effect.sync(() => socket.destroy())
        )
      )
      expect(silent.length).toBe(3)
      const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
      expect(yield* converse(request)).toBe("")
      silent[0]?.destroy()
      const again = Effect.repeat(Effect.delay(converse(request), "20 millis"), { until: (got) => got !== "" })
      expect(headOf(yield* again)[0]).toContain("403")
    }).pipe(Effect.scoped, Effect.provide(layerServer({ limits: { maxConnections: 3 } })))
  )
})

describe("bounded memory", () => {
  it.effect("the journal holds a limited number of bytes, whatever requests are like", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const large = { prefix: "x".repeat(10_000) }
      for (let nth = 0; nth < 50; nth++) yield* send("GET", { query: large })
      const entries = yield* emulator.journal
      expect(entries.length).toBeGreaterThan(3)
      expect(entries.length).toBeLessThan(25)
      expect(entries.map(({ id }) => id)).toEqual(entries.map((_, index) => 50 - entries.length + 1 + index))
      yield* emulator.clearJournal
      yield* send("GET", {})
      expect((yield* emulator.journal).map(({ id }) => id)).toEqual([51])
    }).pipe(Effect.provide(layer({ buckets: [bucket], maxJournalBytes: 300_000, strict: true })))
  )

  it.live("snapshots can be removed, and keep no file after a reset", () =>
    Effect.gen(function* () {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "cos-snapshots-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      yield* Effect.gen(function* () {
        const emulator = yield* Emulator
        const files = () =>
          readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
            (entry) => entry.isFile() && !/\.(?:lmdb|mdb|lock|pem|json)$|lock/.test(entry.name)
          ).length
        const until = (count: number) =>
          Effect.repeat(Effect.delay(Effect.sync(files), "10 millis"), { until: (found) => found === count })
        const none = files()
        const put = emulator.seed(bucket, "k", new Uint8Array(1024 * 1024))
        yield* put
        const one = yield* emulator.snapshot
        yield* put
        expect(files()).toBe(none + 2)
        yield* emulator.removeSnapshot(one)
        yield* until(none + 1)
        expect(yield* Effect.flip(emulator.restore(one))).toMatchObject({ code: "NoSuchSnapshot" })
        yield* emulator.removeSnapshot(one)
        const other = yield* emulator.snapshot
        yield* emulator.reset
        yield* until(none)
        expect(yield* Effect.flip(emulator.restore(other))).toMatchObject({ code: "NoSuchSnapshot" })
      }).pipe(Effect.provide(layerServer({ buckets: [bucket], dir: directory })))
    }).pipe(Effect.scoped)
  )
})
