/** What the child is told, as JSON in its first argument. */
import * as Schema from "effect/Schema"

export const Order = Schema.parseJson(
  Schema.Struct({
    url: Schema.String,
    bucket: Schema.String,
    region: Schema.String,
    secretId: Schema.String,
    secretKey: Schema.String,
    checkpoints: Schema.String,
    /** Kills the process in the middle of the nth write of a checkpoint. */
    killAtWrite: Schema.optional(Schema.Int),
    transfers: Schema.Array(
      Schema.Struct({
        kind: Schema.Literal("upload", "download"),
        key: Schema.String,
        path: Schema.String,
        partSize: Schema.Int,
        onInterrupt: Schema.Literal("end", "keep")
      })
    )
  })
)
