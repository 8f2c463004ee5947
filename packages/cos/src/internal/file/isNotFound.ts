/** Whether the file system says that there is nothing at a path. */
import type { PlatformError } from "@effect/platform/Error"

export const isNotFound = (error: PlatformError | undefined): boolean =>
  error?._tag === "SystemError" && error.reason === "NotFound"
