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
import * as Crc64 from "../../../Crc64.js"
import * as multipart from "../../../operations/multipart.js"
import { md5Base64 } from "../../checksum/md5.js"
import { effectiveBucket } from "../../http/effective.js"
import * as listener from "../listener.js"
import type { UploadTarget as Input } from "../model.js"
import type { AnySent, Sent } from "./part.js"
import type { Part } from "./plan.js"
import * as session from "./session.js"
import type { Reader, Source, SourceError } from "./source.js"

/** Where to look for an earlier run. */
export interface From {
  /** One that the caller kept. */
  readonly checkpoint: Checkpoint.Upload | undefined
  /** Whether to look on the server for an upload of this key. */
  readonly discover: boolean
  readonly store: Option.Option<Checkpoint.Store.Service>
  /** Told of every new checkpoint. */
  readonly onCheckpoint: ((checkpoint: Checkpoint.Upload) => Effect.Effect<void>) | undefined
}

/** A part that the server holds, and what an earlier run knew of it. */
export interface Known {
  readonly partNumber: number
  readonly size: number
  readonly eTag: string
  readonly crc64: bigint | undefined
}

export interface Found {
  readonly uploadId: string
  readonly parts: ReadonlyArray<Known>
}

/** What one upload is, whoever runs it. */
export interface Identity {
  readonly bucket: string
  readonly region: string | undefined
  readonly key: string
  readonly source: Checkpoint.Source
  readonly size: number
  readonly partSize: number
  /** What was asked for. */
  readonly storageClass: string | undefined
  readonly settings: string
  readonly id: string
}

export const identify = (
  kind: "upload" | "copy",
  input: Input,
  source: Pick<Source, "identity" | "size">,
  partSize: number
): Effect.Effect<Identity, never, CosClient> =>
  Effect.gen(function* () {
    const { bucket: _bucket, customerKey, extra, key, metadata, region, tagging, ...others } = input
    const { mimeLimit: _types, trafficLimit: _speed, ...rest } = others
    const { hash } = yield* CosClient
    const bucket = yield* effectiveBucket(input)
    const settings = yield* Checkpoint.digest({
      ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, JSON.stringify(value)])),
      extra: JSON.stringify(extra),
      metadata: JSON.stringify(metadata),
      tagging: JSON.stringify(tagging),
      customerKey: customerKey === undefined ? undefined : md5Base64(hash, Redacted.value(customerKey))
    })
    const id = yield* Checkpoint.id({ kind, bucket, key, path: source.identity.path ?? "" })
    const { storageClass } = input
    return { bucket, region, key, source: source.identity, size: source.size, partSize, storageClass, settings, id }
  })

const isSame = (checkpoint: Checkpoint.Upload, identity: Identity): boolean =>
  checkpoint.bucket === identity.bucket &&
  checkpoint.key === identity.key &&
  checkpoint.size === identity.size &&
  checkpoint.partSize === identity.partSize &&
  checkpoint.settings === identity.settings &&
  Checkpoint.sameSource(checkpoint.source, identity.source)

const held = (target: session.Target, uploadId: string) =>
  Effect.asSome(session.partsOnServer(target, uploadId)).pipe(Effect.catchTag("NoSuchUpload", () => Effect.succeedNone))

/** The upload of a checkpoint, if it is still there. One that is of something else is removed: it can serve no more. */
const fromCheckpoint = (
  checkpoint: Checkpoint.Upload,
  target: session.Target,
  identity: Identity,
  limits: session.Limits
) =>
  Effect.gen(function* () {
    if (session.isInUse(checkpoint.uploadId)) return Option.none()
    if (!isSame(checkpoint, identity)) {
      yield* Effect.logInfo(
        "the source or the settings are not those of the unfinished upload: it is removed, and begun anew"
      )
      const { bucket, key, region } = checkpoint
      yield* session.abort({ bucket, key, region }, checkpoint.uploadId, limits)
      return Option.none()
    }
    const crcs = new Map(checkpoint.parts.map((part) => [`${part.partNumber} ${part.eTag}`, part.crc64]))
    return Option.map(
      yield* held(target, checkpoint.uploadId),
      (parts): Found => ({
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

/** The upload of this key, and of the storage class that was asked for, on the server whose parts fit best. */
const discover = (target: session.Target, identity: Identity) =>
  Effect.gen(function* () {
    // In these lists STANDARD is spelled Standard.
    const isOfClass = (found: string | undefined) =>
      identity.storageClass === undefined || found?.toUpperCase() === identity.storageClass.toUpperCase()
    const uploads = yield* multipart.listMultipartUploads
      .items({ bucket: target.bucket, region: target.region, prefix: target.key })
      .pipe(
        Stream.filter(
          ({ key, storageClass, uploadId }) =>
            key === target.key && isOfClass(storageClass) && !session.isOurs(uploadId)
        ),
        Stream.runCollect
      )
    let best: Found | undefined
    for (const { uploadId } of uploads) {
      const parts = yield* held(target, uploadId)
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
    return Option.fromNullable(best)
  })

export const find = (target: session.Target, identity: Identity, from: From, limits: session.Limits) =>
  Effect.gen(function* () {
    const kept =
      from.checkpoint !== undefined
        ? Option.some(from.checkpoint)
        : Option.isSome(from.store)
          ? yield* from.store.value.get(identity.id, Checkpoint.Upload)
          : Option.none()
    const found = Option.isSome(kept)
      ? yield* fromCheckpoint(kept.value, target, identity, limits)
      : Option.none<Found>()
    return Option.isSome(found) || !from.discover ? found : yield* discover(target, identity)
  })

/** Removes what an earlier run left of an object that is now sent in one request. */
export const forget = (target: session.Target, identity: Identity, from: From, limits: session.Limits) =>
  Effect.gen(function* () {
    const found = yield* find(target, identity, { ...from, discover: false }, limits)
    if (Option.isSome(found)) yield* session.abort(target, found.value.uploadId, limits)
    if (Option.isSome(from.store)) yield* from.store.value.remove(identity.id)
  })

/** Whether the part's bytes are still those that the server holds: by the CRC64 that was noted, else by MD5. */
export const check = (
  part: Part,
  known: Known,
  reader: Reader,
  buffer: () => Uint8Array,
  blockSize: number
): Effect.Effect<Option.Option<Sent>, SourceError, CosClient> =>
  Effect.gen(function* () {
    const crc = Crc64.make()
    const md5 = known.crc64 === undefined ? (yield* CosClient).hash.md5() : undefined
    for (let at = 0; at < part.size; at += blockSize) {
      const bytes = yield* reader.read(part.offset + at, Math.min(blockSize, part.size - at), buffer)
      crc.update(bytes)
      md5?.update(bytes)
    }
    const isSame =
      md5 === undefined
        ? crc.value === known.crc64
        : known.eTag.replaceAll('"', "") === Encoding.encodeHex(md5.digest())
    return isSame
      ? Option.some({ partNumber: part.partNumber, eTag: known.eTag, size: part.size, crc64: crc.value })
      : Option.none()
  })

/**
 * Notes the state of an upload, in the store and for whoever asked; `begun` is what an earlier run had done. It is
 * forgotten when there is nothing left to be resumed.
 */
export const journal = (
  identity: Identity,
  upload: session.Session,
  begun: ReadonlyArray<Known>,
  { onCheckpoint, store }: From
): Effect.Effect<(sent: Iterable<AnySent>) => Effect.Effect<void>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const createdAt = new Date(yield* Clock.currentTimeMillis)
    const { id, storageClass: _, ...rest } = identity
    const stored = Option.isNone(store)
      ? undefined
      : yield* Effect.provideService(Checkpoint.journal(id, Checkpoint.Upload), Checkpoint.Store, store.value)
    // Without a store or a listener the next run may still discover it.
    if (stored === undefined && onCheckpoint === undefined) return yield* Effect.as(upload.noted, () => Effect.void)
    yield* Effect.addFinalizer((exit) =>
      stored === undefined || upload.isKept(exit)
        ? Effect.void
        : Effect.catchAll(stored.discard, (error) =>
            Effect.logWarning("a checkpoint that is of no more use could not be removed", error.message)
          )
    )
    const checkpoints =
      onCheckpoint === undefined ? undefined : yield* listener.make("onCheckpoint", onCheckpoint, listener.newest)
    const note = (sent: Iterable<AnySent>) => {
      const checkpoint: Checkpoint.Upload = {
        kind: "upload",
        version: 1,
        ...rest,
        createdAt,
        uploadId: upload.uploadId,
        parts: Array.from(sent)
      }
      return Effect.zipRight(stored?.note(checkpoint) ?? Effect.void, checkpoints?.notify(checkpoint) ?? Effect.void)
    }
    // From here on a killed process is to find its upload again. A write that fails is tried again, and logged, later.
    yield* note(begun)
    yield* upload.noted
    yield* Effect.ignore(stored?.flush ?? Effect.void)
    return note
  })
