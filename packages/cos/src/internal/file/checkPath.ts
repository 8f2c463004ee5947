import * as Either from "effect/Either"
import type { InvalidInput } from "../../CosError.js"
import { invalidInput } from "../encoding/invalidInput.js"

/** Programs without types leave it out. */
export const checkPath = (operation: string, path: unknown, field = "path"): Either.Either<void, InvalidInput> => {
  if (typeof path === "string" && path !== "") return Either.void
  return Either.left(invalidInput(operation, field, path == null || path === "" ? "must be given" : "must be text"))
}
