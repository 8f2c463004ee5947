/** Bytes that tests send: equal for equal seeds, and different at every offset. */
import * as Stream from "effect/Stream"

export const KiB = 1024
export const MiB = 1024 * 1024

/** `size` bytes of a xorshift sequence. */
export const content = (size: number, seed = 1): Uint8Array<ArrayBuffer> => {
  const words = new Uint32Array(Math.ceil(size / 4))
  let state = (seed * 0x9e3779b1) | 1
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return new Uint8Array(words.buffer, 0, size)
}

/** Bytes as a stream of chunks of `size` bytes. */
export const inPieces = (bytes: Uint8Array, size: number): Stream.Stream<Uint8Array> =>
  Stream.range(0, Math.ceil(bytes.byteLength / size) - 1, 1).pipe(
    Stream.map((i) => bytes.subarray(i * size, (i + 1) * size))
  )

/** Where two arrays differ; unlike `toEqual`, it does not print megabytes. */
export const firstDifference = (a: Uint8Array, b: Uint8Array): string | undefined => {
  if (Buffer.compare(a, b) === 0) return undefined
  const at = a.findIndex((byte, i) => byte !== b[i])
  return `${a.byteLength} and ${b.byteLength} bytes, which differ at ${at < 0 ? Math.min(a.byteLength, b.byteLength) : at}`
}
