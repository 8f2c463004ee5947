import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import { parseRemote, print } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import * as Input from "../contract/input.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"

const canned = [
  "default",
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "bucket-owner-read",
  "bucket-owner-full-control"
] as const

export const command = make(
  {
    name: "acl",
    summary: "Read or write who may do what with an object or bucket",
    description:
      "`get` prints JSON, and `put` takes it, from standard input or a file; or --canned names one of COS's own.",
    examples: [
      ["cos acl get cos:///a.txt", "owner and grants"],
      ["cos acl put --canned public-read cos:///a.txt", "everybody may read it"]
    ],
    changes: true
  },
  {
    canned: Values.choice("canned", canned, "for put: one of COS's own"),
    file: Values.text("file", "FILE", "for put: what to write; default: standard input"),
    action: Values.action(["get", "put"]),
    address: Values.address("an object or a bucket")
  },
  (input) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const { bucket, key } = yield* parseRemote(input.address)
        const ofObject = key !== ""
        if (input.action === "get") {
          const found = yield* ofObject ? Cos.getObjectAcl({ bucket, key }) : Cos.getBucketAcl({ bucket })
          const configuration = { ...found, acl: found.acl ?? Cos.cannedAcl(found) }
          return yield* output.line({ type: "configuration", name: "acl", bucket, key, configuration }, () =>
            JSON.stringify(configuration, null, 2)
          )
        }
        if (input.canned !== undefined) {
          // The operation says which of them are not for a bucket, or not for an object.
          const acl = input.canned as never
          yield* ofObject ? Cos.putObjectAcl({ bucket, key, acl }) : Cos.putBucketAcl({ bucket, acl })
        } else {
          const document = yield* Input.json(input.file)
          if (typeof document !== "object" || document === null || !("grants" in document)) {
            return yield* new UsageError({
              message: "what is put has to be a JSON object with grants",
              advice: "`cos acl get` prints one"
            })
          }
          const { acl: _, ...policy } = document as { readonly acl?: unknown; readonly grants: never }
          yield* ofObject ? Cos.putObjectAcl({ bucket, key, policy }) : Cos.putBucketAcl({ bucket, policy })
        }
        yield* output.line({ type: "done", what: "put", configuration: "acl", bucket, key }, undefined)
        yield* output.note(`the ACL of ${print({ bucket, key })} is written`)
      })
    )
)
