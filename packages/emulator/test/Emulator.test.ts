import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "effect-cos-emulator/Emulator"
import { bucket, send } from "./support/client.js"

const inProcess = Emulator.layer({ buckets: [bucket], minPartSize: 5 })

describe("objects", () => {
  it.effect("come back as they were put", () =>
    Effect.gen(function* () {
      const put = yield* send("PUT", {
        key: "a b/ü.txt",
        body: "hello world!",
        headers: { "content-type": "text/plain" }
      })
      expect(put.text).toBe("")
      expect(put.status).toBe(200)
      expect(put.headers["etag"]).toBe('"fc3ff98e8c6a0d3087d515c0473f8677"')
      expect(put.headers["x-cos-hash-crc64ecma"]).toBe("9548687815775124833")
      const got = yield* send("GET", { key: "a b/ü.txt" })
      expect(got.status).toBe(200)
      expect(got.text).toBe("hello world!")
      expect(got.headers["content-type"]).toBe("text/plain")
    }).pipe(Effect.provide(inProcess))
  )
})
