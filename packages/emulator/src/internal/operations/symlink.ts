/**
 * Symbolic links.
 */
import * as Effect from "effect/Effect"
import { failure } from "../http/failure.js"
import { reply } from "../http/message.js"
import { attributesOf, findObject, storeObject } from "./object.js"
import type { Operation } from "./operation.js"
import { checkKey, invalidArgument } from "./parameters.js"
import { objectHeaders } from "./replies.js"

const header = "x-cos-symlink-target"

export const symlinkOperations: ReadonlyArray<Operation> = [
  {
    name: "putSymlink",
    action: "PutSymlink",
    on: "object",
    method: "PUT",
    requiredQuery: ["symlink"],
    aclPermission: "WRITE",
    run: (call) =>
      Effect.gen(function* () {
        const target = call.header(header)
        if (target === undefined) return yield* invalidArgument(`${header} is missing.`)
        const key = yield* Effect.try({
          try: () => decodeURIComponent(target),
          catch: () => invalidArgument(`${header} cannot be decoded.`)
        })
        yield* checkKey(key)
        if (key === call.key) return yield* failure("InvalidRequest", { message: "The link leads to itself." })
        const attributes = yield* attributesOf(call)
        const body = yield* call.storage.writeBody(new Uint8Array(0))
        const { "x-cos-hash-crc64ecma": _, ...headers } = yield* storeObject(call, attributes, body, {
          type: "symlink",
          symlinkTarget: target
        })
        return reply(200, headers)
      })
  },
  {
    name: "getSymlink",
    action: "GetSymlink",
    on: "object",
    method: "GET",
    requiredQuery: ["symlink"],
    optionalQuery: ["versionId"],
    aclPermission: "READ",
    run: (call) =>
      Effect.gen(function* () {
        const object = yield* findObject(call)
        if (object.symlinkTarget === undefined) return yield* invalidArgument("The object is no symbolic link.")
        return reply(200, { ...objectHeaders(call.bucket, object, call.now), [header]: object.symlinkTarget })
      })
  }
]
