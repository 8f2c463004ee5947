/**
 * Faults that come with a request: in a header, for clients that cannot reach the control service, or by the name of
 * the key in the fault bucket of the official SDKs' test suites.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Fault from "../../Fault.js"
import { equalInConstantTime } from "../access/constantTime.js"
import { type CosFailure, failure } from "../http/failure.js"
import { hostName, isLoopbackName } from "../http/loopback.js"
import type { Request } from "../http/message.js"
import type { Target } from "../http/target.js"
import type { PendingEntry } from "../journal/journal.js"
import type { ActiveFault } from "./rules.js"

/** The header holds one fault or several, as JSON. */
const decode = Schema.decodeUnknownEither(Schema.parseJson(Schema.Union(Fault.Fault, Schema.Array(Fault.Fault))), {
  onExcessProperty: "error"
})

/** The codes that go with the statuses of the fault bucket. */
const codesByStatus: Readonly<Record<number, string>> = {
  400: "InvalidRequest",
  403: "AccessDenied",
  404: "NoSuchKey",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "GatewayTimeout"
}

const testBucket = /^cos-sdk-err-retry-\d+$/

/**
 * The fault bucket, which need not exist: `503r` gets that status, `503` likewise but without a request id, `shutdown`
 * breaks the connection and `timeout` gets no response. If the request says that it is a retry, these two and the 5xx
 * get 200; the others stay.
 */
const faultsOfFaultBucket = (
  { bucket: name, key }: Target,
  headers: Readonly<Record<string, string>>
): ReadonlyArray<Fault.Fault> => {
  if (name === undefined || key === undefined || !testBucket.test(name)) return []
  const isRetry = headers["x-cos-sdk-retry"] === "true"
  const [, digits, identified] = /^([2-5]\d\d)(r?)$/.exec(key) ?? []
  if (digits !== undefined) {
    const status = isRetry && digits.startsWith("5") ? 200 : Number(digits)
    const code = codesByStatus[status]
    return [
      Fault.status(status, code === undefined ? {} : { code }),
      ...(identified === "r" ? [] : [Fault.noRequestId])
    ]
  }
  if (key !== "shutdown" && key !== "timeout") return []
  if (isRetry) return [Fault.status(200)]
  return [key === "shutdown" ? Fault.resetBefore : Fault.silence("before")]
}

/** Which requests may bring faults along. */
export interface Trust {
  readonly isServiceHost: (host: string) => boolean
  readonly listening: { readonly host: string; readonly controlToken: Redacted.Redacted } | undefined
}

/**
 * Why the faults in a request's header must not act. Only programs on this machine may use them. A web page in a
 * browser on this machine may not, even if its own host name resolves to this machine (DNS rebinding).
 */
const refusalOf = ({ headers, host, origin }: Request, { isServiceHost, listening }: Trust): string | undefined => {
  if (origin === "process" || listening === undefined) return undefined
  if (origin === "network") return "it acts on requests from this machine only; others set faults on the control port"
  const name = hostName(host)
  const isKnown = name !== undefined && (isLoopbackName(name) || name === listening.host.toLowerCase())
  if (!isKnown && !isServiceHost(host)) return "the Host is none of this server's"
  const origins = isKnown ? [`http://${host}`, `https://${host}`] : []
  const isForeign = headers.origin !== undefined && !origins.includes(headers.origin)
  const site = headers["sec-fetch-site"]
  return isForeign || site === "cross-site" || site === "same-site"
    ? "web pages of other origins may not bring faults along"
    : undefined
}

/** The header that carries the control token beside a fault that needs it. */
const tokenHeader = "x-emulator-token"

const hasToken = ({ headers }: Request, { listening }: Trust): boolean =>
  listening !== undefined && equalInConstantTime(headers[tokenHeader] ?? "", Redacted.value(listening.controlToken))

/** The faults in a request's header. */
const faultsOfHeader = (
  header: string,
  request: Request,
  trust: Trust
): Either.Either<ReadonlyArray<Fault.Fault>, CosFailure> => {
  const refusal = refusalOf(request, trust)
  if (refusal !== undefined) {
    return Either.left(failure("AccessDenied", { message: `x-emulator-fault does not act: ${refusal}.` }))
  }
  return decode(header).pipe(
    Either.mapLeft((error) =>
      failure("InvalidArgument", {
        message: `x-emulator-fault is no fault: ${ParseResult.TreeFormatter.formatErrorSync(error)}`
      })
    ),
    Either.map((found) => (Array.isArray(found) ? found : [found])),
    Either.filterOrLeft(
      (faults) => faults.every(({ _tag }) => _tag !== "Die") || hasToken(request, trust),
      () => failure("AccessDenied", { message: `x-emulator-fault: Die needs the control token in ${tokenHeader}.` })
    )
  )
}

/** The faults that a request asks for, in its header or by its name. They are number 0 in the journal. */
export const faultsOfRequest = (
  entry: PendingEntry,
  target: Target | undefined,
  request: Request,
  trust: Trust
): Either.Either<ReadonlyArray<ActiveFault>, CosFailure> => {
  const header = request.headers["x-emulator-fault"]
  const named = target === undefined ? [] : faultsOfFaultBucket(target, request.headers)
  return Either.map(header === undefined ? Either.right([]) : faultsOfHeader(header, request, trust), (found) =>
    [...found, ...named].map((fault): ActiveFault => {
      const markFired = Effect.sync(() => {
        if (!entry.faults.includes(0)) entry.faults = [...entry.faults, 0]
      })
      return { fault, markFired }
    })
  )
}
