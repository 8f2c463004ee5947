/** Checksums of 8 MiB in memory. */
import { createHash } from "node:crypto"
import * as Crc64 from "effect-cos/Crc64"
import * as javascript from "../../packages/cos/src/internal/checksum/crc64Js.js"
import { bytesAt, MiB } from "./data.js"
import type { Variant } from "./variants.js"

const summing =
  (data: Uint8Array, sum: (data: Uint8Array) => unknown): Variant =>
  () =>
  async (count) => {
    for (let done = 0; done < count * MiB; done += data.length) sum(data)
  }

const plain = bytesAt(0, 8 * MiB)
const owned = Crc64.allocate(plain.length)
owned.set(plain)

export const variants: { readonly [name: string]: Variant } = {
  "MD5 of node:crypto": summing(plain, (data) => createHash("md5").update(data).digest()),
  "in a buffer of Crc64.allocate": summing(owned, Crc64.of),
  "in any Uint8Array": summing(plain, Crc64.of),
  "without WebAssembly": summing(plain, (data) => javascript.update(0n, data))
}
