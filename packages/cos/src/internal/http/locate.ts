/** Fills in what a request leaves out, and refuses what cannot be sent unchanged. */
import * as Either from "effect/Either"
import type { Located } from "../../CosClient.js"
import * as CosError from "../../CosError.js"
import type * as CosTransport from "../../CosTransport.js"
import * as Endpoint from "../../Endpoint.js"
import * as ObjectKey from "../../ObjectKey.js"
import * as percent from "../encoding/percent.js"
import * as text from "../encoding/text.js"
import type { ClientState } from "./clientState.js"
import type { Pairs, Request } from "./request.js"
import { inheritLocation, type Location } from "./settingPrecedence.js"

const headerName = /^[\w!#$%&'*+.^`|~-]+$/

/** A request has one of each, which the client sets. */
const ownHeaders = new Set(["authorization", "host"])

interface Problem {
  readonly field: string
  readonly reason: string
}

const broken = (field: string, rule: string): Problem => ({ field, reason: `${field} ${rule}` })

/** What this transport, or every one, would send otherwise than it was given. */
const unsendable = (request: Request, transport: CosTransport.Capabilities): Problem | undefined => {
  const { body, headers, key, query } = request
  if (key !== undefined) {
    const valid = ObjectKey.validate(key)
    if (Either.isLeft(valid)) return valid.left
    if (!transport.rawPath && ObjectKey.hasDotSegments(key)) {
      const rule =
        "must not have . or .. segments, which this HTTP client would resolve: use a transport with a raw path"
      return broken("key", rule)
    }
  }
  const names = new Set<string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (!headerName.test(name)) return broken(name, "must be a token to name a header")
    if (lower === "expect" && !transport.expectContinue) {
      const rule =
        "must be absent: this HTTP client cannot wait for a 100 Continue, but UndiciTransport can, without a proxy or a dispatcher of your own"
      return broken("expectContinue", rule)
    }
    if (ownHeaders.has(lower)) return broken(name, "must be absent: the client sets it")
    if (names.has(lower)) return broken(name, "must be given once")
    if (!text.isHeaderValue(value)) return broken(name, text.headerValueRule)
    names.add(lower)
  }
  names.clear()
  for (const [name, value] of query) {
    if (!text.isWellFormed(name) || !text.isWellFormed(value)) return broken(name, text.wellFormedRule)
    const lower = name.toLowerCase()
    if (names.has(lower)) return broken(name, "must be given once")
    names.add(lower)
  }
  if (body?._tag === "Sized" && body.blob === undefined && !transport.contentLength) {
    return broken(
      "body",
      "must be bytes or a Blob: this HTTP client sends a stream without its length, which COS needs"
    )
  }
  return undefined
}

/** The header that names what is copied. Whatever the endpoint, COS wants the standard host of the source in it. */
const sourceHeader = ({ bucket, copySource, region }: Request): Either.Either<Pairs, Problem> =>
  copySource === undefined
    ? Either.right([])
    : Endpoint.resolve(Endpoint.standard, {
        host: "bucket",
        bucket: copySource.bucket ?? bucket,
        region: copySource.region ?? region
      }).pipe(
        Either.map(({ host }): Pairs => {
          const { key, versionId } = copySource
          const version = versionId === undefined ? "" : `?versionId=${percent.encode(versionId)}`
          return [["x-cos-copy-source", `${host}/${ObjectKey.encode(key)}${version}`]]
        }),
        Either.mapLeft(({ field, reason }) => ({ field: `source.${field}`, reason: `source.${reason}` }))
      )

/** A request with nothing left to fill in, and where it goes. */
export type LocatedRequest = Omit<Located, "url">

export const locate = (
  client: ClientState,
  input: Request,
  current: Location
): Either.Either<LocatedRequest, CosError.InvalidInput> => {
  const refuse = (problem: Problem) =>
    Either.left(new CosError.InvalidInput({ operation: input.operation, ...problem }))
  const problem = client.problem ?? unsendable(input, client.transport)
  if (problem !== undefined) return refuse(problem)
  const inherited = inheritLocation(input, current, client.settings)
  const request = { ...input, ...locationOf(input, inherited) }
  const added = input.host === "control" ? appIdHeader(input, inherited.bucket) : sourceHeader(request)
  if (Either.isLeft(added)) return refuse(added.left)
  const target = client.resolve(request)
  if (Either.isLeft(target)) return refuse(target.left)
  const signed = isSigned(client, input.host, target.right, inherited)
  if (signed === undefined) return refuse(broken("host", foreignRule))
  return Either.right({
    request: added.right.length === 0 ? request : { ...request, headers: [...input.headers, ...added.right] },
    target: target.right,
    signed
  })
}

/** The bucket and region that a host says. */
const locationOf = (input: Request, inherited: Required<Location>): Location => {
  // The service host lists the buckets of every region.
  if (input.host === "service") return { bucket: undefined, region: input.region }
  if (input.host === "control") return { bucket: undefined, region: inherited.region }
  if (typeof input.host === "string") return inherited
  const { url } = input.host
  return {
    bucket: /\{(bucket|bucketName|appId)\}/i.test(url) ? inherited.bucket : input.bucket,
    region: /\{region\}/i.test(url) ? inherited.region : input.region
  }
}

const appId = "x-cos-appid"

/** Requests about the jobs of an account name its APPID, which bucket names end in. */
const appIdHeader = ({ headers }: Request, bucket: string | undefined): Either.Either<Pairs, Problem> => {
  if (headers.some(([name]) => name.toLowerCase() === appId)) return Either.right([])
  const [found] = /\d+$/.exec(bucket ?? "") ?? []
  return found === undefined
    ? Either.left(broken("appId", "must be given: there is no bucket whose name ends in it"))
    : Either.right([[appId, found]])
}

const foreignRule =
  "must be one of COS or of the client's endpoint: for any other, sign must say whether the signature and the token go there"

/** `undefined`: nobody said whether a host that is not the service's may see the signature. */
const isSigned = (
  client: ClientState,
  host: Request["host"],
  target: Endpoint.Resolved,
  location: Location
): boolean | undefined => {
  if (typeof host === "string") return true
  const own = (["bucket", "service"] as const).some((of) =>
    Either.match(Endpoint.resolve(client.endpoint, { ...location, host: of }), {
      onLeft: () => false,
      onRight: ({ origin }) => origin === target.origin
    })
  )
  return host.sign ?? (own || Endpoint.isServiceHost(target.host) ? true : undefined)
}
