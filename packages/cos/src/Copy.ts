/**
 * Copies within the service: in one request where one will do, else in parts that the service copies side by side. The
 * bytes do not pass through here, so that memory is that of the list of parts: at most 10,000, less than 5 MB.
 *
 * An archived source is `InvalidObjectState`: ask for it with `Cos.restoreObject`, wait until it is there, and copy it then.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Checkpoint from "./Checkpoint.js"
import type { Controlled } from "./Controlled.js"
import type { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import * as internal from "./internal/transfer/copy/copy.js"
import * as controls from "./internal/transfer/handle.js"
import * as settings from "./internal/transfer/upload/settings.js"
import type * as Operation from "./Operation.js"
import type * as object from "./operations/object.js"
import type * as tagging from "./operations/tagging.js"
import type { ResumableOptions, Target, UploadError } from "./Upload.js"

/**
 * What is copied where, and what is stored with it.
 *
 * The storage class, the ACL and the encryption are those given here, else the defaults: they are not the source's.
 *
 * @since 0.1.0
 * @category models
 */
export interface Input extends Omit<Target, "trafficLimit"> {
  /** Bucket and region default to those of the target. */
  readonly source: Operation.CopySource
  /** SSE-C: the key that the source is encrypted with. */
  readonly sourceCustomerKey?: Operation.Input<typeof object.copyObject>["sourceCustomerKey"]
  /**
   * `Copy` (the default): content type, other headers and metadata are the source's, and none may be given here.
   * `Replaced`: they are those given here.
   */
  readonly metadataDirective?: "Copy" | "Replaced" | undefined
}

/**
 * How an object is copied.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<ResumableOptions, "maxPartBuffer" | "integrity" | "storeMd5" | "resume"> {
  /** Bytes of a part: 1 MiB to 5 GiB; grows where 10,000 parts would not do. Default 64 MiB. */
  readonly partSize?: FileSystem.SizeInput | undefined
  /** Parts that are copied at once: 1 to 256. Default 8. */
  readonly concurrency?: number | undefined
  /** Up to this size, in bytes, the object is copied in one request. Default 256 MiB, at most 5 GiB. */
  readonly threshold?: FileSystem.SizeInput | undefined
  /** Whether the source's tags are copied, unless `tagging` is given. Default `false`. */
  readonly tags?: boolean | undefined
  /**
   * The checkpoint of an earlier run. With a `Checkpoint.Store` in the context it is kept, and found, by itself. What else
   * the server holds is not looked for: of whose bytes a part is cannot be told without reading them.
   */
  readonly resume?: Checkpoint.Upload | undefined
}

/**
 * The object that was made.
 *
 * @since 0.1.0
 * @category models
 */
export interface Result {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** With its double quotes; of a copy in parts another than the source's. */
  readonly eTag: string
  readonly versionId: string | undefined
  /** Absent where the source, being very old, has none. */
  readonly crc64: bigint | undefined
  /** What was copied. */
  readonly source: { readonly eTag: string; readonly versionId: string | undefined }
  /** 0: it was copied in one request. */
  readonly parts: number
  /** Parts of an earlier run that were not copied again. */
  readonly resumedParts: number
}

/**
 * What a copy can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CopyError =
  | Exclude<UploadError, CosError.SourceFailed | CosError.SourceChanged>
  | Operation.Error<typeof object.headObject>
  | Operation.Error<typeof object.copyObject>
  | Operation.Error<typeof tagging.getObjectTagging>
  | CosError.ObjectChanged

const filled = (operation: string, options: Options) =>
  settings.fromOptions(operation, {
    ...options,
    partSize: options.partSize ?? 64 * 1024 * 1024,
    concurrency: options.concurrency ?? 8,
    threshold: options.threshold ?? 256 * 1024 * 1024
  })

/**
 * Copies an object of any size, also between buckets and regions.
 *
 * The source's version and ETag are pinned at the start: one that changes meanwhile is `ObjectChanged`, never a mixture.
 * The copy's CRC64 is compared with the source's. A copy in parts that does not become the object is aborted, as an
 * upload is.
 *
 * @example
 * ```ts
 * import { Copy } from "effect-cos"
 *
 * export const archive = Copy.object({
 *   key: "2026/report.pdf",
 *   bucket: "archive-1250000000",
 *   region: "ap-beijing",
 *   storageClass: "ARCHIVE",
 *   source: { bucket: "documents-1250000000", region: "ap-guangzhou", key: "report.pdf" }
 * })
 * ```
 *
 * @since 0.1.0
 * @category copies
 */
export const object_ = (
  input: Input,
  options: Options = {}
): Effect.Effect<Result, CopyError | PlatformError, CosClient> =>
  Effect.gen(function* () {
    const store = yield* Effect.serviceOption(Checkpoint.Store)
    return yield* internal.copy(input, yield* filled("Copy.object", options), options.tags ?? false, {
      checkpoint: options.resume,
      discover: false,
      store,
      onCheckpoint: options.onCheckpoint
    })
  }).pipe(Effect.withSpan("Cos.Copy.object", { captureStackTrace: false }))

export { object_ as object }

/**
 * A copy that can be paused, resumed and cancelled. It runs by itself; closing the scope cancels it unless it is over, or
 * keeps what it has done with `onInterrupt: "keep"`. Paused, it keeps the parts that are done.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Copy } from "effect-cos"
 *
 * export const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const copy = yield* Copy.controlled({ key: "b.iso", source: { key: "a.iso" } })
 *     yield* copy.pause
 *     yield* copy.resume
 *     return yield* copy.await
 *   })
 * )
 * ```
 *
 * @since 0.1.0
 * @category copies
 */
export const controlled = (
  input: Input,
  options: Options = {}
): Effect.Effect<
  Controlled<Result, CopyError | PlatformError, Checkpoint.Upload>,
  CosError.InvalidInput,
  CosClient | Scope.Scope
> =>
  Effect.zipRight(
    filled("Copy.controlled", options),
    controls.make(
      controls.upload(input.key, options, (options) => object_(input, options)),
      { isKept: controls.isKeptBy(options) }
    )
  )

/**
 * Copies an object and then removes the source: only when what the new key holds has the source's size and CRC64, and the
 * source is still the one that was copied.
 *
 * In a bucket with versioning the source gets a delete marker; with `source.versionId`, that version is removed.
 *
 * @example
 * ```ts
 * import { Copy } from "effect-cos"
 *
 * export const rename = Copy.move({ key: "2026/report.pdf", source: { key: "incoming/report.pdf" } }, { tags: true })
 * ```
 *
 * @since 0.1.0
 * @category copies
 */
export const move = (
  input: Input,
  options: Options = {}
): Effect.Effect<Result, CopyError | Operation.Error<typeof object.deleteObject> | PlatformError, CosClient> =>
  Effect.gen(function* () {
    yield* internal.refuseOntoItself(input)
    const copied = yield* object_(input, options)
    yield* internal.removeSource(input, copied)
    return copied
  }).pipe(Effect.withSpan("Cos.Copy.move", { captureStackTrace: false }))
