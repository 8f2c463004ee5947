/**
 * Where a request goes: Host and path to bucket and key, and the query, each decoded exactly once.
 */
import * as Either from "effect/Either"
import { type CosFailure, failure } from "./failure.js"
import { pairsOf, percentDecode } from "./queryText.js"

/** Which of the service's hosts was asked. */
export type Endpoint = "standard" | "internal" | "accelerate" | "website" | "processing" | "control" | "custom"

export interface Target {
  readonly endpoint: Endpoint
  /** Absent if the host names none, as in acceleration and path-style hosts. */
  readonly region: string | undefined
  readonly bucket: string | undefined
  /** The decoded key; `undefined` for a bucket or the service. */
  readonly key: string | undefined
  /** The decoded path, which is what is signed. */
  readonly path: string
  readonly query: ReadonlyMap<string, string>
}

/** What a host name says. */
export interface HostRoute {
  readonly endpoint: Endpoint
  readonly region?: string | undefined
  readonly bucket?: string | undefined
}

const domain = String.raw`\.(?:myqcloud\.com|tencentcos\.cn|tencentci\.cn)`
const bucketName = "(?<bucket>[a-z0-9][a-z0-9-]*-[0-9]+)"

const endpoints: Record<string, Endpoint> = {
  cos: "standard",
  "cos-internal": "internal",
  "cos-website": "website",
  ci: "processing"
}

const standard = new RegExp(
  `^(?:${bucketName}\\.)?(?<kind>cos|cos-internal|cos-website|ci)\\.(?<region>[a-z0-9-]+)${domain}$`
)
const service = new RegExp(`^service\\.cos${domain}$`)
/** Batch jobs, which belong to an account. */
const control = new RegExp(`^\\d+\\.cos-control\\.(?<region>[a-z0-9-]+)${domain}$`)
const historic = new RegExp(
  `^${bucketName}\\.(?<region>cn-south|cn-south-2|cn-north|cn-east|cn-southwest|sg)${domain}$`
)

/** Whether a text is a template for {@link compileDomain}. */
export const isTemplate = (text: string): boolean =>
  /^[a-z0-9.{}-]+$/i.test(text) &&
  text.split("{bucket}").length === 2 &&
  !/[{}]/.test(text.replace(/\{(bucket|region)\}/g, ""))

/**
 * Compiles a domain template such as `{bucket}.cos.test` or `{bucket}.{region}.cos.test`; what it matches is routed by
 * host, and the template without its `{bucket}.` is the service.
 */
export const compileDomain = (template: string): ((host: string) => HostRoute | undefined) => {
  const pattern = template
    .toLowerCase()
    .replace(/[.*+?^$()|[\]\\]/g, "\\$&")
    .replace("{bucket}\\.", `(?:${bucketName}\\.)?`)
    .replace("{bucket}", bucketName)
    .replace("{region}", "(?<region>[a-z0-9-]+)")
  const regex = new RegExp(`^${pattern}$`)
  return (host) => {
    const groups = regex.exec(host)?.groups
    return groups && { endpoint: "custom", bucket: groups.bucket, region: groups.region }
  }
}

/** In characters, port included. */
const maxHost = 260

/** What a host name says; `undefined` for one that is none of COS's or of the domain template. */
export const routeByHost = (
  host: string,
  matchDomain: (host: string) => HostRoute | undefined
): HostRoute | undefined => {
  // Longer than any DNS name. The patterns must not spend time on it.
  if (host.length > maxHost) return undefined
  const name = host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "")
  const own = matchDomain(name)
  if (own !== undefined) return own
  if (service.test(name)) return { endpoint: "standard" }
  const jobs = control.exec(name)?.groups
  if (jobs !== undefined) return { endpoint: "control", region: jobs.region }
  const groups = (standard.exec(name) ?? historic.exec(name))?.groups
  if (groups === undefined) return undefined
  const { bucket, kind = "cos", region } = groups
  return region === "accelerate"
    ? { endpoint: "accelerate", bucket }
    : { endpoint: endpoints[kind] ?? "standard", bucket, region }
}

/** Whether a Host is one of COS's own or of the domain template, which no web page can have. */
export const isServiceHost = (host: string, matchDomain: (host: string) => HostRoute | undefined): boolean =>
  routeByHost(host, matchDomain) !== undefined

const parseQuery = (text: string): Either.Either<ReadonlyMap<string, string>, CosFailure> => {
  const query = new Map<string, string>()
  for (const pair of pairsOf(text)) {
    // `+` stands for itself: COS's own clients write a space as %20.
    const name = percentDecode(pair.name)
    const value = percentDecode(pair.value)
    if (name === undefined || value === undefined) {
      // The message leaves out the value, which may be a secret.
      return Either.left(failure("InvalidURI", { message: `The query cannot be decoded at ${pair.name}.` }))
    }
    if (query.has(name)) {
      return Either.left(failure("InvalidArgument", { message: `The query parameter ${name} is given twice.` }))
    }
    query.set(name, value)
  }
  return Either.right(query)
}

const jobsPath = /^\/jobs(\/|$)/

/**
 * Resolves a host and a raw target. A host that is none of COS's is path style: `/<bucket>/<key>`, and that whole path
 * is signed (an agreement between our client and this server, not a COS fact).
 */
export const resolve = (
  host: string,
  target: string,
  custom: (host: string) => HostRoute | undefined
): Either.Either<Target, CosFailure> =>
  Either.gen(function* () {
    const mark = target.indexOf("?")
    const path = percentDecode(mark < 0 ? target : target.slice(0, mark))
    if (path === undefined || !path.startsWith("/") || path.includes("\u0000")) {
      return yield* Either.left(failure("InvalidURI"))
    }
    const query = yield* parseQuery(mark < 0 ? "" : target.slice(mark + 1))
    const place = routeByHost(host, custom)
    // On hosts of our own, where no bucket can have this name.
    if ((place === undefined || (place.endpoint === "custom" && place.bucket === undefined)) && jobsPath.test(path)) {
      return { endpoint: "control", region: place?.region, bucket: undefined, key: undefined, path, query }
    }
    if (place !== undefined) {
      const key = place.bucket !== undefined && path.length > 1 ? path.slice(1) : undefined
      return { endpoint: place.endpoint, region: place.region, bucket: place.bucket, key, path, query }
    }
    const slash = path.indexOf("/", 1)
    const bucket = path.slice(1, slash < 0 ? undefined : slash)
    const key = slash < 0 || slash === path.length - 1 ? undefined : path.slice(slash + 1)
    return { endpoint: "custom", region: undefined, bucket: bucket === "" ? undefined : bucket, key, path, query }
  })
