/**
 * Data processing, which the emulator does not do: the result is the object itself, and `notDone.ts` says so. What the
 * object cannot stand for, as the description of an image, is refused by name.
 */
import * as Effect from "effect/Effect"
import { type CosFailure, failure } from "../http/failure.js"
import { findObject, readObject } from "./object.js"
import type { ObjectCall, Operation } from "./operation.js"
import { invalidArgument } from "./parameters.js"
import { processedKeys, uploadResult } from "./processed.js"
import { quoteETag, xmlReply } from "./replies.js"

/** Whether a query parameter is a rule of image processing, such as `imageMogr2/thumbnail/200x`. */
export const isRule = (parameter: string): boolean =>
  /^(?:image[A-Z]\w*|watermark|exif|photo|style|ci-process|image_process)(?:$|\/)/.test(parameter)

const notProcessed = (what: string): CosFailure =>
  failure("NotImplemented", { message: `The emulator does no data processing: ${what}.` })

const refuse =
  (name: string) =>
  ({ query }: ObjectCall): Effect.Effect<never, CosFailure> =>
    notProcessed(query.get(name) ? `${name}=${query.get(name)}` : name)

export const processingOperations: ReadonlyArray<Operation> = [
  {
    name: "ciProcess",
    action: "GetObject",
    on: "object",
    method: "GET",
    requiredQuery: ["ci-process"],
    optionalQuery: "any",
    aclPermission: "READ",
    run: readObject
  },
  {
    name: "imageInfo",
    action: "GetObject",
    on: "object",
    method: "GET",
    requiredQuery: ["imageInfo"],
    optionalQuery: "any",
    aclPermission: "READ",
    run: refuse("imageInfo")
  },
  {
    name: "imageProcess",
    action: "PutObject",
    on: "object",
    method: "POST",
    requiredQuery: ["image_process"],
    optionalQuery: "any",
    aclPermission: "WRITE",
    run: (call) =>
      Effect.gen(function* () {
        const keys = yield* processedKeys(call)
        if (keys === undefined) return yield* invalidArgument("Pic-Operations is missing.")
        const { etag } = yield* findObject(call)
        return xmlReply(yield* uploadResult(call, keys, quoteETag(etag)))
      })
  }
]
