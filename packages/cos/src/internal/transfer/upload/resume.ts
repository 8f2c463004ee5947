/** Taking up an upload that an earlier run began: which one, which of its parts, and what is noted for the next run. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Checkpoint from "../../../Checkpoint.js"
import { CosClient } from "../../../CosClient.js"
import type { CheckpointError } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import * as multipart from "../../../operations/multipart.js"
import { md5Base64 } from "../../checksum/contentMd5.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"
import * as listener from "../../progress/listener.js"
import * as ownership from "../checkpointOwnership.js"
import * as checkpointWriter from "../checkpointWriter.js"
import { claimUpload, isUploadInUse } from "../inUse.js"
import type { UploadTarget } from "../model.js"
import type { Part } from "../parts.js"
import { abortUpload, type EndLimits } from "./abortUpload.js"
import type { AcknowledgedPart, SentPart } from "./sendPart.js"
import * as session from "./session.js"
import type { Settings } from "./settings.js"
import type { Reader, Source } from "./source.js"

/** Where to look for an earlier run, and where to note what this one does. */
export interface ResumeFrom {
  /** One that the caller kept. */
  readonly checkpoint: Checkpoint.Upload | undefined
  /** Whether to look on the server for an upload of this key. */
  readonly discover: boolean
  readonly store: Option.Option<Checkpoint.Store.Service>
  /** Whether another process is working on the same upload, and owns the checkpoint. */
  readonly isBeside?: boolean
  readonly onCheckpoint: ((checkpoint: Checkpoint.Upload) => Effect.Effect<void>) | undefined
}

/** An upload that an earlier run began. */
export interface FoundUpload {
  readonly uploadId: string
  readonly parts: ReadonlyArray<AcknowledgedPart>
}

/** What a later run must find unchanged to resume an upload. */
export interface ResumeKey {
  readonly bucket: string
  readonly region: string | undefined
  readonly key: string
  readonly source: Checkpoint.Source
  readonly size: number
  readonly partSize: number
  /** As the caller gave it. */
  readonly storageClass: string | undefined
  readonly settings: string
  readonly id: string
}

export const identify = <E>(
  kind: "upload" | "copy",
  target: UploadTarget,
  source: Pick<Source<E>, "identity" | "size">,
  partSize: number
): Effect.Effect<ResumeKey, E, CosClient> =>
  Effect.gen(function* () {
    const { bucket: _bucket, customerKey, extra, key, metadata, region, tagging, ...others } = target
    const { callback: _callback, callbackVar: _variables, mimeLimit: _types, trafficLimit: _speed, ...rest } = others
    const { hash } = yield* CosClient
    const bucket = yield* effectiveBucket(target)
    const settings = yield* Checkpoint.digest({
      ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, JSON.stringify(value)])),
      extra: JSON.stringify(extra),
      metadata: JSON.stringify(metadata),
      tagging: JSON.stringify(tagging),
      customerKey: customerKey === undefined ? undefined : md5Base64(hash, Redacted.value(customerKey))
    })
    const identity = yield* source.identity
    const id = yield* Checkpoint.id({ kind, bucket, key, path: identity.path ?? "" })
    const { storageClass } = target
    return { bucket, region, key, source: identity, size: source.size, partSize, storageClass, settings, id }
  })

const isSame = (checkpoint: Checkpoint.Upload, identity: ResumeKey): boolean =>
  checkpoint.bucket === identity.bucket &&
  checkpoint.key === identity.key &&
  checkpoint.size === identity.size &&
  checkpoint.partSize === identity.partSize &&
  checkpoint.settings === identity.settings &&
  Checkpoint.sameSource(checkpoint.source, identity.source)

/** None where the upload is gone. */
const partsIfThere = (location: session.ObjectLocation, uploadId: string) =>
  Effect.asSome(session.partsOnServer(location, uploadId)).pipe(
    Effect.catchTag("NoSuchUpload", () => Effect.succeedNone)
  )

/** The upload of a checkpoint, if it is still there. One of another source is removed, since nothing can resume it. */
const fromCheckpoint = (
  checkpoint: Checkpoint.Upload,
  location: session.ObjectLocation,
  identity: ResumeKey,
  limits: EndLimits
) =>
  Effect.gen(function* () {
    if (!(yield* claimUpload(checkpoint.uploadId))) return Option.none()
    if (!isSame(checkpoint, identity)) {
      yield* Effect.logInfo(
        "the source or the settings differ from those of the unfinished upload: it is removed, and begun anew"
      )
      const { bucket, key, region } = checkpoint
      yield* abortUpload({ bucket, key, region }, checkpoint.uploadId, limits)
      return Option.none()
    }
    const crcs = new Map(checkpoint.parts.map((part) => [`${part.partNumber} ${part.eTag}`, part.crc64]))
    return Option.map(
      yield* partsIfThere(location, checkpoint.uploadId),
      (parts): FoundUpload => ({
        uploadId: checkpoint.uploadId,
        parts: Array.from(parts, ({ eTag, partNumber, size }) => ({
          partNumber,
          size,
          eTag,
          crc64: crcs.get(`${partNumber} ${eTag}`)
        }))
      })
    )
  })

/** The upload of this key, and of the storage class that was given, on the server whose parts fit best. */
const discover = (location: session.ObjectLocation, identity: ResumeKey) =>
  Effect.gen(function* () {
    // In these lists STANDARD is spelled Standard.
    const isOfClass = (found: string | undefined) =>
      identity.storageClass === undefined || found?.toUpperCase() === identity.storageClass.toUpperCase()
    const uploads = yield* multipart.listMultipartUploads
      .items({ bucket: location.bucket, region: location.region, prefix: location.key })
      .pipe(
        Stream.filter(
          ({ key, storageClass, uploadId }) =>
            key === location.key && isOfClass(storageClass) && !isUploadInUse(uploadId)
        ),
        Stream.runCollect
      )
    let best: FoundUpload | undefined
    for (const { uploadId } of uploads) {
      const parts = yield* partsIfThere(location, uploadId)
      if (Option.isNone(parts)) continue
      const fits = Array.from(parts.value).every(
        ({ partNumber, size }) =>
          size === Math.min(identity.partSize, identity.size - (partNumber - 1) * identity.partSize)
      )
      if (fits && (best === undefined || parts.value.length > best.parts.length)) {
        best = {
          uploadId,
          parts: Array.from(parts.value, ({ eTag, partNumber, size }) => ({ partNumber, size, eTag, crc64: undefined }))
        }
      }
    }
    return best !== undefined && (yield* claimUpload(best.uploadId)) ? Option.some(best) : Option.none()
  })

export const find = (location: session.ObjectLocation, identity: ResumeKey, from: ResumeFrom, limits: EndLimits) =>
  Effect.gen(function* () {
    const checkpoint =
      from.checkpoint !== undefined
        ? Option.some(from.checkpoint)
        : Option.isSome(from.store)
          ? yield* from.store.value.get(identity.id, Checkpoint.Upload)
          : Option.none()
    const found = Option.isSome(checkpoint)
      ? yield* fromCheckpoint(checkpoint.value, location, identity, limits)
      : Option.none<FoundUpload>()
    return Option.isSome(found) || !from.discover ? found : yield* discover(location, identity)
  })

/** Removes what an earlier run left of an object that is now sent in one request. */
export const forget = (location: session.ObjectLocation, identity: ResumeKey, from: ResumeFrom, limits: EndLimits) =>
  Effect.gen(function* () {
    const found = yield* find(location, identity, { ...from, discover: false }, limits)
    if (Option.isSome(found)) yield* abortUpload(location, found.value.uploadId, limits)
    if (Option.isSome(from.store)) yield* from.store.value.remove(identity.id)
  })

/** Whether the part's bytes are still those that the server holds: by the CRC64 that was noted, else by MD5. */
export const check = <E>(
  part: Part,
  remote: AcknowledgedPart,
  reader: Reader<E>,
  buffer: () => Uint8Array,
  blockSize: number
): Effect.Effect<Option.Option<SentPart>, E, CosClient> =>
  Effect.gen(function* () {
    const crc = Crc64.make()
    const md5 = remote.crc64 === undefined ? (yield* CosClient).hash.md5() : undefined
    for (let at = 0; at < part.size; at += blockSize) {
      const bytes = yield* reader.read(part.offset + at, Math.min(blockSize, part.size - at), buffer)
      crc.update(bytes)
      md5?.update(bytes)
    }
    const isSame =
      md5 === undefined
        ? crc.value === remote.crc64
        : remote.eTag.replaceAll('"', "") === Encoding.encodeHex(md5.digest())
    return isSame
      ? Option.some({ partNumber: part.partNumber, eTag: remote.eTag, size: part.size, crc64: crc.value })
      : Option.none()
  })

/**
 * Notes the state of an upload, in the store and for `onCheckpoint`; `resumed` is what an earlier run had done. The
 * checkpoint is removed when there is nothing left to be resumed.
 */
export const openCheckpoint = (
  identity: ResumeKey,
  upload: session.Session,
  resumed: ReadonlyArray<AcknowledgedPart> | undefined,
  { checkpoint, discover, isBeside, onCheckpoint, store }: ResumeFrom
): Effect.Effect<(done: Iterable<AcknowledgedPart>) => Effect.Effect<void>, never, Scope.Scope> =>
  Effect.gen(function* () {
    // The caller has what a later run needs; and without a store that run may still discover the upload.
    const isOfCaller = onCheckpoint !== undefined || checkpoint !== undefined || (discover && resumed !== undefined)
    if (isOfCaller || (Option.isNone(store) && !isBeside)) upload.markFindable("found")
    if (Option.isNone(store) && onCheckpoint === undefined) return (_: Iterable<AcknowledgedPart>) => Effect.void
    const createdAt = new Date(yield* Clock.currentTimeMillis)
    const { id, storageClass: _, ...rest } = identity
    const checkpointOf = (done: Iterable<AcknowledgedPart>): Checkpoint.Upload => ({
      kind: "upload",
      version: 1,
      ...rest,
      createdAt,
      uploadId: upload.uploadId,
      parts: Array.from(done)
    })
    const first = checkpointOf(resumed ?? [])
    const listeners =
      onCheckpoint === undefined ? undefined : yield* listener.make("onCheckpoint", onCheckpoint, listener.newest)
    yield* listeners?.notify(first) ?? Effect.void
    const notes = yield* checkpointWriter.openOptional({
      store,
      id,
      schema: Checkpoint.Upload,
      first,
      isSame: (one, other) => one.uploadId === other.uploadId,
      isKept: upload.isKept,
      onKept: isOfCaller ? () => undefined : upload.markFindable
    })
    return (done: Iterable<AcknowledgedPart>) => {
      const checkpoint = checkpointOf(done)
      return Effect.zipRight(notes.write(checkpoint), listeners?.notify(checkpoint) ?? Effect.void)
    }
  })

/** Runs an upload while its checkpoint belongs to it. One beside another process's takes up nothing. */
export const withUploadOwned = <A, E, R>(
  id: string,
  { ifRunning }: Pick<Settings, "ifRunning">,
  from: ResumeFrom,
  use: (from: ResumeFrom) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | CheckpointError, R> =>
  ownership.withCheckpointOwned(from.store, id, ifRunning, (store) =>
    use(
      Option.isSome(from.store) && Option.isNone(store)
        ? { ...from, store, checkpoint: undefined, discover: false, isBeside: true }
        : { ...from, store }
    )
  )
