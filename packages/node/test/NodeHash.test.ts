import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { type Digest, Hash, portable } from "effect-cos/Hash"
import * as NodeHash from "effect-cos-node/NodeHash"

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

const inPieces = (digest: Digest, pieces: ReadonlyArray<Uint8Array>) => {
  for (const piece of pieces) {
    const reused = piece.slice()
    digest.update(reused)
    reused.fill(0)
  }
  return hex(digest.digest())
}

describe("NodeHash", () => {
  it("knows the published digests", () => {
    const empty = new Uint8Array(0)
    assert.strictEqual(NodeHash.nodeHash.sha1Hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d")
    assert.strictEqual(
      NodeHash.nodeHash.hmacSha1Hex("Jefe", "what do ya want for nothing?"),
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    )
    assert.strictEqual(inPieces(NodeHash.nodeHash.md5(), [empty]), "d41d8cd98f00b204e9800998ecf8427e")
    assert.strictEqual(inPieces(NodeHash.nodeHash.sha1(), []), "da39a3ee5e6b4b0d3255bfef95601890afd80709")
  })

  it("computes what the portable one does, of any text and bytes", () => {
    const text = FastCheck.string({ unit: "binary" })
    const pieces = FastCheck.array(FastCheck.uint8Array({ maxLength: 200 }))
    FastCheck.assert(
      FastCheck.property(text, text, pieces, (key, text, pieces) => {
        assert.strictEqual(NodeHash.nodeHash.sha1Hex(text), portable.sha1Hex(text))
        assert.strictEqual(NodeHash.nodeHash.hmacSha1Hex(key, text), portable.hmacSha1Hex(key, text))
        assert.strictEqual(inPieces(NodeHash.nodeHash.md5(), pieces), inPieces(portable.md5(), pieces))
        assert.strictEqual(inPieces(NodeHash.nodeHash.sha1(), pieces), inPieces(portable.sha1(), pieces))
      }),
      { seed: 1, numRuns: 300 }
    )
    assert.strictEqual(NodeHash.nodeHash.sha1Hex("\ud800"), portable.sha1Hex("\ufffd"))
  })

  it.effect("is provided by its layer", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* Hash, NodeHash.nodeHash)
    }).pipe(Effect.provide(NodeHash.layer))
  )
})
