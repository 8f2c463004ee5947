/** Headers of responses. */
import * as CosError from "../../CosError.js"
import type { RequestSummary } from "./request.js"

export type Headers = { readonly [name: string]: string | undefined }

/** What looks otherwise is no id of the service's, and may be anything that was sent. */
const plainId = /^[\w+/=.:-]{1,128}$/

/** Data processing has ids of its own. */
export const requestIdOf = (headers: Headers): string | undefined => {
  const id = headers["x-cos-request-id"] ?? headers["x-ci-request-id"]
  return id !== undefined && plainId.test(id) ? id : undefined
}

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
