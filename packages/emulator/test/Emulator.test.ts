import type * as HttpMethod from "@effect/platform/HttpMethod"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { operations } from "../src/internal/operations/registry.js"
import { bucket, host, type Send, send } from "./support/client.js"
import { code, element, emulator, put } from "./support/requests.js"

describe("hosts", () => {
  it.effect("of a domain template route to the bucket in their name", () =>
    Effect.gen(function* () {
      for (const domain of ["cos.test", "{bucket}.{bucket}.test", "{bucket}.cos.test:80", "{Bucket}.cos.test"]) {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(layer({ domain }))))
        expect(error, domain).toMatchObject({ code: "InvalidArgument" })
        expect(error.message).toContain(domain)
      }
    })
  )

  const custom = layer({ buckets: [bucket], domain: "{bucket}.{region}.cos.test" })

  it.effect("of every kind lead to the same bucket; others are path style", () =>
    Effect.gen(function* () {
      yield* put("k", "found")
      const at = (to: string, key = "k") =>
        Effect.map(send("GET", { host: to, key }), (answer) => answer.code ?? answer.text)
      for (const to of [
        `${bucket}.cos.ap-guangzhou.myqcloud.com`,
        `${bucket}.cos.ap-guangzhou.myqcloud.com:8080`,
        `${bucket}.cos.ap-guangzhou.tencentcos.cn`,
        `${bucket}.cos-internal.ap-guangzhou.tencentcos.cn`,
        `${bucket}.ap-guangzhou.cos.test:443`
      ]) {
        expect(yield* at(to), to).toBe("found")
      }
      expect(yield* at("127.0.0.1:9000", `${bucket}/k`)).toBe("found")
      expect(yield* at(`${bucket}.cos.ap-beijing.myqcloud.com`)).toBe("NoSuchBucket")
      expect(yield* at(`${bucket}.ap-beijing.cos.test`)).toBe("NoSuchBucket")
      expect(yield* at(`${bucket}.cos.accelerate.myqcloud.com`)).toBe("BucketAccelerateNotEnabled")
      expect(yield* at(`${bucket}.cos-website.ap-guangzhou.myqcloud.com`)).toBe("NotImplemented")
      expect(yield* at(`${bucket}.ci.ap-guangzhou.myqcloud.com`)).toBe("NotImplemented")
      expect(yield* code("PUT", { host: "new-1250000000.ci.ap-guangzhou.myqcloud.com" })).toBe("NotImplemented")
      expect(yield* at("missing-1250000000.cos.ap-guangzhou.myqcloud.com")).toBe("NoSuchBucket")
      for (const to of [
        "service.cos.myqcloud.com",
        "cos.ap-guangzhou.myqcloud.com",
        "127.0.0.1",
        "ap-guangzhou.cos.test"
      ]) {
        expect((yield* send("GET", { host: to })).text, to).toContain(`<Name>${bucket}</Name>`)
      }
    }).pipe(Effect.provide(custom))
  )
})

describe("what is unknown", () => {
  it.effect("is refused by name, whatever the operation", () =>
    Effect.gen(function* () {
      const { journal } = yield* Emulator
      for (const operation of operations) {
        const { method, name, on, optionalQuery, requiredQuery = [], requiredHeader } = operation
        const asked = Object.fromEntries(requiredQuery.map((parameter) => [parameter, "1"]))
        const copied = requiredHeader === undefined ? {} : { [requiredHeader]: `${host}/k` }
        const to: Send = {
          ...(on === "service" ? { host: "service.cos.myqcloud.com" } : {}),
          ...(on === "object" ? { key: "k" } : {}),
          ...(operation.on === "control"
            ? {
                host: "100000000001.cos-control.ap-guangzhou.myqcloud.com",
                key: (operation.path ?? "").replace("*", "id")
              }
            : {}),
          query: asked,
          headers: copied
        }
        const message = (over: Send) =>
          Effect.gen(function* () {
            yield* send(method as HttpMethod.HttpMethod, { ...to, ...over })
            const entry = (yield* journal).at(-1)
            expect([entry?.operation, entry?.status], name).toEqual([name, 400])
            return entry?.message
          })
        if (optionalQuery !== "any") expect(yield* message({ query: { ...asked, unheard: "" } })).toContain("unheard")
        expect(yield* message({ headers: { ...copied, "x-cos-unheard": "1" } })).toContain("x-cos-unheard")
      }
    }).pipe(Effect.provide(emulator))
  )

  it.effect("is refused by name", () =>
    Effect.gen(function* () {
      yield* put("k")
      const message = (...[method, options]: Parameters<typeof send>) =>
        Effect.map(send(method, options), (answer) => [answer.status, element(answer.text, "Message")])
      expect(yield* message("GET", { query: { "list-type": "2" } })).toEqual([
        400,
        "listObjects does not know the subresource or query parameter list-type."
      ])
      expect((yield* message("GET", { key: "k", query: { torrent: "" } }))[1]).toContain("torrent")
      expect((yield* message("PUT", { key: "k", body: "x", query: { uploadid: "U" } }))[1]).toContain("uploadid")
      expect((yield* message("POST", { key: "k" }))[0]).toBe(405)
      expect((yield* message("POST", { key: "k", query: { transmogrify: "" } }))[1]).toContain("transmogrify")
      expect((yield* message("PATCH", { key: "k" }))[0]).toBe(405)
      expect((yield* message("PUT", { key: "k", headers: { "x-cos-teleport": "1" } }))[1]).toContain("x-cos-teleport")
      expect((yield* send("GET", { key: "k" })).text).toBe("x")
    }).pipe(Effect.provide(emulator))
  )
})

describe("control", () => {
  it.effect("keeps its clock within the years that answers can write, however it is moved", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const last = new Date("9999-12-31T23:59:59.999Z")
      yield* emulator.updateBucket(bucket, { versioning: "Enabled" })
      const moves = [
        emulator.clock.set(new Date(8.64e15)).pipe(Effect.zipRight(TestClock.adjust("1 second"))),
        emulator.clock.set(last).pipe(Effect.zipRight(TestClock.adjust("1 second"))),
        emulator.clock.adjust(Number.POSITIVE_INFINITY),
        emulator.clock.adjust(1e300)
      ]
      for (const [index, move] of moves.entries()) {
        yield* move
        expect(yield* emulator.clock.now).toEqual(last)
        yield* emulator.seed(bucket, "k", String(index))
        yield* emulator.seed(bucket, "k", `${index} again`)
        yield* emulator.clock.set(new Date(yield* Clock.currentTimeMillis))
        expect((yield* send("GET", { key: "k" })).text).toBe(`${index} again`)
        for (const query of [{ versions: "" }, {}]) expect((yield* send("GET", { query })).status).toBe(200)
        expect(yield* emulator.versions(bucket)).toHaveLength(2 * (index + 1))
      }
      yield* emulator.clock.set(new Date(-8.64e15))
      expect(yield* emulator.clock.now).toEqual(new Date("0001-01-01T00:00:00.000Z"))
      yield* emulator.seed(bucket, "early", "")
      yield* emulator.clock.set(new Date(yield* Clock.currentTimeMillis))
      expect((yield* send("GET", {})).status).toBe(200)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("resets everything, and restores snapshots", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      yield* put("k", "1")
      const snapshot = yield* emulator.snapshot
      yield* put("k", "2")
      yield* put("other")
      yield* emulator.restore(snapshot)
      expect((yield* emulator.objects(bucket)).map(({ key }) => key)).toEqual(["k"])
      expect((yield* send("GET", { key: "k" })).text).toBe("1")
      yield* emulator.clock.adjust("1 hour")
      yield* emulator.createBucket("new-1250000000", { region: "ap-beijing" })
      yield* emulator.fault({ do: Fault.status(500) })
      yield* emulator.removeCredentials(emulator.credentials.secretId)
      yield* emulator.reset
      expect(yield* emulator.objects(bucket)).toEqual([])
      expect(yield* emulator.journal).toEqual([])
      expect((yield* send("GET", {})).status).toBe(200)
      expect(yield* emulator.clock.now).toEqual(new Date(0))
      expect(yield* Effect.flip(emulator.objects("new-1250000000"))).toMatchObject({ code: "NoSuchBucket" })
      expect(yield* Effect.flip(emulator.createBucket("New"))).toMatchObject({ code: "InvalidBucketName" })
      const nowhere = emulator.createBucket("new-1250000000", { region: "Nowhere" })
      expect(yield* Effect.flip(nowhere)).toMatchObject({ code: "InvalidRegionName" })
    }).pipe(Effect.provide(emulator))
  )

  it.effect("records every request in the journal", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      yield* TestClock.setTime(5000)
      yield* put("k", "12345", { "x-cos-meta-a": "1" })
      yield* send("GET", { key: "k", headers: { range: "bytes=0-2" } })
      yield* send("HEAD", { key: "none" })
      yield* send("PUT", { key: "k", query: { partNumber: "7", uploadId: "U" }, body: "x" })
      const [first, second, third, fourth] = yield* emulator.journal
      expect(first).toMatchObject({
        id: 1,
        at: new Date(5000),
        method: "PUT",
        host,
        path: "/k",
        operation: "putObject",
        bucket,
        key: "k",
        signature: "header",
        secretId: emulator.credentials.secretId,
        bytesReceived: 5,
        bytesSent: 0,
        status: 200,
        outcome: "completed",
        faults: []
      })
      expect(first?.headers).toMatchObject({ authorization: "<redacted>", "x-cos-meta-a": "1", "content-length": "5" })
      expect(second).toMatchObject({
        operation: "getObject",
        bytesSent: 3,
        status: 206,
        headers: { range: "bytes=0-2" }
      })
      expect(third).toMatchObject({ operation: "headObject", status: 404, code: "NoSuchKey" })
      expect(fourth).toMatchObject({ operation: "uploadPart", partNumber: 7, uploadId: "U", code: "NoSuchUpload" })
      yield* emulator.clearJournal
      expect(yield* emulator.journal).toEqual([])
    }).pipe(Effect.provide(emulator))
  )
})
