import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import { print } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"
import { parseBucketOrDefault } from "./mb.js"

export const command = make(
  {
    name: "versioning",
    summary: "Tell whether a bucket keeps old versions, or turn that on or off",
    examples: [
      ["cos versioning get cos:///", "Enabled, Suspended or Never"],
      ["cos versioning enable cos:///", "from now on old versions are kept, and paid for"]
    ],
    changes: true
  },
  { action: Values.action(["get", "enable", "suspend"]), address: Values.address("the bucket", "bucket") },
  ({ action, address }) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const { bucket } = yield* parseBucketOrDefault(address)
        if (action === "get") {
          const { status = "Never" } = yield* Cos.getBucketVersioning({ bucket })
          return yield* output.line(
            { type: "configuration", name: "versioning", bucket, configuration: { status } },
            () => status
          )
        }
        yield* Cos.putBucketVersioning({ bucket, status: action === "enable" ? "Enabled" : "Suspended" })
        yield* output.line({ type: "done", what: "put", configuration: "versioning", bucket }, undefined)
        yield* output.note(
          `versioning of ${print({ bucket, key: "" })} is ${action === "enable" ? "enabled" : "suspended"}`
        )
      })
    )
)
