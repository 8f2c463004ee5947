/**
 * STS: `GetFederationToken` and `AssumeRole`, which give temporary keys.
 */
import { randomBytes, randomUUID } from "node:crypto"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { Credential, Policy, Role, Session } from "../../Access.js"
import { type PolicyProblem, parsePolicy } from "../access/sessionPolicy.js"
import { formDecode } from "../http/queryText.js"
import { type StsFailure, stsFailure } from "./failure.js"
import { authenticateStsRequest, type StsRequest } from "./stsRequest.js"

/** The names that the SDK, the journal and the faults use, by action. */
export const stsOperations: Readonly<Record<string, string>> = {
  GetFederationToken: "federationToken",
  AssumeRole: "assumeRole"
}

export interface StsSettings {
  readonly owner: string
  readonly appId: string
  /** `undefined`: any role of the owner. */
  readonly roles: ReadonlyArray<Role> | undefined
}

/** A temporary key, and what the control service tells of it. */
export interface Issued {
  readonly credential: Credential & { readonly token: Redacted.Redacted; readonly expiresAt: Date }
  readonly session: Session
}

const apiVersion = "2018-08-13"

const fail = (code: string, message: string): Either.Either<never, StsFailure> => Either.left(stsFailure(code, message))

const required = (params: StsRequest["params"], name: string): Either.Either<string, StsFailure> => {
  const value = params.get(name)
  return value === undefined || value === ""
    ? fail("MissingParameter", `The request is missing the parameter ${name}.`)
    : Either.right(value)
}

const problemCodes: Readonly<Record<PolicyProblem["kind"], string>> = {
  form: "InvalidParameter.StrategyFormatError",
  // The service spells it so.
  resource: "InvalidParameter.ResouceError",
  foreign: "InvalidParameter.GrantOtherResource"
}

/** The caller percent-encodes a policy once, beside what its transport does. */
const policyOf = (text: string, appId: string): Either.Either<Policy, StsFailure> =>
  Either.fromNullable(formDecode(text), () =>
    stsFailure(problemCodes.form, "The policy cannot be percent-decoded.")
  ).pipe(
    Either.flatMap((json) =>
      Either.mapLeft(parsePolicy(json, appId), ({ kind, message }) => stsFailure(problemCodes[kind], message))
    )
  )

/** In seconds. */
const durationOf = (
  params: StsRequest["params"],
  limits: { readonly default: number; readonly most: number }
): Either.Either<number, StsFailure> => {
  const text = params.get("DurationSeconds")
  if (text === undefined || text === "") return Either.right(limits.default)
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
    return fail("InvalidParameter.ParamError", "DurationSeconds must be a positive integer.")
  }
  return Number(text) > limits.most
    ? fail("InvalidParameter.OverTimeError", `DurationSeconds must be at most ${limits.most}.`)
    : Either.right(Number(text))
}

const isTemporary = (credential: Credential): boolean => credential.token !== undefined

/** What is asked for, checked: the rights that the key gets, and for how long. */
interface Grant {
  readonly name: string
  readonly roleArn: string | undefined
  readonly duration: number
  readonly policy: Policy | undefined
  readonly permissions: Credential["permissions"]
  readonly policies: ReadonlyArray<Policy>
}

const federationToken = (
  { params }: StsRequest,
  caller: Credential,
  { appId }: StsSettings
): Either.Either<Grant, StsFailure> =>
  Either.gen(function* () {
    if (isTemporary(caller)) {
      return yield* fail("InvalidParameter.AccessKeyNotSupport", "A temporary key cannot ask for another.")
    }
    const name = yield* required(params, "Name")
    const policy = yield* policyOf(yield* required(params, "Policy"), appId)
    // A key of limited permissions stands for one of a sub-account.
    const most = caller.permissions === undefined ? 7200 : 129_600
    const duration = yield* durationOf(params, { default: 1800, most })
    const policies = [...(caller.policies ?? []), policy]
    return { name, roleArn: undefined, duration, policy, permissions: caller.permissions, policies }
  })

const roleOf = (arn: string, { owner, roles }: StsSettings): Either.Either<Role, StsFailure> => {
  const [, uin, name = ""] = /^qcs::cam::uin\/(\d+):(?:role|roleName)\/(.+)$/.exec(arn) ?? []
  if (uin === undefined) {
    return fail("InvalidParameter.ParamError", "RoleArn must be qcs::cam::uin/<owner>:roleName/<name>.")
  }
  const role = uin === owner ? (roles === undefined ? { name } : roles.find((role) => role.name === name)) : undefined
  return role === undefined ? fail("ResourceNotFound.RoleNotFound", "The role does not exist.") : Either.right(role)
}

const assumeRole = ({ params }: StsRequest, _: Credential, settings: StsSettings): Either.Either<Grant, StsFailure> =>
  Either.gen(function* () {
    const roleArn = yield* required(params, "RoleArn")
    const name = yield* required(params, "RoleSessionName")
    if (!/^[\w+=,.@-]{2,128}$/.test(name)) {
      return yield* fail("InvalidParameter.ParamError", "RoleSessionName has 2 to 128 of A-Z a-z 0-9 + = , . @ _ -.")
    }
    const role = yield* roleOf(roleArn, settings)
    const text = params.get("Policy") || undefined
    const policy = text === undefined ? undefined : yield* policyOf(text, settings.appId)
    const duration = yield* durationOf(params, { default: 7200, most: 43_200 })
    return { name, roleArn, duration, policy, permissions: role.permissions, policies: policy ? [policy] : [] }
  })

const grants: Readonly<Record<string, typeof federationToken>> = {
  GetFederationToken: federationToken,
  AssumeRole: assumeRole
}

const random = (bytes: number): string => randomBytes(bytes).toString("base64url")

const issue = (action: Session["action"], grant: Grant, issuedTo: string, now: number): Issued => {
  const issuedAt = new Date(Math.floor(now / 1000) * 1000)
  const expiresAt = new Date(issuedAt.getTime() + grant.duration * 1000)
  const secretId = `AKID${random(36)}`
  return {
    credential: {
      secretId,
      secretKey: Redacted.make(random(24)),
      token: Redacted.make(`${random(8)}${randomUUID().replaceAll("-", "")}${random(96)}`),
      expiresAt,
      permissions: grant.permissions,
      policies: grant.policies
    },
    session: {
      secretId,
      action,
      name: grant.name,
      roleArn: grant.roleArn,
      issuedTo,
      issuedAt,
      expiresAt,
      policy: grant.policy
    }
  }
}

/** Checks who asks, and gives a temporary key. `now` in milliseconds. */
export const answerSts = (
  request: StsRequest,
  credentials: ReadonlyMap<string, Credential>,
  settings: StsSettings,
  now: number
): Either.Either<Issued, StsFailure> =>
  Either.gen(function* () {
    const { action, version } = request
    if (action === "") return yield* fail("MissingParameter", "The request is missing the parameter Action.")
    const grant = Object.hasOwn(grants, action) ? grants[action] : undefined
    if (grant === undefined)
      return yield* fail("InvalidAction", `STS has no action ${action}, or the emulator has not.`)
    if (version === undefined) return yield* fail("MissingParameter", "The request is missing the parameter Version.")
    if (version !== apiVersion) return yield* fail("NoSuchVersion", `The version must be ${apiVersion}.`)
    const caller = yield* authenticateStsRequest(request, credentials, now)
    return issue(action as Session["action"], yield* grant(request, caller, settings), caller.secretId, now)
  })

/** The document of a temporary key. */
export const issuedDocument = ({ credential }: Issued, requestId: string): object => ({
  Response: {
    Credentials: {
      Token: Redacted.value(credential.token),
      TmpSecretId: credential.secretId,
      TmpSecretKey: Redacted.value(credential.secretKey)
    },
    ExpiredTime: credential.expiresAt.getTime() / 1000,
    Expiration: credential.expiresAt.toISOString().replace(/\.\d+Z$/, "Z"),
    RequestId: requestId
  }
})

export const failureDocument = (code: string, message: string, requestId: string): object => ({
  Response: { Error: { Code: code, Message: message }, RequestId: requestId }
})
