/**
 * Restores archived objects for some days.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { failure } from "../http/failure.js"
import { reply } from "../http/message.js"
import { integer, oneOf, type Shape } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import { type Archive, archiveOf, changeObject } from "./object.js"
import type { Operation } from "./operation.js"
import { invalidArgument, malformed, readDocument } from "./parameters.js"
import { tierOf, versionHeader } from "./replies.js"

const shape: Shape = {
  "Days?": integer(1, 36_500),
  "CASJobParameters?": { Tier: oneOf("Expedited", "Standard", "Bulk") }
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** The longest time that each takes according to COS's documentation, by the emulator's clock. */
const durations: Readonly<Record<Archive, Readonly<Record<string, number>>>> = {
  ARCHIVE: { Expedited: 5 * minute, Standard: 5 * hour, Bulk: 12 * hour },
  DEEP_ARCHIVE: { Standard: 24 * hour, Bulk: 48 * hour }
}

const restoreObject: Operation = {
  name: "restoreObject",
  action: "PostObjectRestore",
  actionAliases: ["RestoreObject"],
  on: "object",
  method: "POST",
  requiredQuery: ["restore"],
  optionalQuery: ["versionId"],
  aclPermission: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const node = yield* readDocument(call, "RestoreRequest", shape)
      const days = Xml.text(node, "Days")
      const [parameters] = Xml.all(node, "CASJobParameters")
      const tier = (parameters && Xml.text(parameters, "Tier"))?.trim() ?? "Standard"
      const object = yield* changeObject(call, (object) => {
        const archive = archiveOf(object, call.now)
        if (archive === undefined) return Either.left(failure("RestoreNonArchiveObject"))
        const duration = durations[archive][tier]
        if (duration === undefined) return Either.left(invalidArgument(`${archive} cannot be restored ${tier}.`))
        const { restore } = object
        if (restore !== undefined && call.now < restore.readyAt) return Either.left(failure("RestoreAlreadyInProgress"))
        const readyAt = call.now + duration
        if (tierOf(object, call.now) !== undefined) {
          // There is no copy that could expire: the object itself goes back to the first tier.
          return Either.right({ ...object, restore: { tier, requestedAt: call.now, readyAt, expiresAt: readyAt } })
        }
        if (days === undefined) return Either.left(malformed("<RestoreRequest> has no <Days>"))
        // A repeated restore extends the time of the restored copy.
        return Either.right(
          restore !== undefined && call.now < restore.expiresAt
            ? { ...object, restore: { ...restore, expiresAt: call.now + Number(days) * day } }
            : {
                ...object,
                restore: {
                  tier,
                  requestedAt: call.now,
                  readyAt,
                  expiresAt: readyAt + Number(days) * day
                }
              }
        )
      })
      const begun = object.restore !== undefined && call.now < object.restore.readyAt
      return reply(begun ? 202 : 200, versionHeader(call.bucket, object.versionId))
    })
}

export const restoreOperations: ReadonlyArray<Operation> = [restoreObject]
