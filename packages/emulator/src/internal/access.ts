/**
 * Who asks, and whether they may: keys, temporary keys, permissions, and ACLs for those without a key.
 */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { Credential, Permission } from "../Access.js"
import { type CosFailure, failure } from "./failure.js"
import type { Request } from "./http.js"
import { type Claim, claimOf, verify } from "./signature.js"
import type { Acl, Bucket } from "./storage/Storage.js"
import type { Target } from "./target.js"

/** Who asks. */
export type Principal = { readonly _tag: "Anonymous" } | { readonly _tag: "Keyed"; readonly credential: Credential }

const checkToken = (
  credential: Credential,
  request: Request,
  target: Target,
  now: number
): Either.Either<void, CosFailure> => {
  if (credential.expiresAt !== undefined && now >= credential.expiresAt.getTime()) {
    return Either.left(failure("ExpiredToken"))
  }
  const given =
    request.headers["x-cos-security-token"] ||
    request.headers["x-ci-security-token"] ||
    target.query.get("x-cos-security-token") ||
    target.query.get("x-ci-security-token")
  const token = credential.token && Redacted.value(credential.token)
  // A token that a permanent key does not have is refused too: it belongs to another key.
  return (given || undefined) === token
    ? Either.right(undefined)
    : Either.left(failure("InvalidAccessKeyId", { message: "The security token does not belong to the key." }))
}

/** Checks the signature, if there is one. `now` in milliseconds. */
export const authenticate = (
  request: Request,
  target: Target,
  credentials: ReadonlyMap<string, Credential>,
  now: number
): Either.Either<{ readonly principal: Principal; readonly claim: Claim | undefined }, CosFailure> =>
  Either.gen(function* () {
    const claim = yield* claimOf(request, target)
    if (claim === undefined) return { principal: { _tag: "Anonymous" as const }, claim }
    const credential = credentials.get(claim.accessKeyId)
    if (credential === undefined) return yield* Either.left(failure("InvalidAccessKeyId"))
    yield* checkToken(credential, request, target, now)
    yield* verify(claim, Redacted.value(credential.secretKey), Math.floor(now / 1000), request, target)
    return { principal: { _tag: "Keyed" as const, credential }, claim }
  })

const actionMatches = (pattern: string, action: string): boolean => {
  const name = pattern.replace(/^name\/cos:/, "").replace(/^cos:/, "")
  return name.endsWith("*") ? action.startsWith(name.slice(0, -1)) : name === action
}

const permits = (permission: Permission, action: string, bucket: string | undefined, key: string): boolean =>
  permission.actions.some((pattern) => actionMatches(pattern, action)) &&
  (permission.bucket === undefined || permission.bucket === bucket) &&
  (permission.prefix === undefined || key.startsWith(permission.prefix))

/** Whether a key may do an action. `key` is the object's, or a listing's prefix. */
export const keyAllows = (credential: Credential, action: string, bucket: string | undefined, key: string): boolean =>
  credential.permissions === undefined ||
  credential.permissions.some((permission) => permits(permission, action, bucket, key))

/** What an ACL can give: reading or writing what it stands on, its ACL, or nothing (the owner only). */
export type Right = "READ" | "WRITE" | "READ_ACP" | "WRITE_ACP" | "OWNER"

/** Everybody, as an ACL spells it. */
export const allUsers = "http://cam.qcloud.com/groups/global/AllUsers"

const cannedRights: Record<string, ReadonlyArray<Right>> = {
  "public-read": ["READ"],
  "public-read-write": ["READ", "WRITE"]
}

const aclAllows = (acl: Acl, right: Right): boolean =>
  right !== "OWNER" &&
  ((cannedRights[acl.canned ?? "private"] ?? []).includes(right) ||
    acl.grants.some(
      (grant) => grant.grantee === allUsers && (grant.permission === right || grant.permission === "FULL_CONTROL")
    ))

/** Whether everybody may; an object without an ACL of its own inherits its bucket's. */
export const anyoneMay = (right: Right, bucket: Bucket, object?: { readonly acl?: Acl }): boolean =>
  aclAllows(object?.acl === undefined || object.acl.canned === "default" ? bucket.acl : object.acl, right)

const bucketAcls = new Set(["private", "public-read", "public-read-write", "authenticated-read"])
const objectAcls = new Set([
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

/** The ACL that a request's headers ask for; `undefined` when they ask for none. */
export const aclOf = (
  headers: Readonly<Record<string, string>>,
  on: "bucket" | "object"
): Either.Either<Acl | undefined, CosFailure> =>
  Either.gen(function* () {
    const canned = headers["x-cos-acl"] || undefined
    if (canned !== undefined && !(on === "bucket" ? bucketAcls : objectAcls).has(canned)) {
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
        grants.push({ grantee: id, permission })
      }
    }
    if (canned === undefined && grants.length === 0) return undefined
    return canned === undefined ? { grants } : { canned, grants }
  })
