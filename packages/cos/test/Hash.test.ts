import { createHash, createHmac } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { Hash, portable } from "../src/Hash.js"

const bytes = (text: string) => new TextEncoder().encode(text)
const hex = (data: Uint8Array) => Buffer.from(data).toString("hex")

describe("Hash", () => {
  it("known answers (RFC 1321, RFC 3174, RFC 2202)", () => {
    const md5 = portable.md5()
    md5.update(bytes("message digest"))
    expect(hex(md5.digest())).toBe("f96b697d7cb7938d525a2f31aaf161d0")
    expect(portable.sha1Hex("abc")).toBe("a9993e364706816aba3e25717850c26c9cd0d89d")
    expect(portable.hmacSha1Hex("Jefe", "what do ya want for nothing?")).toBe(
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    )
  })

  it("agrees with node:crypto, in any pieces", () => {
    const text = FastCheck.string({ unit: "binary", maxLength: 300 })
    const pieces = FastCheck.array(FastCheck.uint8Array({ maxLength: 150 }), { maxLength: 4 })
    FastCheck.assert(
      FastCheck.property(text, text, pieces, (key, message, data) => {
        expect(portable.sha1Hex(message)).toBe(createHash("sha1").update(message).digest("hex"))
        expect(portable.hmacSha1Hex(key, message)).toBe(createHmac("sha1", key).update(message).digest("hex"))
        for (const algorithm of ["md5", "sha1"] as const) {
          const digest = portable[algorithm]()
          for (const piece of data) digest.update(piece)
          expect(hex(digest.digest())).toBe(createHash(algorithm).update(Buffer.concat(data)).digest("hex"))
        }
      }),
      { seed: 1 }
    )
  })

  it.effect("is a reference: a default that a service replaces", () =>
    Effect.gen(function* () {
      // By its code: a test that loads the modules anew may have asked for the default before.
      expect(String((yield* Hash).md5)).toBe(String(portable.md5))
      const other: Hash.Service = { ...portable }
      expect(yield* Hash.pipe(Effect.provideService(Hash, other))).toBe(other)
    })
  )
})
