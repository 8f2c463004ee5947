import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import type { CosError } from "effect-cos/CosError"
import { parseRemote, print, type Remote } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"
import * as Format from "../terminal/format.js"

/** What these keys may not see is left out. */
const ifAllowed = <A, R>(self: Effect.Effect<A, CosError, R>): Effect.Effect<A | undefined, CosError, R> =>
  Effect.catchTags(self, {
    AccessDenied: () => Effect.succeed(undefined),
    NoSuchTagSet: () => Effect.succeed(undefined)
  })

const table = (rows: ReadonlyArray<readonly [name: string, value: string | number | undefined]>): string => {
  const given = rows.filter(([, value]) => value !== undefined && value !== "")
  const width = Math.max(...given.map(([name]) => name.length))
  return given.map(([name, value]) => `${name.padEnd(width)}  ${Format.key(String(value))}`).join("\n")
}

const ofBucket = ({ bucket }: Remote) =>
  Effect.gen(function* () {
    const output = yield* Output
    const head = yield* Cos.headBucket({ bucket })
    const versioning = yield* ifAllowed(Cos.getBucketVersioning({ bucket }))
    const acl = yield* ifAllowed(Cos.getBucketAcl({ bucket }))
    const facts = {
      region: head.region,
      availability: head.azType ?? "OAZ",
      architecture: head.arch,
      versioning: versioning === undefined ? undefined : (versioning.status ?? "never enabled"),
      acl: acl === undefined ? undefined : (acl.acl ?? Cos.cannedAcl(acl)),
      owner: acl?.owner?.id
    }
    yield* output.line({ type: "bucket-stat", bucket, ...facts }, () =>
      table([["address", print({ bucket, key: "" })], ...Object.entries(facts)])
    )
  })

const ofObject = ({ bucket, key }: Remote, versionId: string | undefined) =>
  Effect.gen(function* () {
    const output = yield* Output
    const head = yield* Cos.headObject({ bucket, key, versionId })
    const tags =
      head.taggingCount === undefined ? undefined : yield* ifAllowed(Cos.getObjectTagging({ bucket, key, versionId }))
    const acl = yield* ifAllowed(Cos.getObjectAcl({ bucket, key, versionId }))
    const facts = {
      size: head.contentLength,
      modified: head.lastModified?.toISOString(),
      etag: head.eTag,
      crc64: head.crc64?.toString(),
      contentType: head.contentType,
      cacheControl: head.cacheControl,
      contentDisposition: head.contentDisposition,
      contentEncoding: head.contentEncoding,
      contentLanguage: head.contentLanguage,
      expires: head.expires,
      storageClass: head.storageClass,
      storageTier: head.storageTier,
      objectType: head.objectType,
      versionId: head.versionId,
      encryption: head.serverSideEncryption ?? (head.customerAlgorithm === undefined ? undefined : "SSE-C"),
      kmsKeyId: head.kmsKeyId,
      acl: head.acl ?? (acl === undefined ? undefined : Cos.cannedAcl(acl)),
      owner: acl?.owner?.id,
      replication: head.replicationStatus,
      symlinkTarget: head.symlinkTarget,
      expiration: head.expiration
    }
    const restored =
      head.restore === undefined
        ? undefined
        : { ongoing: head.restore.ongoing, expires: head.restore.expiresAt?.toISOString() }
    const tagged = tags === undefined ? undefined : Object.fromEntries(tags.tags.map(({ key, value }) => [key, value]))
    yield* output.line(
      { type: "stat", bucket, key, ...facts, restore: restored, metadata: head.metadata, tags: tagged },
      () =>
        table([
          ["address", print({ bucket, key })],
          ...Object.entries({
            ...facts,
            size: facts.size < 1024 ? `${facts.size} B` : `${facts.size} (${Format.bytes(facts.size)})`
          }),
          ["restore", restored === undefined ? undefined : restored.ongoing ? "going on" : `until ${restored.expires}`],
          ...Object.entries(head.metadata).map(([name, value]) => [`meta ${name}`, value] as const),
          ...Object.entries(tagged ?? {}).map(([name, value]) => [`tag ${name}`, value] as const)
        ])
    )
  })

export const command = make(
  {
    name: "stat",
    summary: "Tell everything about one object, or about a bucket",
    description: "What these keys may not see, such as the ACL, is left out.",
    examples: [["cos stat cos:///photos/cat.jpg", "size, times, checksums, headers, metadata, tags, owner"]],
    changes: false
  },
  { versionId: Values.versionId, address: Values.address("an object or a bucket") },
  ({ address, versionId }) =>
    withClient(
      Effect.flatMap(parseRemote(address), (remote) =>
        remote.key === "" ? ofBucket(remote) : ofObject(remote, versionId)
      )
    )
)
