import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Policy from "effect-cos/Policy"
import { parseRemote } from "../address.js"
import { find } from "../api/operations.js"
import { make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import { Globals } from "../contract/globals.js"
import { Output } from "../contract/output.js"
import { settingsOf } from "../keys/settings.js"

/** What whole commands need. */
const groups: Readonly<Record<string, ReadonlyArray<Policy.Action>>> = {
  upload: Policy.upload,
  download: Policy.download,
  multipart: Policy.multipart
}

const actionsOf = (name: string): Effect.Effect<ReadonlyArray<Policy.Action>, UsageError> => {
  const group = groups[name]
  if (group !== undefined) return Effect.succeed(group)
  return name.startsWith("name/")
    ? Effect.succeed([name as `name/${string}`])
    : Effect.map(find(name), (found) => [found])
}

const options = {
  on: Options.text("on").pipe(
    Options.withPseudoName("ADDRESS"),
    Options.withDescription("cos://bucket-appid/prefix; default the bucket of --bucket or COS_BUCKET"),
    Options.optional
  ),
  everything: Options.boolean("everything").pipe(
    Options.withDescription("on all that the account has, as listBuckets needs")
  ),
  deny: Options.boolean("deny").pipe(Options.withDescription("deny instead of allow")),
  key: Options.text("key").pipe(
    Options.withPseudoName("KEY"),
    Options.withDescription("just this object, in place of a prefix; may be given several times"),
    Options.repeated
  ),
  operation: Args.text({ name: "operation" }).pipe(
    Args.withDescription("of `cos api`, or upload, download, multipart, or an action such as name/cos:PostObject"),
    Args.atLeast(1)
  )
}

export const command = make(
  {
    name: "policy",
    summary: "Write a policy of CAM that allows operations on a bucket and prefix",
    description:
      "The JSON is what the console of CAM and `cos api putBucketPolicy` take. An operation comes to all actions it needs, " +
      "under all names that they are known by. Nothing is sent.",
    examples: [
      ["cos policy upload --on cos://photos-1250000000/users/7/", "what `cos cp` needs to upload below a prefix"],
      ["cos policy getObject listObjects", "reading the default bucket"],
      ["cos policy --deny deleteObject deleteMultipleObjects --on cos:///", "what nobody may do"]
    ],
    changes: false
  },
  options,
  ({ deny, everything, key, on, operation }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const { bucket, region } = yield* settingsOf(yield* Globals)
      const actions = (yield* Effect.forEach(operation, actionsOf)).flat()
      const make = deny ? Policy.deny : Policy.allow
      const remote = Option.isNone(on) ? { bucket: undefined, key: "" } : yield* parseRemote(on.value)
      const name = remote.bucket ?? bucket.value
      if (!everything && name === undefined) {
        return yield* new UsageError({
          message: "no bucket is named",
          advice: "Give --on cos://bucket-appid/, --bucket, or --everything"
        })
      }
      if (remote.key !== "" && key.length > 0) return yield* new UsageError({ message: "--key goes without a prefix" })
      const target = everything
        ? "*"
        : {
            bucket: name ?? "",
            region: region.value,
            ...(key.length > 0 ? { keys: key } : { prefix: remote.key === "" ? undefined : remote.key })
          }
      const policy = yield* make(actions, target)
      yield* output.line({ type: "policy", policy }, () => JSON.stringify(policy, undefined, 2))
    })
)
