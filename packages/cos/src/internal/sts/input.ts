/** The inputs of STS, checked before anything is sent. */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { InvalidInput } from "../../CosError.js"
import * as Policy from "../../Policy.js"
import type { AssumeRoleInput, FederationTokenInput } from "../../Sts.js"
import { invalidInput } from "../encoding/invalidInput.js"
import type { StsCall } from "./call.js"

type Checked<A> = Either.Either<A, InvalidInput>

const matching = (operation: string, field: string, value: unknown, pattern: RegExp, rule: string): Checked<string> =>
  typeof value === "string" && pattern.test(value)
    ? Either.right(value)
    : Either.left(invalidInput(operation, field, rule))

/** Whole seconds. */
const durationOf = (operation: string, input: Duration.DurationInput, most: number): Checked<number> =>
  Either.try(() => Duration.toSeconds(Duration.decode(input))).pipe(
    Either.filterOrLeft(
      (seconds) => Number.isInteger(seconds) && seconds >= 1 && seconds <= most,
      () => undefined
    ),
    Either.mapLeft(() => invalidInput(operation, "duration", `must be whole seconds, from 1 to ${most}`))
  )

const names = /^[\w+=,.@-]{1,128}$/

const policyOf = (operation: string, policy: Policy.PolicyInput): Checked<string> =>
  Either.mapLeft(Policy.toParameter(policy), ({ field, reason }) =>
    invalidInput(operation, field === "policy" ? field : `policy.${field}`, reason.slice(field.length + 1))
  )

export const federationToken = (input: FederationTokenInput): Checked<StsCall> =>
  Either.gen(function* () {
    const operation = "federationToken"
    const name = yield* matching(
      operation,
      "name",
      input.name ?? "effect-cos",
      names,
      "must have 1 to 128 of letters, digits and + = , . @ _ -"
    )
    const policy = yield* policyOf(operation, input.policy)
    const duration = yield* durationOf(operation, input.duration ?? "30 minutes", 129_600)
    return {
      operation,
      action: "GetFederationToken",
      fields: { Name: name, Policy: policy, DurationSeconds: duration },
      duration
    }
  })

const roleArn = /^qcs::cam::uin\/\d+:(?:role|roleName)\/[\w.@/-]+$/

const optional = <A, B>(value: A | undefined, check: (value: A) => Checked<B>): Checked<B | undefined> =>
  value === undefined ? Either.right(undefined) : check(value)

export const assumeRole = (input: AssumeRoleInput): Checked<StsCall> =>
  Either.gen(function* () {
    const operation = "assumeRole"
    const text = (field: string, pattern: RegExp, rule: string) => (value: string) =>
      matching(operation, field, value, pattern, rule)
    const arn = yield* text(
      "roleArn",
      roleArn,
      "must be qcs::cam::uin/<owner>:roleName/<name> or qcs::cam::uin/<owner>:role/<id>"
    )(input.roleArn)
    const name = yield* text(
      "sessionName",
      /^[\w+=,.@-]{2,128}$/,
      "must have 2 to 128 of letters, digits and + = , . @ _ -"
    )(input.sessionName ?? "effect-cos")
    const policy = yield* optional(input.policy, (policy) => policyOf(operation, policy))
    const duration = yield* durationOf(operation, input.duration ?? "2 hours", 43_200)
    const externalId = yield* optional(
      input.externalId,
      text("externalId", /^[\w+=,.@:/-]{2,128}$/, "must have 2 to 128 of letters, digits and + = , . @ : / _ -")
    )
    const sourceIdentity = yield* optional(
      input.sourceIdentity,
      text("sourceIdentity", /^[\w+=,.@-]{2,128}$/, "must have 2 to 128 of letters, digits and + = , . @ _ -")
    )
    const { mfa, tags } = input
    if (tags !== undefined && Object.keys(tags).length > 50) {
      return yield* Either.left(invalidInput(operation, "tags", "must be at most 50"))
    }
    return {
      operation,
      action: "AssumeRole",
      // JSON leaves out what is undefined.
      fields: {
        RoleArn: arn,
        RoleSessionName: name,
        DurationSeconds: duration,
        Policy: policy,
        ExternalId: externalId,
        SourceIdentity: sourceIdentity,
        Tags: tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        SerialNumber: mfa?.serialNumber,
        TokenCode: mfa && Redacted.value(mfa.tokenCode)
      },
      duration
    }
  })
