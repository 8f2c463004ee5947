/**
 * Foreign clients, unmodified and with COS's own host names: the proxy variables are all that leads them here.
 */
import { createHash } from "node:crypto"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import { bucket, processLimit, region, runClient } from "./clientProcess.js"

const server = Layer.merge(layerServer({ buckets: [bucket], region, tls: true }), NodeFileSystem.layer)

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")

describe("through the proxy", () => {
  it.scopedLive(
    "the official SDK has its way with every method, over TLS",
    () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const { results, uncalled } = yield* runClient("official.mjs")
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
    processLimit
  )

  it.scopedLive(
    "OpenDAL writes, appends, reads, lists, copies, presigns and deletes",
    () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const key = "目录/a b+c%!'()*~.txt"
        expect(yield* runClient("opendal.mjs")).toEqual({
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
    processLimit
  )
})
