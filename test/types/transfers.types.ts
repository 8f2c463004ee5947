/** What transfers take, need and fail with, and what does not compile. Never run. */
import type { PlatformError } from "@effect/platform/Error"
import type { FileSystem } from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Sink from "effect/Sink"
import type * as Stream from "effect/Stream"
import * as Copy from "effect-cos/Copy"
import type { CosClient } from "effect-cos/CosClient"
import type * as CosError from "effect-cos/CosError"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import { same } from "./Equal.js"

type Tag<E extends { readonly _tag: string }> = Exclude<E["_tag"], CosError.Common["_tag"]>

same<
  Tag<Upload.UploadError>,
  | "NoSuchBucket"
  | "NoSuchUpload"
  | "FileAlreadyExists"
  | "BadDigest"
  | "InvalidDigest"
  | "InvalidSHA1Digest"
  | "EntityTooLarge"
  | "EntityTooSmall"
  | "InvalidPart"
  | "InvalidPartOrder"
  | "InvalidUploadStatus"
  | "InvalidArgument"
  | "KeyTooLong"
  | "MalformedXML"
  | "ObjectLocked"
  | "PathConflict"
  | "SourceFailed"
  | "SourceChanged"
  | "IntegrityError"
  | "PaginationStuck"
  | "TooManyParts"
  | "UploadStateUnknown"
  | "CheckpointError"
>()
same<
  Tag<Download.DownloadError>,
  | "NoSuchBucket"
  | "NoSuchKey"
  | "NoSuchVersion"
  | "NotModified"
  | "PreconditionFailed"
  | "InvalidRange"
  | "InvalidObjectState"
  | "InvalidArgument"
  | "InvalidRequest"
  | "TruncatedBody"
  | "IntegrityError"
  | "ObjectChanged"
>()
same<
  Exclude<Tag<Copy.CopyError>, Tag<Upload.UploadError>>,
  | "NoSuchKey"
  | "NoSuchVersion"
  | "NoSuchCopySource"
  | "InvalidCopySource"
  | "NotModified"
  | "PreconditionFailed"
  | "InvalidRange"
  | "InvalidObjectState"
  | "InvalidRequest"
  | "NoSuchTagSet"
  | "ObjectChanged"
>()

declare const bytes: Uint8Array
declare const source: Stream.Stream<Uint8Array, "broken", "needed">

const key = "key"
const uploadFile = Upload.file({ key, path: "a" })
same<typeof uploadFile, Effect.Effect<Upload.UploadResult, Upload.UploadFileError, CosClient | FileSystem>>()
same<Upload.UploadFileError, Upload.UploadError | PlatformError>()
const uploadStream = Upload.stream({ key, stream: source })
same<typeof uploadStream, Effect.Effect<Upload.UploadResult, Upload.UploadError | "broken", CosClient | "needed">>()
const uploadSink = Upload.sink({ key })
same<typeof uploadSink, Sink.Sink<Upload.UploadResult, Uint8Array, never, Upload.UploadError, CosClient>>()
const downloadStream = Download.stream({ key })
same<typeof downloadStream, Stream.Stream<Uint8Array, Download.DownloadError, CosClient>>()
const downloadFile = Download.file({ key, path: "a" })
same<
  typeof downloadFile,
  Effect.Effect<Download.DownloadFileResult, Download.DownloadFileError, CosClient | FileSystem>
>()
const downloadJson = Download.json({ key }, Schema.Struct({ a: Schema.NumberFromString }))
same<typeof downloadJson, Effect.Effect<{ readonly a: number }, Download.DownloadError | ParseError, CosClient>>()
const copied = Copy.object({ key, source: { key } })
same<typeof copied, Effect.Effect<Copy.CopyResult, Copy.CopyError, CosClient>>()

/** What is handled is not among the errors any more. */
const handled = Upload.bytes({ key, bytes }).pipe(Effect.catchTag("FileAlreadyExists", () => Effect.void))
same<Effect.Effect.Error<typeof handled>, Exclude<Upload.UploadError, CosError.FileAlreadyExists>>()

// @ts-expect-error an upload never answers NoSuchKey
Upload.bytes({ key, bytes }).pipe(Effect.catchTag("NoSuchKey", () => Effect.void))
// @ts-expect-error no such tag
Download.bytes({ key }).pipe(Effect.catchTag("NoSuchkey", () => Effect.void))
// @ts-expect-error what is sent is said elsewhere
Upload.bytes({ key, bytes, body: bytes })
// @ts-expect-error a stream has nothing to resume from
Upload.stream({ key, stream: source }, { resume: "discover" })
// @ts-expect-error a path
Download.file({ key })
// @ts-expect-error no such algorithm
Upload.bytes({ key, bytes }, { integrity: "sha1" })
