/** The options of an upload, with every default filled in. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Either from "effect/Either"
import type { InvalidInput } from "../../../CosError.js"
import type { Options as ProgressOptions } from "../../../Progress.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { bytes, checkDurations, checkOption, checkOptions, countOrAuto } from "../../operation/options.js"
import { limitsOf } from "../interruptLimit.js"
import type { IfRunning, ResumableUploadOptions, UploadOptions } from "../model.js"
import { maxPartSize, maxParts, minPartSize } from "../parts.js"
import type { EndLimits } from "./abortUpload.js"

export interface Settings {
  /** The function that errors name, such as `Upload.file`. */
  readonly operation: string
  readonly partSize: number
  readonly concurrency: number | "auto"
  readonly threshold: number
  readonly maxPartBuffer: number
  readonly integrity: "crc64" | "md5" | "both"
  readonly onMismatch: "keep" | "delete"
  readonly storeMd5: boolean
  readonly soleWriter: boolean
  readonly ifRunning: IfRunning
  readonly onInterrupt: "abort" | "keep"
  readonly onFailure: "abort" | "keep" | "keepIfRetryable"
  readonly progress: ProgressOptions
  readonly limits: EndLimits
}

const MiB = 1024 * 1024

/** The largest array, in bytes, that every runtime can allocate. */
const maxBuffer = 2048 * MiB

const ranges = {
  partSize: bytes(minPartSize, maxPartSize),
  concurrency: countOrAuto(1, 256),
  threshold: bytes(0, maxPartSize),
  maxPartBuffer: bytes(minPartSize, maxBuffer)
}

export const fromOptions = (
  operation: string,
  options: ResumableUploadOptions
): Either.Either<Settings, InvalidInput> => {
  const settings: Settings = {
    operation,
    partSize: Number(options.partSize ?? 8 * MiB),
    concurrency: options.concurrency ?? "auto",
    threshold: Number(options.threshold ?? 16 * MiB),
    maxPartBuffer: Number(options.maxPartBuffer ?? 64 * MiB),
    integrity: options.integrity ?? "crc64",
    onMismatch: options.onMismatch ?? "keep",
    storeMd5: options.storeMd5 ?? false,
    soleWriter: options.soleWriter ?? false,
    ifRunning: options.ifRunning ?? "beside",
    onInterrupt: options.onInterrupt ?? "abort",
    onFailure: options.onFailure ?? "abort",
    progress: { onProgress: options.onProgress, progressInterval: options.progressInterval },
    limits: limitsOf(options)
  }
  return Either.flatMap(checkDurations(operation, options), () => checkOptions(operation, settings, ranges))
}

/** For a stream, which cannot be read again: every part of it is held in memory. */
export const forStream = (
  operation: string,
  options: UploadOptions,
  size: FileSystem.SizeInput | undefined
): Either.Either<Settings & { readonly size: number | undefined }, InvalidInput> =>
  Either.gen(function* () {
    const filled = yield* fromOptions(operation, options)
    const { maxPartBuffer, partSize } = filled
    if (partSize > maxPartBuffer) {
      return yield* Either.left(
        invalidInput(
          operation,
          "partSize",
          `must be at most maxPartBuffer (${maxPartBuffer} bytes): the parts of a stream are held in memory`
        )
      )
    }
    const bytesInAll = size === undefined ? undefined : Number(size)
    yield* checkOption(operation, "size", bytesInAll, bytes(0, maxParts * maxPartSize))
    return { ...filled, size: bytesInAll }
  })
