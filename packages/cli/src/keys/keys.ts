/**
 * Where the keys come from, in this order: the profile that is named; the environment; the default profile of tccli; the role
 * of the instance. Where a role is to be assumed, with what was found.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { CredentialsError } from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import type { Globals } from "../contract/globals.js"
import { variable } from "./settings.js"

/** What keys are looked for with. */
export type Around = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path

/** A source of keys and what became of it. */
export interface Looked extends Credentials.SourceOutcome {
  /** Which variables, which file; or why there is nothing. */
  readonly detail: string
}

/** Where a key was found, and where it was looked for. */
export interface Found {
  readonly accessKey: Option.Option<Credentials.AccessKey>
  readonly looked: ReadonlyArray<Looked>
  /** That requests are to be sent unsigned was said by `COS_ANONYMOUS`. */
  readonly isAnonymous: boolean
}

type Source = Credentials.Source<Around>

/** What a source found out about itself while it was asked. */
type Details = Map<string, string>

const failed = (provider: string, message: string) => new CredentialsError({ provider, message, transient: false })

/** A variable that cannot be read counts as not set; `Credentials.env` says what is wrong with it. */
const read = (name: string) => Effect.orElseSucceed(variable(name), () => undefined)

const environment = (details: Details): Source => ({
  name: "environment",
  provider: Effect.gen(function* () {
    const set: Array<string> = []
    for (const family of Credentials.envVariables) {
      for (const names of [family.secretId, family.secretKey, family.token]) {
        for (const name of names) if ((yield* read(name)) !== undefined) set.push(name)
      }
      // The other family is not asked.
      if (set.length > 0) break
    }
    const names = Credentials.envVariables.map(({ secretId, secretKey }) => `${secretId[0]} and ${secretKey[0]}`)
    details.set("environment", set.length > 0 ? set.join(", ") : `${names.join(", or ")}: not set`)
    return yield* Credentials.env
  })
})

const profile = (details: Details, globals: Globals.Values, endpoint: string | undefined): Source => {
  const name = globals.profile === undefined ? "profile" : `profile ${globals.profile}`
  return {
    name,
    provider: Effect.gen(function* () {
      const Profile = yield* Effect.promise(() => import("effect-cos/Profile"))
      const found = yield* Profile.read({ name: globals.profile })
      if (Option.isNone(found)) {
        details.set(name, "no such file in ~/.tccli")
        return globals.profile === undefined
          ? Option.none()
          : yield* failed(name, `there is no profile ${JSON.stringify(globals.profile)} in ~/.tccli`)
      }
      const { file, role, usesInstanceRole } = found.value
      const how = usesInstanceRole
        ? ", which says: the role of the instance"
        : role === undefined
          ? ""
          : `, which says: the role ${role.arn}, assumed with the key of the profile`
      details.set(name, `${file}${how}`)
      const key = yield* Profile.provider({ name: globals.profile, sts: endpoint === undefined ? {} : { endpoint } })
      return Option.isNone(key) && globals.profile !== undefined
        ? yield* failed(name, `${file} has no secretId and secretKey`)
        : key
    })
  }
}

/** The service answers at once where there is one. */
const metadataLimit = "1 second"

const instance = (details: Details): Source => ({
  name: "instance role",
  provider: Effect.gen(function* () {
    if ((yield* read("COS_METADATA_DISABLED")) !== undefined) {
      details.set("instance role", "not asked: COS_METADATA_DISABLED is set")
      return Option.none()
    }
    details.set("instance role", "metadata.tencentyun.com")
    return yield* Credentials.instanceMetadata().pipe(
      Effect.timeoutFail({
        duration: metadataLimit,
        onTimeout: () => failed("instance metadata", "the metadata service does not answer")
      }),
      Effect.asSome,
      // Most machines are none of Tencent Cloud's.
      Effect.catchAll(({ message }) => {
        details.set("instance role", message)
        return Effect.succeedNone
      })
    )
  })
})

/** A role that the environment asks for, assumed with the key that was found. */
const assumed = (
  found: Credentials.AccessKey,
  arn: string,
  session: string | undefined,
  endpoint: string | undefined
) =>
  Effect.gen(function* () {
    const Sts = yield* Effect.promise(() => import("effect-cos/Sts"))
    return yield* Credentials.sts(Sts.assumeRole({ roleArn: arn, sessionName: session })).pipe(
      Effect.provide(
        Layer.provide(Sts.layer(endpoint === undefined ? {} : { endpoint }), Credentials.layerStatic(found))
      )
    )
  })

const withRole = (found: Found, endpoint: string | undefined): Effect.Effect<Found, never, Around> =>
  Effect.gen(function* () {
    const arn = (yield* read("COS_ROLE_ARN")) ?? (yield* read("TENCENTCLOUD_ROLE_ARN"))
    if (arn === undefined || Option.isNone(found.accessKey)) return found
    const session = (yield* read("COS_ROLE_SESSION_NAME")) ?? (yield* read("TENCENTCLOUD_ROLE_SESSION_NAME"))
    const { accessKey, sources } = yield* Credentials.search<Around>([
      { name: "assumed role", provider: assumed(found.accessKey.value, arn, session, endpoint) }
    ])
    return {
      ...found,
      accessKey,
      looked: [...found.looked, ...sources.map((source) => ({ ...source, detail: `${arn}, with the key above` }))]
    }
  })

/** Looks for the key, and says where. */
export const search = (globals: Globals.Values): Effect.Effect<Found, never, Around> =>
  Effect.gen(function* () {
    if ((yield* read("COS_ANONYMOUS")) !== undefined && globals.profile === undefined) {
      return { accessKey: Option.none(), looked: [], isAnonymous: true }
    }
    const details: Details = new Map()
    const endpoint = yield* read("COS_STS_ENDPOINT")
    const named = profile(details, globals, endpoint)
    const sources = globals.profile === undefined ? [environment(details), named, instance(details)] : [named]
    const { accessKey, sources: outcomes } = yield* Credentials.search(sources)
    const looked = outcomes.map((outcome) => ({ ...outcome, detail: details.get(outcome.name) ?? "" }))
    return yield* withRole({ accessKey, looked, isAnonymous: false }, endpoint)
  })

/** Why there is no key. */
export const problemOf = ({ looked }: Found): CredentialsError => {
  const error = looked.find(({ outcome }) => outcome === "failed")?.error
  if (error !== undefined) return error
  return failed("cos", `no access key: ${looked.map(({ detail, name }) => `${name}: ${detail}`).join("; ")}`)
}

/** The keys to sign with, as the options, the environment and the profiles say. */
export const layer = (globals: Globals.Values): Layer.Layer<Credentials.Credentials, never, Around> =>
  Layer.unwrapEffect(
    Effect.map(read("COS_ANONYMOUS"), (anonymous) =>
      anonymous !== undefined && globals.profile === undefined
        ? Credentials.layerAnonymous
        : Credentials.layerProvider(
            Effect.flatMap(search(globals), (found) =>
              Option.isSome(found.accessKey) ? Effect.succeed(found.accessKey.value) : Effect.fail(problemOf(found))
            ),
            { name: "cos", timeout: "30 seconds" }
          )
    )
  )
