/**
 * Compares the emulator with `s3rver`, on the same disk and in turns: PUT and GET of 8 MiB, PUT of 4 KiB. Both check
 * signatures. The requests are signed before the clock starts, so only the servers are measured.
 */
import { spawn } from "node:child_process"
import { createHash, createHmac } from "node:crypto"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Signature from "effect-cos/Signature"
import { nodeHash } from "effect-cos-node/NodeHash"
import { Pool } from "undici"
import { Failed, main, root } from "../tool.js"
import { install, start } from "./command.js"

export const description = "PUT and GET of 8 MiB and PUT of 4 KiB per second, beside s3rver in the same run"

const rounds = 5
const concurrency = 8
const large = Buffer.alloc(8 * 1024 * 1024, "effect-cos ")
const small = Buffer.alloc(4 * 1024, "effect-cos ")

interface Server {
  readonly name: string
  readonly url: string
  readonly bucket: string
  readonly sign: (method: string, path: string) => Record<string, string>
}

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()

/** Signs as COS does: no header but Host. */
const signCos = (secretId: string, secretKey: string, host: string) => (method: string, path: string) => {
  const start = Math.floor(Date.now() / 1000) - 60
  const { authorization } = Signature.sign(nodeHash, {
    secretId,
    secretKey,
    method,
    pathname: path,
    headers: [["host", host]],
    query: [],
    keyTime: { start, end: start + 3600 }
  })
  return { host, authorization }
}

/** Signs as S3 does, version 4, with an unsigned payload. */
const signS3 = (id: string, key: string, host: string) => (method: string, path: string) => {
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "")
  const day = date.slice(0, 8)
  const scope = `${day}/us-east-1/s3/aws4_request`
  const payload = "UNSIGNED-PAYLOAD"
  const names = "host;x-amz-content-sha256;x-amz-date"
  const canonical = `${method}\n${path}\n\nhost:${host}\nx-amz-content-sha256:${payload}\nx-amz-date:${date}\n\n${names}\n${payload}`
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${createHash("sha256").update(canonical).digest("hex")}`
  const signing = ["us-east-1", "s3", "aws4_request"].reduce(
    (found, part) => hmac(found, part),
    hmac(`AWS4${key}`, day)
  )
  return {
    host,
    "x-amz-date": date,
    "x-amz-content-sha256": payload,
    authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${hmac(signing, text).toString("hex")}`
  }
}

/** Starts `s3rver` in a process of its own. */
const s3rver = (directory: string) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly stop: () => void }, Failed>((resume) => {
      const source = `
        const S3rver = require("s3rver")
        new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory: process.argv[1], configureBuckets: [{ name: "bench" }] })
          .run().then(({ port }) => console.log(port))`
      const child = spawn(process.execPath, ["-e", source, directory], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"]
      })
      child.stdout.once("data", (port) =>
        resume(Effect.succeed({ url: `http://127.0.0.1:${String(port).trim()}`, stop: () => child.kill() }))
      )
      child.once("exit", (code) => resume(new Failed(`s3rver ended with ${code}`)))
    }),
    ({ stop }) => Effect.sync(stop)
  )

/** Requests per second. */
const measure = (server: Server, method: "PUT" | "GET", count: number, body: Buffer, label: string) =>
  Effect.promise(async () => {
    const pool = new Pool(server.url, { connections: concurrency })
    const requests = Array.from({ length: count }, (_, index) => {
      const path = `/${server.bucket}/${label}-${index}`
      return { method, path, headers: server.sign(method, path), body: method === "PUT" ? body : null }
    })
    const begin = performance.now()
    const work = async () => {
      for (let next = requests.pop(); next !== undefined; next = requests.pop()) {
        const response = await pool.request(next)
        let received = 0
        for await (const chunk of response.body) received += chunk.length
        if (response.statusCode !== 200) throw new Error(`${server.name}: status ${response.statusCode} for ${method}`)
        if (method === "GET" && received !== body.length) throw new Error(`${server.name}: ${received} bytes`)
      }
    }
    await Promise.all(Array.from({ length: concurrency }, work))
    const seconds = (performance.now() - begin) / 1000
    await pool.close()
    return count / seconds
  })

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const command = yield* install
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-throughput-" })
    const { env } = yield* start(command, "--dir", `${folder}/ours`)
    const other = yield* s3rver(`${folder}/s3rver`)
    const host = (url: string) => new URL(url).host
    const servers: ReadonlyArray<Server> = [
      {
        name: "effect-cos-emulator",
        url: env.COS_ENDPOINT ?? "",
        bucket: env.COS_BUCKET ?? "",
        sign: signCos(env.COS_SECRET_ID ?? "", env.COS_SECRET_KEY ?? "", host(env.COS_ENDPOINT ?? ""))
      },
      { name: "s3rver", url: other.url, bucket: "bench", sign: signS3("S3RVER", "S3RVER", host(other.url)) }
    ]
    const works = [
      { name: "PUT 8 MiB", method: "PUT", count: 40, body: large, label: "large" },
      { name: "GET 8 MiB", method: "GET", count: 40, body: large, label: "large" },
      { name: "PUT 4 KiB", method: "PUT", count: 1500, body: small, label: "small" }
    ] as const
    const figures: Record<string, Record<string, number>> = {}
    for (const { body, count, label, method, name } of works) {
      const found = new Map<string, Array<number>>(servers.map((server) => [server.name, []]))
      // The first two rounds warm up.
      for (let round = -2; round < rounds; round++) {
        for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
          const rate = yield* measure(server, method, count, body, label)
          if (round >= 0) found.get(server.name)?.push(rate)
        }
      }
      figures[name] = Object.fromEntries(
        Array.from(found, ([server, rates]) => [server, Math.round(median(rates) * 10) / 10])
      )
    }
    console.table(figures)
    const behind = Object.entries(figures).filter(
      ([, rates]) => (rates["effect-cos-emulator"] ?? 0) <= (rates.s3rver ?? 0)
    )
    console.log(
      Object.entries(figures)
        .map(([name, rates]) => `${name} ${rates["effect-cos-emulator"]}/s (s3rver ${rates.s3rver}/s)`)
        .join(", ")
    )
    if (behind.length > 0) return yield* new Failed(`behind: ${behind.map(([name]) => name).join(", ")}`)
  }).pipe(Effect.scoped)
)
