// biome-ignore-all lint/style/noNonNullAssertion: every index is masked or bounded
const table: Int32Array = /*#__PURE__*/ Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

/** CRC-32 as in zlib, unsigned. */
export const of = (data: Uint8Array): number => {
  let crc = -1
  for (let i = 0; i < data.length; i++) crc = (crc >>> 8) ^ table[(crc ^ data[i]!) & 0xff]!
  return ~crc >>> 0
}
