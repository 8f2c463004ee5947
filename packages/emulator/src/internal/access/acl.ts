/**
 * What a bucket's or an object's ACL allows, and the ACL that a request's headers ask for.
 */
import * as Either from "effect/Either"
import { type CosFailure, failure } from "../http/failure.js"
import type { Acl, Bucket } from "../storage/Storage.js"

/**
 * What an ACL can grant. `OWNER`: no ACL grants it; `NONE`: anybody may.
 */
export type AclPermission = "READ" | "WRITE" | "READ_ACP" | "WRITE_ACP" | "OWNER" | "NONE"

/** The grantee that stands for everybody. */
export const allUsers = "http://cam.qcloud.com/groups/global/AllUsers"

/** The grantee that stands for everybody with an access key. */
export const authenticatedUsers = "http://cam.qcloud.com/groups/global/AuthenticatedUsers"

/** What canned ACLs grant, beside the owner. */
export const cannedGrants: Readonly<Record<string, Acl["grants"]>> = {
  "public-read": [{ grantee: allUsers, permission: "READ" }],
  "public-read-write": [
    { grantee: allUsers, permission: "READ" },
    { grantee: allUsers, permission: "WRITE" }
  ],
  "authenticated-read": [{ grantee: authenticatedUsers, permission: "READ" }]
}

/** `allUsers`, and its older spelling. */
const allUsersSpellings = new Set([allUsers, "qcs::cam::anyone:anyone"])

const aclGrantsEveryone = (acl: Acl, right: AclPermission): boolean =>
  right === "NONE" ||
  [...(cannedGrants[acl.canned ?? ""] ?? []), ...acl.grants].some(
    ({ grantee, permission }) =>
      allUsersSpellings.has(grantee) && right !== "OWNER" && (permission === right || permission === "FULL_CONTROL")
  )

/** Whether everybody may; an object without an ACL of its own inherits its bucket's. */
export const isAllowedForEveryone = (right: AclPermission, bucket: Bucket, object?: { readonly acl?: Acl }): boolean =>
  aclGrantsEveryone(object?.acl === undefined || object.acl.canned === "default" ? bucket.acl : object.acl, right)

const cannedBucketAcls = new Set(["private", "public-read", "public-read-write", "authenticated-read"])
const cannedObjectAcls = new Set([
  "default",
  "private",
  "public-read",
  "authenticated-read",
  "bucket-owner-read",
  "bucket-owner-full-control"
])

const grantHeaders: ReadonlyArray<readonly [header: string, permission: string]> = [
  ["x-cos-grant-read", "READ"],
  ["x-cos-grant-write", "WRITE"],
  ["x-cos-grant-read-acp", "READ_ACP"],
  ["x-cos-grant-write-acp", "WRITE_ACP"],
  ["x-cos-grant-full-control", "FULL_CONTROL"]
]

/** An account's id in its long form; those of sub-users too, which grants give as `<OwnerUin>/<SubUin>`. */
export const granteeOf = (id: string): string => {
  const [, owner, user = owner] = /^(\d+)(?:\/(\d+))?$/.exec(id) ?? []
  return owner === undefined ? id : `qcs::cam::uin/${owner}:uin/${user}`
}

/**
 * The ACL in a request's headers; `undefined` if there is none. Grants without a canned ACL are all that it has: the owner
 * is not listed beside them.
 */
export const parseAclHeaders = (
  headers: Readonly<Record<string, string>>,
  on: "bucket" | "object"
): Either.Either<Acl | undefined, CosFailure> =>
  Either.gen(function* () {
    const canned = headers["x-cos-acl"] || undefined
    if (canned !== undefined && !(on === "bucket" ? cannedBucketAcls : cannedObjectAcls).has(canned)) {
      return yield* Either.left(failure("InvalidArgument", { message: `x-cos-acl cannot be ${canned}.` }))
    }
    const grants: Array<{ readonly grantee: string; readonly permission: string }> = []
    for (const [header, permission] of grantHeaders) {
      for (const grantee of (headers[header] ?? "").split(",").map((part) => part.trim())) {
        if (grantee === "") continue
        const id = /^(?:id|uin)="([^"]+)"$/.exec(grantee)?.[1]
        if (id === undefined) {
          return yield* Either.left(failure("InvalidArgument", { message: `${header} must be id="<uin>".` }))
        }
        grants.push({ grantee: granteeOf(id), permission })
      }
    }
    if (canned !== undefined) return { canned, grants }
    return grants.length === 0 ? undefined : { grants }
  })
