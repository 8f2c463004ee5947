/**
 * The results of `Pic-Operations`: the objects that its rules name are there, with the bytes of the source, since nothing is
 * processed. The response and the journal say so (`notDone.ts`).
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import { type CosFailure, failure } from "../http/failure.js"
import type { NotFound, StorageError } from "../storage/Storage.js"
import type * as Xml from "../xml/xml.js"
import { checkUnlocked, lockOf, writePermission } from "./object.js"
import type { ObjectCall } from "./operation.js"
import { checkKey, encodeKey } from "./parameters.js"
import { quoteETag } from "./replies.js"

const header = "pic-operations"
const maxRules = 5

const invalid = (reason: string): CosFailure =>
  failure("InvalidPicOperations", { message: `Pic-Operations is not valid: ${reason}.` })

/** A file id without a leading `/` stands beside the source. */
const keyOf = (source: string, fileId: string): string =>
  fileId.startsWith("/") ? fileId.slice(1) : source.slice(0, source.lastIndexOf("/") + 1) + fileId

/** The keys that the rules name; `undefined` if nothing is to be processed. */
export const processedKeys = (call: ObjectCall): Either.Either<ReadonlyArray<string> | undefined, CosFailure> => {
  const text = call.header(header)
  if (text === undefined) return Either.right(undefined)
  return Either.gen(function* () {
    const json = yield* Either.try({ try: (): unknown => JSON.parse(text), catch: () => invalid("it is no JSON") })
    const { rules = [] } = Object(json) as { readonly rules?: unknown }
    if (!Array.isArray(rules) || rules.length > maxRules) {
      return yield* Either.left(invalid(`rules are a list of at most ${maxRules}`))
    }
    const keys: Array<string> = []
    for (const rule of rules) {
      const { fileid } = Object(rule) as { readonly fileid?: unknown }
      if (typeof fileid !== "string") return yield* Either.left(invalid("a rule has no fileid"))
      const key = keyOf(call.key, fileid)
      yield* checkKey(key)
      keys.push(key)
    }
    return keys
  })
}

const locationOf = ({ bucket }: ObjectCall, key: string): string =>
  `${bucket.name}.cos.${bucket.region}.myqcloud.com/${encodeKey(key)}`

/** Stores the object again under each key, and describes what is there. */
export const processResults = (
  call: ObjectCall,
  keys: ReadonlyArray<string>
): Effect.Effect<Xml.Element, CosFailure | NotFound | StorageError, Scope.Scope> =>
  Effect.gen(function* () {
    const { version: source } = yield* call.storage.openObject(call.bucket.name, call.key)
    if (source.deleteMarker) return yield* failure("NoSuchKey")
    const { partSizes: _, retention: __, versionId: ___, ...copied } = source
    const objects = yield* Effect.forEach(keys, (key) =>
      Effect.gen(function* () {
        yield* call.authorize(writePermission, call.bucket, key)
        const { etag, size } = yield* call.storage.putObject(call.bucket.name, key, (current, bucket) =>
          Either.map(checkUnlocked(call, current, bucket), () => ({
            ...copied,
            ...lockOf(call),
            type: "normal" as const,
            lastModified: call.now
          }))
        )
        const element: Xml.Element = [
          "Object",
          [
            ["Key", key],
            ["Location", locationOf(call, key)],
            ["Size", size],
            ["ETag", quoteETag(etag)]
          ]
        ]
        return element
      })
    )
    return ["ProcessResults", objects]
  })

/** The document of a PUT with rules, and of `image_process`. */
export const uploadResult = (
  call: ObjectCall,
  keys: ReadonlyArray<string>,
  etag: string
): Effect.Effect<Xml.Element, CosFailure | NotFound | StorageError, Scope.Scope> =>
  Effect.map(processResults(call, keys), (results) => [
    "UploadResult",
    [
      [
        "OriginalInfo",
        [
          ["Key", call.key],
          ["Location", locationOf(call, call.key)],
          ["ETag", etag]
        ]
      ],
      results
    ]
  ])
