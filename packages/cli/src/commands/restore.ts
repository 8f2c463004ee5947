import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import { parseObject, print } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"

export const command = make(
  {
    name: "restore",
    summary: "Bring an archived object back for some days",
    description: "It takes minutes to hours; `cos stat` tells when it can be read.",
    examples: [["cos restore --days 3 cos:///2019.tar", "readable for three days"]],
    changes: true
  },
  {
    days: Values.count("days", "N", "how long the copy can be read; needed but for INTELLIGENT_TIERING"),
    tier: Values.choice("tier", ["Expedited", "Standard", "Bulk"], "how fast; default: Standard"),
    versionId: Values.versionId,
    addresses: Values.addresses("the objects")
  },
  ({ addresses, days, tier, versionId }) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const objects = yield* Effect.forEach(addresses, parseObject)
        for (const { bucket, key } of objects) {
          yield* Cos.restoreObject({ bucket, key, days, tier, versionId })
          yield* output.line({ type: "done", what: "restore", bucket, key }, undefined)
          yield* output.note(`${print({ bucket, key })} is being restored`)
        }
      })
    )
)
