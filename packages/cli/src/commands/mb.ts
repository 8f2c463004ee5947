import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import { parseRemote, print, type Remote } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"

/** The address of a bucket: without a key. */
export const parseBucket = (text: string): Effect.Effect<Remote & { readonly bucket: string }, UsageError> =>
  Effect.flatMap(parseRemote(text), ({ bucket, key }) =>
    bucket === undefined || key !== ""
      ? new UsageError({ message: `${JSON.stringify(text)} is no bucket`, advice: "Write cos://name-appid" })
      : Effect.succeed({ _tag: "Remote", bucket, key })
  )

/** The same, and `cos:///` for the default bucket. */
export const parseBucketOrDefault = (text: string): Effect.Effect<Remote, UsageError> =>
  Effect.filterOrElse(
    parseRemote(text),
    ({ key }) => key === "",
    () =>
      new UsageError({ message: `${JSON.stringify(text)} is no bucket`, advice: "Write cos://name-appid, or cos:///" })
  )

export const command = make(
  {
    name: "mb",
    summary: "Make a bucket",
    examples: [["cos mb --region ap-shanghai cos://photos-1250000000", "in Shanghai"]],
    changes: true
  },
  {
    acl: Values.choice(
      "acl",
      ["private", "public-read", "public-read-write", "authenticated-read"],
      "default: private"
    ),
    maz: Values.flag("maz", "in several availability zones"),
    address: Values.address("the bucket", "bucket")
  },
  ({ acl, address, maz }) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const { bucket } = yield* parseBucket(address)
        yield* Cos.putBucket({ bucket, acl, configuration: maz ? { azConfig: "MAZ" } : undefined })
        yield* output.line({ type: "done", what: "mb", bucket }, undefined)
        yield* output.note(`${print({ bucket, key: "" })} is made`)
      })
    )
)
