/**
 * Whether a caller may do what it asks for: by the permissions of its key, or, without one, by the ACLs. Bucket
 * policies are stored, and not evaluated.
 */
import * as Effect from "effect/Effect"
import { credentialAllows } from "../access/accessKeyPermissions.js"
import { isAllowedForEveryone } from "../access/acl.js"
import type { Principal } from "../access/authenticate.js"
import { type CosFailure, failure } from "../http/failure.js"
import type { Operation } from "../operations/operation.js"
import type { Bucket, NotFound, StorageError } from "../storage/Storage.js"
import type { EmulatorState } from "./emulatorState.js"

/**
 * Checks whether the caller may do an action. `bucket` is a name if the bucket does not exist, or not yet; without an
 * ACL only callers with an access key may.
 */
export const authorize = (
  state: EmulatorState,
  principal: Principal,
  operation: Pick<Operation, "action" | "actionAliases" | "on" | "aclPermission">,
  bucket: Bucket | string,
  key: string,
  versionId?: string
): Effect.Effect<void, CosFailure | StorageError | NotFound> => {
  const { aclPermission, on } = operation
  const allowIf = (allowed: boolean) => (allowed ? Effect.void : Effect.fail(failure("AccessDenied")))
  if (aclPermission === "NONE") return Effect.void
  if (principal._tag === "Keyed") {
    return allowIf(
      credentialAllows(principal.credential, {
        action: operation.action,
        alsoKnownAs: operation.actionAliases ?? [],
        bucket: typeof bucket === "string" ? bucket : bucket.name,
        key,
        on: on === "object" ? "object" : on === "bucket" || on === "bucketName" ? "bucket" : "service",
        region: typeof bucket === "string" ? state.settings.region : bucket.region,
        appId: state.settings.appId,
        facts: principal.facts
      })
    )
  }
  if (typeof bucket === "string") return allowIf(false)
  // An object's ACL protects what is stored; the bucket's ACL decides about writing.
  if (on !== "object" || aclPermission === "WRITE" || aclPermission === "OWNER")
    return allowIf(isAllowedForEveryone(aclPermission, bucket))
  return state.storage.getObject(bucket.name, key, versionId).pipe(
    Effect.flatMap((version) =>
      allowIf(isAllowedForEveryone(aclPermission, bucket, version.deleteMarker ? undefined : version))
    ),
    // Only those who may read the bucket learn whether a key exists.
    Effect.catchTag("NotFound", (error) => Effect.zipRight(allowIf(isAllowedForEveryone(aclPermission, bucket)), error))
  )
}
