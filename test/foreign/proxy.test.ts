/**
 * Foreign clients, unmodified and with COS's own host names: the proxy variables are all that leads them here.
 */
import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"
const server = Layer.merge(layerServer({ buckets: [bucket], region, tls: true }), NodeFileSystem.layer)

/** Runs a script of this folder with the environment that the command prints, and reads the JSON that it prints. */
const client = (script: string) =>
  Effect.gen(function* () {
    const { credentials, endpoint, tls } = yield* Emulator
    const fs = yield* FileSystem.FileSystem
    const certificate = yield* fs.makeTempFileScoped({ suffix: ".pem" })
    yield* fs.writeFileString(certificate, tls?.certificate ?? "")
    const { stdout } = yield* Effect.promise(() =>
      promisify(execFile)(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
        env: {
          PATH: process.env.PATH,
          HTTP_PROXY: endpoint,
          HTTPS_PROXY: endpoint,
          NODE_EXTRA_CA_CERTS: certificate,
          COS_BUCKET: bucket,
          COS_REGION: region,
          COS_SECRET_ID: credentials.secretId,
          COS_SECRET_KEY: Redacted.value(credentials.secretKey)
        }
      })
    )
    return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")
  })

/** Whole programs, on a machine that may be busy. */
const seconds = 60_000

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")

describe("through the proxy", () => {
  it.scopedLive(
    "the official SDK has its way with every method, over TLS",
    () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const { results, uncalled } = yield* client("official.mjs")
        expect(Object.entries(results).filter(([, result]) => result !== "ok")).toEqual([])
        expect(uncalled).toEqual([])
        const sent = yield* emulator.journal
        expect(new Set(sent.map(({ host }) => host.replace(/:\d+$/, "")))).toEqual(
          new Set([
            `cos.${region}.myqcloud.com`,
            `${bucket}.cos.${region}.myqcloud.com`,
            `other-1250000000.cos.${region}.myqcloud.com`
          ])
        )
        expect(yield* emulator.unfinishedUploads).toEqual([])
        const big = md5(yield* emulator.bytes(bucket, "big"))
        for (const key of ["file", "q/3", "copied", "paused"])
          expect(md5(yield* emulator.bytes(bucket, key)), key).toBe(big)
      }).pipe(Effect.provide(server)),
    seconds
  )

  it.scopedLive(
    "OpenDAL writes, appends, reads, lists, copies, presigns and deletes",
    () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const key = "目录/a b+c%!'()*~.txt"
        expect(yield* client("opendal.mjs")).toEqual({
          length: "12",
          eTag: `"${md5(Buffer.from("hello world!"))}"`,
          text: "hello world!",
          head: "0".repeat(32),
          listed: ["copied", "parts", key].sort(),
          missing: true,
          presigned: "by URL",
          appended: "one two",
          tree: ["tree/branch/", "tree/branch/leaf"],
          existsAfter: [false, false]
        })
        const parts = (yield* emulator.objects(bucket)).find((object) => object.key === "parts")
        expect(parts?.partSizes).toEqual([1_048_576, 1_048_576, 1_048_576, 4])
        const hosts = (yield* emulator.journal).map(({ host }) => host)
        expect(new Set(hosts)).toEqual(new Set([`${bucket}.cos.${region}.myqcloud.com`]))
        expect(yield* emulator.unfinishedUploads).toEqual([])
      }).pipe(Effect.provide(server)),
    seconds
  )
})
