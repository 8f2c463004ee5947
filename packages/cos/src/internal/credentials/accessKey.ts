/** What a provider gives, checked: it may be written without types, or read what another program wrote. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { CredentialsError } from "../../CosError.js"
import type { AccessKey } from "../../Credentials.js"

/** What a header can carry. A line end that was copied along with a key is the usual mistake. */
const sendable = /^[\x21-\x7e]+$/

const isText = (value: unknown): boolean => typeof value === "string" && sendable.test(value)

const isSecret = (value: unknown): boolean => Redacted.isRedacted(value) && typeof Redacted.value(value) === "string"

const isDate = (value: unknown): boolean => value instanceof Date && !Number.isNaN(Number(value))

const isUnset = (value: unknown): boolean => {
  const text = Redacted.isRedacted(value) ? Redacted.value(value) : value
  return text === undefined || text === null || text === ""
}

const characters = "must be visible ASCII characters, without blanks or line ends"

/** Names the field that is wrong, never its value. */
const problemOf = ({ expiresAt, secretId, secretKey, startsAt, token }: AccessKey): string | undefined => {
  if (isUnset(secretId)) return "secretId is not set"
  if (!isText(secretId)) return `secretId ${characters}`
  for (const [field, secret] of [["secretKey", secretKey] as const, ["token", token] as const]) {
    if (field === "token" && secret === undefined) continue
    if (field === "secretKey" && isUnset(secret)) return "secretKey is not set"
    if (!isSecret(secret)) return `${field} must be a Redacted string, as Credentials.accessKey makes it`
    if (!isText(Redacted.value(secret as Redacted.Redacted<string>))) return `${field} ${characters}`
  }
  if (startsAt !== undefined && !isDate(startsAt)) return "startsAt must be a valid Date"
  if (expiresAt !== undefined && !isDate(expiresAt)) return "expiresAt must be a valid Date"
  return undefined
}

const copyDate = (date: Date | undefined): Date | undefined => (isDate(date) ? new Date(Number(date)) : date)

/**
 * A copy of what was read once. The next time a getter may throw or give something else, and a secret may have been wiped.
 */
const copyOf = ({ expiresAt, secretId, secretKey, startsAt, token }: AccessKey): AccessKey => ({
  secretId,
  secretKey: copySecret(secretKey),
  ...(token === undefined ? undefined : { token: copySecret(token) }),
  ...(startsAt === undefined ? undefined : { startsAt: copyDate(startsAt) }),
  ...(expiresAt === undefined ? undefined : { expiresAt: copyDate(expiresAt) })
})

const copySecret = (secret: Redacted.Redacted<string>): Redacted.Redacted<string> =>
  isSecret(secret) ? Redacted.make(Redacted.value(secret)) : secret

/** Refuses an access key that no request could carry, or that cannot be read. Gives a copy, which stays as it is. */
export const check = (provider: string, accessKey: AccessKey): Either.Either<AccessKey, CredentialsError> => {
  const refuse = (message: string) => Either.left(new CredentialsError({ provider, message, transient: false }))
  try {
    const copy = copyOf(accessKey)
    const message = problemOf(copy)
    return message === undefined ? Either.right(copy) : refuse(message)
  } catch (error) {
    return refuse(`gave an access key that cannot be read (${error instanceof Error ? error.name : typeof error})`)
  }
}

/** An access key, or none, of what a provider gave: either as it is or in an `Option`. */
export const toOption = (
  provider: string,
  found: unknown
): Either.Either<Option.Option<AccessKey>, CredentialsError> => {
  const value = Option.isOption(found) ? Option.getOrUndefined(found) : found
  if (Option.isOption(found) && Option.isNone(found)) return Either.right(Option.none())
  return typeof value === "object" && value !== null
    ? Either.right(Option.some(value as AccessKey))
    : Either.left(
        new CredentialsError({
          provider,
          message: `gave ${value === null ? "null" : typeof value} instead of an access key`,
          transient: false
        })
      )
}
