/**
 * Who asks, and whether they may: keys, temporary keys, permissions, and ACLs for those without a key.
 */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { Credential, Permission } from "../Access.js"
import { type CosFailure, failure } from "./failure.js"
import type { Request } from "./http.js"
import { type Claim, claimOf, verify, verifyPolicy } from "./signature.js"
import type { Acl, Bucket } from "./storage/Storage.js"
import type { Target } from "./target.js"

/** Who asks. */
export type Principal = { readonly _tag: "Anonymous" } | { readonly _tag: "Keyed"; readonly credential: Credential }

/** The key of an id, unless it is over; `given` is the token that came with the request. */
const find = (
  credentials: ReadonlyMap<string, Credential>,
  id: string,
  given: string | undefined,
  now: number
): Either.Either<Credential, CosFailure> => {
  const credential = credentials.get(id)
  if (credential === undefined) return Either.left(failure("InvalidAccessKeyId"))
  if (credential.expiresAt !== undefined && now >= credential.expiresAt.getTime()) {
    return Either.left(failure("ExpiredToken"))
  }
  const token = credential.token && Redacted.value(credential.token)
  // A token that a permanent key does not have is refused too: it belongs to another key.
  return (given || undefined) === token
    ? Either.right(credential)
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
    const token =
      request.headers["x-cos-security-token"] ||
      request.headers["x-ci-security-token"] ||
      target.query.get("x-cos-security-token") ||
      target.query.get("x-ci-security-token")
    const credential = yield* find(credentials, claim.accessKeyId, token, now)
    yield* verify(claim, Redacted.value(credential.secretKey), Math.floor(now / 1000), request, target)
    return { principal: { _tag: "Keyed" as const, credential }, claim }
  })

const signingFields = ["policy", "q-sign-algorithm", "q-ak", "q-key-time", "q-signature"]

/** Checks the signature inside a form, which is one over its policy; a form without any is anonymous. */
export const authenticateForm = (
  form: ReadonlyMap<string, string>,
  credentials: ReadonlyMap<string, Credential>,
  now: number
): Either.Either<Principal, CosFailure> =>
  Either.gen(function* () {
    if (!signingFields.some((name) => form.has(name))) return { _tag: "Anonymous" as const }
    const missing = signingFields.find((name) => !form.has(name))
    if (missing !== undefined)
      return yield* Either.left(failure("AccessDenied", { message: `The form has no ${missing}.` }))
    const [policy = "", algorithm, id = "", keyTime = "", signature = ""] = signingFields.map((name) => form.get(name))
    if (algorithm !== "sha1") {
      return yield* Either.left(failure("AccessDenied", { message: "q-sign-algorithm must be sha1." }))
    }
    const credential = yield* find(credentials, id, form.get("x-cos-security-token"), now)
    yield* verifyPolicy({ policy, keyTime, signature }, Redacted.value(credential.secretKey), Math.floor(now / 1000))
    return { _tag: "Keyed" as const, credential }
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

/**
 * What an ACL can give: reading or writing what it stands on, or its ACL. The rest is the owner's, or needs no leave at
 * all.
 */
export type Right = "READ" | "WRITE" | "READ_ACP" | "WRITE_ACP" | "OWNER" | "NONE"

/** Everybody, as an ACL spells it. */
export const allUsers = "http://cam.qcloud.com/groups/global/AllUsers"

/** Everybody who signs, likewise. */
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

/** `allUsers`, and how it was spelt once. */
const everybody = new Set([allUsers, "qcs::cam::anyone:anyone"])

const aclAllows = (acl: Acl, right: Right): boolean =>
  right === "NONE" ||
  [...(cannedGrants[acl.canned ?? ""] ?? []), ...acl.grants].some(
    ({ grantee, permission }) =>
      everybody.has(grantee) && right !== "OWNER" && (permission === right || permission === "FULL_CONTROL")
  )

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

/** The ACL that a request's headers ask for; `undefined` when they ask for none. Without a canned one it is private. */
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
        grants.push({ grantee: /^\d+$/.test(id) ? `qcs::cam::uin/${id}:uin/${id}` : id, permission })
      }
    }
    return canned === undefined && grants.length === 0 ? undefined : { canned: canned ?? "private", grants }
  })
