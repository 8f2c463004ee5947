/** An upload whose options have been read already: one of many, or the only one. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import mime from "mime/lite"
import * as Checkpoint from "../../../Checkpoint.js"
import { CosClient } from "../../../CosClient.js"
import type { BytesLike } from "../../encoding/bytes.js"
import { useSpan, withSpan } from "../../http/useSpan.js"
import { isAlone } from "../context.js"
import { limitInterruptInSpan } from "../interruptLimit.js"
import type { ResumableUploadOptions, UploadError, UploadFileInput, UploadResult, UploadTarget } from "../model.js"
import { storeInContext } from "../storeInContext.js"
import * as fromSource from "./fromSource.js"
import * as settings from "./settings.js"
import * as sources from "./source.js"

export const uploadWith = <E, E2, R>(
  filled: settings.Settings,
  target: UploadTarget,
  source: (maxPartBuffer: number) => Effect.Effect<sources.Source<E>, E2, R>,
  { onCheckpoint, resume }: ResumableUploadOptions,
  isBegunAnew = false
) =>
  Effect.flatMap(isBegunAnew ? Effect.succeedNone : storeInContext, (store) =>
    Effect.flatMap(source(filled.maxPartBuffer), (source) =>
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
  source: (maxPartBuffer: number) => Effect.Effect<sources.Source<E>, E2, R>,
  options: ResumableUploadOptions
) =>
  useSpan(`Cos.${operation}`, (span) =>
    Effect.flatMap(settings.fromOptions(operation, options), (filled) =>
      limitInterruptInSpan(uploadWith(filled, target, source, options), span, filled.limits)
    )
  )

/** The same of bytes that are in memory. */
export const singleOfBytes = (
  operation: string,
  target: UploadTarget,
  bytes: BytesLike,
  options: ResumableUploadOptions
): Effect.Effect<UploadResult, UploadError, CosClient> =>
  Effect.withFiberRuntime(({ currentContext }) => {
    const filled = settings.fromOptions(operation, options)
    const source = sources.bytes(bytes)
    const isOnlyRequest =
      Either.isRight(filled) &&
      Either.isRight(source) &&
      waitsForRequestOnly(source.right, filled.right, options, currentContext as Context.Context<CosClient>)
    return isOnlyRequest
      ? withSpan(`Cos.${operation}`)(uploadWith(filled.right, target, () => source, options))
      : single(operation, target, () => source, options)
  })

/**
 * Whether nothing is waited for but one request, which the transport ends at once when it is interrupted. Then an interrupt
 * needs no limit, whose fiber costs a third of a request.
 */
const waitsForRequestOnly = (
  source: sources.Source<never>,
  filled: settings.Settings,
  { onProgress, resume }: ResumableUploadOptions,
  context: Context.Context<CosClient>
): boolean => {
  const client = Context.get(context, CosClient)
  const store = Context.getOption(context, Checkpoint.Store)
  return (
    client.transport.abort !== undefined &&
    (onProgress ?? resume) === undefined &&
    isAlone(context) &&
    fromSource.isOneRequest(source, filled, { checkpoint: undefined, store }, client)
  )
}

export const targetOf = ({ path, ...target }: UploadFileInput): UploadTarget => ({
  ...target,
  // Bundles for browsers, which have no files, leave the table out.
  contentType: target.contentType ?? (typeof path === "string" ? mime.getType?.(path) : undefined) ?? undefined
})

export const sourceOf =
  ({ path }: UploadFileInput) =>
  (maxPartBuffer: number) =>
    sources.file(path, maxPartBuffer)

/** A file as `Upload.file` sends it. `isBegunAnew`: it goes in one request, of which nothing is left to be resumed. */
export const upload = (
  filled: settings.Settings,
  input: UploadFileInput,
  options: ResumableUploadOptions,
  isBegunAnew = false,
  source = sourceOf(input)
) => spanOf("Upload.file")(uploadWith(filled, targetOf(input), source, options, isBegunAnew))
