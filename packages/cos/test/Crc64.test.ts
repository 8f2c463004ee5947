import { describe, expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { afterEach, vi } from "vitest"
import * as Crc64 from "../src/Crc64.js"
import * as javascript from "../src/internal/checksum/crc64Js.js"

const ones = 0xffffffffffffffffn
const utf8 = (text: string) => new TextEncoder().encode(text)
const repeat = (byte: number) => new Uint8Array(1048576).fill(byte)
const pattern = Uint8Array.from({ length: 2597152 }, (_, i) => i % 251)

/** The definition, bit by bit. */
const bitwise = (data: Uint8Array): bigint => {
  let crc = ones
  for (const byte of data) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n
  }
  return crc ^ ones
}

const vectors: ReadonlyArray<readonly [name: string, data: Uint8Array, hex: string, decimal: string]> = [
  ["nothing", utf8(""), "0000000000000000", "0"],
  ["a", utf8("a"), "330284772e652b05", "3675645893302102789"],
  ["digits", utf8("123456789"), "995dc9bbdf1939fa", "11051210869376104954"],
  ["hello ", utf8("hello "), "18ef05ba04afb00a", "1796661072844795914"],
  ["world!", utf8("world!"), "8b5da75f0ffdd3a2", "10042366770838098850"],
  ["hello world!", utf8("hello world!"), "8483c0fa32607d61", "9548687815775124833"],
  ["fox", utf8("The quick brown fox jumps over the lazy dog"), "5b5eb8c2e54aa1c4", "6583902852472283588"],
  ["腾讯云", utf8("腾讯云"), "6cff5a2586a63009", "7854095392376762377"],
  ["00", Uint8Array.of(0), "1fada17364673f59", "2282658103124508505"],
  ["ff", Uint8Array.of(0xff), "ff00000000000000", "18374686479671623680"],
  ["every byte", Uint8Array.from({ length: 256 }, (_, i) => i), "72414b2f65db3ab0", "8232944260754389680"],
  ["1 MiB of 00", repeat(0), "606b70a23ebaf6c2", "6947770692288575170"],
  ["1 MiB of A", repeat(0x41), "d87889d969f8a9f4", "15598368876276525556"],
  ["pattern", pattern, "06c034941764f2c0", "486446570408309440"]
]

const combinations: ReadonlyArray<readonly [a: bigint, b: bigint, lengthB: number, combined: bigint]> = [
  [1796661072844795914n, 10042366770838098850n, 6, 9548687815775124833n],
  [14865968487149912872n, 7598038797645275211n, 5, 11051210869376104954n],
  [0n, 3231342946509354535n, 3, 3231342946509354535n],
  [3231342946509354535n, 0n, 0, 3231342946509354535n],
  [6947770692288575170n, 6947770692288575170n, 1048576, 2161324877613257654n],
  [16028127081582314172n, 10691240363142403102n, 1048576, 14824216047356664661n],
  [14824216047356664661n, 12622595955570833200n, 500000, 486446570408309440n]
]

const inAllocated = (data: Uint8Array, offset = 0): Uint8Array => {
  // Large enough for a memory of its own.
  const buffer = Crc64.allocate(300 * 1024 + data.length + offset)
  buffer.set(data, offset)
  return buffer.subarray(offset, offset + data.length)
}

describe("Crc64", () => {
  it.each(vectors)("%s", (_, data, hex, decimal) => {
    const value = BigInt(decimal)
    expect(value).toBe(BigInt(`0x${hex}`))
    expect(Crc64.parse(decimal)).toBe(value)
    expect(Crc64.of(data)).toBe(value)
    expect(Crc64.of(inAllocated(data))).toBe(value)
    expect(javascript.update(ones, data) ^ ones).toBe(value)
    expect(Crc64.make().update(data).value).toBe(value)
  })

  it.each(combinations)("combine(%s, %s, %s)", (a, b, lengthB, combined) => {
    expect(Crc64.combine(a, b, lengthB)).toBe(combined)
  })

  it("parts of a file combine to the whole", () => {
    const parts = [pattern.subarray(0, 1048576), pattern.subarray(1048576, 2097152), pattern.subarray(2097152)]
    expect(parts.map(Crc64.of)).toEqual([16028127081582314172n, 10691240363142403102n, 12622595955570833200n])
    expect(parts.reduce((crc, part) => Crc64.combine(crc, Crc64.of(part), part.length), 0n)).toBe(Crc64.of(pattern))
  })

  it("any bytes, at any alignment, in any pieces: WebAssembly, JavaScript and the definition agree", () => {
    const pieces = FastCheck.array(FastCheck.uint8Array({ maxLength: 70 }), { maxLength: 4 })
    FastCheck.assert(
      FastCheck.property(pieces, FastCheck.nat({ max: 9 }), (data, offset) => {
        const whole = Uint8Array.from(Buffer.concat(data))
        const expected = bitwise(whole)
        expect(Crc64.of(whole)).toBe(expected)
        expect(Crc64.of(inAllocated(whole, offset))).toBe(expected)
        expect(javascript.update(ones, whole) ^ ones).toBe(expected)
        const running = Crc64.make()
        let combined = 0n
        for (const piece of data) {
          expect(running.update(piece)).toBe(running)
          combined = Crc64.combine(combined, bitwise(piece), piece.length)
          expect(running.value).toBe(combined)
        }
        expect(running.value).toBe(expected)
      }),
      { seed: 1, numRuns: 200 }
    )
  })

  it("data longer than the copying window", () => {
    for (const length of [196607, 196608, 196609, 500001]) {
      const data = pattern.subarray(7, 7 + length)
      expect(Crc64.of(data)).toBe(javascript.update(ones, data) ^ ones)
    }
  })

  it("data that is folded: of every length about a step, a threshold and a full space, after other data, at any place", () => {
    // Folding begins at 6,912 bytes; 25,792 are folded at a time, and 3,456 left.
    const lengths = [6912, 6976, 25_792 + 3456, 25_792 + 3520, 2 * 25_792 + 3456, 3 * 25_792 + 3456].flatMap(
      (length) => [length - 1, length, length + 1, length + 15, length + 17]
    )
    const random = Uint8Array.from({ length: 100_000 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 13)
    for (const [i, length] of lengths.entries()) {
      const before = random.subarray(0, i * 11)
      const data = random.subarray(i * 7, i * 7 + length)
      const expected = javascript.update(javascript.update(ones, before), data) ^ ones
      expect(Crc64.make().update(before).update(data).value).toBe(expected)
      expect(Crc64.make().update(before).update(inAllocated(data, i)).value).toBe(expected)
    }
  })

  it("combine is associative", () => {
    const crc = FastCheck.bigInt({ min: 0n, max: ones })
    const length = FastCheck.maxSafeNat().map((n) => Math.floor(n / 2))
    FastCheck.assert(
      FastCheck.property(crc, crc, crc, length, length, (a, b, c, lengthB, lengthC) => {
        expect(Crc64.combine(Crc64.combine(a, b, lengthB), c, lengthC)).toBe(
          Crc64.combine(a, Crc64.combine(b, c, lengthC), lengthB + lengthC)
        )
      }),
      { seed: 2 }
    )
  })

  it("allocate: zeroed, of the size asked, a large one in a memory of its own", () => {
    for (const size of [0, 1, 32768, 65536, 262144, 262145, 1048577]) {
      const buffer = Crc64.allocate(size)
      expect(buffer.length).toBe(size)
      expect(buffer.every((byte) => byte === 0)).toBe(true)
      // Only the buffer of a WebAssembly memory stays where it is.
      structuredClone(buffer, { transfer: [buffer.buffer] })
      expect(buffer.length).toBe(size > 256 * 1024 ? size : 0)
    }
    const [one, other] = [Crc64.allocate(4), Crc64.allocate(4)]
    one.fill(1)
    other.fill(2)
    expect([...one, ...other]).toEqual([1, 1, 1, 1, 2, 2, 2, 2])
  })

  it("parse takes unsigned 64-bit decimals and nothing else", () => {
    expect(Crc64.parse("18446744073709551615")).toBe(ones)
    for (const text of ["", " 1", "1 ", "+1", "-1", "01", "0x1", "1.0", "1e3", "abc", "18446744073709551616"]) {
      expect(Crc64.parse(text)).toBeUndefined()
    }
    FastCheck.assert(
      FastCheck.property(FastCheck.bigInt({ min: 0n, max: ones }), (value) => {
        expect(Crc64.parse(value.toString())).toBe(value)
      }),
      { seed: 3 }
    )
  })

  describe("where WebAssembly is refused", () => {
    afterEach(() => {
      vi.unstubAllGlobals()
      vi.resetModules()
    })

    const refuse = () => {
      throw new Error("refused")
    }

    it.each([
      ["it does not exist", undefined],
      ["modules", { ...WebAssembly, Module: refuse }],
      ["memories", { Module: WebAssembly.Module, Instance: WebAssembly.Instance, Memory: refuse }]
    ])("%s: JavaScript answers the same", async (_, stub) => {
      vi.stubGlobal("WebAssembly", stub)
      vi.resetModules()
      const fallback: typeof Crc64 = await import("../src/Crc64.js")
      expect(fallback.of(utf8("123456789"))).toBe(11051210869376104954n)
      const buffer = fallback.allocate(9)
      buffer.set(utf8("123456789"))
      expect(fallback.make().update(buffer).value).toBe(11051210869376104954n)
    })

    it("a memory too many: an ordinary buffer", async () => {
      const { Instance, Memory, Module } = WebAssembly
      let left = 1
      vi.stubGlobal("WebAssembly", {
        Module,
        Instance,
        Memory: function memory(descriptor: WebAssembly.MemoryDescriptor) {
          return left-- > 0 ? new Memory(descriptor) : refuse()
        }
      })
      vi.resetModules()
      const limited: typeof Crc64 = await import("../src/Crc64.js")
      const buffer = limited.allocate(300 * 1024)
      buffer.set(utf8("123456789"))
      expect(limited.of(buffer.subarray(0, 9))).toBe(11051210869376104954n)
    })
  })
})
