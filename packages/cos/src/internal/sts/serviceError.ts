/** The codes of STS as typed errors. */
import * as CosError from "../../CosError.js"

/** The first pattern that matches decides. The misspellings are the service's. */
const classes: ReadonlyArray<readonly [code: RegExp, CosError.ServiceErrorClass]> = [
  [
    /^(?:AuthFailure\.)?UnauthorizedOperation|^InvalidParameter\.GrantOtherResource$|^Ip(?:In|NotIn)/,
    CosError.AccessDenied
  ],
  [/^AuthFailure/, CosError.AuthenticationFailed],
  [/^RequestLimitExceeded|^InvalidParameter\.OverLimit$/, CosError.Throttled],
  [/^InternalError/, CosError.ServerFault],
  [/^ResourceNotFound\.RoleNotFound$/, CosError.NoSuchRole],
  [
    /^InvalidParameter\.(?:PolicyTooLong|ResouceError|StrategyFormatError|StrategyInvalid|ExtendStrategyOverSize)$/,
    CosError.MalformedPolicy
  ],
  [/^InvalidParameter|^MissingParameter/, CosError.InvalidArgument]
]

const byStatus = (status: number): CosError.ServiceErrorClass =>
  status === 429 ? CosError.Throttled : status >= 500 ? CosError.ServerFault : CosError.CosServiceError

/** `code` is that of the document; where there is none, the status. */
export const classOf = (code: string, status: number): CosError.ServiceErrorClass =>
  classes.find(([pattern]) => pattern.test(code))?.[1] ?? byStatus(status)
