/**
 * The types of transfers: what uploads, downloads and copies take, give and fail with. Types only; the public modules
 * re-export them.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as Batch from "../../Batch.js"
import type * as Body from "../../Body.js"
import type * as Checkpoint from "../../Checkpoint.js"
import type * as CosError from "../../CosError.js"
import type * as ObjectKey from "../../ObjectKey.js"
import type * as Operation from "../../Operation.js"
import type * as multipart from "../../operations/multipart.js"
import type * as object from "../../operations/object.js"
import type * as tagging from "../../operations/tagging.js"
import type { Options as ProgressOptions } from "../../Progress.js"

/**
 * What a transfer does whose checkpoint belongs to another run that is alive, in this process or another one that uses the
 * same `Checkpoint.layerDirectory`.
 *
 * - `beside`, the default: it begins anew, touches nothing of the other run's, and saves no checkpoint.
 * - `wait`: it waits until the other run has ended, and goes on from what that one has left.
 * - `refuse`: it fails with `CheckpointError`, whose `operation` is `lease`.
 *
 * @since 0.1.0
 * @category models
 */
export type IfRunning = "beside" | "wait" | "refuse"

// --- uploads

/**
 * Where an upload goes, and what is stored with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadTarget
  extends Omit<
    Operation.Input<typeof object.putObject>,
    "body" | "contentMd5" | "contentSha1" | "storeMd5" | "picOperations" | "onProgress" | "progressInterval"
  > {}

/**
 * Content in memory, or, as a `Blob` may be, within reach of it.
 *
 * @since 0.1.0
 * @category models
 */
export type InMemory =
  | { readonly bytes: Body.BytesLike }
  | { readonly blob: Blob }
  | { readonly body: Exclude<Body.Input, Body.Sized> }

/**
 * Content that can be read once. (A `Body` that is `replayable` again, from its beginning.)
 *
 * @since 0.1.0
 * @category models
 */
export type ReadOnce =
  | {
      readonly stream: Stream.Stream<Uint8Array, unknown>
      /** Bytes that the stream gives, where that is known. */
      readonly size?: FileSystem.SizeInput | undefined
    }
  | { readonly body: Body.Sized }

/**
 * Whatever can be uploaded.
 *
 * @since 0.1.0
 * @category models
 */
export type UploadContent =
  | {
      /** The path of a file. */
      readonly path: string
    }
  | InMemory
  | ReadOnce

/**
 * How any upload is sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadOptions extends ProgressOptions {
  /** Bytes of a part: 1 MiB to 5 GiB; grows where 10,000 parts would not do. Default 8 MiB. */
  readonly partSize?: FileSystem.SizeInput | undefined
  /**
   * How many parts of the object are sent at once: 1 to 256, or `auto`, which begins with 4 and grows to at most 64 as long as
   * more is transferred in the same time. Of the files of a batch see `Batch.Concurrency`. Default `auto`.
   */
  readonly concurrency?: number | "auto" | undefined
  /**
   * Up to this size, in bytes, the object is sent in one request: at most 5 GiB. Above `maxPartBuffer` it is read while it
   * is sent, and again for another attempt; an HTTP client that sends a stream without its length (`fetch`) can do so with
   * a `Blob` only, and all else goes in parts. Default 16 MiB.
   */
  readonly threshold?: FileSystem.SizeInput | undefined
  /**
   * Bytes of the largest part, or object in one request, that is held in memory: 1 MiB to 2 GiB. Larger ones are read while
   * they are sent, which a stream's parts cannot be. Default 64 MiB.
   */
  readonly maxPartBuffer?: FileSystem.SizeInput | undefined
  /**
   * How the bytes are verified: by the CRC64 of every response and of the object, by MD5 sent and compared with the parts'
   * ETags, or both. What is read while it is sent is read once more for its MD5 beforehand, or, in parts, compared only.
   * Default `crc64`, a quarter of the cost.
   */
  readonly integrity?: "crc64" | "md5" | "both" | undefined
  /** What becomes of an object that proves to differ from its source. Default `keep`. */
  readonly onMismatch?: "keep" | "delete" | undefined
  /**
   * Whether nobody else uploads to this key meanwhile. When the response to the request that begins the upload is lost,
   * an upload of the key that has just been begun is then taken for the lost one and aborted. Otherwise it is only
   * reported, since it may be another writer's. Default `false`.
   */
  readonly soleWriter?: boolean | undefined
  /** How long an interrupt waits for the response to what begins or completes the upload. Default 5 s. */
  readonly abortGrace?: Duration.DurationInput | undefined
  /** How long the removal of what is unfinished may take. Default 10 s. */
  readonly releaseLimit?: Duration.DurationInput | undefined
}

/**
 * How an upload is sent whose source can be read again, and what is kept of it when it does not end well.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResumableUploadOptions extends UploadOptions {
  /**
   * Whether the content's MD5 is stored with the object, as `x-cos-meta-md5` in hex. The source is read once more for it,
   * before anything is sent, which is the phase `checking`. Default `false`.
   */
  readonly storeMd5?: boolean | undefined
  /**
   * What to resume: the checkpoint of an earlier run, or `discover`, which looks on the server for an upload of this key,
   * and of `storageClass` if that is given (needs the permission to list uploads, and that no other process uploads to this
   * key: its upload would be taken up, and aborted if this one fails). One that is found keeps the headers,
   * metadata, tags and ACL that it was begun with. With a `Checkpoint.Store` in the context the checkpoint is kept, and
   * found, by itself. A part of an earlier run counts only if its bytes are still the source's.
   */
  readonly resume?: Checkpoint.Upload | "discover" | undefined
  /** What the upload does where another process is working on the same one. */
  readonly ifRunning?: IfRunning | undefined
  /** What becomes of the upload when it is interrupted. Default `abort`. */
  readonly onInterrupt?: "abort" | "keep" | undefined
  /**
   * What becomes of the upload when it fails. `keepIfRetryable`: it is kept where the same may succeed later
   * (`CosError.isRetryable`), such as without a network, and aborted where it was refused. Default `abort`.
   */
  readonly onFailure?: "abort" | "keep" | "keepIfRetryable" | undefined
  /** Called after every part with what the upload can be resumed from. For all callbacks see `Progress.Options`. */
  readonly onCheckpoint?: ((checkpoint: Checkpoint.Upload) => Effect.Effect<void>) | undefined
}

/**
 * Where an object is that a transfer has made, and what the service said.
 *
 * @since 0.1.0
 * @category models
 */
export interface MadeObject {
  readonly key: string
  readonly bucket: string
  /** Absent where the endpoint needs none, and none was given. */
  readonly region: string | undefined
  /** The object's address, as the client's endpoint spells it, with its key percent-encoded. */
  readonly location: string
  /** The multipart upload that became the object; absent where it was made in one request. */
  readonly uploadId: string | undefined
  /**
   * The response to the request that made the object, without secrets: the only one, or the one that completed the parts.
   * Where that was lost, the response to the HEAD that found the object.
   */
  readonly response: Operation.ResponseSummary
  /** What the server that `callback` names responded with. */
  readonly callbackResponse?: string | undefined
}

/**
 * The object that was made.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadResult extends MadeObject {
  /** Bytes. */
  readonly size: number
  /** With its double quotes. Absent only where a browser hides it. */
  readonly eTag?: string | undefined
  readonly versionId: string | undefined
  /** The CRC64 of the bytes that were read. */
  readonly crc64: bigint
  /** 0: it was sent in one request. */
  readonly parts: number
  /** Parts of an earlier run that were not sent again. */
  readonly resumedParts: number
}

/**
 * What every upload can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type UploadError =
  | Operation.Error<typeof object.putObject>
  | Operation.Error<typeof multipart.initiateMultipartUpload>
  | Operation.Error<typeof multipart.uploadPart>
  | Operation.Error<typeof multipart.completeMultipartUpload>
  | Operation.Error<typeof multipart.listParts>
  | CosError.IntegrityError
  | CosError.PaginationStuck
  | CosError.UploadStateUnknown
  | CosError.TooManyParts
  | CosError.CheckpointError

/**
 * What an upload of a file can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type UploadFileError = UploadError | PlatformError

/**
 * A file, and the object that it becomes.
 *
 * @since 0.1.0
 * @category models
 */
export type UploadFileInput = UploadTarget & {
  /** The path of the file, or of a directory where the key ends in `/`. */
  readonly path: string
}

/**
 * A file in a tree.
 *
 * @since 0.1.0
 * @category models
 */
export interface LocalFile {
  /** Below the tree's directory, with `/` between its parts. */
  readonly name: string
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date | undefined
}

/**
 * A directory whose files become objects of the same names, and what is stored with each.
 *
 * Links to files are followed, links to directories are not. Pipes, sockets and devices are refused, as are names that
 * cannot be keys, such as those that are not UTF-8: each is a failure of its own. Downloads that are not finished are
 * skipped.
 *
 * @since 0.1.0
 * @category models
 */
export interface LocalTree extends Omit<UploadTarget, "key">, Batch.Selection<LocalFile> {
  readonly directory: string
  /** Before every key. Default: none. */
  readonly prefix?: string | undefined
  /** Whether each directory is stored as well, as an empty object whose key ends in `/`. Default `false`. */
  readonly folders?: boolean | undefined
}

/**
 * How each file is uploaded, and how many at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadFilesOptions
  extends Omit<ResumableUploadOptions, keyof ProgressOptions | "concurrency" | "resume" | "onCheckpoint">,
    Batch.Options<UploadFileInput, UploadResult, UploadFileError>,
    Batch.RunOptions {
  /** `discover`: as of `Upload.file`. */
  readonly resume?: "discover" | undefined
}

/**
 * Which unfinished uploads to remove, and where to look for them.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnfinishedSelection {
  readonly bucket?: string | undefined
  readonly region?: string | undefined
  /** Only uploads of keys that begin so. Default: of all. */
  readonly prefix?: string | undefined
  /** Only uploads that began longer ago, by the service's clock. Default: all. */
  readonly olderThan?: Duration.DurationInput | undefined
}

/**
 * A multipart upload that is neither complete nor aborted.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnfinishedUpload {
  readonly key: string
  readonly uploadId: string
  readonly initiated: Date
  readonly storageClass: string | undefined
}

/**
 * What became of each upload that was found.
 *
 * @since 0.1.0
 * @category models
 */
export interface AbortReport {
  readonly aborted: ReadonlyArray<UnfinishedUpload>
  readonly failures: ReadonlyArray<{
    readonly upload: UnfinishedUpload
    readonly error: Operation.Error<typeof multipart.abortMultipartUpload>
  }>
  /**
   * `inUse`: this process is uploading it, or has paused it. `young`: it is not older than `olderThan`. `gone`: it ended
   * by itself meanwhile.
   */
  readonly skipped: ReadonlyArray<{ readonly upload: UnfinishedUpload; readonly reason: "inUse" | "young" | "gone" }>
}

// --- downloads

/**
 * Which object, or part of it, is read.
 *
 * @since 0.1.0
 * @category models
 */
export type DownloadSource = Operation.Input<typeof object.getObject>

/**
 * What every download can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type DownloadError =
  | Operation.Error<typeof object.getObject>
  | CosError.BodyError
  | CosError.IntegrityError
  | CosError.ObjectChanged

/**
 * How any download is verified.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadOptions {
  /** Whether the bytes are compared with the object's CRC64, where it has one. Default `true`. */
  readonly verify?: boolean | undefined
}

/**
 * How much a download may hold in memory.
 *
 * @since 0.1.0
 * @category models
 */
export interface InMemoryOptions extends DownloadOptions {
  /** Bytes: a larger object is `InvalidInput`. Default 64 MiB. */
  readonly maxSize?: FileSystem.SizeInput | undefined
}

/**
 * How a file is downloaded, and what is kept of it when that does not end well.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadFileOptions extends DownloadOptions, ProgressOptions {
  /** Bytes of a range: 64 KiB to 1 GiB. Default 8 MiB. */
  readonly partSize?: FileSystem.SizeInput | undefined
  /** How many parts (ranges) of the object are fetched at once, as for an upload. Default `auto`. */
  readonly concurrency?: number | "auto" | undefined
  /** What the download does where another process is working on the same one. */
  readonly ifRunning?: IfRunning | undefined
  /**
   * What becomes of the temporary file when the download is interrupted, and when it fails. `keep` needs a
   * `Checkpoint.Store` to be of use. `keepIfRetryable`: it is kept where the same may succeed later
   * (`CosError.isRetryable`), and removed where it was refused, or the disk is full. Default `remove`.
   */
  readonly onInterrupt?: "remove" | "keep" | undefined
  readonly onFailure?: "remove" | "keep" | "keepIfRetryable" | undefined
  /**
   * A symbolic link at the path: `follow` writes the file that it leads to, `refuse` is `InvalidInput`. The link itself
   * stays. Default `follow`; of the files of a tree, `refuse`.
   */
  readonly symlinks?: "follow" | "refuse" | undefined
  /**
   * What happens if the object changes meanwhile: `fail` is `ObjectChanged`, `restart` downloads the new object, once, and
   * its progress starts again. Default `fail`.
   */
  readonly onChange?: "fail" | "restart" | undefined
}

/**
 * The object that was written.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadFileResult extends Operation.Success<typeof object.headObject> {
  readonly key: string
  /** Absolute. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** The CRC64 of the bytes that were written; with `verify: false` and no `Checkpoint.Store`, the one that the service gives. */
  readonly crc64?: bigint | undefined
  readonly parts: number
  /** Parts of an earlier run that were not fetched again. */
  readonly resumedParts: number
}

/**
 * What a download into a file can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type DownloadFileError = DownloadError | CosError.DiskFull | CosError.CheckpointError | PlatformError

/**
 * An object, and the file that it becomes.
 *
 * @since 0.1.0
 * @category models
 */
export type DownloadFileInput = Omit<DownloadSource, "range"> & {
  /** The path of the file. Directories on the way are made. */
  readonly path: string
}

/**
 * An object below the prefix of a tree.
 *
 * @since 0.1.0
 * @category models
 */
export interface RemoteObject {
  /** What follows the prefix. */
  readonly name: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date
  readonly eTag: string
  readonly storageClass: string | undefined
}

/**
 * The objects below a prefix, each of which becomes a file of the same name below a directory.
 *
 * Keys are hostile input: a file is only ever written below `directory`, under its own name, and never through a link.
 * A key that has no such name is `UnsafeKey`, and the others proceed. Its `reason` is one of `ObjectKey.Unsafe`, or
 *
 * - `Collision`: a file system that ignores case, or Unicode's ways to write a letter, would keep it and an earlier one
 *   as one file; or it would have to be a file and a folder.
 * - `Link`: what has its name, or that of a folder on the way, is a link.
 * - `FileInPlaceOfFolder`: a file that was there has the name of a folder on the way.
 * - `FolderWithContent`: it ends in `/`, yet has content. Empty ones make folders.
 * - `NotBelowPrefix`: it was given, and does not begin with `prefix`.
 *
 * Links that somebody else makes below the directory meanwhile may not be seen.
 *
 * @since 0.1.0
 * @category models
 */
export interface RemoteTree
  extends Pick<DownloadSource, "bucket" | "region" | "customerKey" | "trafficLimit">,
    Batch.Selection<RemoteObject> {
  /** Made if it is not there. */
  readonly directory: string
  /** Only keys that begin with it; the rest of the key is the local name. Default: none, for the whole bucket. */
  readonly prefix?: string | undefined
  /** Just these keys, which are not asked for by a list; `include`, `exclude` and `filter` do not apply. */
  readonly keys?: ReadonlyArray<string> | undefined
  /**
   * `posix` allows all names that POSIX systems do, and trusts the file system to keep apart those that differ. Default
   * `portable`: only names that every system allows and keeps apart.
   */
  readonly platform?: ObjectKey.Platform | undefined
}

/**
 * One of many.
 *
 * @since 0.1.0
 * @category models
 */
export type DownloadFilesItem = Omit<DownloadSource, "range"> & {
  /** Absent when the key has no safe local name. */
  readonly path: string | undefined
}

/**
 * What one of many downloads can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type DownloadFilesError = DownloadFileError | CosError.UnsafeKey

/**
 * How each file is downloaded, and how many at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadFilesOptions
  extends Omit<DownloadFileOptions, keyof ProgressOptions | "concurrency">,
    Batch.Options<DownloadFilesItem, DownloadFileResult | undefined, DownloadFilesError>,
    Batch.RunOptions {}

// --- copies

/**
 * What is copied where, and what is stored with it.
 *
 * The storage class, the ACL and the encryption are those given here, else the defaults: they are not the source's.
 *
 * @since 0.1.0
 * @category models
 */
export interface CopyInput extends Omit<UploadTarget, "trafficLimit" | "expectContinue" | "callback" | "callbackVar"> {
  /** Bucket and region default to those of the target. */
  readonly source: Operation.CopySource
  /** SSE-C: the key that the source is encrypted with. */
  readonly sourceCustomerKey?: Operation.Input<typeof object.copyObject>["sourceCustomerKey"]
  /**
   * `Copy` (the default): content type, other headers and metadata are the source's, and none may be given here.
   * `Replaced`: they are those given here.
   */
  readonly metadataDirective?: "Copy" | "Replaced" | undefined
}

/**
 * How an object is copied.
 *
 * @since 0.1.0
 * @category models
 */
export interface CopyOptions
  extends Omit<ResumableUploadOptions, "maxPartBuffer" | "integrity" | "storeMd5" | "resume"> {
  /** Bytes of a part: 1 MiB to 5 GiB; grows where 10,000 parts would not do. Default 64 MiB. */
  readonly partSize?: FileSystem.SizeInput | undefined
  /** How many parts of the object are copied at once: 1 to 256, or `auto`, which begins with 8. Default `auto`. */
  readonly concurrency?: number | "auto" | undefined
  /** Up to this size, in bytes, the object is copied in one request. Default 256 MiB, at most 5 GiB. */
  readonly threshold?: FileSystem.SizeInput | undefined
  /** Whether the source's tags are copied, unless `tagging` is given. Default `false`. */
  readonly tags?: boolean | undefined
  /**
   * The checkpoint of an earlier run. With a `Checkpoint.Store` in the context it is kept, and found, by itself. What else
   * the server holds is not looked for: nobody can tell whose bytes a part has without reading them.
   */
  readonly resume?: Checkpoint.Upload | undefined
}

/**
 * The object that was made.
 *
 * @since 0.1.0
 * @category models
 */
export interface CopyResult extends MadeObject {
  /** Bytes. */
  readonly size: number
  /** With its double quotes; of a copy in parts another than the source's. */
  readonly eTag: string
  readonly versionId: string | undefined
  /** Absent where the source, being very old, has none. */
  readonly crc64: bigint | undefined
  /** What was copied. */
  readonly source: { readonly eTag: string; readonly versionId: string | undefined }
  /** 0: it was copied in one request. */
  readonly parts: number
  /** Parts of an earlier run that were not copied again. */
  readonly resumedParts: number
}

/**
 * What a copy can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CopyError =
  | Exclude<UploadError, CosError.SourceFailed | CosError.SourceChanged>
  | Operation.Error<typeof object.headObject>
  | Operation.Error<typeof object.copyObject>
  | Operation.Error<typeof tagging.getObjectTagging>
  | CosError.ObjectChanged

/**
 * The objects below a prefix, each of which is copied below another prefix, also of another bucket or region.
 *
 * @since 0.1.0
 * @category models
 */
export interface CopyTree extends Omit<CopyInput, "key" | "source">, Batch.Selection<RemoteObject> {
  /** Bucket and region default to those of the target. */
  readonly source: {
    readonly bucket?: string | undefined
    readonly region?: string | undefined
    /** Only keys that begin with it; the rest of the key is kept. */
    readonly prefix: string
  }
  /** Before every key. Must not be within the source. Default: none. */
  readonly prefix?: string | undefined
}

/**
 * How each object is copied, and how many at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface CopyObjectsOptions
  extends Omit<CopyOptions, keyof ProgressOptions | "concurrency" | "resume" | "onCheckpoint">,
    Batch.Options<CopyInput, CopyResult, CopyObjectsError>,
    Batch.RunOptions {
  /**
   * Whether each source is removed once its copy is there and verified, as by `Copy.move`. There is no `journal` then, for
   * what was moved is not there any more. Default `false`.
   */
  readonly move?: boolean | undefined
}

/**
 * What one of many copies can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CopyObjectsError = CopyError | Operation.Error<typeof object.deleteObject>
