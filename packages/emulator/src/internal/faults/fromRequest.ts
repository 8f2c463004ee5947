/**
 * Faults that a request brings with it: in a header, for clients that cannot reach the control service, or by its name
 * in the fault bucket that the official SDKs' own test suites use.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Fault from "../../Fault.js"
import type { PendingEntry } from "../journal/journal.js"
import { type CosFailure, failure } from "../request/failure.js"
import type { Target } from "../request/target.js"
import type { ActiveFault } from "./rules.js"

/** A fault, or several, as JSON. */
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
 * The fault bucket, which need not exist: `503r` is answered with that status, `503` likewise and without a request id;
 * `shutdown` breaks the connection and `timeout` never answers, unless the request says that it is a repeated one.
 */
const faultsOfTestBucket = (
  { bucket: name, key }: Target,
  headers: Readonly<Record<string, string>>
): ReadonlyArray<Fault.Fault> => {
  if (name === undefined || key === undefined || !testBucket.test(name)) return []
  const [, status, identified] = /^([2-5]\d\d)(r?)$/.exec(key) ?? []
  if (status !== undefined) {
    const code = codesByStatus[Number(status)]
    return [
      Fault.status(Number(status), code === undefined ? {} : { code }),
      ...(identified === "r" ? [] : [Fault.noRequestId])
    ]
  }
  if (key !== "shutdown" && key !== "timeout") return []
  if (headers["x-cos-sdk-retry"] === "true") return [Fault.status(200)]
  return [key === "shutdown" ? Fault.resetBefore : Fault.silence("before")]
}

/** The faults that a request asks for. Those of the header are number 0 in the journal. */
export const faultsOfRequest = (
  entry: PendingEntry,
  target: Target | undefined,
  headers: Readonly<Record<string, string>>
): Either.Either<ReadonlyArray<ActiveFault>, CosFailure> => {
  const header = headers["x-emulator-fault"]
  const named = target === undefined ? [] : faultsOfTestBucket(target, headers)
  const decoded = header === undefined ? Either.right([]) : decode(header)
  return Either.mapBoth(decoded, {
    onLeft: (error) =>
      failure("InvalidArgument", {
        message: `x-emulator-fault is no fault: ${ParseResult.TreeFormatter.formatErrorSync(error)}`
      }),
    onRight: (found) =>
      [...(Array.isArray(found) ? found : [found]), ...named].map((fault): ActiveFault => {
        const markFired = Effect.sync(() => {
          if (!entry.faults.includes(0)) entry.faults = [...entry.faults, 0]
        })
        return { fault, markFired }
      })
  })
}
