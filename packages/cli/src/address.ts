/**
 * What a command works on: an object or prefix (`cos://bucket-appid/key`, `cos:///key`), a local path, or `-`.
 */
import * as Effect from "effect/Effect"
import { UsageError } from "./contract/errors.js"

export interface Remote {
  readonly _tag: "Remote"
  /** `undefined`: the bucket of `--bucket` or `COS_BUCKET`. */
  readonly bucket: string | undefined
  /** As it is, not decoded; empty for the bucket itself. */
  readonly key: string
}

export type Address = Remote | { readonly _tag: "Local"; readonly path: string } | { readonly _tag: "Standard" }

const wrong = (text: string, message: string, advice: string) =>
  Effect.fail(new UsageError({ message: `${JSON.stringify(text)} ${message}`, advice }))

const bucketName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?-\d+$/

/** Reads an address of any kind. */
export const parse = (text: string): Effect.Effect<Address, UsageError> => {
  if (text === "-") return Effect.succeed({ _tag: "Standard" })
  if (text === "") return wrong(text, "is no address", "Write cos://bucket-appid/key, a path, or -")
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text) ?? []
  if (scheme === "cos") return remote(text, rest)
  if (scheme.toLowerCase() === "cos") return wrong(text, "is no address", "Write cos:// in small letters")
  if (/^(s3|oss|cosn|gs|https?)$/i.test(scheme) && rest.startsWith("//")) {
    return wrong(
      text,
      "is no address of COS here",
      "Write cos://bucket-appid/key; a file of that name is ./ and the name"
    )
  }
  return Effect.succeed({ _tag: "Local", path: text })
}

const remote = (text: string, rest: string): Effect.Effect<Remote, UsageError> => {
  if (!rest.startsWith("//")) return wrong(text, "is no address", "Write cos://bucket-appid/key, or cos:///key")
  const at = rest.indexOf("/", 2)
  const bucket = at < 0 ? rest.slice(2) : rest.slice(2, at)
  const key = at < 0 ? "" : rest.slice(at + 1)
  if (bucket === "") {
    return at < 0
      ? wrong(text, "names no bucket", "Write cos://bucket-appid/key, or cos:///key for the bucket of COS_BUCKET")
      : Effect.succeed({ _tag: "Remote", bucket: undefined, key })
  }
  if (!bucketName.test(bucket)) {
    return wrong(
      text,
      `names no bucket: ${JSON.stringify(bucket)} is not a name, a hyphen and an APPID`,
      "Bucket names are like photos-1250000000"
    )
  }
  return Effect.succeed({ _tag: "Remote", bucket, key })
}

/** Reads the address of an object, a prefix or a bucket. */
export const parseRemote = (text: string): Effect.Effect<Remote, UsageError> =>
  Effect.flatMap(parse(text), (address) =>
    address._tag === "Remote"
      ? Effect.succeed(address)
      : wrong(text, "is not in COS", "Write cos://bucket-appid/key, or cos:///key for the bucket of COS_BUCKET")
  )

/** The address of one object: with a key. */
export const parseObject = (text: string): Effect.Effect<Remote, UsageError> =>
  Effect.filterOrElse(
    parseRemote(text),
    ({ key }) => key !== "",
    () => wrong(text, "names no object", "Write the key after the bucket")
  )

/** How an address is written. */
export const print = ({ bucket, key }: { readonly bucket?: string | undefined; readonly key: string }): string =>
  `cos://${bucket ?? ""}/${key}`
