/**
 * Who sends a request: the owner of a key whose signature holds, or anybody.
 */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { Credential } from "../../Access.js"
import { type CosFailure, failure } from "../http/failure.js"
import type { Request } from "../http/message.js"
import type { Target } from "../http/target.js"
import * as OldSignature from "./oldSignature.js"
import { type Facts, requestFacts } from "./requestFacts.js"
import { parseSignature, type SignatureFields, verify, verifyPolicy } from "./signature.js"

/** Who sends the request. */
export type Principal =
  | { readonly _tag: "Anonymous" }
  | { readonly _tag: "Keyed"; readonly credential: Credential; readonly facts: Facts }

/** Finds the access key of an id. Fails if it has expired or if `given`, the request's token, is not the key's. */
const findCredential = (
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
  // A permanent key has no token, so a token that comes with it belongs to another key.
  return (given || undefined) === token
    ? Either.right(credential)
    : Either.left(failure("InvalidAccessKeyId", { message: "The security token does not belong to the key." }))
}

const tokenOf = (request: Request, target: Target): string | undefined =>
  request.headers["x-cos-security-token"] ||
  request.headers["x-ci-security-token"] ||
  target.query.get("x-cos-security-token") ||
  target.query.get("x-ci-security-token")

/** Who sends a request, and how it is signed. */
interface Authenticated {
  readonly principal: Principal
  readonly fields: Pick<SignatureFields, "scheme" | "accessKeyId"> | undefined
}

/** The signature in the URL of a preflight is for the request that follows, which has another method. */
const isPreflight = ({ headers, method }: Request): boolean =>
  method === "OPTIONS" && headers.authorization === undefined && headers["access-control-request-method"] !== undefined

/** Checks the signature, if there is one. `now` in milliseconds. */
export const authenticate = (
  request: Request,
  target: Target,
  credentials: ReadonlyMap<string, Credential>,
  now: number
): Either.Either<Authenticated, CosFailure> =>
  Either.gen(function* () {
    if (isPreflight(request)) return { principal: { _tag: "Anonymous" as const }, fields: undefined }
    const facts = requestFacts(request, request.headers, target.query, now)
    const old = request.headers.authorization ? undefined : OldSignature.parse(target.query.get("sign") ?? "")
    if (old !== undefined) {
      const credential = yield* findCredential(credentials, old.accessKeyId, tokenOf(request, target), now)
      yield* OldSignature.verify(old, Redacted.value(credential.secretKey), Math.floor(now / 1000), target)
      return {
        principal: { _tag: "Keyed" as const, credential, facts },
        fields: { scheme: "sign" as const, accessKeyId: old.accessKeyId }
      }
    }
    const fields = yield* parseSignature(request, target)
    if (fields === undefined) return { principal: { _tag: "Anonymous" as const }, fields }
    const credential = yield* findCredential(credentials, fields.accessKeyId, tokenOf(request, target), now)
    yield* verify(fields, Redacted.value(credential.secretKey), Math.floor(now / 1000), request, target)
    return { principal: { _tag: "Keyed" as const, credential, facts }, fields }
  })

const formSignatureFields = ["policy", "q-sign-algorithm", "q-ak", "q-key-time", "q-signature"]

/** Checks the signature of a form, which covers its policy. A form without signature is anonymous. */
export const authenticateForm = (
  form: ReadonlyMap<string, string>,
  request: Request,
  credentials: ReadonlyMap<string, Credential>,
  now: number
): Either.Either<Principal, CosFailure> =>
  Either.gen(function* () {
    if (!formSignatureFields.some((name) => form.has(name))) return { _tag: "Anonymous" as const }
    const missing = formSignatureFields.find((name) => !form.has(name))
    if (missing !== undefined)
      return yield* Either.left(failure("AccessDenied", { message: `The form has no ${missing}.` }))
    const [policy = "", algorithm, id = "", keyTime = "", signature = ""] = formSignatureFields.map((name) =>
      form.get(name)
    )
    if (algorithm !== "sha1") {
      return yield* Either.left(failure("AccessDenied", { message: "q-sign-algorithm must be sha1." }))
    }
    const credential = yield* findCredential(credentials, id, form.get("x-cos-security-token"), now)
    yield* verifyPolicy({ policy, keyTime, signature }, Redacted.value(credential.secretKey), Math.floor(now / 1000))
    const facts = requestFacts(request, Object.fromEntries(form), new Map(), now)
    return { _tag: "Keyed" as const, credential, facts }
  })
