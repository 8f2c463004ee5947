/** What an upload is told, with every default filled in. */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import { InvalidInput } from "../../../CosError.js"
import type { Options as ProgressOptions } from "../../../Progress.js"
import { invalidInput } from "../../http/invalidInput.js"
import type { ResumableUploadOptions, UploadOptions } from "../model.js"
import * as plan from "./plan.js"
import type { Limits } from "./session.js"

export interface Settings {
  readonly partSize: number
  readonly concurrency: number
  readonly threshold: number
  readonly maxPartBuffer: number
  readonly integrity: "crc64" | "md5" | "both"
  readonly onMismatch: "keep" | "delete"
  readonly storeMd5: boolean
  readonly onInterrupt: "abort" | "keep"
  readonly onFailure: "abort" | "keep"
  readonly progress: ProgressOptions
  readonly limits: Limits
}

const MiB = 1024 * 1024

/** Every runtime has arrays of so many bytes. */
const maxBuffer = 2048 * MiB

const isCount = (value: number, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= least && value <= most

export const fromOptions = (
  operation: string,
  options: ResumableUploadOptions
): Either.Either<Settings, InvalidInput> => {
  const settings: Settings = {
    partSize: Number(options.partSize ?? 8 * MiB),
    concurrency: options.concurrency ?? 4,
    threshold: Number(options.threshold ?? 16 * MiB),
    maxPartBuffer: Number(options.maxPartBuffer ?? 64 * MiB),
    integrity: options.integrity ?? "crc64",
    onMismatch: options.onMismatch ?? "keep",
    storeMd5: options.storeMd5 ?? false,
    onInterrupt: options.onInterrupt ?? "abort",
    onFailure: options.onFailure ?? "abort",
    progress: { onProgress: options.onProgress, progressInterval: options.progressInterval },
    limits: {
      abortGrace: Duration.decode(options.abortGrace ?? "5 seconds"),
      release: Duration.decode(options.releaseLimit ?? "10 seconds")
    }
  }
  const refuse = (field: string, rule: string) => Either.left(invalidInput(operation, field, rule))
  if (!isCount(settings.partSize, plan.minPartSize, plan.maxPartSize))
    return refuse("partSize", "must be from 1 MiB to 5 GiB, in bytes")
  if (!isCount(settings.concurrency, 1, 256)) return refuse("concurrency", "must be an integer from 1 to 256")
  if (!isCount(settings.threshold, 0, plan.maxPartSize)) return refuse("threshold", "must be from 0 to 5 GiB, in bytes")
  if (!isCount(settings.maxPartBuffer, plan.minPartSize, maxBuffer)) {
    return refuse("maxPartBuffer", "must be from 1 MiB to 2 GiB, in bytes")
  }
  return Either.right(settings)
}

/** For what cannot be read again: every part of it is held. */
export const forStream = (operation: string, options: UploadOptions): Either.Either<Settings, InvalidInput> =>
  Either.filterOrLeft(
    fromOptions(operation, options),
    ({ maxPartBuffer, partSize }) => partSize <= maxPartBuffer,
    ({ maxPartBuffer }) =>
      new InvalidInput({
        operation,
        field: "partSize",
        reason: `partSize must be at most maxPartBuffer (${maxPartBuffer} bytes): the parts of a stream are held in memory`
      })
  )
