/** The types of operations: what they take, give and fail with, and what does not compile. Never run. */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import * as Operation from "effect-cos/Operation"
import * as Presign from "effect-cos/Presign"
import { type Equal, holds, type IsAny, same } from "../../../../test/types/Equal.js"

// ---------------------------------------------------------------------------------------------------------------------
// Errors: these and no others
// ---------------------------------------------------------------------------------------------------------------------

type E<Tags extends keyof typeof CosError> =
  | CosError.Common
  | InstanceType<Extract<(typeof CosError)[Tags], abstract new (...args: never) => unknown>>

same<E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument">, Operation.Error<typeof Cos.putBucketAccelerate>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.getBucketAccelerate>>()
same<
  E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.putBucketAcl>
>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.getBucketAcl>>()
same<
  E<"NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" | "MalformedXML" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.putObjectAcl>
>()
same<E<"NoSuchKey" | "NoSuchBucket" | "NoSuchVersion">, Operation.Error<typeof Cos.getObjectAcl>>()
same<
  E<
    | "NoSuchBucket"
    | "AppendPositionErr"
    | "ObjectNotAppendable"
    | "BadDigest"
    | "InvalidDigest"
    | "EntityTooLarge"
    | "KeyTooLong"
    | "InvalidArgument"
    | "ObjectLocked"
    | "PathConflict"
    | "SourceFailed"
    | "SourceChanged"
  >,
  Operation.Error<typeof Cos.appendObject>
>()
same<E<never>, Operation.Error<typeof Cos.listBuckets>>()
same<
  E<
    | "BucketAlreadyExists"
    | "BucketAlreadyOwnedByYou"
    | "InvalidBucketName"
    | "TooManyBuckets"
    | "InvalidArgument"
    | "InvalidRequest"
  >,
  Operation.Error<typeof Cos.putBucket>
>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.headBucket>>()
same<E<"NoSuchBucket" | "InvalidArgument">, Operation.Error<typeof Cos.listObjects>>()
same<E<"NoSuchBucket" | "BucketNotEmpty">, Operation.Error<typeof Cos.deleteBucket>>()
same<
  E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.putBucketCors>
>()
same<E<"NoSuchCORSConfiguration" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketCors>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketCors>>()
same<
  E<
    | "NoSuchBucket"
    | "DNSRecordVerifyFailed"
    | "DomainConfigConflict"
    | "RecordAlreadyExist"
    | "MalformedXML"
    | "InvalidArgument"
  >,
  Operation.Error<typeof Cos.putBucketDomain>
>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.getBucketDomain>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketDomain>>()
same<E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument">, Operation.Error<typeof Cos.putBucketDomainCertificate>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.getBucketDomainCertificate>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketDomainCertificate>>()
same<E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument">, Operation.Error<typeof Cos.putBucketEncryption>>()
same<E<"NoSuchEncryptionConfiguration" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketEncryption>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketEncryption>>()
same<
  E<"NoSuchBucket" | "InvalidBucketState" | "MalformedXML" | "InvalidArgument">,
  Operation.Error<typeof Cos.putBucketIntelligentTiering>
>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.getBucketIntelligentTiering>>()
same<
  E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument">,
  Operation.Error<typeof Cos.putBucketIntelligentTieringConfiguration>
>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.getBucketIntelligentTieringConfiguration>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.listBucketIntelligentTieringConfigurations>>()
same<E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument">, Operation.Error<typeof Cos.putBucketInventory>>()
same<E<"InventoryConfigurationNotFoundError" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketInventory>>()
same<E<"InventoryConfigurationNotFoundError" | "NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketInventory>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.listBucketInventory>>()
same<E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument">, Operation.Error<typeof Cos.postBucketInventory>>()
same<
  E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.putBucketLifecycle>
>()
same<E<"NoSuchLifecycleConfiguration" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketLifecycle>>()
same<E<"NoSuchLifecycleConfiguration" | "NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketLifecycle>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.getBucketLocation>>()
same<E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument">, Operation.Error<typeof Cos.putBucketLogging>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.getBucketLogging>>()
same<
  E<"NoSuchBucket" | "FileAlreadyExists" | "KeyTooLong" | "InvalidArgument" | "PathConflict">,
  Operation.Error<typeof Cos.initiateMultipartUpload>
>()
same<
  E<
    | "NoSuchUpload"
    | "NoSuchBucket"
    | "BadDigest"
    | "InvalidDigest"
    | "EntityTooLarge"
    | "InvalidArgument"
    | "InvalidUploadStatus"
    | "SourceFailed"
    | "SourceChanged"
  >,
  Operation.Error<typeof Cos.uploadPart>
>()
same<
  E<
    | "NoSuchUpload"
    | "NoSuchKey"
    | "NoSuchBucket"
    | "NoSuchVersion"
    | "NoSuchCopySource"
    | "InvalidCopySource"
    | "PreconditionFailed"
    | "InvalidObjectState"
    | "InvalidRange"
    | "InvalidArgument"
  >,
  Operation.Error<typeof Cos.uploadPartCopy>
>()
same<E<"NoSuchUpload" | "NoSuchBucket" | "InvalidArgument">, Operation.Error<typeof Cos.listParts>>()
same<E<"NoSuchBucket" | "InvalidArgument">, Operation.Error<typeof Cos.listMultipartUploads>>()
same<
  E<
    | "NoSuchUpload"
    | "NoSuchBucket"
    | "InvalidPart"
    | "InvalidPartOrder"
    | "EntityTooSmall"
    | "EntityTooLarge"
    | "FileAlreadyExists"
    | "InvalidUploadStatus"
    | "MalformedXML"
    | "InvalidArgument"
  >,
  Operation.Error<typeof Cos.completeMultipartUpload>
>()
same<E<"NoSuchUpload" | "NoSuchBucket" | "InvalidUploadStatus">, Operation.Error<typeof Cos.abortMultipartUpload>>()
same<
  E<
    | "NoSuchBucket"
    | "FileAlreadyExists"
    | "BadDigest"
    | "InvalidDigest"
    | "EntityTooLarge"
    | "KeyTooLong"
    | "InvalidArgument"
    | "ObjectLocked"
    | "PathConflict"
    | "SourceFailed"
    | "SourceChanged"
  >,
  Operation.Error<typeof Cos.putObject>
>()
same<
  E<
    | "NoSuchKey"
    | "NoSuchBucket"
    | "NoSuchVersion"
    | "NotModified"
    | "PreconditionFailed"
    | "InvalidRange"
    | "InvalidObjectState"
    | "InvalidArgument"
  >,
  Operation.Error<typeof Cos.getObject>
>()
same<E<"NoSuchKey" | "NotModified" | "PreconditionFailed" | "InvalidRange">, Operation.Error<typeof Cos.headObject>>()
same<E<"NoSuchBucket" | "ObjectLocked" | "MethodNotAllowed">, Operation.Error<typeof Cos.deleteObject>>()
same<
  E<"NoSuchBucket" | "MalformedXML" | "BadDigest" | "InvalidRequest">,
  Operation.Error<typeof Cos.deleteMultipleObjects>
>()
same<
  E<
    | "NoSuchKey"
    | "NoSuchBucket"
    | "NoSuchVersion"
    | "NoSuchCopySource"
    | "InvalidCopySource"
    | "PreconditionFailed"
    | "InvalidObjectState"
    | "FileAlreadyExists"
    | "InvalidRequest"
    | "InvalidArgument"
  >,
  Operation.Error<typeof Cos.copyObject>
>()
same<
  E<"NoSuchBucket" | "InvalidBucketState" | "MalformedXML" | "InvalidArgument">,
  Operation.Error<typeof Cos.putObjectLockConfiguration>
>()
same<E<"NoSuchObjectLockConfiguration" | "NoSuchBucket">, Operation.Error<typeof Cos.getObjectLockConfiguration>>()
same<
  E<
    "NoSuchKey" | "NoSuchBucket" | "NoSuchObjectLockConfiguration" | "ObjectLocked" | "MalformedXML" | "InvalidArgument"
  >,
  Operation.Error<typeof Cos.putObjectRetention>
>()
same<
  E<"NoSuchKey" | "NoSuchBucket" | "NoSuchObjectLockConfiguration">,
  Operation.Error<typeof Cos.getObjectRetention>
>()
same<E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument">, Operation.Error<typeof Cos.putBucketOrigin>>()
same<E<"OriginConfigurationNotFoundError" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketOrigin>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketOrigin>>()
same<E<"NoSuchBucket" | "MalformedPolicy" | "InvalidArgument">, Operation.Error<typeof Cos.putBucketPolicy>>()
same<E<"NoSuchBucketPolicy" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketPolicy>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketPolicy>>()
same<E<"NoSuchBucket" | "AccessForbidden" | "InvalidArgument">, Operation.Error<typeof Cos.optionsObject>>()
same<
  E<"NoSuchKey" | "NoSuchBucket" | "InvalidObjectState" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.processObject>
>()
same<
  E<"NoSuchKey" | "NoSuchBucket" | "InvalidObjectState" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.imageProcess>
>()
same<
  E<"NoSuchKey" | "NoSuchBucket" | "InvalidObjectState" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.imageInfo>
>()
same<
  E<"NoSuchKey" | "NoSuchBucket" | "InvalidObjectState" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.ciProcess>
>()
same<
  E<"NoSuchKey" | "NoSuchBucket" | "InvalidObjectState" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.docPreview>
>()
same<E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument">, Operation.Error<typeof Cos.putBucketReferer>>()
same<E<"NoSuchRefererConfiguration" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketReferer>>()
same<
  E<"NoSuchBucket" | "BucketVersionNotOpen" | "MalformedXML" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.putBucketReplication>
>()
same<E<"ReplicationConfigurationNotFoundError" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketReplication>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketReplication>>()
same<
  E<
    | "NoSuchKey"
    | "NoSuchBucket"
    | "NoSuchVersion"
    | "RestoreAlreadyInProgress"
    | "RestoreNonArchiveObject"
    | "InvalidArgument"
    | "MalformedXML"
  >,
  Operation.Error<typeof Cos.restoreObject>
>()
same<
  E<"NoSuchKey" | "NoSuchBucket" | "InvalidObjectState" | "InvalidArgument" | "InvalidRequest" | "MalformedXML">,
  Operation.Error<typeof Cos.selectObjectContent>
>()
same<
  E<"NoSuchBucket" | "FileAlreadyExists" | "InvalidArgument" | "KeyTooLong">,
  Operation.Error<typeof Cos.putSymlink>
>()
same<E<"NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" | "InvalidArgument">, Operation.Error<typeof Cos.getSymlink>>()
same<E<"NoSuchBucket" | "InvalidTag" | "MalformedXML">, Operation.Error<typeof Cos.putBucketTagging>>()
same<E<"NoSuchTagSet" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketTagging>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketTagging>>()
same<
  E<"NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" | "InvalidTag" | "MalformedXML">,
  Operation.Error<typeof Cos.putObjectTagging>
>()
same<E<"NoSuchTagSet" | "NoSuchKey" | "NoSuchBucket" | "NoSuchVersion">, Operation.Error<typeof Cos.getObjectTagging>>()
same<E<"NoSuchKey" | "NoSuchBucket" | "NoSuchVersion">, Operation.Error<typeof Cos.deleteObjectTagging>>()
same<
  E<"NoSuchBucket" | "InvalidBucketState" | "MalformedXML" | "InvalidArgument">,
  Operation.Error<typeof Cos.putBucketVersioning>
>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.getBucketVersioning>>()
same<E<"NoSuchBucket" | "InvalidArgument">, Operation.Error<typeof Cos.listObjectVersions>>()
same<
  E<"NoSuchBucket" | "MalformedXML" | "InvalidArgument" | "InvalidRequest">,
  Operation.Error<typeof Cos.putBucketWebsite>
>()
same<E<"NoSuchWebsiteConfiguration" | "NoSuchBucket">, Operation.Error<typeof Cos.getBucketWebsite>>()
same<E<"NoSuchBucket">, Operation.Error<typeof Cos.deleteBucketWebsite>>()

// ---------------------------------------------------------------------------------------------------------------------
// No field is any, neither of an input nor of an answer
// ---------------------------------------------------------------------------------------------------------------------

/** The fields that are `any`, by their paths; not looking into what is no plain data, nor deeper than eight levels. */
type AnyFields<A, Path extends string = "", Depth extends ReadonlyArray<1> = []> =
  IsAny<A> extends true
    ? Path
    : Depth["length"] extends 8
      ? never
      : A extends ReadonlyArray<infer Item>
        ? AnyFields<Item, `${Path}[]`, [...Depth, 1]>
        : A extends Date | Uint8Array | Blob | Redacted.Redacted<unknown> | Stream.Stream<unknown, unknown, unknown>
          ? never
          : A extends object
            ? { [K in keyof A & string]-?: AnyFields<A[K], `${Path}.${K}`, [...Depth, 1]> }[keyof A & string]
            : never

type Operations = {
  [K in keyof typeof Cos as (typeof Cos)[K] extends { readonly spec: Operation.SpecData } ? K : never]: (typeof Cos)[K]
}

same<{ [K in keyof Operations]: AnyFields<Operation.Input<Operations[K]>> }[keyof Operations], never>()
same<{ [K in keyof Operations]: AnyFields<Operation.Success<Operations[K]>> }[keyof Operations], never>()
same<{ [K in keyof Operations]: IsAny<Operation.Error<Operations[K]>> }[keyof Operations], false>()
same<AnyFields<{ readonly a?: ReadonlyArray<{ readonly b: any }> | undefined }>, ".a[].b">()
holds<"putObject" extends keyof Operations ? true : false>()
holds<"objectExists" extends keyof Operations ? false : true>()

// ---------------------------------------------------------------------------------------------------------------------
// Shapes
// ---------------------------------------------------------------------------------------------------------------------

const key = "key"

same<Effect.Effect.Context<ReturnType<typeof Cos.headObject>>, CosClient.CosClient>()
same<Effect.Effect.Context<ReturnType<typeof Cos.getObject>>, CosClient.CosClient | Scope.Scope>()
same<
  Stream.Stream.Error<ReturnType<typeof Cos.selectObjectContent>>,
  Operation.Error<typeof Cos.selectObjectContent> | CosError.BodyError
>()
same<Stream.Stream.Success<ReturnType<typeof Cos.selectObjectContent>>, Cos.SelectEvent>()
same<Effect.Effect.Success<ReturnType<typeof Cos.deleteBucket>>, void>()
same<Effect.Effect.Success<ReturnType<typeof Cos.objectExists>>, boolean>()
same<
  Stream.Stream.Error<ReturnType<typeof Cos.listObjects.items>>,
  Operation.Error<typeof Cos.listObjects> | CosError.PaginationStuck
>()
same<
  Stream.Stream.Success<ReturnType<typeof Cos.listObjects.items>>,
  Operation.Success<typeof Cos.listObjects>["contents"][number]
>()
same<Operation.Success<typeof Cos.listObjects>["contents"][number]["size"], number>()
same<Operation.Success<typeof Cos.headObject>["crc64"], bigint | undefined>()
same<Operation.Success<typeof Cos.headObject>["lastModified"], Date>()
same<
  Operation.Success<typeof Cos.headObject>["restore"],
  { readonly ongoing: boolean; readonly expiresAt?: Date | undefined } | undefined
>()
same<Effect.Effect.Success<ReturnType<typeof Cos.getObject>>["body"], Stream.Stream<Uint8Array, CosError.BodyError>>()
same<Effect.Effect.Success<ReturnType<typeof Cos.deleteObjects>>, ReadonlyArray<Cos.DeleteOutcome>>()

const responded = Operation.withResponse(Cos.headObject)({ key })
same<Effect.Effect.Success<typeof responded>["value"], Operation.Success<typeof Cos.headObject>>()
same<Effect.Effect.Error<typeof responded>, Operation.Error<typeof Cos.headObject>>()

// ---------------------------------------------------------------------------------------------------------------------
// Failures that are handled are gone, and those that cannot happen cannot be handled
// ---------------------------------------------------------------------------------------------------------------------

const found = Cos.headObject({ key }).pipe(Effect.catchTag("NoSuchKey", () => Effect.succeed(undefined)))
same<Effect.Effect.Error<typeof found>, Exclude<Operation.Error<typeof Cos.headObject>, CosError.NoSuchKey>>()

// @ts-expect-error headBucket never answers NoSuchKey
Cos.headBucket().pipe(Effect.catchTag("NoSuchKey", () => Effect.void))
// @ts-expect-error no such tag
Cos.headObject({ key }).pipe(Effect.catchTag("NoSuchkey", () => Effect.void))
// @ts-expect-error FileAlreadyExists is not among those of getObject
Cos.getObject({ key }).pipe(Effect.catchTags({ FileAlreadyExists: () => Effect.void }))

// ---------------------------------------------------------------------------------------------------------------------
// Inputs
// ---------------------------------------------------------------------------------------------------------------------

type Put = Operation.Input<typeof Cos.putObject>
same<Put["key"], string>()
same<Put["overwrite"], boolean | undefined>()
same<Put["customerKey"], Redacted.Redacted<Uint8Array> | undefined>()
same<Operation.Input<typeof Cos.uploadPart>["partNumber"], number>()
same<Equal<Put, Operation.Input<typeof Cos.getObject>>, false>()

Cos.listBuckets()
Cos.listObjects({})
Cos.headBucket({ bucket: "b-1", region: "ap-beijing" })
Cos.listObjects.items({ prefix: undefined })
Cos.putObject({ key, body: new Uint8Array(), extra: { headers: { a: "b" }, query: { c: "d" } } })

// @ts-expect-error an object has a key
Cos.headObject({})
// @ts-expect-error an object has a key
Cos.headObject()
// @ts-expect-error a bucket has none
Cos.headBucket({ key })
// @ts-expect-error the service has no bucket
Cos.listBuckets({ bucket: "b-1" })
// @ts-expect-error a part has a number
Cos.uploadPart({ key, uploadId: "u", body: "" })
// @ts-expect-error a number
Cos.uploadPart({ key, uploadId: "u", body: "", partNumber: "1" })
// @ts-expect-error no such parameter
Cos.putObject({ key, contenttype: "text/plain" })
// @ts-expect-error closed on the way in
Cos.putObject({ key, storageClass: "standard" })
// @ts-expect-error closed on the way in
Cos.putObject({ key, acl: "public" })
// @ts-expect-error texts
Cos.putObject({ key, extra: { headers: { a: 1 } } })
// @ts-expect-error neither headers nor query
Cos.putObject({ key, extra: { header: {} } })
// @ts-expect-error a body
Cos.putObject({ key, body: 5 })
// @ts-expect-error redacted
Cos.putObject({ key, customerKey: new Uint8Array(32) })
// @ts-expect-error a start and an end, or the last bytes
Cos.getObject({ key, range: { end: 5 } })
// @ts-expect-error a text would be taken apart
Cos.deleteObjects({ objects: key })

/** Open on the way out, with what is known told. */
declare const storageClass: NonNullable<Operation.Success<typeof Cos.headObject>["storageClass"]>
export const isArchive: boolean = storageClass === "ARCHIVE" || storageClass === "A_NEW_ONE"

// ---------------------------------------------------------------------------------------------------------------------
// Of one's own, and presigned
// ---------------------------------------------------------------------------------------------------------------------

const own = Operation.make({
  name: "own",
  method: "GET",
  target: "bucket",
  doc: "",
  params: { a: Operation.required(Operation.query("a", Schema.NumberFromString)), b: Operation.header("b") },
  success: Schema.Struct({ c: Schema.NumberFromString }),
  errors: [CosError.NoSuchBucket]
})
same<Operation.Error<typeof own>, CosError.Common | CosError.NoSuchBucket>()
same<Operation.Success<typeof own>, { readonly c: number }>()
own({ a: 1, b: "b", bucket: "b-1" })
// @ts-expect-error a is required
own({ b: "b" })

const none = Operation.make({
  name: "none",
  method: "GET",
  target: "service",
  doc: "",
  success: Schema.Void,
  errors: []
})
same<Operation.Error<typeof none>, CosError.Common>()
none()

const signed = Presign.request(Cos.putObject, { key, contentType: "image/png" }, { expiresIn: "10 minutes" })
same<Effect.Effect.Error<typeof signed>, CosError.InvalidInput | CosError.CredentialsError>()
same<Effect.Effect.Context<typeof signed>, CosClient.CosClient>()
Presign.url(own, { a: 1 })
Presign.url(Cos.listObjects, {})
Presign.url(Cos.getObject, { key })
// @ts-expect-error the input of that operation
Presign.request(Cos.putObject, { key, storageClass: "standard" })
// @ts-expect-error the input of that operation
Presign.url(Cos.getObject, {})
// @ts-expect-error no operation
Presign.url(Cos.objectExists, { key })
