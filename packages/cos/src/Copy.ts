/**
 * Copies within the service: in one request where one will do, else in parts that the service copies side by side. The
 * bytes do not pass through here, so that memory is that of the list of parts: at most 10,000, less than 5 MB.
 *
 * An archived source is `InvalidObjectState`: ask for it with `Cos.restoreObject`, wait until it is there, and copy it then.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Checkpoint from "./Checkpoint.js"
import type { Controlled } from "./Controlled.js"
import type { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import * as controlledTransfer from "./internal/transfer/controlled.js"
import * as internal from "./internal/transfer/copy/copy.js"
import { limitInterrupt } from "./internal/transfer/interruptLimit.js"
import type { CopyError, CopyInput, CopyOptions, CopyResult } from "./internal/transfer/model.js"
import * as restartable from "./internal/transfer/restartable.js"
import { storeInContext } from "./internal/transfer/storeInContext.js"
import * as settings from "./internal/transfer/upload/settings.js"
import type * as Operation from "./Operation.js"
import type * as object from "./operations/object.js"

export type { CopyError, CopyInput, CopyOptions, CopyResult } from "./internal/transfer/model.js"

const filled = (operation: string, options: CopyOptions) =>
  settings.fromOptions(operation, {
    ...options,
    partSize: options.partSize ?? 64 * 1024 * 1024,
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
const object_ = (input: CopyInput, options: CopyOptions = {}): Effect.Effect<CopyResult, CopyError, CosClient> =>
  Effect.gen(function* () {
    const store = yield* storeInContext
    const settings = yield* filled("Copy.object", options)
    return yield* internal
      .copy(input, settings, options.tags ?? false, {
        checkpoint: options.resume,
        discover: false,
        store,
        onCheckpoint: options.onCheckpoint
      })
      .pipe(limitInterrupt(settings.limits))
  }).pipe(Effect.withSpan("Cos.Copy.object", { captureStackTrace: false }))

export { object_ as object }

/**
 * A copy under control, as {@link controlled} starts it.
 *
 * @since 0.1.0
 * @category models
 */
export type ControlledCopy = Controlled<CopyResult, CopyError, Checkpoint.Upload>

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
  input: CopyInput,
  options: CopyOptions = {}
): Effect.Effect<ControlledCopy, CosError.InvalidInput, CosClient | Scope.Scope> =>
  Effect.zipRight(
    filled("Copy.controlled", options),
    controlledTransfer.make(
      restartable.upload(input.key, options, (options) => object_(input, options)),
      { isKept: controlledTransfer.isKeptBy(options) }
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
  input: CopyInput,
  options: CopyOptions = {}
): Effect.Effect<CopyResult, CopyError | Operation.Error<typeof object.deleteObject>, CosClient> =>
  Effect.gen(function* () {
    yield* internal.refuseOntoItself(input)
    const copied = yield* object_(input, options)
    yield* internal.removeSource(input, copied)
    return copied
  }).pipe(Effect.withSpan("Cos.Copy.move", { captureStackTrace: false }))
