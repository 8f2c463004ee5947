/** Which way a sync goes, if there is one. */
import * as Effect from "effect/Effect"
import type { CosClient } from "../../../CosClient.js"
import { InvalidInput } from "../../../CosError.js"
import type { Directory, PlanOptions, Prefix } from "../../../Sync.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"

export type Route =
  | { readonly way: "up"; readonly from: Directory; readonly to: Prefix }
  | { readonly way: "down"; readonly from: Prefix; readonly to: Directory }
  | { readonly way: "across"; readonly from: Prefix; readonly to: Prefix }

const refuse = (rule: string, field = "to") => Effect.fail(invalidInput("Sync", field, rule))

/** `a` is a prefix of `ab/c` as well, which nobody means by a folder. */
const isFolder = (place: PlanOptions["from"]): boolean =>
  place._tag === "Directory" || place.prefix === "" || place.prefix.endsWith("/")

export const routeOf = (
  options: Pick<PlanOptions, "from" | "to" | "delete">
): Effect.Effect<Route, InvalidInput, CosClient> => {
  const { from, to } = options
  if (options.delete === true) {
    const field = isFolder(to) ? (isFolder(from) ? undefined : "from") : "to"
    if (field !== undefined) return refuse("must be empty or end in / for a sync that deletes", field)
  }
  if (from._tag === "Directory") {
    return to._tag === "Directory" ? refuse("must be a prefix of a bucket") : Effect.succeed({ way: "up", from, to })
  }
  if (to._tag === "Directory") return Effect.succeed({ way: "down", from, to })
  return Effect.flatMap(Effect.zip(effectiveBucket(from), effectiveBucket(to)), ([source, target]) =>
    // It would be changed while it is listed, and deleted as what the source does not have.
    source === target && (from.prefix.startsWith(to.prefix) || to.prefix.startsWith(from.prefix))
      ? refuse("must neither be within the source nor around it")
      : Effect.succeed({ way: "across", from, to })
  )
}
