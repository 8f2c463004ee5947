/** Headers of responses. */
import * as CosError from "../../CosError.js"
import type { RequestSummary } from "./request.js"

export type Headers = { readonly [name: string]: string | undefined }

/** Data processing has ids of its own. */
export const requestIdOf = (headers: Headers): string | undefined =>
  headers["x-cos-request-id"] ?? headers["x-ci-request-id"]

export const malformed = (
  request: Pick<RequestSummary, "operation">,
  response: { readonly status: number; readonly headers: Headers },
  message: string
): CosError.MalformedResponse =>
  new CosError.MalformedResponse({
    operation: request.operation,
    status: response.status,
    message: `${request.operation}: ${message}`,
    requestId: requestIdOf(response.headers)
  })

/** Whether a body has a coding that some clients decode on their own. */
export const isCoded = (encoding: string | undefined): boolean =>
  encoding !== undefined && encoding !== "" && encoding !== "identity"
