/** The steps of the file system in the context. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { CosFileSystem, type Steps } from "../../CosFileSystem.js"

/** None where it has none, or where another one wraps it, which is to see every call. */
export const fileSteps: Effect.Effect<Steps | undefined, never, FileSystem.FileSystem> = Effect.withFiberRuntime(
  ({ currentContext }) => {
    const steps = Context.get(currentContext, CosFileSystem)
    const isUsed = steps?.fileSystem === Context.unsafeGet(currentContext, FileSystem.FileSystem)
    return Effect.succeed(isUsed ? steps : undefined)
  }
)
