/** A download into a file whose options have been read already: one of many, or the only one. */
import * as Effect from "effect/Effect"
import { absolutePath, type RealPaths } from "../../file/absolutePath.js"
import { checkPath } from "../../file/checkPath.js"
import { withSpan } from "../../http/useSpan.js"
import type { DownloadFileInput } from "../model.js"
import { storeInContext } from "../storeInContext.js"
import * as internal from "./file.js"

export const spanOf = withSpan("Cos.Download.file")

export const downloadWith = (
  settings: Omit<internal.Settings, "store">,
  { path, ...source }: DownloadFileInput,
  known?: RealPaths,
  isBegunAnew = false
) =>
  Effect.flatMap(isBegunAnew ? Effect.succeedNone : storeInContext, (store) =>
    Effect.flatMap(checkPath("Download.file", path), () =>
      Effect.flatMap(absolutePath(path, known), (path) => internal.file(source, path, { store, ...settings }))
    )
  )

/** An object as `Download.file` writes it. */
export const download = (...given: Parameters<typeof downloadWith>) => spanOf(downloadWith(...given))
