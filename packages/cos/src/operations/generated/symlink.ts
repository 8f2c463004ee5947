// Written by `pnpm generate` from ../symlink.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type { StorageClass } from "../../internal/operation/codecs.js"
import type * as Operation from "../../Operation.js"

/**
 * The input of `putSymlink`.
 *
 * @since 0.1.0
 * @category object
 */
export interface PutSymlinkInput extends Operation.ObjectInput {
  /** The key to lead to, as it is: it is sent percent-encoded. */
  readonly symlinkTarget: string
  readonly metadata?: { readonly [name: string]: string } | undefined
  readonly storageClass?: StorageClass | (string & {}) | undefined
  readonly acl?:
    | "authenticated-read"
    | "bucket-owner-full-control"
    | "bucket-owner-read"
    | "default"
    | "private"
    | "public-read"
    | undefined
  readonly overwrite?: boolean | undefined
}

/**
 * The output of `putSymlink`.
 *
 * @since 0.1.0
 * @category object
 */
export interface PutSymlinkOutput {
  readonly eTag?: string | undefined
  /** Where versioning is or was enabled. */
  readonly versionId?: string | undefined
}

/**
 * The input of `getSymlink`.
 *
 * @since 0.1.0
 * @category object
 */
export interface GetSymlinkInput extends Operation.ObjectInput {
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
}

/**
 * The output of `getSymlink`.
 *
 * @since 0.1.0
 * @category object
 */
export interface GetSymlinkOutput {
  /** The key, decoded. */
  readonly symlinkTarget: string
  readonly eTag?: string | undefined
  readonly lastModified?: Date | undefined
  /** Where versioning is or was enabled. */
  readonly versionId?: string | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface SymlinkOperations {
  readonly putSymlink: Operation.Operation<
    PutSymlinkInput,
    PutSymlinkOutput,
    | CosError.FileAlreadyExists
    | CosError.InvalidArgument
    | CosError.KeyTooLong
    | CosError.NoSuchBucket
    | CosError.Common
  >
  readonly getSymlink: Operation.Operation<
    GetSymlinkInput,
    GetSymlinkOutput,
    CosError.InvalidArgument | CosError.NoSuchBucket | CosError.NoSuchKey | CosError.NoSuchVersion | CosError.Common
  >
}
