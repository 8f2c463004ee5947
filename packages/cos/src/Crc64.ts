/**
 * CRC-64/ECMA-182 in its reflected form (as in XZ), the checksum that COS keeps for every object in
 * `x-cos-hash-crc64ecma`, written there as an unsigned decimal.
 *
 * Source: "CRC64 Check", https://www.tencentcloud.com/document/product/436/34078
 *
 * @since 0.1.0
 */
import * as js from "./internal/crc64Js.js"

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

class Running implements Crc64 {
  #state = ones
  update(data: Uint8Array): Crc64 {
    this.#state = js.update(this.#state, data)
    return this
  }
  get value(): bigint {
    return this.#state ^ ones
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
export const of = (data: Uint8Array): bigint => js.update(ones, data) ^ ones

/**
 * A buffer of `size` zero bytes whose checksum is computed in place.
 *
 * @since 0.1.0
 * @category constructors
 */
export const allocate = (size: number): Uint8Array => new Uint8Array(size)

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

const polynomial = 0xc96c5795d7870f42n

/** The product of two polynomials modulo the CRC's, both reflected: the top bit is x^0. */
const multiply = (a: bigint, b: bigint): bigint => {
  let product = 0n
  let power = b
  for (let bit = 63n; bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= power
    power = power & 1n ? (power >> 1n) ^ polynomial : power >> 1n
  }
  return product
}

/**
 * The checksum of A followed by B, from the checksums of A and B and the length of B in bytes.
 *
 * @since 0.1.0
 * @category checksums
 */
export const combine = (a: bigint, b: bigint, lengthB: number): bigint => {
  // Appending n bytes multiplies by x^8n, by squaring.
  let shift = 1n << 63n
  let square = 1n << 55n
  for (let n = lengthB; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) shift = multiply(shift, square)
    square = multiply(square, square)
  }
  return multiply(a, shift) ^ b
}
