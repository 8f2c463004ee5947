/**
 * What the transport costs: client CPU (user + system) of a 4 KiB PUT and of a HEAD, 32 at a time, on loopback against
 * a server that only counts bytes. One process per variant and round, rounds interleaved; ratios are to raw undici of
 * the same round. The processes run a bundle: loaders of TypeScript that keep function names make ours slower than
 * what is published.
 *
 *   npx tsx scripts/bench/transport.ts [rounds]
 */

import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { cpus } from "node:os"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import * as Esbuild from "esbuild"
import { Agent, type Dispatcher } from "undici"

const concurrency = 32
const warmUp = 10_000
const measured = 40_000
const headers = { host: "bucket-1.cos.bench.test", authorization: "q-sign-algorithm=sha1", "x-cos-meta-a": "b" }
const body = new Uint8Array(4096)

type Send = (count: number) => Promise<void>

/** Runs `count` requests, `concurrency` at a time. */
const inParallel =
  (one: () => Promise<unknown>): Send =>
  async (count) => {
    let left = count
    const worker = async () => {
      while (left-- > 0) await one()
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }

const raw = (origin: string, method: "PUT" | "HEAD"): Send => {
  const dispatcher = new Agent()
  const options = { origin, path: "/a/b", method, headers, body: method === "PUT" ? body : null, reset: false }
  return inParallel(async () => {
    const answer = await dispatcher.request(options as Dispatcher.RequestOptions)
    await answer.body.dump()
  })
}

const effect =
  (layer: Layer.Layer<HttpClient.HttpClient, unknown>, traced: boolean) =>
  (origin: string, method: "PUT" | "HEAD"): Send => {
    const request = HttpClientRequest.make(method)(`${origin}/a/b`).pipe(
      HttpClientRequest.setHeaders(headers),
      method === "PUT" ? HttpClientRequest.setBody(HttpBody.uint8Array(body)) : (self) => self
    )
    return (count) =>
      HttpClient.HttpClient.pipe(
        Effect.flatMap((client) =>
          Effect.forEach(
            Array(concurrency),
            () =>
              Effect.repeatN(
                Effect.flatMap(client.execute(request), (response) => response.arrayBuffer),
                count / concurrency - 1
              ),
            { concurrency: "unbounded", discard: true }
          )
        ),
        Effect.withTracerEnabled(traced),
        Effect.provide(layer),
        Effect.runPromise
      )
  }

const variants: { readonly [name: string]: (origin: string, method: "PUT" | "HEAD") => Send } = {
  "raw undici": raw,
  UndiciTransport: effect(UndiciTransport.layer(), false),
  "layerUndici, no tracer": effect(NodeHttpClient.layerUndici, false),
  layerUndici: effect(NodeHttpClient.layerUndici, true)
}

/** Answers a HEAD at its blank line, a PUT at the end of its 4096 bytes; reads nothing else. */
const serve = (): void => {
  const answer = Buffer.from('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nETag: "x"\r\nContent-Length: 0\r\n\r\n')
  const server = createServer({ noDelay: true }, (socket) => {
    let body = 0
    socket.on("error", () => {})
    socket.on("data", (data) => {
      const end = body === 0 ? data.indexOf("\r\n\r\n") : -1
      if (end >= 0) body = data[0] === 80 ? 4096 - (data.length - end - 4) : 0
      else body -= data.length
      if (body === 0) socket.write(answer)
    })
  })
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
}

const measure = async (variant: string, method: "PUT" | "HEAD", origin: string): Promise<void> => {
  const send = variants[variant]?.(origin, method)
  await send?.(warmUp)
  const before = process.cpuUsage()
  await send?.(measured)
  const { system, user } = process.cpuUsage(before)
  process.send?.((system + user) / measured)
  process.disconnect()
}

const bundle = ".evidence/bench-transport.mjs"

const child = async (...args: ReadonlyArray<string>): Promise<readonly [ChildProcess, number]> => {
  const process = fork(bundle, args, { execArgv: [] })
  const [value] = await once(process, "message")
  return [process, value as number]
}

const main = async (): Promise<void> => {
  const rounds = Number(process.argv[2] ?? 5)
  await Esbuild.build({
    entryPoints: [import.meta.filename],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["undici", "esbuild"]
  })
  const [server, port] = await child("serve")
  const results: Array<Record<string, string | number>> = []
  for (const method of ["PUT", "HEAD"] as const) {
    const costs = new Map(Object.keys(variants).map((name) => [name, [] as Array<number>]))
    for (let round = 0; round < rounds; round++) {
      for (const [name, list] of costs) {
        const [process, cost] = await child("measure", name, method, `http://127.0.0.1:${port}`)
        if (process.exitCode === null) await once(process, "exit")
        list.push(cost)
      }
    }
    const peer = costs.get("raw undici") ?? []
    for (const [name, list] of costs) {
      const sorted = list.toSorted((a, b) => a - b)
      const ratios = list.map((cost, round) => cost / (peer[round] ?? Number.NaN)).toSorted((a, b) => a - b)
      const middle = Math.floor(rounds / 2)
      const fixed = (n: number | undefined) => Number(n?.toFixed(2))
      results.push({
        request: method === "PUT" ? "PUT 4 KiB" : method,
        variant: name,
        "µs CPU": fixed(sorted[middle]),
        "÷ raw": fixed(ratios[middle]),
        min: fixed(ratios[0]),
        max: fixed(ratios.at(-1))
      })
    }
  }
  server.kill()
  console.table(results)
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, rounds, concurrency, measured }
  writeFileSync(".evidence/bench-transport.json", `${JSON.stringify({ machine, results }, null, 2)}\n`)
}

const [, , mode, variant, method, origin] = process.argv
if (mode === "serve") serve()
else if (mode === "measure") await measure(variant ?? "", method as "PUT" | "HEAD", origin ?? "")
else await main()
