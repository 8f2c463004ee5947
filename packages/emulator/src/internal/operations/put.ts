/**
 * PUT Object.
 */
import * as Effect from "effect/Effect"
import { reply } from "../http/message.js"
import { attributesOf, stageBody, storeObject } from "./object.js"
import type { Operation } from "./operation.js"
import { checkCallback } from "./parameters.js"
import { processedKeys, uploadResult } from "./processed.js"
import { xmlReply } from "./replies.js"

const putObject: Operation = {
  name: "putObject",
  action: "PutObject",
  on: "object",
  method: "PUT",
  optionalQuery: ["x-cos-traffic-limit"],
  aclPermission: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      const attributes = yield* attributesOf(call)
      yield* checkCallback(call)
      const processed = yield* processedKeys(call)
      const headers = yield* storeObject(call, attributes, yield* stageBody(call))
      return processed === undefined
        ? reply(200, headers)
        : xmlReply(yield* uploadResult(call, processed, headers.etag), headers)
    })
}

export const putOperations: ReadonlyArray<Operation> = [putObject]
