import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { transportOf } from "../client.js"
import { make } from "../contract/command.js"
import { Globals } from "../contract/globals.js"
import { Output } from "../contract/output.js"
import * as Keys from "../keys/keys.js"
import { proxyOf, type Setting, settingsOf, standardUrl, withoutPassword } from "../keys/settings.js"

const outcomes = {
  found: "used",
  none: "nothing",
  failed: "failed",
  notAsked: "not asked"
} as const

export const command = make(
  {
    name: "config",
    summary: "Show which keys, region, bucket and endpoint are used, and why",
    description:
      "Keys are looked for in this order: the profile of --profile; COS_SECRET_ID and COS_SECRET_KEY, or TENCENTCLOUD_SECRET_ID " +
      "and TENCENTCLOUD_SECRET_KEY; the profile of tccli that TCCLI_PROFILE names, else default; the role of this instance. " +
      "COS_ROLE_ARN assumes a role with what was found. COS_ANONYMOUS sends requests unsigned. Secrets are not shown.",
    examples: [
      ["cos config", "what would be used here"],
      ["cos config --profile backup --json", "the same of a profile, for scripts"]
    ],
    changes: false
  },
  {},
  () =>
    Effect.gen(function* () {
      const output = yield* Output
      const globals = yield* Globals
      const settings = yield* settingsOf(globals)
      const proxy = yield* proxyOf(settings.endpoint.value ?? standardUrl)
      const show = (name: "endpoint" | "region" | "bucket" | "proxy", setting: Setting, otherwise: string) => {
        const { from } = setting
        const value = setting.value === undefined ? undefined : withoutPassword(setting.value)
        return output.line(
          { type: "setting", name, value, from },
          () => `${name.padEnd(9)} ${value ?? otherwise}${from === undefined ? "" : ` (${from})`}`
        )
      }
      yield* show("endpoint", settings.endpoint, "COS's own")
      yield* show("region", settings.region, "none: --region or COS_REGION")
      yield* show("bucket", settings.bucket, "none: --bucket or COS_BUCKET")
      yield* show("proxy", proxy, "none")
      const transport = yield* transportOf(settings.endpoint.value)
      const found = yield* Keys.search(globals).pipe(Effect.provide(UndiciTransport.layer(transport)))
      const key = Option.getOrUndefined(found.accessKey)
      const winner = found.looked.findLast(({ outcome }) => outcome === "found")
      yield* output.line(
        {
          type: "access-key",
          secretId: key?.secretId,
          from: found.isAnonymous ? "COS_ANONYMOUS" : key === undefined ? undefined : winner?.name,
          anonymous: found.isAnonymous,
          temporary: key?.token !== undefined,
          expires: key?.expiresAt?.toISOString()
        },
        () =>
          `${"key".padEnd(9)} ${
            found.isAnonymous
              ? "anonymous: requests are not signed (COS_ANONYMOUS)"
              : key === undefined
                ? "none"
                : `${key.secretId} (${winner?.name})${key.token === undefined ? "" : ", temporary"}${
                    key.expiresAt === undefined ? "" : `, until ${key.expiresAt.toISOString()}`
                  }`
          }`
      )
      for (const { detail, error, name, outcome } of found.looked) {
        const why = [detail, error?.message].filter((part) => part !== undefined && part !== "").join(": ")
        yield* output.line(
          { type: "key-source", name, outcome, detail: why },
          () => `  ${name}: ${outcomes[outcome]}${why === "" ? "" : ` (${why})`}`
        )
      }
      if (key === undefined && !found.isAnonymous) return yield* Keys.problemOf(found)
    })
)
