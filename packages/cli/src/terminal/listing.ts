/**
 * The rows of listings: `date time  size  class  key`.
 */
import type * as Effect from "effect/Effect"
import type * as Cos from "effect-cos/Cos"
import type { Output } from "../contract/output.js"
import * as Format from "./format.js"

type Bucket = string | undefined

const row = (when: string, size: string, what: string, name: string): string =>
  `${when.padEnd(19)}  ${size.padStart(10)}  ${what.padEnd(11)}  ${name}`

export const prefix = (output: Output.Service, bucket: Bucket, name: string): Effect.Effect<void> =>
  output.line({ type: "prefix", bucket, prefix: name }, () => row("", "", "", Format.key(name)))

const objectLine = (bucket: Bucket, { eTag, key, lastModified, size, storageClass }: Cos.ListedObject) =>
  ({ type: "object", bucket, key, size, modified: lastModified.toISOString(), etag: eTag, storageClass }) as const

const versionLine = (bucket: Bucket, entry: Entry) => {
  const { isLatest, key, lastModified, versionId } = entry
  return "size" in entry
    ? ({ ...objectLine(bucket, entry), versionId, isLatest } as const)
    : ({ type: "delete-marker", bucket, key, versionId, isLatest, modified: lastModified.toISOString() } as const)
}

/** What is listed, as a line of JSON. */
export const lineOf = (bucket: Bucket, entry: Cos.ListedObject | Entry) =>
  "versionId" in entry ? versionLine(bucket, entry) : objectLine(bucket, entry)

const objectRow = (
  name: string,
  { lastModified, size, storageClass = "STANDARD" }: Cos.ListedObject | Cos.ObjectVersion
) => row(Format.time(lastModified), Format.bytes(size), storageClass, name)

export const object = (output: Output.Service, bucket: Bucket, object: Cos.ListedObject): Effect.Effect<void> =>
  output.line(objectLine(bucket, object), () => objectRow(Format.key(object.key), object))

/** A version or a delete marker. */
export type Entry = Cos.ObjectVersion | Cos.DeleteMarker

/** The entries of a page in the order of the list. */
export const entriesOf = ({ deleteMarkers, order, versions }: Cos.ListObjectVersionsOutput): ReadonlyArray<Entry> => {
  const left = { Version: [...versions].reverse(), DeleteMarker: [...deleteMarkers].reverse() }
  return order.flatMap((kind) => left[kind].pop() ?? [])
}

export const version = (output: Output.Service, bucket: Bucket, entry: Entry): Effect.Effect<void> =>
  output.line(versionLine(bucket, entry), () => {
    const name = `${Format.key(entry.key)}  ${entry.versionId}${entry.isLatest ? "  latest" : ""}`
    return "size" in entry ? objectRow(name, entry) : row(Format.time(entry.lastModified), "-", "deleted", name)
  })
