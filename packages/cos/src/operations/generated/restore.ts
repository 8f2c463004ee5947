// Written by `pnpm generate` from ../restore.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as Operation from "../../Operation.js"

/**
 * The input of `restoreObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface RestoreObjectInput extends Operation.ObjectInput {
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
  /** How long the copy can be read: days, from 1. Needed but for `INTELLIGENT_TIERING`. */
  readonly days?: number | undefined
  /** How fast: default `Standard`. `Expedited` is not for `DEEP_ARCHIVE`. */
  readonly tier?: "Bulk" | "Expedited" | "Standard" | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface RestoreOperations {
  readonly restoreObject: Operation.Operation<
    RestoreObjectInput,
    void,
    | CosError.InvalidArgument
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.NoSuchVersion
    | CosError.RestoreAlreadyInProgress
    | CosError.RestoreNonArchiveObject
    | CosError.Common
  >
}
