/** Checksums of 8 MiB in memory. */
import { createHash } from "node:crypto"
import * as Crc64 from "effect-cos/Crc64"
import * as javascript from "../../../packages/cos/src/internal/checksum/crc64Js.js"
import { bytesAt } from "../content.js"
import { MiB } from "../data.js"
import type { Variant } from "../variants.js"

const summing =
  (data: Uint8Array, sum: (data: Uint8Array) => unknown): Variant =>
  () =>
  async (count) => {
    const before = process.cpuUsage()
    for (let done = 0; done < count * MiB; done += data.length) sum(data)
    const { system, user } = process.cpuUsage(before)
    return { rate: (count * MiB) / 1e3 / (system + user) }
  }

const plain = bytesAt(0, 8 * MiB)
const owned = Crc64.allocate(plain.length)
owned.set(plain)

export const md5 = summing(plain, (data) => createHash("md5").update(data).digest())
export const inOwnBuffer = summing(owned, Crc64.of)
export const inAnyBuffer = summing(plain, Crc64.of)
export const withoutWebAssembly = summing(plain, (data) => javascript.update(0n, data))
