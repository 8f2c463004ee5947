import * as Effect from "effect/Effect"
import * as Upload from "effect-cos/Upload"
import * as NodeReadable from "effect-cos-node/NodeReadable"
import { parseObject, print } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"
import { withBars } from "../terminal/bars.js"
import * as Format from "../terminal/format.js"

export const command = make(
  {
    name: "put",
    summary: "Make an object of standard input",
    description:
      "It is sent in parts while it is read. When it ends early or is interrupted, nothing is left. For files: cos cp.",
    examples: [
      ["tar c photos | cos put cos:///photos.tar", "of unknown size"],
      ["cos put --size 3221225472 cos:///disk.img < disk.img", "of known size: progress, and no more or less is taken"]
    ],
    changes: true
  },
  {
    size: Values.size("size", "how many bytes will come, where that is known"),
    contentType: Values.text("content-type", "TYPE", "such as text/plain"),
    storageClass: Values.text("storage-class", "CLASS", "such as STANDARD_IA"),
    metadata: Values.pairs("meta", "metadata; may be given several times"),
    tags: Values.pairs("tag", "a tag; may be given several times"),
    noClobber: Values.flag("no-clobber", "not if the object exists (exit code 6)"),
    address: Values.address("the object")
  },
  (input) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const { bucket, key } = yield* parseObject(input.address)
        if (output.stdin.isTTY) {
          return yield* new UsageError({
            message: "standard input is a terminal",
            advice: "Pipe or redirect something into it"
          })
        }
        const made = yield* withBars((bars) =>
          Upload.stream(
            {
              bucket,
              key,
              stream: NodeReadable.stream(() => output.stdin),
              size: input.size,
              contentType: input.contentType,
              storageClass: input.storageClass?.toUpperCase(),
              metadata: input.metadata.length === 0 ? undefined : Object.fromEntries(input.metadata),
              tagging: input.tags.length === 0 ? undefined : Object.fromEntries(input.tags),
              overwrite: input.noClobber ? false : undefined
            },
            {
              onProgress: ({ total, transferred }) =>
                bars.set("total", { label: key, unit: "bytes", done: transferred, total })
            }
          )
        )
        yield* output.line(
          {
            type: "put",
            bucket,
            key,
            size: made.size,
            etag: made.eTag,
            versionId: made.versionId,
            crc64: made.crc64.toString()
          },
          undefined
        )
        yield* output.note(`${print({ bucket, key })}: ${Format.bytes(made.size)}`)
      })
    )
)
