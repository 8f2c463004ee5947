/**
 * What a key may do.
 */
import type { Credential, Permission } from "../../Access.js"
import { matchesWildcard } from "./wildcard.js"

const actionMatches = (pattern: string, action: string): boolean =>
  matchesWildcard(pattern.replace(/^name\/cos:/, "").replace(/^cos:/, ""), action)

const permissionAllows = (permission: Permission, action: string, bucket: string | undefined, key: string): boolean =>
  permission.actions.some((pattern) => actionMatches(pattern, action)) &&
  (permission.bucket === undefined || permission.bucket === bucket) &&
  (permission.prefix === undefined || key.startsWith(permission.prefix))

/** Whether a key may do an action. `key` is the object's, or a listing's prefix. */
export const credentialAllows = (
  credential: Credential,
  action: string,
  bucket: string | undefined,
  key: string
): boolean =>
  credential.permissions === undefined ||
  credential.permissions.some((permission) => permissionAllows(permission, action, bucket, key))
