/**
 * The retention of an object in a bucket with object lock.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { failure } from "../http/failure.js"
import { reply } from "../http/message.js"
import { oneOf, type Shape, time } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import { keptReply, keptText } from "./keptDocument.js"
import { changeObject, findObject } from "./object.js"
import type { Operation } from "./operation.js"
import { invalidArgument, isoDate, readDocument } from "./parameters.js"
import { xmlReply } from "./replies.js"

const root = "Retention"
const shape: Shape = { RetainUntilDate: time, Mode: oneOf("COMPLIANCE") }
const common = { requiredQuery: ["retention"], optionalQuery: ["versionId"], aclPermission: "OWNER" } as const

export const retentionOperations: ReadonlyArray<Operation> = [
  {
    ...common,
    on: "object",
    name: "putObjectRetention",
    action: "PutObjectRetention",
    method: "PUT",
    run: (call) =>
      Effect.gen(function* () {
        if (call.bucket.rules?.lock === undefined) return yield* failure("NoSuchObjectLockConfiguration")
        const node = yield* readDocument(call, root, shape)
        const until = Date.parse(Xml.text(node, "RetainUntilDate") ?? "")
        const mode = Xml.text(node, "Mode")
        if (until <= call.now) return yield* invalidArgument("RetainUntilDate is over already.")
        yield* changeObject(call, (object) =>
          object.retention !== undefined && object.retention.until > Math.max(until, call.now)
            ? Either.left(failure("InvalidLockedTime"))
            : Either.right({ ...object, retention: { ...(mode && { mode }), until, ...keptText(node, shape) } })
        )
        return reply(200)
      })
  },
  {
    ...common,
    on: "object",
    name: "getObjectRetention",
    action: "GetObjectRetention",
    method: "GET",
    run: (call) =>
      Effect.gen(function* () {
        const { retention } = yield* findObject(call)
        if (retention === undefined) {
          return yield* failure("NoSuchObjectLockConfiguration", { message: "The object is not locked." })
        }
        if (retention.document !== undefined) return keptReply(retention.document)
        return xmlReply([
          root,
          [
            ["RetainUntilDate", isoDate(retention.until)],
            ["Mode", retention.mode]
          ]
        ])
      })
  }
]
