/** An upload whose options have been read already: one of many, or the only one. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import mime from "mime/lite"
import * as Checkpoint from "../../../Checkpoint.js"
import { CosClient } from "../../../CosClient.js"
import type { InvalidInput } from "../../../CosError.js"
import type { BytesLike } from "../../encoding/bytes.js"
import type { FileFingerprint } from "../../file/fileFingerprint.js"
import { fileSteps } from "../../file/steps.js"
import { useSpan, withSpan } from "../../http/useSpan.js"
import { isAlone } from "../context.js"
import { limitInterrupt, limitInterruptInSpan } from "../interruptLimit.js"
import type {
  ResumableUploadOptions,
  UploadError,
  UploadFileError,
  UploadFileInput,
  UploadResult,
  UploadTarget
} from "../model.js"
import { storeInContext } from "../storeInContext.js"
import * as fromSource from "./fromSource.js"
import * as settings from "./settings.js"
import * as sources from "./source.js"

/** Runs with what is uploaded, which may be open as long. */
type WithSource<E, E2, R> = <A, E3, R2>(
  maxPartBuffer: number,
  use: sources.Use<E, A, E3, R2>
) => Effect.Effect<A, E2 | E3, R | R2>

export const uploadWith = <E, E2, R>(
  filled: settings.Settings,
  target: UploadTarget,
  withSource: WithSource<E, E2, R>,
  { onCheckpoint, resume }: ResumableUploadOptions,
  isBegunAnew = false
) =>
  Effect.flatMap(isBegunAnew ? Effect.succeedNone : storeInContext, (store) =>
    withSource(filled.maxPartBuffer, (source) =>
      fromSource.upload(target, source, filled, {
        checkpoint: typeof resume === "object" ? resume : undefined,
        discover: resume === "discover",
        store,
        onCheckpoint
      })
    )
  )

export const spanOf = (operation: string) => withSpan(`Cos.${operation}`)

/** An upload by itself, whose options are still to be read. */
export const single = <E, E2, R>(
  operation: string,
  target: UploadTarget,
  withSource: WithSource<E, E2, R>,
  options: ResumableUploadOptions
) =>
  useSpan(`Cos.${operation}`, (span) =>
    Effect.flatMap(settings.fromOptions(operation, options), (filled) =>
      limitInterruptInSpan(uploadWith(filled, target, withSource, options), span, filled.limits)
    )
  )

/**
 * The same of what an interrupt leaves at once. Where one request is all that is waited for, which the transport ends at once
 * too, an interrupt needs no limit, whose fiber costs a third of a request.
 */
const singleAtOnce = <E, E2, R>(
  operation: string,
  target: UploadTarget,
  withSource: WithSource<E, E2, R>,
  options: ResumableUploadOptions
): Effect.Effect<UploadResult, UploadError | E | E2, CosClient | R> =>
  Effect.withFiberRuntime(({ currentContext }) => {
    const context = currentContext as Context.Context<CosClient>
    if (!isBySelf(options, context)) return single(operation, target, withSource, options)
    const client = Context.get(context, CosClient)
    return spanOf(operation)(
      Effect.flatMap(settings.fromOptions(operation, options), (filled) =>
        withSource(filled.maxPartBuffer, (source) => {
          const upload = fromSource.upload(target, source, filled, anew)
          const endsAtOnce = source.endsAtOnce && fromSource.isOneRequest(source, filled, anew, client)
          return endsAtOnce ? upload : limitInterrupt(filled.limits)(upload)
        })
      )
    )
  })

/** Nothing is resumed, or kept to be resumed. */
const anew = { checkpoint: undefined, discover: false, store: Option.none(), onCheckpoint: undefined }

/** Whether nobody follows it, or keeps what can be resumed. */
const isBySelf = (
  { onCheckpoint, onProgress, resume }: ResumableUploadOptions,
  context: Context.Context<CosClient>
): boolean =>
  Context.get(context, CosClient).transport.abort !== undefined &&
  (onProgress ?? resume ?? onCheckpoint) === undefined &&
  isAlone(context) &&
  Option.isNone(Context.getOption(context, Checkpoint.Store))

export const singleOfBytes = (
  operation: string,
  target: UploadTarget,
  bytes: BytesLike,
  options: ResumableUploadOptions
): Effect.Effect<UploadResult, UploadError, CosClient> => {
  const source = sources.bytes(bytes)
  return singleAtOnce(operation, target, (_, use) => Effect.flatMap(source, use), options)
}

export const singleFile = (
  operation: string,
  input: UploadFileInput,
  options: ResumableUploadOptions
): Effect.Effect<UploadResult, UploadFileError, CosClient | FileSystem.FileSystem> =>
  // Nobody knows what else takes to answer.
  Effect.flatMap(fileSteps, (steps) =>
    (steps === undefined ? single : singleAtOnce)(operation, targetOf(input), sourceOf(input), options)
  )

export const targetOf = ({ path, ...target }: UploadFileInput): UploadTarget =>
  Object.assign({}, target, {
    // Bundles for browsers, which have no files, leave the table out.
    contentType: target.contentType ?? (typeof path === "string" ? mime.getType?.(path) : undefined) ?? undefined
  })

/** One that was `seen` before may not have changed since in any way. */
export const sourceOf =
  (
    { path }: UploadFileInput,
    seen?: FileFingerprint
  ): WithSource<sources.FileError, sources.FileError | InvalidInput, FileSystem.FileSystem> =>
  (maxPartBuffer, use) =>
    sources.withFile(path, maxPartBuffer, use, seen)

/** A file as `Upload.file` sends it. `isBegunAnew`: it goes in one request, of which nothing is left to be resumed. */
export const upload = (
  filled: settings.Settings,
  input: UploadFileInput,
  options: ResumableUploadOptions,
  isBegunAnew = false,
  seen?: FileFingerprint
) => spanOf("Upload.file")(uploadWith(filled, targetOf(input), sourceOf(input, seen), options, isBegunAnew))
