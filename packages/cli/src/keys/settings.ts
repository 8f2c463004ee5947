/**
 * Where region, bucket, endpoint and proxy come from: the option, then the environment, then the profile.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Globals } from "../contract/globals.js"

/** A value, and where it was found. */
export interface Setting {
  readonly value: string | undefined
  /** An option, a variable, or a profile; `undefined` where nothing is set. */
  readonly from: string | undefined
}

/** What was found of each setting. */
export interface Settings {
  readonly endpoint: Setting
  readonly region: Setting
  readonly bucket: Setting
}

export const variable = (name: string): Effect.Effect<string | undefined, ConfigError> =>
  Effect.map(Config.option(Config.nonEmptyString(name)), Option.getOrUndefined)

const nothing: Setting = { value: undefined, from: undefined }

const first = (option: string, given: string | undefined, names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    if (given !== undefined) return { value: given, from: `--${option}` }
    for (const name of names) {
      const value = yield* variable(name)
      if (value !== undefined) return { value, from: name }
    }
    return nothing
  })

/** The region of the profile, which is read only where nothing else says one. A profile that cannot be read says none. */
const ofProfile = (globals: Globals.Values): Effect.Effect<Setting, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const Profile = yield* Effect.promise(() => import("effect-cos/Profile"))
    const found = Option.getOrUndefined(yield* Profile.read({ name: globals.profile }))
    return found?.region === undefined ? nothing : { value: found.region, from: `profile ${found.name}` }
  }).pipe(Effect.orElseSucceed(() => nothing))

export const settingsOf = (
  globals: Globals.Values
): Effect.Effect<Settings, ConfigError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const endpoint = yield* first("endpoint", globals.endpoint, ["COS_ENDPOINT"])
    const bucket = yield* first("bucket", globals.bucket, ["COS_BUCKET"])
    const region = yield* first("region", globals.region, ["COS_REGION", "TENCENTCLOUD_REGION"])
    return { endpoint, bucket, region: region.value === undefined ? yield* ofProfile(globals) : region }
  })

// ---------------------------------------------------------------------------------------------------------------------
// Proxies
// ---------------------------------------------------------------------------------------------------------------------

/** Whether `NO_PROXY` has a host: `*`, a name, or the end of one, with or without a port. */
export const isExempt = (noProxy: string, host: string, port: string): boolean =>
  noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true
      const [, name = entry, entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
      if (entryPort !== undefined && entryPort !== port) return false
      const bare = name.toLowerCase().replace(/^\*?\./, "")
      return host === bare || host.endsWith(`.${bare}`)
    })

/** The proxy for an endpoint, as curl finds it: lower case first, since `HTTP_PROXY` can be set by whoever calls a CGI. */
export const proxyOf = (url: string): Effect.Effect<Setting, ConfigError> =>
  Effect.gen(function* () {
    const [, scheme = "https", host = "", port = ""] = /^(https?):\/\/([^/:]+|\[[^\]]+\])(?::(\d+))?/i.exec(url) ?? []
    const isTls = scheme.toLowerCase() === "https"
    const exempt = (yield* variable("no_proxy")) ?? (yield* variable("NO_PROXY"))
    if (exempt !== undefined && isExempt(exempt, host.toLowerCase(), port || (isTls ? "443" : "80"))) return nothing
    const names = isTls ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"]
    return yield* first("", undefined, [...names, "all_proxy", "ALL_PROXY"])
  })

/** What stands for the hosts of COS where no endpoint is given. */
export const standardUrl = "https://cos.myqcloud.com"

/** A URL as it may be shown: a proxy, and an endpoint by mistake, may have a name and a password, with or without a scheme. */
export const withoutPassword = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1<redacted>@")
