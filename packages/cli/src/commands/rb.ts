import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import { print } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { Output } from "../contract/output.js"
import { confirm } from "../contract/prompt.js"
import * as Values from "../contract/values.js"
import { parseBucket } from "./mb.js"

export const command = make(
  {
    name: "rb",
    summary: "Remove a bucket, which has to be empty",
    description: "Asks first; without a terminal that takes --yes.",
    examples: [["cos rb cos://photos-1250000000", "after a question"]],
    changes: true
  },
  { yes: Values.yes, address: Values.address("the bucket", "bucket") },
  ({ address, yes }) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const { bucket } = yield* parseBucket(address)
        yield* Cos.headBucket({ bucket })
        yield* confirm(`Remove the bucket ${print({ bucket, key: "" })}?`, { yes })
        yield* Cos.deleteBucket({ bucket })
        yield* output.line({ type: "done", what: "rb", bucket }, undefined)
        yield* output.note(`${print({ bucket, key: "" })} is removed`)
      })
    )
)
