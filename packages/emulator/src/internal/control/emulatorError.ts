/**
 * What storage and operations fail with, as the error of the control service.
 */
import { EmulatorError } from "../../Control.js"
import { toCosFailure } from "../handler/errorReplies.js"
import type { IncompleteBody } from "../http/message.js"
import type { OperationError } from "../operations/operation.js"

export const toEmulatorError = (refusal: Exclude<OperationError, IncompleteBody>): EmulatorError => {
  const { code, message } = toCosFailure(refusal)
  return new EmulatorError({ code: refusal._tag === "StorageError" ? "Storage" : code, message })
}
