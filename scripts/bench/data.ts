/** What benches send and receive. Every object repeats the same MiB, so that both sides know its checksum. */

import { once } from "node:events"
import { createWriteStream, existsSync, mkdirSync } from "node:fs"
import { rename, writeFile } from "node:fs/promises"
import * as Crc64 from "effect-cos/Crc64"

export const MiB = 1024 * 1024

/** Where results and built files go; not in the repository. */
export const folder = ".evidence/bench"

/** Where transferred files lie: in memory if possible, because the disk is not what is measured. */
export const files = existsSync("/dev/shm") ? "/dev/shm/effect-cos-bench" : folder

const mebibyte = Buffer.from(Uint8Array.from({ length: MiB }, (_, i) => Math.imul(i + 1, 2654435761) >>> 13))

/** Up to 8 MiB of an object, from any offset. */
export const bytesAt = (offset: number, size: number): Buffer => window.subarray(offset % MiB, (offset % MiB) + size)
export const most = 8 * MiB
const window = Buffer.concat(Array.from({ length: 9 }, () => mebibyte))

/** The checksum of an object of this size. */
export const crcOf = (size: number): bigint => {
  let crc = 0n
  for (let left = size; left > 0; left -= MiB) {
    const piece = mebibyte.subarray(0, Math.min(left, MiB))
    crc = Crc64.combine(crc, piece.length === MiB ? whole : Crc64.of(piece), piece.length)
  }
  return crc
}
const whole = Crc64.of(mebibyte)

/** The key of an object tells the server its size. */
export const keyOf = (mebibytes: number): string => `data-${mebibytes}`
export const sizeOf = (path: string): number =>
  path.startsWith("/small/") ? smallSize : Number(/data-(\d+)/.exec(path)?.[1] ?? 0) * MiB

export const fileOf = (mebibytes: number): string => `${files}/${keyOf(mebibytes)}`

/** Writes the object to a file. */
export const makeFile = async (mebibytes: number): Promise<void> => {
  if (existsSync(fileOf(mebibytes))) return
  mkdirSync(files, { recursive: true })
  const file = createWriteStream(`${fileOf(mebibytes)}.part`)
  for (let i = 0; i < mebibytes; i++) if (!file.write(mebibyte)) await once(file, "drain")
  file.end()
  await once(file, "close")
  await rename(`${fileOf(mebibytes)}.part`, fileOf(mebibytes))
}

/** Bytes of each of many small files. */
export const smallSize = 4096

/** A small object, or the file of its bytes. */
export const smallKeyOf = (i: number): string => `small/${i}`
export const smallFileOf = (i: number): string => `${files}/${smallKeyOf(i)}`

/** The names of the first `count` small files. */
export const smallFiles = (count: number): ReadonlyArray<{ readonly key: string; readonly path: string }> =>
  Array.from({ length: count }, (_, i) => ({ key: smallKeyOf(i), path: smallFileOf(i) }))

export const makeSmallFiles = async (count: number): Promise<void> => {
  if (existsSync(smallFileOf(count - 1))) return
  mkdirSync(`${files}/small`, { recursive: true })
  for (let i = 0; i < count; i++) await writeFile(smallFileOf(i), mebibyte.subarray(0, smallSize))
}

const entry = (i: number): string =>
  `<Contents><Key>photos%2F2026%2F11%2Fholiday%20${i}.jpg</Key><LastModified>2026-11-22T03:04:05.000Z</LastModified>` +
  `<ETag>&quot;d41d8cd98f00b204e9800998ecf84${String(i).padStart(3, "0")}&quot;</ETag><Size>${i * 1000}</Size>` +
  "<Owner><ID>1250000000</ID><DisplayName>1250000000</DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents>"

/** A page of 1,000 keys, as COS writes it. */
export const page: string =
  '<?xml version="1.0" encoding="UTF-8" ?><ListBucketResult><Name>examplebucket-1250000000</Name>' +
  "<EncodingType>url</EncodingType><Prefix></Prefix><Marker></Marker><MaxKeys>1000</MaxKeys>" +
  `<IsTruncated>false</IsTruncated>${Array.from({ length: 1000 }, (_, i) => entry(i)).join("")}</ListBucketResult>`
