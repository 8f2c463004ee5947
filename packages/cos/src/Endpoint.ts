/**
 * The hosts that requests go to.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"

/**
 * A domain of COS, or one of your own.
 *
 * @since 0.1.0
 * @category models
 */
export type Endpoint = Data.TaggedEnum<{
  Standard: { readonly protocol: Protocol }
  Accelerate: { readonly protocol: Protocol }
  Internal: { readonly protocol: Protocol }
  Backup: { readonly protocol: Protocol }
  Custom: { readonly url: string; readonly style: Style }
}>

/**
 * @since 0.1.0
 * @category models
 */
export type Protocol = "https" | "http"

/**
 * How a custom endpoint names the bucket: in its host (`virtual`), or as the first segment of the path (`path`).
 *
 * @since 0.1.0
 * @category models
 */
export type Style = "virtual" | "path"

const { Accelerate, Backup, Custom, Internal, Standard } = Data.taggedEnum<Endpoint>()

/**
 * `<bucket>.cos.<region>.myqcloud.com`, the default. The last attempt of a failing request goes to the
 * backup domain.
 *
 * @since 0.1.0
 * @category constructors
 */
export const standard: Endpoint = Standard({ protocol: "https" })

/**
 * `<bucket>.cos.accelerate.myqcloud.com`: global acceleration, which the bucket must have switched on
 * (https://cloud.tencent.com/document/product/436/38866).
 *
 * @since 0.1.0
 * @category constructors
 */
export const accelerate: Endpoint = Accelerate({ protocol: "https" })

/**
 * `<bucket>.cos-internal.<region>.tencentcos.cn`: for programs that run in Tencent Cloud's network, in the bucket's region.
 *
 * @since 0.1.0
 * @category constructors
 */
export const internal: Endpoint = Internal({ protocol: "https" })

/**
 * `<bucket>.cos.<region>.tencentcos.cn`: the second domain of the service, from the first attempt on.
 *
 * @since 0.1.0
 * @category constructors
 */
export const backupDomain: Endpoint = Backup({ protocol: "https" })

/**
 * A domain of your own, a proxy or an emulator.
 *
 * `url` is protocol and host, with an optional port, and without a path. In the `virtual` style `{bucket}` (the whole
 * name), `{bucketName}` (without the account's number), `{appId}` (that number), `{uin}` (of the account, for batch jobs)
 * and `{region}` are replaced in it; a url without them stands for one bucket, whichever the request names. A request
 * leaves out the labels of the host for which it has no value: `listBuckets` those with the bucket, most those with
 * `{uin}`. In the `path` style the bucket goes before the key, and that path is signed.
 *
 * `style` defaults to `virtual` if the url has a place for the bucket, and else to `path`.
 *
 * ```ts
 * import { Endpoint } from "effect-cos"
 *
 * const emulator = Endpoint.custom({ url: "http://127.0.0.1:9000" })
 * const perBucket = Endpoint.custom({ url: "https://{bucket}.storage.example.com" })
 * const oneBucket = Endpoint.custom({ url: "https://static.example.com", style: "virtual" })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const custom = (options: { readonly url: string; readonly style?: Style | undefined }): Endpoint =>
  Custom({
    url: options.url,
    style: options.style ?? (/\{(bucket|bucketName)\}/i.test(options.url) ? "virtual" : "path")
  })

/**
 * The same hosts without TLS: everything that is sent can be read on the way, tokens and SSE-C keys too, but no secret
 * key. A custom endpoint names its protocol in its URL and stays as it is.
 *
 * @since 0.1.0
 * @category combinators
 */
export const insecure = (endpoint: Endpoint): Endpoint =>
  endpoint._tag === "Custom" ? endpoint : { ...endpoint, protocol: "http" }

/**
 * What a request is for: a bucket and what is in it, the service as a whole (`listBuckets`; with a region, its buckets
 * there), data processing (CI) on a bucket or, without one, in a region, the batch jobs of an account in a region
 * (`control`), or a host that is given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Target {
  readonly host: "bucket" | "service" | "processing" | "control" | GivenHost
  readonly bucket?: string | undefined
  readonly region?: string | undefined
  /** The account, such as `100000000001`: of `control`. */
  readonly uin?: string | undefined
}

/**
 * A host that is given: of COS, but of no operation here, or any other.
 *
 * @since 0.1.0
 * @category models
 */
export interface GivenHost {
  /** Protocol and host, with the placeholders of {@link custom}: `https://{bucket}.cosrapid.{region}.myqcloud.com`. */
  readonly url: string
  /**
   * Whether the request is signed and carries the session token. Whoever receives both can use them until they expire.
   * Default `true` for the hosts of COS and of the client's endpoint; for any other it must be given.
   */
  readonly sign?: boolean | undefined
}

/**
 * Where a request goes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Resolved {
  /** Protocol and host, such as `https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com`. */
  readonly origin: string
  /** The value of the `Host` header: with its port unless that is the protocol's default one. */
  readonly host: string
  /** What goes before the key's `/`: empty, or `/<bucket>` in the path style. */
  readonly pathPrefix: string
  /** Whether {@link backup} leads elsewhere. */
  readonly hasBackup: boolean
}

/**
 * Why no host can be made.
 *
 * @since 0.1.0
 * @category models
 */
export interface Problem {
  readonly field: "bucket" | "region" | "endpoint" | "uin" | "host"
  /** A sentence, such as "bucket must be given: in the input, …". */
  readonly reason: string
}

const bucketForm = /^[a-z\d][a-z\d-]*-\d+$/
const regionForm = /^[a-z\d-]+$/

/** Regions whose hosts have no `cos` label. */
const historic: ReadonlySet<string> = new Set(["cn-south", "cn-south-2", "cn-north", "cn-east", "cn-southwest", "sg"])

const given = "must be given: in the input, by CosClient.withBucket, or in the client's settings"

/** A name is no secret, and may come from where nobody sees it. */
const not = (name: string): string => `, not ${JSON.stringify(String(name))}`

/**
 * The problem of a bucket name, if it has one. A name consists of lower-case letters, digits and `-`, does not begin with
 * `-`, ends in `-` and the number of the account (APPID), and has at most 63 characters, as a label of a host name. (The
 * service allows less: 60 for the whole host, https://cloud.tencent.com/document/product/436/13312.)
 *
 * @since 0.1.0
 * @category validation
 */
export const bucketProblem = (bucket: string | undefined): Problem | undefined =>
  bucket === undefined
    ? { field: "bucket", reason: `bucket ${given} (COS_BUCKET with NodeCos)` }
    : bucketForm.test(bucket) && bucket.length <= 63
      ? undefined
      : {
          field: "bucket",
          reason: `bucket must be <name>-<APPID>: at most 63 lower-case letters, digits and '-', such as examplebucket-1250000000${not(bucket)}`
        }

/**
 * The problem of a region name, if it has one. A name consists of lower-case letters, digits and `-`.
 *
 * @since 0.1.0
 * @category validation
 */
export const regionProblem = (region: string | undefined): Problem | undefined =>
  region === undefined
    ? { field: "region", reason: `region ${given} (COS_REGION with NodeCos)` }
    : regionForm.test(region)
      ? undefined
      : {
          field: "region",
          reason: `region must be lower-case letters, digits and '-', without 'cos.', such as ap-guangzhou${not(region)}`
        }

const uinProblem = (uin: string | undefined): Problem | undefined =>
  uin !== undefined && /^\d+$/.test(uin)
    ? undefined
    : { field: "uin", reason: "uin must be given: the number of the account, such as 100000000001" }

const placeholder = /\{(\w+)\}/g

const domains = {
  Standard: "cos.{region}.myqcloud.com",
  Accelerate: "cos.accelerate.myqcloud.com",
  Internal: "cos-internal.{region}.tencentcos.cn",
  Backup: "cos.{region}.tencentcos.cn"
} as const

/** The hosts of the service, with placeholders for bucket and region. */
const template = (domain: keyof typeof domains, { host, region }: Target): string => {
  if (host === "control") return "{uin}.cos-control.{region}.myqcloud.com"
  if (host === "processing") {
    return domain === "Backup" ? "{bucket}.ci.{region}.tencentci.cn" : "{bucket}.ci.{region}.myqcloud.com"
  }
  if (host === "service" && region === undefined) {
    return domain === "Backup" ? "service.cos.tencentcos.cn" : "service.cos.myqcloud.com"
  }
  const regional = domains[host === "service" && domain === "Accelerate" ? "Standard" : domain]
  const known = historic.has(region ?? "") ? regional.replace(/^cos\./, "") : regional
  return host === "service" ? known : `{bucket}.${known}`
}

/** Fills in the placeholders. A label with a placeholder that has no value is left out. */
const fill = (hostTemplate: string, { bucket, region, uin }: Omit<Target, "host">): string => {
  const dash = bucket?.lastIndexOf("-")
  const values: { readonly [name: string]: string | undefined } = {
    bucket,
    bucketname: bucket?.slice(0, dash),
    appid: bucket?.slice((dash ?? 0) + 1),
    uin,
    region
  }
  const lacksValue = (text: string) =>
    [...text.matchAll(placeholder)].some(([, name = ""]) => name in values && !values[name])
  const labels = lacksValue(hostTemplate)
    ? hostTemplate
        .split(".")
        .filter((label) => !lacksValue(label))
        .join(".")
    : hostTemplate
  return labels.replace(placeholder, (unknown, name: string) => values[name] ?? unknown)
}

const customUrl = /^(https?):\/\/([^/?#@\s]+)\/?$/
const hostForm = /^([a-z\d_-]+(\.[a-z\d_-]+)*|\[[\da-f:.]+\])(:\d+)?$/

/**
 * The host of a request, or the reason why it has none.
 *
 * Data processing and batch jobs have hosts of their own, which acceleration and the internal network do not change; so
 * have requests to the service as a whole that name no region.
 *
 * @since 0.1.0
 * @category resolution
 */
export const resolve = (endpoint: Endpoint, target: Target): Either.Either<Resolved, Problem> => {
  if (typeof target.host === "object") return resolveGiven(target.host.url, target)
  const isCustom = endpoint._tag === "Custom"
  if (!(isCustom ? typeof endpoint.url === "string" : Object.hasOwn(domains, endpoint._tag))) {
    return Either.left({
      field: "endpoint",
      reason: "endpoint must be made by Endpoint, such as Endpoint.custom({ url })"
    })
  }
  // HTTP clients send host names in lower case, so they are signed in lower case.
  const [, protocol = "", hostTemplate = ""] = isCustom
    ? (customUrl.exec(endpoint.url.toLowerCase()) ?? [])
    : ["", endpoint.protocol, template(endpoint._tag, target)]
  const bucket = target.host === "service" || target.host === "control" ? undefined : target.bucket
  const uin = target.host === "control" ? target.uin : undefined
  const needsRegion = target.host !== "service" && hostTemplate.includes("{region}")
  const problem =
    (target.host === "bucket" || bucket !== undefined ? bucketProblem(bucket) : undefined) ??
    (target.host === "control" ? uinProblem(uin) : undefined) ??
    (needsRegion || target.region !== undefined ? regionProblem(target.region) : undefined)
  if (problem !== undefined) return Either.left(problem)
  const host = hostOf(protocol, fill(hostTemplate, { bucket, region: target.region, uin }))
  return host !== undefined
    ? Either.right({
        origin: `${protocol}://${host}`,
        host,
        pathPrefix: isCustom && endpoint.style === "path" && bucket !== undefined ? `/${bucket}` : "",
        hasBackup: !isCustom && target.host !== "service" && /\.(cos|ci)\.\{region\}\.myqcloud\.com$/.test(hostTemplate)
      })
    : Either.left({ field: "endpoint", reason: `endpoint ${urlRule}` })
}

const urlRule =
  "must be http(s)://<host>[:<port>], with {bucket}, {bucketName}, {appId}, {uin} and {region} as its only placeholders"

/** Without the port if that is the protocol's default one; `undefined` if it is none. */
const hostOf = (protocol: string, host: string): string | undefined => {
  const short = host.replace(protocol === "http" ? /:80$/ : /:443$/, "")
  return hostForm.test(short) ? short : undefined
}

/** Every placeholder must have its value: a label that is left out would make another host. */
const resolveGiven = (url: string, { bucket, region, uin }: Target): Either.Either<Resolved, Problem> => {
  const [, protocol = "", hostTemplate = ""] = customUrl.exec(url.toLowerCase()) ?? []
  const problem =
    (/\{(bucket|bucketname|appid)\}/.test(hostTemplate) ? bucketProblem(bucket) : undefined) ??
    (hostTemplate.includes("{region}") ? regionProblem(region) : undefined) ??
    (hostTemplate.includes("{uin}") ? uinProblem(uin) : undefined)
  if (problem !== undefined) return Either.left(problem)
  const host = hostOf(protocol, fill(hostTemplate, { bucket, region, uin }))
  return host !== undefined
    ? Either.right({ origin: `${protocol}://${host}`, host, pathPrefix: "", hasBackup: false })
    : Either.left({ field: "host", reason: `host.url ${urlRule}` })
}

const serviceHost =
  /^(?:[a-z\d-]+\.)?(?:(?:cos|cos-(?:internal|control|website)|cosrapid|ci)\.[a-z\d-]+|cos)\.(?:myqcloud\.com|tencentcos\.cn|tencentci\.cn)(?::\d+)?$/
const historicHost = new RegExp(
  `^[a-z\\d-]+-\\d+\\.(?:${[...historic].join("|")})\\.(?:myqcloud\\.com|tencentcos\\.cn)(?::\\d+)?$`
)

/**
 * Whether a host, in lower case, is one of COS or of its data processing. Other hosts of the same domains are not: they may
 * belong to anybody.
 *
 * @since 0.1.0
 * @category resolution
 */
export const isServiceHost = (host: string): boolean => serviceHost.test(host) || historicHost.test(host)

/**
 * The same request on the backup domain: `tencentcos.cn`, and `tencentci.cn` for data processing, instead of
 * `myqcloud.com`. A request without one stays as it is.
 *
 * @since 0.1.0
 * @category resolution
 */
export const backup = (resolved: Resolved): Resolved => {
  if (!resolved.hasBackup) return resolved
  const swap = (host: string): string =>
    host.replace(/myqcloud\.com$/, /\bci\.[^.]+\.myqcloud\.com$/.test(host) ? "tencentci.cn" : "tencentcos.cn")
  return { ...resolved, origin: swap(resolved.origin), host: swap(resolved.host), hasBackup: false }
}
