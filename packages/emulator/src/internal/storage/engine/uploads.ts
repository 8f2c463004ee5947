/**
 * Multipart uploads and their parts.
 */
import { randomBytes } from "node:crypto"
import * as Either from "effect/Either"
import type { CountingTransaction } from "../bodies/referenceCounts.js"
import * as Keys from "../records/keys.js"
import {
  bucketKey,
  findBucket,
  findCurrent,
  findUpload,
  partKey,
  partsKey,
  partsOf,
  uploadKey,
  versionOption,
  versionsKey
} from "../records/tables.js"
import type { Part, Storage, Upload } from "../Storage.js"
import { type Engine, nextTick, read, write } from "./engineState.js"
import { putObjectVersion } from "./objects.js"

const removeUpload = (tx: CountingTransaction, bucket: string, { key, uploadId }: Upload): void => {
  for (const [at] of Array.from(partsOf(tx, uploadId))) tx.remove(at)
  tx.remove(uploadKey(bucket, key, uploadId))
}

export const makeUploads = (
  engine: Engine
): Pick<
  Storage.Service,
  "createUpload" | "getUpload" | "putPart" | "listParts" | "completeUpload" | "abortUpload"
> => ({
  createUpload: (bucket, key, make) =>
    write(engine, (tx) =>
      Either.gen(function* () {
        const bucketRecord = yield* findBucket(tx, bucket)
        const fields = yield* make(versionOption(findCurrent(tx, versionsKey(bucket, key))), bucketRecord)
        const uploadId = Keys.newUploadId(fields.initiatedAt, nextTick(engine, fields.initiatedAt, 0n), randomBytes(24))
        const upload: Upload = { ...fields, key, uploadId }
        tx.put(uploadKey(bucket, key, uploadId), upload)
        return upload
      })
    ),
  getUpload: (bucket, key, uploadId) => read(engine, (records) => findUpload(records, bucket, key, uploadId)),
  putPart: (bucket, key, uploadId, part) =>
    write(engine, (tx) =>
      Either.map(findUpload(tx, bucket, key, uploadId), () => {
        const at = partKey(uploadId, part.partNumber)
        tx.put(at, part, [bucketKey(bucket), uploadKey(bucket, key, uploadId)])
      })
    ),
  listParts: (bucket, key, uploadId, { after, limit }) =>
    read(engine, (records) =>
      Either.map(findUpload(records, bucket, key, uploadId), (upload) => {
        const parts: Array<Part> = []
        const from = partKey(uploadId, after + 1)
        for (const [, part] of limit > 0 ? records.range<Part>(from, Keys.after(partsKey(uploadId))) : []) {
          if (parts.length === limit) return { upload, parts, truncated: true }
          parts.push(part)
        }
        return { upload, parts, truncated: false }
      })
    ),
  completeUpload: (bucket, key, uploadId, make) =>
    write(engine, (tx) =>
      Either.gen(function* () {
        const bucketRecord = yield* findBucket(tx, bucket)
        const upload = yield* findUpload(tx, bucket, key, uploadId)
        const parts = Array.from(partsOf(tx, uploadId), ([, part]) => part)
        const current = findCurrent(tx, versionsKey(bucket, key))
        const object = yield* make({ upload, parts, current: versionOption(current), bucket: bucketRecord })
        removeUpload(tx, bucket, upload)
        return putObjectVersion(engine, tx, bucketRecord, key, current, object)
      })
    ),
  abortUpload: (bucket, key, uploadId) =>
    write(
      engine,
      (tx) => Either.map(findUpload(tx, bucket, key, uploadId), (upload) => removeUpload(tx, bucket, upload)),
      "remove"
    )
})
