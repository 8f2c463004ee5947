/**
 * COS's error codes for whatever an operation fails with.
 */
import { type CosFailure, failure } from "../http/failure.js"
import type { IncompleteBody } from "../http/message.js"
import type { OperationError } from "../operations/operation.js"

const missingCodes = {
  bucket: "NoSuchBucket",
  object: "NoSuchKey",
  version: "NoSuchVersion",
  upload: "NoSuchUpload"
} as const

/** Maps errors of the storage to COS's error codes. */
export const toCosFailure = (refusal: Exclude<OperationError, IncompleteBody>): CosFailure => {
  switch (refusal._tag) {
    case "CosFailure":
      return refusal
    case "NotFound":
      return failure(missingCodes[refusal.what])
    case "BucketExists":
      return failure("BucketAlreadyOwnedByYou")
    case "BucketNotEmpty":
      return failure("BucketNotEmpty")
    case "StorageError":
      return failure("InternalError", { message: refusal.message })
  }
}
