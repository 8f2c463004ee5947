/** The types of single operations: what they take and give, and what does not compile. Never run. */
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
import { type Equal, same } from "../../../../test/types/Equal.js"

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
same<Operation.Success<typeof Cos.headObject>["lastModified"], Date | undefined>()
same<
  Operation.Success<typeof Cos.headObject>["restore"],
  { readonly ongoing: boolean; readonly expiresAt?: Date | undefined } | undefined
>()
same<Effect.Effect.Success<ReturnType<typeof Cos.getObject>>["body"], Stream.Stream<Uint8Array, CosError.BodyError>>()
same<Effect.Effect.Success<ReturnType<typeof Cos.deleteObjects>>, ReadonlyArray<Cos.Deleted>>()
same<Effect.Effect.Error<ReturnType<typeof Cos.deleteObjects>>, CosError.InvalidInput | CosError.ObjectsRemain>()

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
Cos.putObject({ key, storageClass: "A_CLASS_OF_TOMORROW" })
// @ts-expect-error a word
Cos.putObject({ key, storageClass: 1 })
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
Presign.request(Cos.putObject, { key, storageClass: 1 })
// @ts-expect-error the input of that operation
Presign.url(Cos.getObject, {})
// @ts-expect-error no operation
Presign.url(Cos.objectExists, { key })
