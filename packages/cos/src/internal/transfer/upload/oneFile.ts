/** An upload whose options have been read already: one of many, or the only one. */
import * as Effect from "effect/Effect"
import mime from "mime/lite"
import { useSpan, withSpan } from "../../http/useSpan.js"
import { limitInterruptInSpan } from "../interruptLimit.js"
import type { ResumableUploadOptions, UploadFileInput, UploadTarget } from "../model.js"
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
