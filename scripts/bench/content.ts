/**
 * What objects hold: every one repeats the same MiB, so that both sides know its checksum. It is made when this is loaded,
 * which clients that are measured from their start, or by their memory, must not do.
 */
import { once } from "node:events"
import { createWriteStream, existsSync, mkdirSync } from "node:fs"
import { rename, writeFile } from "node:fs/promises"
import { fileOf, files, MiB, smallFileOf, smallSize, tree, treeNames } from "./data.js"

export const mebibyte = Buffer.from(Uint8Array.from({ length: MiB }, (_, i) => Math.imul(i + 1, 2654435761) >>> 13))

/** Up to 8 MiB of an object, from any offset. */
export const bytesAt = (offset: number, size: number): Buffer => window.subarray(offset % MiB, (offset % MiB) + size)
export const most = 8 * MiB
const window = Buffer.concat(Array.from({ length: 9 }, () => mebibyte))

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

export const makeSmallFiles = async (count: number): Promise<void> => {
  if (existsSync(smallFileOf(count - 1))) return
  mkdirSync(`${files}/small`, { recursive: true })
  for (let i = 0; i < count; i++) await writeFile(smallFileOf(i), mebibyte.subarray(0, smallSize))
}

export const makeTree = async (): Promise<void> => {
  if (existsSync(`${tree}/${treeNames.at(-1)}`)) return
  for (const folder of new Set(treeNames.map((name) => name.slice(0, 1))))
    mkdirSync(`${tree}/${folder}`, { recursive: true })
  for (const name of treeNames) await writeFile(`${tree}/${name}`, mebibyte.subarray(0, smallSize))
}

const entry = (key: string, i: number, size: number, date: string): string =>
  `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>${date}T03:04:05.000Z</LastModified>` +
  `<ETag>&quot;d41d8cd98f00b204e9800998ecf84${String(i % 1000).padStart(3, "0")}&quot;</ETag><Size>${size}</Size>` +
  "<Owner><ID>1250000000</ID><DisplayName>1250000000</DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents>"

/** A page of a list, as COS writes it. `next` is the marker of the page after it. */
export const listPage = (prefix: string, entries: ReadonlyArray<string>, next?: string): string =>
  '<?xml version="1.0" encoding="UTF-8" ?><ListBucketResult><Name>examplebucket-1250000000</Name>' +
  `<EncodingType>url</EncodingType><Prefix>${encodeURIComponent(prefix)}</Prefix><Marker></Marker><MaxKeys>1000</MaxKeys>` +
  (next === undefined ? "" : `<NextMarker>${encodeURIComponent(next)}</NextMarker>`) +
  `<IsTruncated>${next !== undefined}</IsTruncated>${entries.join("")}</ListBucketResult>`

/** A page of 1,000 keys. */
export const page: string = listPage(
  "",
  Array.from({ length: 1000 }, (_, i) => entry(`photos/2026/11/holiday ${i}.jpg`, i, i * 1000, "2026-11-22"))
)

/** Pages of objects that are newer than any file. */
export const pagesOf = (prefix: string, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  Array.from({ length: Math.ceil(names.length / 1000) }, (_, i) => {
    const part = names.slice(i * 1000, (i + 1) * 1000)
    return listPage(
      prefix,
      part.map((name, i) => entry(prefix + name, i, smallSize, "2099-01-01")),
      (i + 1) * 1000 < names.length ? `${prefix}${part.at(-1)}` : undefined
    )
  })
