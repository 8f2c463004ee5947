/**
 * The options of the commands that move data, and what they come to.
 */
import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Batch from "effect-cos/Batch"
import type * as Upload from "effect-cos/Upload"
import { UsageError } from "../contract/errors.js"

export const flag = (name: string, description: string) =>
  Options.boolean(name).pipe(Options.withDescription(description))

export const text = (name: string, value: string, description: string) =>
  Options.text(name).pipe(Options.withPseudoName(value), Options.withDescription(description), Options.optional)

export const texts = (name: string, value: string, description: string) =>
  Options.text(name).pipe(Options.withPseudoName(value), Options.withDescription(description), Options.repeated)

export const selection = {
  include: texts("include", "PATTERN", "only names that match, such as **/*.jpg; may be repeated"),
  exclude: texts("exclude", "PATTERN", "no names that match, such as drafts/**; may be repeated")
}

export const speed = {
  partSize: text("part-size", "SIZE", "such as 16MiB; default: 8MiB, and 64MiB for copies"),
  concurrency: text("concurrency", "N", "requests at once: a number, or auto, the default: as many as prove worth it"),
  jsonProgress: flag("json-progress", "progress as JSON lines on standard error")
}

export const storageClass = text("storage-class", "CLASS", "such as STANDARD_IA or ARCHIVE")
export const sourceRegion = text("source-region", "REGION", "of the source's bucket, where it is another")
export const failed = text(
  "failed",
  "FILE",
  "write down what failed; where the file is there, only what is in it is tried again"
)
export const dryRun = flag("dry-run", "say what would be done, and do nothing")

/** Of `cp` and `mv`. */
export const moving = {
  recursive: Options.boolean("recursive").pipe(
    Options.withAlias("r"),
    Options.withDescription("everything below a prefix, also one without a / at its end")
  ),
  ...selection,
  literal: flag("literal", "take *, ?, [ and { in names as they are"),
  noClobber: flag("no-clobber", "leave what is there already"),
  storageClass,
  meta: texts("meta", "NAME=VALUE", "metadata of the new objects; may be repeated"),
  tag: texts("tag", "NAME=VALUE", "tags of the new objects; may be repeated"),
  acl: Options.choice("acl", [
    "private",
    "public-read",
    "authenticated-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
    "default"
  ] as const).pipe(Options.withDescription("of the new objects"), Options.optional),
  encrypt: text("encrypt", "AES256|SM4|KMS[:KEY]", "by the service, with its keys or with those of KMS"),
  contentType: text("content-type", "TYPE", "of the new objects; default: by the name"),
  cacheControl: text("cache-control", "VALUE", "of the new objects"),
  ...speed,
  noResume: flag("no-resume", "begin anew, and note nothing for a later run"),
  failed,
  dryRun,
  sourceRegion
}

/** The sources and the target, as one list: there are as many sources as there are. */
export const places = Args.text({ name: "source" }).pipe(
  Args.withDescription("the sources, and at the end the target: addresses, paths, globs, or -"),
  Args.repeated
)

const wrong = (message: string, advice: string) => new UsageError({ message, advice })

const units: Readonly<Record<string, number>> = { "": 0, k: 1, m: 2, g: 3, t: 4 }

/** Such as `16MiB`, `16M` or `16777216`. */
export const size = (given: Option.Option<string>, name: string): Effect.Effect<number | undefined, UsageError> => {
  if (Option.isNone(given)) return Effect.succeed(undefined)
  const [, count = "", unit = ""] = /^(\d+)\s*([kmgt]?)(?:i?b)?$/i.exec(given.value) ?? []
  const bytes = Number(count) * 1024 ** (units[unit.toLowerCase()] ?? 0)
  return count === "" || !Number.isSafeInteger(bytes)
    ? Effect.fail(wrong(`${name} ${given.value} is no size`, "Write a size such as 16MiB"))
    : Effect.succeed(bytes)
}

/** As many requests at once, whatever they carry. */
export const concurrency = (given: Option.Option<string>): Effect.Effect<Batch.Concurrency | undefined, UsageError> => {
  if (Option.isNone(given) || given.value === "auto") return Effect.succeed(undefined)
  const count = Number(given.value)
  return /^\d+$/.test(given.value) && count >= 1 && count <= 1024
    ? Effect.succeed({ files: count, parts: Math.min(count, 256), totalParts: count })
    : Effect.fail(wrong(`--concurrency ${given.value} is no number`, "Write a number from 1 to 1,024, or auto"))
}

const pairs = (given: ReadonlyArray<string>, name: string) =>
  Effect.map(
    Effect.forEach(given, (pair) => {
      const at = pair.indexOf("=")
      return at > 0
        ? Effect.succeed([pair.slice(0, at), pair.slice(at + 1)] as const)
        : Effect.fail(wrong(`${name} ${JSON.stringify(pair)} has no name`, `Write ${name} NAME=VALUE`))
    }),
    (pairs) => (pairs.length === 0 ? undefined : Object.fromEntries(pairs))
  )

const encryptions = { aes256: "AES256", sm4: "SM4", kms: "cos/kms", "cos/kms": "cos/kms" } as const

const encryption = (given: Option.Option<string>) => {
  if (Option.isNone(given)) return Effect.succeed({})
  const [name = "", key] = given.value.split(/:(.*)/s)
  const algorithm = encryptions[name.toLowerCase() as keyof typeof encryptions] as
    | (typeof encryptions)[keyof typeof encryptions]
    | undefined
  return algorithm === undefined || (key !== undefined && algorithm !== "cos/kms")
    ? Effect.fail(wrong(`--encrypt ${given.value} is not known`, "Write AES256, SM4, KMS, or KMS: and the id of a key"))
    : Effect.succeed({ serverSideEncryption: algorithm, kmsKeyId: key })
}

/** What objects are stored with. */
export type Stored = Omit<Upload.UploadTarget, "key" | "bucket" | "region">

interface StoredInput {
  readonly acl: Option.Option<NonNullable<Upload.UploadTarget["acl"]>>
  readonly cacheControl: Option.Option<string>
  readonly contentType: Option.Option<string>
  readonly encrypt: Option.Option<string>
  readonly meta: ReadonlyArray<string>
  readonly noClobber: boolean
  readonly storageClass: Option.Option<string>
  readonly tag: ReadonlyArray<string>
}

export const stored = (input: StoredInput): Effect.Effect<Stored, UsageError> =>
  Effect.gen(function* () {
    return {
      ...(yield* encryption(input.encrypt)),
      acl: Option.getOrUndefined(input.acl),
      cacheControl: Option.getOrUndefined(input.cacheControl),
      contentType: Option.getOrUndefined(input.contentType),
      storageClass: Option.getOrUndefined(input.storageClass),
      metadata: yield* pairs(input.meta, "--meta"),
      tagging: yield* pairs(input.tag, "--tag"),
      overwrite: input.noClobber ? false : undefined
    }
  })
