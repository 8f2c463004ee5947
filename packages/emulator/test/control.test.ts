/**
 * The control service over HTTP, and the faults that requests bring with them.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Emulator, layer, layerServer } from "effect-cos-emulator/Emulator"
import { bucket, host, send } from "./support/client.js"

const server = Layer.merge(layerServer({ buckets: [bucket], controlPort: 0, strict: true }), NodeHttpClient.layer)

/** Asks the control service. */
const ask = (method: string, path: string, body?: unknown) =>
  Effect.flatMap(Emulator, ({ controlEndpoint, controlToken = Redacted.make("") }) =>
    Effect.promise(async () => {
      const headers = { authorization: `Bearer ${Redacted.value(controlToken)}` }
      const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }
      const response = await fetch(`${controlEndpoint}${path}`, { method, headers, ...init })
      const text = await response.text()
      const isJson = response.headers.get("content-type")?.includes("json") === true
      return { status: response.status, body: isJson ? JSON.parse(text) : text }
    })
  )

/** A signed request over the port, as to a proxy. */
const get = (key: string, headers: Record<string, string> = {}) =>
  Effect.gen(function* () {
    const { address } = yield* Emulator
    return yield* send("GET", { key: `${bucket}/${key}`, host: `127.0.0.1:${address?.port}`, headers })
  })

describe("the control service over HTTP", () => {
  it.live("sets, shows and removes faults", () =>
    Effect.gen(function* () {
      const set = yield* ask("POST", "/faults", {
        on: { operation: "getObject", nth: 2 },
        do: { _tag: "Status", status: 503, code: "SlowDown" }
      })
      expect(set).toMatchObject({ status: 201, body: { id: 1, fired: 0, matched: 0 } })
      expect([(yield* get("k")).status, (yield* get("k")).status, (yield* get("k")).status]).toEqual([404, 503, 404])
      expect((yield* ask("GET", "/faults/1")).body).toMatchObject({ fired: 1, matched: 3, on: { nth: 2 } })
      expect((yield* ask("DELETE", "/faults/1")).status).toBe(204)
      expect((yield* ask("GET", "/faults")).body).toEqual([])
      expect(yield* ask("DELETE", "/faults/1")).toMatchObject({ status: 404, body: { code: "NotFound" } })
      const wrong = yield* ask("POST", "/faults", { do: { _tag: "Explode" } })
      expect(wrong).toMatchObject({ status: 400, body: { code: "InvalidArgument" } })
      expect(wrong.body.message).toContain('actual "Explode"')
      expect(wrong.body.message.length).toBeLessThan(1500)
      expect((yield* ask("POST", "/faults", { do: { _tag: "LostResponse" }, onn: {} })).body.message).toContain("onn")
      const misspelt = yield* ask("POST", "/faults", { on: { operation: "GetObject" }, do: { _tag: "LostResponse" } })
      expect([misspelt.status, misspelt.body.message]).toEqual([
        400,
        "There is no operation GetObject. Is it getObject?"
      ])
      // what no server can send
      for (const status of [-1, 0, 42, 101, 600, 1e9])
        expect((yield* ask("POST", "/faults", { do: { _tag: "Status", status } })).status, String(status)).toBe(400)
      const always = { on: { times: "all" }, do: { _tag: "Status", status: 500 } }
      expect((yield* ask("POST", "/faults", always)).body).toMatchObject(always)
      expect([(yield* get("k")).status, (yield* get("k")).status]).toEqual([500, 500])
      yield* ask("DELETE", "/faults")
      yield* ask("POST", "/faults", { do: { _tag: "LostResponse" } })
      yield* ask("DELETE", "/faults")
      expect((yield* get("k")).status).toBe(404)
    }).pipe(Effect.provide(server))
  )

  it.live("seeds an object into a tier", () =>
    Effect.gen(function* () {
      const tier = "storageClass=INTELLIGENT_TIERING&storageTier=ARCHIVE"
      expect((yield* ask("PUT", `/buckets/${bucket}/bytes?key=cold&${tier}`, "x")).status).toBe(201)
      expect((yield* ask("PUT", `/buckets/${bucket}/bytes?key=cold&storageTier=HOT`, "x")).status).toBe(400)
      expect((yield* ask("GET", `/buckets/${bucket}/objects`)).body).toMatchObject([
        { key: "cold", storageClass: "INTELLIGENT_TIERING" }
      ])
      expect((yield* get("cold")).code).toBe("InvalidObjectState")
    }).pipe(Effect.provide(server))
  )

  it.live("shows the journal and what is stored", () =>
    Effect.gen(function* () {
      expect((yield* ask("PUT", `/buckets/${bucket}/bytes?key=a%2Fb`, "seeded")).status).toBe(201)
      expect((yield* get("a/b")).text).toBe("seeded")
      yield* get("nothing")
      const { body: journal } = yield* ask("GET", "/journal?operation=getObject&status=404")
      expect(journal).toMatchObject([
        { id: 2, key: "nothing", code: "NoSuchKey", headers: { authorization: "<redacted>" } }
      ])
      expect((yield* ask("GET", "/journal?after=1&limit=5")).body).toHaveLength(1)
      const misspelt = yield* ask("GET", "/journal?opertion=getObject")
      expect([misspelt.status, misspelt.body.message.includes("opertion")]).toEqual([400, true])
      expect((yield* ask("GET", "/journal?limit=some")).status).toBe(400)
      yield* ask("DELETE", "/journal")
      expect((yield* ask("GET", "/journal")).body).toEqual([])
      expect((yield* ask("GET", `/buckets/${bucket}/objects`)).body).toMatchObject([
        { key: "a/b", size: 6, crc64: expect.stringMatching(/^\d+$/) }
      ])
      expect((yield* ask("GET", `/buckets/${bucket}/versions`)).body).toHaveLength(1)
      expect((yield* ask("GET", `/buckets/${bucket}/bytes?key=a/b`)).body).toBe("seeded")
      expect((yield* ask("GET", "/uploads")).body).toEqual([])
      expect(yield* ask("GET", "/buckets/none-1250000000/objects")).toMatchObject({
        status: 404,
        body: { code: "NoSuchBucket" }
      })
      expect((yield* ask("GET", `/buckets/${bucket}/bytes`)).status).toBe(400)
      expect((yield* ask("GET", "/nowhere")).status).toBe(404)
    }).pipe(Effect.provide(server))
  )

  it.live("changes buckets, access keys and the clock, and resets everything", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      expect((yield* ask("PUT", "/buckets/more-1250000000", { versioning: "Enabled" })).status).toBe(201)
      expect((yield* ask("PUT", "/buckets/more-1250000000", {})).status).toBe(409)
      expect((yield* ask("PATCH", "/buckets/more-1250000000", { acl: "public-read" })).status).toBe(204)
      expect((yield* ask("GET", "/buckets")).body).toEqual(["more-1250000000", bucket])

      const { body: saved } = yield* ask("POST", "/snapshots")
      yield* emulator.seed(bucket, "k", "v")
      expect((yield* get("k")).text).toBe("v")
      expect((yield* ask("POST", `/snapshots/${saved.id}/restore`)).status).toBe(204)
      expect((yield* get("k")).status).toBe(404)
      expect((yield* ask("POST", "/snapshots/7/restore")).status).toBe(404)

      yield* ask("POST", "/clock", { advanceMilliseconds: 3_600_000 })
      expect((yield* get("k")).code).toBe("AccessDenied")
      expect((yield* ask("POST", "/clock", { advanceMilliseconds: -1 })).status).toBe(400)
      yield* ask("POST", "/clock", { set: new Date().toISOString() })
      expect((yield* get("k")).code).toBe("NoSuchKey")

      const key = { secretId: "AKID1", secretKey: "s", permissions: [{ actions: ["name/cos:Put*"] }] }
      expect((yield* ask("POST", "/credentials", key)).status).toBe(204)
      const as = { secretId: "AKID1", secretKey: Redacted.make("s") }
      const address = { key: `${bucket}/k`, host: `127.0.0.1:${emulator.address?.port}`, as }
      expect((yield* send("GET", address)).code).toBe("AccessDenied")
      expect((yield* send("PUT", { ...address, body: "x" })).status).toBe(200)
      yield* ask("DELETE", "/credentials/AKID1")
      expect((yield* send("GET", address)).code).toBe("InvalidAccessKeyId")

      expect((yield* ask("POST", "/reset")).status).toBe(204)
      expect((yield* ask("GET", "/buckets")).body).toEqual([bucket])
      const { body: schemas } = yield* ask("GET", "/schemas")
      expect(JSON.stringify(schemas.fault)).toContain("KeepAliveBlanks")
      expect((yield* ask("GET", "/")).body).toMatchObject({ endpoint: emulator.endpoint, region: "ap-guangzhou" })
      expect((yield* ask("GET", "/")).body.operations).toContain("uploadPart")
    }).pipe(Effect.provide(server))
  )
})

describe("faults that a request brings", () => {
  const inProcess = layer({ buckets: [bucket], strict: true })

  it.effect("in a header act on that request alone", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const faulty = (fault: string) => send("PUT", { key: "k", body: "x", headers: { "x-emulator-fault": fault } })
      const one = yield* faulty(`{"_tag":"Status","status":503,"code":"SlowDown"}`)
      expect([one.status, one.code]).toEqual([503, "SlowDown"])
      const two = yield* faulty(`[{"_tag":"WrongETag"},{"_tag":"NoRequestId"}]`)
      expect(two.status).toBe(200)
      expect(two.headers["x-cos-request-id"]).toBeUndefined()
      expect((yield* emulator.journal).map(({ faults }) => faults)).toEqual([[0], [0]])
      const wrong = yield* faulty(`{"_tag":"Boom"}`)
      expect([wrong.status, wrong.code]).toEqual([400, "InvalidArgument"])
      expect((yield* faulty("{")).code).toBe("InvalidArgument")
      expect((yield* send("GET", { key: "k" })).status).toBe(200)
    }).pipe(Effect.provide(inProcess))
  )

  it.effect("by key in the fault bucket of the official test suites", () =>
    Effect.gen(function* () {
      const at = host.replace(bucket, "cos-sdk-err-retry-1253960454")
      const get = (key: string, headers: Record<string, string> = {}) =>
        send("GET", { host: at, key, headers, as: null })
      for (const status of [200, 204, 206, 301, 302, 307, 400, 403, 404, 500, 503, 504]) {
        const [identified, bare] = [yield* get(`${status}r`), yield* get(String(status))]
        expect([identified.status, bare.status]).toEqual([status, status])
        expect(identified.headers["x-cos-request-id"]).toBeDefined()
        expect(bare.headers["x-cos-request-id"]).toBeUndefined()
        expect(identified.code === undefined).toBe(status < 400)
      }
      const again = { "x-cos-sdk-retry": "true" }
      expect((yield* Effect.flip(get("shutdown")))._tag).toBe("RequestError")
      expect((yield* get("shutdown", again)).status).toBe(200)
      expect((yield* get("timeout", again)).status).toBe(200)
      for (const status of [500, 503, 504]) {
        for (const key of [`${status}r`, `${status}`]) expect((yield* get(key, again)).status, key).toBe(200)
      }
      for (const status of [204, 301, 302, 307, 400, 403, 404]) {
        for (const key of [`${status}r`, `${status}`]) expect((yield* get(key, again)).status, key).toBe(status)
      }
      const client = yield* HttpClient.HttpClient
      const silent = client.get(`http://${at}/timeout`).pipe(Effect.scoped, Effect.timeoutOption("1 minute"))
      const fiber = yield* Effect.fork(silent)
      yield* TestClock.adjust("1 minute")
      expect((yield* Fiber.join(fiber))._tag).toBe("None")
    }).pipe(Effect.provide(inProcess))
  )
})
