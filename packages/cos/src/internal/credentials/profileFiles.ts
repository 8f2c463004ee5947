/** The files of profiles. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { CredentialsError } from "../../CosError.js"
import type { AccessKey } from "../../Credentials.js"

/**
 * Which profile is read.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Letters, digits and `._@-`. Default: `TCCLI_PROFILE` of the environment, else `default`. */
  readonly name?: string | undefined
  /** Where the profiles are. Default `.tccli` in the directory that `HOME` or `USERPROFILE` of the environment names. */
  readonly directory?: string | undefined
}

/**
 * A role that a profile says is to be assumed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Role {
  /** `qcs::cam::uin/<owner>:roleName/<name>`. */
  readonly arn: string
  /** Default: as `Sts.assumeRole`. */
  readonly sessionName: string | undefined
}

/**
 * What is in a profile.
 *
 * @since 0.1.0
 * @category models
 */
export interface Profile {
  readonly name: string
  /** The path of its access key. */
  readonly file: string
  /** Of a login it is temporary: `tccli` renews it in the file. */
  readonly accessKey: AccessKey | undefined
  /** To be assumed with the access key. */
  readonly role: Role | undefined
  /** Whether the key is that of the role of the instance (`use-cvm-role`). */
  readonly usesInstanceRole: boolean
  readonly region: string | undefined
}

const problem = (message: string, transient = false) =>
  new CredentialsError({ provider: "profile", message, transient })

/** Bytes. Whatever is larger is no profile. */
const largest = 64 * 1024

/** A name stands in a path. */
const nameForm = /^(?!\.{1,2}$)[\w.@-]{1,128}$/

const variable = (name: string) =>
  Effect.mapError(Config.option(Config.nonEmptyString(name)), () => problem(`${name} could not be read`))

const nameOf = (options: Options | undefined) =>
  options?.name === undefined
    ? Effect.map(
        variable("TCCLI_PROFILE"),
        Option.getOrElse(() => "default")
      )
    : Effect.succeed(options.name)

const directoryOf = (options: Options | undefined) =>
  Effect.gen(function* () {
    if (options?.directory !== undefined) return Option.some(options.directory)
    const path = yield* Path.Path
    const home = yield* variable("HOME")
    return Option.map(Option.isSome(home) ? home : yield* variable("USERPROFILE"), (home) => path.join(home, ".tccli"))
  })

type Json = { readonly [field: string]: unknown }

/** What a program that writes the file has written so far: nothing, or an object that has not been closed. */
const isUnfinished = (text: string): boolean => {
  const written = text.trim()
  return written === "" || (written.startsWith("{") && !written.endsWith("}"))
}

/** The text itself is in no message: it holds the secrets. */
const parse = (file: string, text: string): Effect.Effect<Json, CredentialsError> =>
  Effect.try({
    try: (): unknown => JSON.parse(text.replace(/^\ufeff/, "")),
    catch: () => problem(`${file} is not JSON`, isUnfinished(text))
  }).pipe(
    Effect.filterOrFail(
      (value): value is Json => typeof value === "object" && value !== null && !Array.isArray(value),
      () => problem(`${file} is not a JSON object`)
    )
  )

const isNotThere = (error: PlatformError): boolean =>
  error._tag === "SystemError" && (error.reason === "NotFound" || error.reason === "BadResource")

const unreadable = (file: string, error: PlatformError) =>
  problem(`${file} cannot be read${error._tag === "SystemError" ? ` (${error.reason})` : ""}`)

const readJson = (file: string): Effect.Effect<Option.Option<Json>, CredentialsError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const info = yield* Effect.option(fs.stat(file))
    if (Option.isSome(info) && info.value.type !== "File") return yield* problem(`${file} is not a file`)
    if (Option.isSome(info) && info.value.size > largest)
      return yield* problem(`${file} has more than ${largest} bytes`)
    const text = yield* fs.readFileString(file).pipe(
      Effect.asSome,
      Effect.catchIf(isNotThere, () => Effect.succeedNone),
      Effect.mapError((error) => unreadable(file, error))
    )
    return Option.isNone(text) ? Option.none() : Option.some(yield* parse(file, text.value))
  })

const textAt = (file: string, json: Json, field: string): Effect.Effect<string | undefined, CredentialsError> => {
  const value = json[field]
  if (value === undefined || value === null || value === "") return Effect.succeed(undefined)
  return typeof value === "string" ? Effect.succeed(value) : problem(`${file}: ${field} must be text`)
}

/** Seconds since 1970. */
const dateAt = (file: string, json: Json, field: string): Effect.Effect<Date | undefined, CredentialsError> => {
  const value = json[field]
  if (value === undefined || value === null) return Effect.succeed(undefined)
  const date = new Date(typeof value === "number" ? value * 1000 : Number.NaN)
  return Number.isNaN(date.getTime())
    ? problem(`${file}: ${field} must be a time in seconds since 1970`)
    : Effect.succeed(date)
}

const keyOf = (file: string, json: Json) =>
  Effect.gen(function* () {
    const secretId = yield* textAt(file, json, "secretId")
    const secretKey = yield* textAt(file, json, "secretKey")
    const token = yield* textAt(file, json, "token")
    const expiresAt = yield* dateAt(file, json, "expiresAt")
    if (secretId === undefined && secretKey === undefined) return undefined
    if (secretId === undefined || secretKey === undefined) {
      const [missing, given] = secretId === undefined ? ["secretId", "secretKey"] : ["secretKey", "secretId"]
      return yield* problem(`${file}: ${missing} is not set, though ${given} is`)
    }
    return {
      secretId,
      secretKey: Redacted.make(secretKey),
      ...(token === undefined ? undefined : { token: Redacted.make(token) }),
      ...(expiresAt === undefined ? undefined : { expiresAt })
    }
  })

/** Newer files keep the parameters of the system apart; older ones have them beside the services. */
const regionOf = (file: string, json: Json) => {
  const system = json._sys_param
  return textAt(file, typeof system === "object" && system !== null ? (system as Json) : json, "region")
}

export const read = (
  options?: Options
): Effect.Effect<Option.Option<Profile>, CredentialsError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const name = yield* nameOf(options)
    if (!nameForm.test(name)) {
      return yield* problem(
        `the name of a profile must have 1 to 128 letters, digits and . _ @ -, not ${JSON.stringify(name)}`
      )
    }
    const directory = yield* directoryOf(options)
    if (Option.isNone(directory)) return Option.none()
    const file = path.join(directory.value, `${name}.credential`)
    const configured = path.join(directory.value, `${name}.configure`)
    const credential = yield* readJson(file)
    const configure = yield* readJson(configured)
    if (Option.isNone(credential) && Option.isNone(configure)) return Option.none()
    const json = Option.getOrElse(credential, (): Json => ({}))
    const arn = yield* textAt(file, json, "role-arn")
    return Option.some({
      name,
      file,
      accessKey: yield* keyOf(file, json),
      role: arn === undefined ? undefined : { arn, sessionName: yield* textAt(file, json, "role-session-name") },
      usesInstanceRole: json.type === "cvm-role",
      region: Option.isNone(configure) ? undefined : yield* regionOf(configured, configure.value)
    })
  })

const ending = ".credential"

export const list = (
  options?: Pick<Options, "directory">
): Effect.Effect<ReadonlyArray<string>, CredentialsError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* directoryOf(options)
    if (Option.isNone(directory)) return []
    const files = yield* fs.readDirectory(directory.value).pipe(
      Effect.catchIf(isNotThere, () => Effect.succeed<ReadonlyArray<string>>([])),
      Effect.mapError((error) => unreadable(directory.value, error))
    )
    return files
      .flatMap((file) => (file.endsWith(ending) ? [file.slice(0, -ending.length)] : []))
      .filter((name) => nameForm.test(name))
      .sort()
  })
