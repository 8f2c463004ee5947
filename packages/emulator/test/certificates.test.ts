import { describe, expect, it } from "vitest"
import { serialNumber } from "../src/internal/server/certificates.js"

describe("the serial number of a certificate", () => {
  it("is positive, and has no byte too many, whatever is drawn", () => {
    for (let first = 0; first < 256; first++) {
      for (const second of [0x00, 0x7f, 0x80, 0xff]) {
        const written = Buffer.from(serialNumber(Uint8Array.of(first, second, 1, 2)), "hex")
        expect(written).toHaveLength(4)
        // Neither negative nor padded.
        expect(written[0]).toBeGreaterThan(0)
        expect(written[0]).toBeLessThan(0x80)
      }
    }
  })
})
