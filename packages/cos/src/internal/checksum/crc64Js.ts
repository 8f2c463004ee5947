// biome-ignore-all lint/style/noNonNullAssertion: every index is masked or bounded
/**
 * CRC-64 in JavaScript, eight bytes a step, on pairs of 32-bit halves. The state is the register itself: initial and final
 * inversion are the caller's.
 */

const polynomialHigh = 0xc96c5795 | 0
const polynomialLow = 0xd7870f42 | 0

/** Entry `n` of table `k`, low half then high half: what byte `n` does to the register `k` bytes later. */
export const makeTables = (count: number): Int32Array => {
  const tables = new Int32Array(count * 512)
  for (let n = 0; n < 256; n++) {
    let low = n
    let high = 0
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1
      low = (low >>> 1) | (high << 31)
      high = high >>> 1
      if (odd) {
        low ^= polynomialLow
        high ^= polynomialHigh
      }
    }
    tables[n * 2] = low
    tables[n * 2 + 1] = high
  }
  for (let i = 512; i < tables.length; i += 2) {
    const low = tables[i - 512]!
    const high = tables[i - 511]!
    const next = (low & 0xff) * 2
    tables[i] = ((low >>> 8) | (high << 24)) ^ tables[next]!
    tables[i + 1] = (high >>> 8) ^ tables[next + 1]!
  }
  return tables
}

// A constant and not made on first use, so that V8 may know its bounds.
const tables = /*#__PURE__*/ makeTables(8)

export const update = (state: bigint, data: Uint8Array): bigint => {
  const t = tables
  let low = Number(BigInt.asIntN(32, state))
  let high = Number(BigInt.asIntN(32, state >> 32n))
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  const end = data.length & ~7
  for (let i = 0; i < end; i += 8) {
    low ^= view.getInt32(i, true)
    high ^= view.getInt32(i + 4, true)
    const a = ((low & 0xff) << 1) + 3584
    const b = ((low >>> 7) & 0x1fe) + 3072
    const c = ((low >>> 15) & 0x1fe) + 2560
    const d = ((low >>> 23) & 0x1fe) + 2048
    const e = ((high & 0xff) << 1) + 1536
    const f = ((high >>> 7) & 0x1fe) + 1024
    const g = ((high >>> 15) & 0x1fe) + 512
    const h = (high >>> 23) & 0x1fe
    low = t[a]! ^ t[b]! ^ t[c]! ^ t[d]! ^ t[e]! ^ t[f]! ^ t[g]! ^ t[h]!
    high = t[a + 1]! ^ t[b + 1]! ^ t[c + 1]! ^ t[d + 1]! ^ t[e + 1]! ^ t[f + 1]! ^ t[g + 1]! ^ t[h + 1]!
  }
  for (let i = end; i < data.length; i++) {
    const n = ((low ^ data[i]!) & 0xff) << 1
    low = ((low >>> 8) | (high << 24)) ^ t[n]!
    high = (high >>> 8) ^ t[n + 1]!
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}
