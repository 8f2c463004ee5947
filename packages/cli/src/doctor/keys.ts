/** Where the keys come from, and whether they can be any. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AccessKey } from "effect-cos/Credentials"
import type { Globals } from "../contract/globals.js"
import * as Keys from "../keys/keys.js"
import { type Finding, ok, warning, wrong } from "./finding.js"

export interface FoundKey {
  readonly findings: ReadonlyArray<Finding>
  readonly accessKey: AccessKey | undefined
  /** Whether it makes sense to send signed requests. */
  readonly isUsable: boolean
}

const advice = "`cos config` shows where keys are looked for"

/** A profile that others may read. */
const fileFinding = (looked: Keys.Looked | undefined) =>
  Effect.gen(function* () {
    const file = looked?.name.startsWith("profile") === true ? looked.detail.split(", which says")[0] : undefined
    if (file === undefined) return []
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const mode = Option.getOrUndefined(Option.map(yield* Effect.option(fs.stat(file)), (info) => info.mode))
    return mode === undefined || (mode & 0o077) === 0
      ? []
      : [warning("keys", "ReadableByOthers", `${path.basename(file)} can be read by others`, `chmod 600 ${file}`)]
  })

const ofKey = (accessKey: AccessKey, from: string | undefined, now: number): ReadonlyArray<Finding> => {
  const { expiresAt, secretId, token } = accessKey
  const kind = token === undefined ? "" : ", temporary"
  if (expiresAt !== undefined && expiresAt.getTime() <= now) {
    const message = `${secretId} (${from}) expired at ${expiresAt.toISOString()}`
    return [
      wrong("keys", "TokenExpired", message, "Get a new temporary key; `tccli auth login` renews that of a profile")
    ]
  }
  const until = expiresAt === undefined ? "" : `, until ${expiresAt.toISOString()}`
  return [ok("keys", `${secretId} (${from})${kind}${until}`)]
}

export const look = (globals: Globals.Values, now: number) =>
  Effect.gen(function* () {
    const found = yield* Keys.search(globals)
    if (found.isAnonymous) {
      const finding = warning(
        "keys",
        "Anonymous",
        "requests are not signed, because COS_ANONYMOUS is set",
        "Unset it to use a key"
      )
      return { findings: [finding], accessKey: undefined, isUsable: true } satisfies FoundKey
    }
    if (Option.isNone(found.accessKey)) {
      const { message } = Keys.problemOf(found)
      const isBlank = /without blanks or line ends/.test(message)
      const isNothing = found.looked.every(({ outcome }) => outcome === "none")
      const finding = isBlank
        ? wrong("keys", "BlankInSecret", message, "Copy it again, without blanks, quotes and line ends around it")
        : wrong(
            "keys",
            isNothing ? "NoKeys" : "KeysUnreadable",
            message,
            isNothing ? "Set COS_SECRET_ID and COS_SECRET_KEY, or name a profile with --profile" : advice
          )
      return { findings: [finding], accessKey: undefined, isUsable: false } satisfies FoundKey
    }
    const accessKey = found.accessKey.value
    const winner = found.looked.findLast(({ outcome }) => outcome === "found")
    return {
      findings: [...ofKey(accessKey, winner?.name, now), ...(yield* fileFinding(winner))],
      accessKey,
      isUsable: true
    } satisfies FoundKey
  })
