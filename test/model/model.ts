/**
 * A server as plain maps, and random commands that are sent to both it and the emulator, through the SDK: after each the
 * two hold the same versions and uploads, and in the end the same bytes.
 */
import { createHash } from "node:crypto"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import { Emulator } from "effect-cos-emulator/Emulator"

export const buckets = ["one-1250000000", "two-1250000000"] as const
const region = "ap-guangzhou"

type Bucket = (typeof buckets)[number]

/** Keys that sort differently by UTF-16 and by UTF-8, and that a delimiter or a path would trip over. */
const keys = ["a", "a/b", "a//", "\uff61", "😀", "ü/../x"]

// -------------------------------------------------------------------------------------
// the reference
// -------------------------------------------------------------------------------------

interface Stored {
  /** `undefined`: a delete marker. */
  readonly body: Buffer | undefined
  readonly eTag: string
  /** Written without versioning, or under suspension: there is at most one of a key. */
  readonly unnamed: boolean
}

interface Upload {
  readonly bucket: Bucket
  readonly key: string
  readonly uploadId: string
  readonly parts: Map<number, Buffer>
}

interface State {
  readonly versioning: Map<Bucket, "Enabled" | "Suspended">
  /** Newest first. */
  readonly versions: Map<Bucket, Map<string, ReadonlyArray<Stored>>>
  readonly uploads: Array<Upload>
}

const makeState = (): State => ({
  versioning: new Map(),
  versions: new Map(buckets.map((bucket) => [bucket, new Map()])),
  uploads: []
})

const md5 = (body: Uint8Array) => createHash("md5").update(body).digest()
const plainETag = (body: Uint8Array) => `"${md5(body).toString("hex")}"`
const partsETag = (parts: ReadonlyArray<Buffer>) =>
  `"${md5(Buffer.concat(parts.map(md5))).toString("hex")}-${parts.length}"`

const versionsOf = (state: State, bucket: Bucket, key: string) => state.versions.get(bucket)?.get(key) ?? []

const setVersions = (state: State, bucket: Bucket, key: string, versions: ReadonlyArray<Stored>): void => {
  if (versions.length === 0) state.versions.get(bucket)?.delete(key)
  else state.versions.get(bucket)?.set(key, versions)
}

/** What is written becomes the newest; without versioning it takes the place of the one that has no name. */
const write = (state: State, bucket: Bucket, key: string, body: Buffer | undefined, eTag: string): void => {
  const unnamed = state.versioning.get(bucket) !== "Enabled"
  const others = versionsOf(state, bucket, key).filter((version) => !(unnamed && version.unnamed))
  const marksNothing = body === undefined && state.versioning.get(bucket) === undefined
  setVersions(state, bucket, key, marksNothing ? others : [{ body, eTag, unnamed }, ...others])
}

const current = (state: State, bucket: Bucket, key: string): Buffer | undefined =>
  versionsOf(state, bucket, key)[0]?.body

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const sortedKeys = (state: State, bucket: Bucket): ReadonlyArray<string> =>
  [...(state.versions.get(bucket)?.keys() ?? [])].sort(byBytes)

// -------------------------------------------------------------------------------------
// the commands
// -------------------------------------------------------------------------------------

const bucket = FastCheck.constantFrom(...buckets)
const key = FastCheck.constantFrom(...keys)
const nth = FastCheck.nat({ max: 7 })
const body = FastCheck.uint8Array({ minLength: 0, maxLength: 40 }).map((bytes) => Buffer.from(bytes))
const part = FastCheck.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes))
const partNumber = FastCheck.integer({ min: 1, max: 3 })
const of = <T extends string, A extends Record<string, unknown>>(
  _tag: T,
  fields: { readonly [K in keyof A]: FastCheck.Arbitrary<A[K]> }
) => FastCheck.record({ _tag: FastCheck.constant(_tag), ...fields }) as FastCheck.Arbitrary<{ readonly _tag: T } & A>

/** One request, or a few that belong together. */
export const command = FastCheck.oneof(
  { weight: 6, arbitrary: of("Put", { bucket, key, body }) },
  { weight: 2, arbitrary: of("Delete", { bucket, key }) },
  { weight: 1, arbitrary: of("DeleteMany", { bucket, keys: FastCheck.uniqueArray(key, { minLength: 1 }) }) },
  { weight: 2, arbitrary: of("DeleteVersion", { bucket, nth }) },
  {
    weight: 1,
    arbitrary: of("Versioning", { bucket, status: FastCheck.constantFrom("Enabled" as const, "Suspended" as const) })
  },
  { weight: 3, arbitrary: of("Copy", { from: bucket, source: key, bucket, key }) },
  { weight: 3, arbitrary: of("Read", { bucket, key, start: nth, length: nth }) },
  { weight: 2, arbitrary: of("Initiate", { bucket, key }) },
  { weight: 5, arbitrary: of("Part", { nth, partNumber, part }) },
  { weight: 2, arbitrary: of("PartCopy", { nth, partNumber, from: bucket, source: key }) },
  { weight: 3, arbitrary: of("Complete", { nth, wrong: FastCheck.boolean() }) },
  { weight: 1, arbitrary: of("Abort", { nth }) }
)

/** One of the commands. */
export type Command = typeof command extends FastCheck.Arbitrary<infer A> ? A : never

/** The emulator and the reference differ. */
class Differs extends Error {}

const hold = (what: string, actual: unknown, expected: unknown): void => {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (one !== other) throw new Differs(`${what}: the emulator has ${one}, the reference ${other}`)
}

const collect = <A, E, R>(items: Stream.Stream<A, E, R>) => Effect.map(Stream.runCollect(items), Chunk.toReadonlyArray)

const listed = (bucket: Bucket) => collect(Cos.listObjectVersions.items({ bucket, maxKeys: 3 }))

const uploadOf = (state: State, nth: number): Upload | undefined =>
  state.uploads[nth % Math.max(1, state.uploads.length)]

const end = (state: State, upload: Upload): void => {
  state.uploads.splice(state.uploads.indexOf(upload), 1)
}

/** The tag of the failure, or what it came to. */
const tagOf = <A, E extends { readonly _tag: string }, R>(self: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.either(self), (result) => (Either.isLeft(result) ? result.left._tag : "ok"))

const source = (from: Bucket, key: string) => ({ bucket: from, key, region })

/** Carries a command out on both sides. */
const carryOut = (state: State, command: Command) =>
  Effect.gen(function* () {
    switch (command._tag) {
      case "Put": {
        const { eTag } = yield* Cos.putObject(command)
        write(state, command.bucket, command.key, command.body, plainETag(command.body))
        return hold("eTag", eTag, plainETag(command.body))
      }
      case "Delete": {
        yield* Cos.deleteObject(command)
        return write(state, command.bucket, command.key, undefined, "")
      }
      case "DeleteMany": {
        const { deleted } = yield* Cos.deleteMultipleObjects({
          bucket: command.bucket,
          objects: command.keys.map((key) => ({ key }))
        })
        for (const key of command.keys) write(state, command.bucket, key, undefined, "")
        return hold(
          "deleted",
          deleted.map(({ key }) => key),
          command.keys
        )
      }
      case "DeleteVersion": {
        const all = yield* listed(command.bucket)
        const chosen = all[command.nth % Math.max(1, all.length)]
        if (chosen === undefined) return
        const { key, versionId } = chosen
        // What was written before versioning is named `null`.
        yield* Cos.deleteObject({ bucket: command.bucket, key, versionId: versionId === "" ? "null" : versionId })
        const place = all.filter((version) => version.key === key).indexOf(chosen)
        const left = versionsOf(state, command.bucket, key).filter((_, index) => index !== place)
        return setVersions(state, command.bucket, key, left)
      }
      case "Versioning": {
        yield* Cos.putBucketVersioning(command)
        state.versioning.set(command.bucket, command.status)
        return
      }
      case "Copy": {
        const found = current(state, command.from, command.source)
        const onto = command.from === command.bucket && command.source === command.key
        const tag = yield* tagOf(Cos.copyObject({ ...command, source: source(command.from, command.source) }))
        hold("a copy", tag, found === undefined ? "NoSuchKey" : onto ? "InvalidRequest" : "ok")
        if (tag === "ok" && found !== undefined) {
          const eTag = versionsOf(state, command.from, command.source)[0]?.eTag ?? ""
          write(state, command.bucket, command.key, found, eTag)
        }
        return
      }
      case "Read": {
        const { bucket, key, length, start } = command
        const found = current(state, bucket, key)
        const end = start + length
        const read = yield* Effect.either(
          Effect.scoped(
            Effect.flatMap(Cos.getObject({ bucket, key, range: { start, end } }), ({ body }) => collect(body))
          )
        )
        const expected =
          found === undefined ? "NoSuchKey" : start >= found.length ? "InvalidRange" : found.subarray(start, end + 1)
        const actual = Either.isLeft(read) ? read.left._tag : Buffer.concat(read.right)
        return hold("a range", actual, expected)
      }
      case "Initiate": {
        const { bucket, key } = command
        const { uploadId } = yield* Cos.initiateMultipartUpload(command)
        state.uploads.push({ bucket, key, uploadId, parts: new Map() })
        return
      }
      case "Part": {
        const upload = uploadOf(state, command.nth)
        if (upload === undefined) return
        const { bucket, key, uploadId } = upload
        yield* Cos.uploadPart({ bucket, key, uploadId, partNumber: command.partNumber, body: command.part })
        upload.parts.set(command.partNumber, command.part)
        return
      }
      case "PartCopy": {
        const upload = uploadOf(state, command.nth)
        const found = current(state, command.from, command.source)
        if (upload === undefined || found === undefined || found.length === 0) return
        const { bucket, key, uploadId } = upload
        const range = { start: 0, end: Math.floor(found.length / 2) }
        const from = source(command.from, command.source)
        yield* Cos.uploadPartCopy({ bucket, key, uploadId, partNumber: command.partNumber, source: from, range })
        upload.parts.set(command.partNumber, found.subarray(0, range.end + 1))
        return
      }
      case "Complete": {
        const upload = uploadOf(state, command.nth)
        if (upload === undefined || upload.parts.size === 0) return
        const { bucket, key, parts, uploadId } = upload
        const numbers = [...parts.keys()].sort((a, b) => a - b)
        const chosen = numbers.map((number) => parts.get(number) ?? Buffer.alloc(0))
        const named = numbers.map((number, index) => ({
          partNumber: number,
          eTag: plainETag(command.wrong ? Buffer.from("wrong") : (chosen[index] ?? Buffer.alloc(0)))
        }))
        const gap = numbers.some((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1)
        const tag = yield* tagOf(Cos.completeMultipartUpload({ bucket, key, uploadId, parts: named }))
        hold("a Complete", tag, command.wrong || gap ? "InvalidPart" : "ok")
        if (tag === "ok") {
          write(state, bucket, key, Buffer.concat(chosen), partsETag(chosen))
          end(state, upload)
        }
        return
      }
      case "Abort": {
        const upload = uploadOf(state, command.nth)
        if (upload === undefined) return
        yield* Cos.abortMultipartUpload(upload)
        hold("a second abort", yield* tagOf(Cos.abortMultipartUpload(upload)), "NoSuchUpload")
        return end(state, upload)
      }
    }
  })

const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1)

/** What the reference has in a bucket, in the order of its listing. */
const expectedOf = (state: State, bucket: Bucket) =>
  sortedKeys(state, bucket).flatMap((key) =>
    versionsOf(state, bucket, key).map(({ body, eTag }, index) => ({
      key,
      latest: index === 0,
      size: body?.length,
      eTag
    }))
  )

/** Holds what is stored against the reference, without a request. */
const compareStored = (state: State) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    for (const bucket of buckets) {
      const versions = yield* emulator.versions(bucket)
      hold(
        `the versions of ${bucket}`,
        versions.map(({ deleteMarker, eTag, key, latest, size }) => ({
          key,
          latest,
          size: deleteMarker ? undefined : size,
          eTag
        })),
        expectedOf(state, bucket)
      )
    }
    const unfinished = yield* emulator.unfinishedUploads
    hold(
      "the uploads",
      unfinished
        .map(({ parts, uploadId }) => ({
          id: uploadId,
          parts: parts.map(({ eTag, partNumber }) => [partNumber, eTag])
        }))
        .sort(byId),
      state.uploads
        .map(({ parts, uploadId }) => ({
          id: uploadId,
          parts: [...parts].sort(([a], [b]) => a - b).map(([number, part]) => [number, plainETag(part)])
        }))
        .sort(byId)
    )
  })

/** Holds what the SDK is told, page by page, and every body, against the reference. */
const compareTold = (state: State) =>
  Effect.gen(function* () {
    for (const bucket of buckets) {
      const expected = expectedOf(state, bucket)
      const versions = yield* listed(bucket)
      hold(
        `the listed versions of ${bucket}`,
        versions.map((version) => ({
          key: version.key,
          latest: version.isLatest,
          ...(version._tag === "Version" ? { size: version.size, eTag: version.eTag } : { size: undefined, eTag: "" })
        })),
        expected
      )
      const objects = yield* collect(Cos.listObjects.items({ bucket, maxKeys: 2 }))
      hold(
        `the listed objects of ${bucket}`,
        objects.map(({ eTag, key }) => [key, eTag]),
        expected.filter(({ latest, size }) => latest && size !== undefined).map(({ eTag, key }) => [key, eTag])
      )
      for (const key of sortedKeys(state, bucket)) {
        const found = current(state, bucket, key)
        if (found === undefined) continue
        hold(`the bytes of ${key}`, Buffer.from(yield* Download.bytes({ bucket, key })), found)
      }
    }
  })

/** Runs the commands from an empty server on; what is stored is compared after each, what is told at the end. */
export const agree = (commands: ReadonlyArray<Command>): Effect.Effect<void, unknown, CosClient | Emulator> =>
  Effect.gen(function* () {
    yield* (yield* Emulator).reset
    const state = makeState()
    for (const command of commands) {
      yield* carryOut(state, command)
      yield* compareStored(state)
    }
    yield* compareTold(state)
  })
