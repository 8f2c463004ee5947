import * as Args from "@effect/cli/Args"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Cos from "effect-cos/Cos"
import { parseRemote, print } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import * as Input from "../contract/input.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"
import * as Format from "../terminal/format.js"

const pairOf = (text: string) =>
  Either.mapLeft(
    Values.readPair(text),
    (reason) => new UsageError({ message: `the tag ${JSON.stringify(text)} ${reason}`, advice: "Write stage=test" })
  )

export const command = make(
  {
    name: "tag",
    summary: "Read, write or remove the tags of an object or bucket",
    description:
      "`get` prints a tag a line, as name=value, and `put` takes them, as arguments or on standard input, in place of all\nthat were there.",
    examples: [
      ["cos tag put cos:///a.txt stage=test owner=me", "these two and no others"],
      ["cos tag get cos:///a.txt | cos tag put cos:///b.txt", "the same tags"]
    ],
    changes: true
  },
  {
    versionId: Values.versionId,
    action: Values.action(["get", "put", "delete"]),
    address: Values.address("an object or a bucket"),
    tags: Args.text({ name: "name=value" }).pipe(
      Args.withDescription("for put; default: the lines of standard input"),
      Args.repeated
    )
  },
  (input) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const { bucket, key } = yield* parseRemote(input.address)
        const { action, versionId } = input
        const ofObject = key !== ""
        if (action !== "put" && input.tags.length > 0) {
          return yield* new UsageError({ message: `tags go with put, not with ${action}` })
        }
        if (action === "get") {
          const { tags } = yield* ofObject
            ? Cos.getObjectTagging({ bucket, key, versionId })
            : Cos.getBucketTagging({ bucket })
          return yield* output.line(
            { type: "configuration", name: "tag", bucket, key, configuration: { tags } },
            tags.length === 0 ? undefined : () => tags.map(({ key, value }) => Format.key(`${key}=${value}`)).join("\n")
          )
        }
        if (action === "put") {
          const lines = input.tags.length > 0 ? input.tags : (yield* Input.document()).split("\n")
          const pairs = yield* Effect.forEach(
            lines.filter((line) => line.trim() !== ""),
            pairOf
          )
          const tags = pairs.map(([key, value]) => ({ key, value: value.replace(/\r$/, "") }))
          yield* ofObject
            ? Cos.putObjectTagging({ bucket, key, versionId, tags })
            : Cos.putBucketTagging({ bucket, tags })
        } else {
          yield* ofObject ? Cos.deleteObjectTagging({ bucket, key, versionId }) : Cos.deleteBucketTagging({ bucket })
        }
        yield* output.line({ type: "done", what: action, configuration: "tag", bucket, key }, undefined)
        yield* output.note(`tags of ${print({ bucket, key })} are ${action === "put" ? "written" : "removed"}`)
      })
    )
)
