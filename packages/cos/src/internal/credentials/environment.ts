/** Access keys from the environment. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CredentialsError } from "../../CosError.js"

/** Each variable with its other names, the one to recommend first. */
export const families = [
  {
    secretId: ["COS_SECRET_ID", "COS_SECRETID"],
    secretKey: ["COS_SECRET_KEY", "COS_SECRETKEY"],
    token: ["COS_SESSION_TOKEN", "COS_SECURITY_TOKEN"]
  },
  {
    secretId: ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRETID"],
    secretKey: ["TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_SECRETKEY"],
    token: ["TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN", "TENCENTCLOUD_SESSIONTOKEN"]
  }
] as const

/** Without a stack, which says nothing of a variable and fills a terminal. */
const problem = (message: string): CredentialsError => {
  const error = new CredentialsError({ provider: "environment", message, transient: false })
  return Object.defineProperty(error, "stack", { value: `CredentialsError: ${message}`, configurable: true })
}

export const nothingSet = (): CredentialsError =>
  problem(`set ${families.map((f) => `${f.secretId[0]} and ${f.secretKey[0]}`).join(", or ")}`)

/** The first of the names that is set, with its value. */
const find = (names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    for (const name of names) {
      const value = yield* Config.option(Config.nonEmptyString(name))
      if (Option.isSome(value)) return { name, value: value.value }
    }
    return undefined
  }).pipe(Effect.mapError(() => problem(`${names[0]} could not be read`)))

/** The access key of the first family of which any variable is set. */
export const read: Effect.Effect<
  Option.Option<{ readonly secretId: string; readonly secretKey: string; readonly token: string | undefined }>,
  CredentialsError
> = Effect.gen(function* () {
  for (const family of families) {
    const [secretId, secretKey, token] = yield* Effect.all([
      find(family.secretId),
      find(family.secretKey),
      find(family.token)
    ])
    if (secretId !== undefined && secretKey !== undefined) {
      return Option.some({ secretId: secretId.value, secretKey: secretKey.value, token: token?.value })
    }
    const set = secretId ?? secretKey ?? token
    if (set !== undefined) {
      const missing = [secretId ? [] : family.secretId[0], secretKey ? [] : family.secretKey[0]].flat()
      return yield* problem(`${missing.join(" and ")} not set, though ${set.name} is`)
    }
  }
  return Option.none()
})
