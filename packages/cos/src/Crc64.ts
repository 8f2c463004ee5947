/**
 * CRC-64/ECMA-182 in its reflected form (as in XZ), the checksum that COS keeps for every object in
 * `x-cos-hash-crc64ecma`, written there as an unsigned decimal.
 *
 * Source: "CRC64 Check", https://www.tencentcloud.com/document/product/436/34078
 *
 * @since 0.1.0
 */
import * as js from "./internal/checksum/crc64Js.js"
import * as wasm from "./internal/checksum/crc64Wasm.js"

/**
 * A checksum being computed. Mutable: owned by one computation. It may be read at any time and continued.
 *
 * @since 0.1.0
 * @category models
 */
export interface Crc64 {
  /** Takes the next bytes and returns this same object. They are read before the call returns. */
  update(data: Uint8Array): Crc64
  /** The checksum of all bytes taken so far, 0 to 2^64 - 1. */
  readonly value: bigint
}

const ones = 0xffffffffffffffffn

interface Engine {
  readonly update: (state: bigint, data: Uint8Array) => bigint
  readonly allocate: (size: number) => Uint8Array<ArrayBuffer>
}

const javascript: Engine = { update: js.update, allocate: (size) => new Uint8Array(size) }

/** For less than this, in bytes, copying costs less than a memory of its own, which also burdens the garbage collector. */
const smallest = 256 * 1024

const webAssembly = (): Engine => {
  const makeRegion = wasm.makeRegions()
  // Bytes from elsewhere pass through this window, small enough to stay in the processor's cache.
  const window = makeRegion(192 * 1024)
  const regions = new WeakMap<ArrayBufferLike, wasm.Region>()
  return {
    update: (state, data) => {
      const region = regions.get(data.buffer)
      if (region !== undefined) return region.update(state, data.byteOffset, data.byteOffset + data.length)
      const { byteOffset, length } = window.data
      let sum = state
      for (let at = 0; at < data.length; at += length) {
        const piece = data.length <= length ? data : data.subarray(at, at + length)
        window.data.set(piece)
        sum = window.update(sum, byteOffset, byteOffset + piece.length)
      }
      return sum
    },
    allocate: (size) => {
      if (size <= smallest) return new Uint8Array(size)
      try {
        const region = makeRegion(size)
        regions.set(region.data.buffer, region)
        return region.data
      } catch {
        return new Uint8Array(size) // address space for memories is limited
      }
    }
  }
}

let chosen: Engine | undefined

/** WebAssembly where the runtime allows it (some edge runtimes and content security policies do not). */
const engine = (): Engine => {
  if (chosen === undefined) {
    try {
      chosen = webAssembly()
    } catch {
      chosen = javascript
    }
  }
  return chosen
}

class Running implements Crc64 {
  #state = ones
  update(data: Uint8Array): Crc64 {
    this.#state = engine().update(this.#state, data)
    return this
  }
  get value(): bigint {
    return BigInt.asUintN(64, this.#state ^ ones)
  }
}

/**
 * A checksum of nothing yet.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Crc64 => new Running()

/**
 * The checksum of the bytes.
 *
 * @since 0.1.0
 * @category checksums
 */
export const of = (data: Uint8Array): bigint => make().update(data).value

/**
 * A buffer of `size` zero bytes whose checksum costs no copy: it lies in a WebAssembly memory of its own, where there is
 * WebAssembly and it is larger than 256 KiB. Use it as any `Uint8Array`, also through `subarray`; only its buffer cannot
 * be transferred to a worker. Meant for buffers that are reused: each costs some 100 µs and up to 128 KiB beside its bytes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const allocate = (size: number): Uint8Array<ArrayBuffer> => engine().allocate(size)

/**
 * Reads a header value: an unsigned decimal below 2^64, without sign, blanks or leading zeros; else `undefined`.
 *
 * @since 0.1.0
 * @category decoding
 */
export const parse = (decimal: string): bigint | undefined => {
  if (!/^(?:0|[1-9][0-9]{0,19})$/.test(decimal)) return undefined
  const value = BigInt(decimal)
  return value > ones ? undefined : value
}

/** The product of two polynomials modulo that of the CRC, both reflected: the top bit is x^0. */
const multiply = (a: bigint, b: bigint): bigint => {
  let [high, low] = [Number(b >> 32n) | 0, Number(b & 0xffffffffn) | 0]
  let [productHigh, productLow] = [0, 0]
  for (const word of [Number(a >> 32n), Number(a & 0xffffffffn)]) {
    for (let bit = 31; bit >= 0; bit--) {
      const take = -((word >>> bit) & 1)
      productHigh ^= high & take
      productLow ^= low & take
      const reduce = -(low & 1)
      low = ((low >>> 1) | (high << 31)) ^ (0xd7870f42 & reduce)
      high = (high >>> 1) ^ (0xc96c5795 & reduce)
    }
  }
  return (BigInt(productHigh >>> 0) << 32n) | BigInt(productLow >>> 0)
}

/** Entry `k` is x^(8 · 2^k): what 2^k more bytes do to a checksum. Filled as needed. */
const shifts: Array<bigint> = [1n << 55n]

const shift = (k: number): bigint => {
  while (shifts.length <= k) {
    const last = shifts[shifts.length - 1] as bigint
    shifts.push(multiply(last, last))
  }
  return shifts[k] as bigint
}

/**
 * The checksum of A followed by B, from the checksums of A and B and the length of B in bytes (a safe integer).
 *
 * @since 0.1.0
 * @category checksums
 */
export const combine = (a: bigint, b: bigint, lengthB: number): bigint => {
  let shifted = a
  for (let k = 0, rest = lengthB; rest > 0; k++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shifted = multiply(shifted, shift(k))
  }
  return shifted ^ b
}
