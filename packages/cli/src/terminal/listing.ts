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

export const object = (
  output: Output.Service,
  bucket: Bucket,
  { eTag, key, lastModified, size, storageClass }: Cos.ListedObject
): Effect.Effect<void> =>
  output.line(
    { type: "object", bucket, key, size, modified: lastModified.toISOString(), etag: eTag, storageClass },
    () => row(Format.time(lastModified), Format.bytes(size), storageClass ?? "STANDARD", Format.key(key))
  )

/** A version or a delete marker. */
export type Entry = Cos.ObjectVersion | Cos.DeleteMarker

/** The entries of a page in the order of the list. */
export const entriesOf = ({ deleteMarkers, order, versions }: Cos.ListObjectVersionsOutput): ReadonlyArray<Entry> => {
  const left = { Version: [...versions], DeleteMarker: [...deleteMarkers] }
  return order.flatMap((kind) => left[kind].shift() ?? [])
}

export const version = (output: Output.Service, bucket: Bucket, entry: Entry): Effect.Effect<void> => {
  const { isLatest, key, lastModified, versionId } = entry
  const modified = lastModified.toISOString()
  const name = `${Format.key(key)}  ${versionId}${isLatest ? "  latest" : ""}`
  if (!("size" in entry)) {
    return output.line({ type: "delete-marker", bucket, key, versionId, isLatest, modified }, () =>
      row(Format.time(lastModified), "-", "deleted", name)
    )
  }
  const { eTag, size, storageClass } = entry
  return output.line(
    { type: "object", bucket, key, size, modified, etag: eTag, storageClass, versionId, isLatest },
    () => row(Format.time(lastModified), Format.bytes(size), storageClass ?? "STANDARD", name)
  )
}
