/** What the service says: whether it is reached, whose clock is wrong, and what the keys may do. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Cors from "effect-cos/Cors"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import type { CosError } from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import type * as Operation from "effect-cos/Operation"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Signature from "effect-cos/Signature"
import * as NodeCos from "effect-cos-node/NodeCos"
import { nodeHash } from "effect-cos-node/NodeHash"
import type * as UndiciTransport from "effect-cos-node/UndiciTransport"
import type { Settings } from "../keys/settings.js"
import { type Finding, ok, skipped, warning, wrong } from "./finding.js"

/** The last request and its response, for the explanation of a refusal. */
export interface Recorder {
  request: HttpClientRequest.HttpClientRequest | undefined
  sentAt: number
  /** By the `Date` of the response, in ms; `undefined` before one came. */
  serverTime: number | undefined
}

const recording =
  (recorder: Recorder) =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient =>
    HttpClient.transform(client, (effect, request) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        recorder.request = request
        recorder.sentAt = now
        return Effect.tap(effect, ({ headers }) =>
          Effect.sync(() => {
            const date = Date.parse(headers.date ?? "")
            if (!Number.isNaN(date)) recorder.serverTime = date
          })
        )
      })
    )

/** A client that hides nothing: it tries once, and corrects no clock. */
export const clientOf = (
  options: NodeCos.Options,
  accessKey: Credentials.AccessKey | undefined,
  recorder: Recorder
): Layer.Layer<NodeCos.Provided, Layer.Layer.Error<ReturnType<typeof NodeCos.layer>>> =>
  NodeCos.layer({
    ...options,
    credentials: accessKey === undefined ? Credentials.layerAnonymous : Credentials.layerStatic(accessKey),
    retry: RetryPolicy.none,
    correctClockSkew: false,
    backupDomain: false,
    timeLimits: { attempt: "10 seconds" },
    transformClient: recording(recorder)
  })

export interface Situation {
  readonly settings: Settings
  readonly accessKey: Credentials.AccessKey | undefined
  readonly proxy: string | undefined
  readonly transport: UndiciTransport.Options
  readonly recorder: Recorder
}

// ---------------------------------------------------------------------------------------------------------------------
// The way there
// ---------------------------------------------------------------------------------------------------------------------

const steps = ["proxy", "dns", "connection", "tls"] as const

/** Which step a failure of the transport is of, and what it is called. */
const transportFinding = (
  error: Extract<CosError, { readonly _tag: "TransportError" }>,
  proxy: string | undefined
): Finding => {
  const isProxy =
    error.reason === "Proxy" || (proxy !== undefined && error.phase === "connect" && error.reason !== "Tls")
  if (isProxy) {
    return wrong(
      "proxy",
      "ProxyFailed",
      `${proxy ?? "the proxy"} does not connect: ${error.message}`,
      "Is the proxy right (HTTPS_PROXY, HTTP_PROXY)? NO_PROXY exempts hosts from it"
    )
  }
  switch (error.reason) {
    case "Dns":
      return wrong("dns", "DnsFailed", error.message, "Are region and endpoint spelt right, and does DNS answer here?")
    case "Tls":
      return wrong(
        "tls",
        "TlsFailed",
        error.message,
        "NODE_EXTRA_CA_CERTS names certificates to trust; something between may put in its own"
      )
    default:
      return wrong("connection", "NoConnection", error.message, "Is there a network, and does a server listen there?")
  }
}

/** The steps that were passed before one failed, or all. */
const wayFindings = (failed: Finding | undefined, { proxy, settings }: Situation): ReadonlyArray<Finding> => {
  const endpoint = settings.endpoint.value ?? "https://"
  const passed = {
    proxy: proxy === undefined ? skipped("proxy", "none") : ok("proxy", proxy),
    dns: /^https?:\/\/[\d.:[\]]+(?::\d+)?\/?$/.test(endpoint)
      ? skipped("dns", "the endpoint is an address")
      : proxy === undefined
        ? ok("dns", "the name is found")
        : skipped("dns", "left to the proxy"),
    connection: ok("connection", "the server answers"),
    tls: /^http:\/\/(?:127\.|localhost\b|\[::1\])/.test(endpoint)
      ? skipped("tls", "none, on this machine")
      : endpoint.startsWith("http:")
        ? warning("tls", "NoTls", "requests go without TLS: anyone on the way can read them", "Use https:")
        : ok("tls", "the certificate is trusted")
  }
  const at = failed === undefined ? steps.length : steps.indexOf(failed.check as "dns")
  return [...steps.slice(0, at).map((step) => passed[step]), ...(failed === undefined ? [] : [failed])]
}

// ---------------------------------------------------------------------------------------------------------------------
// Refusals
// ---------------------------------------------------------------------------------------------------------------------

/** Sends the last request again, as it was, for the document that says what the service saw. */
const explained = ({ accessKey, recorder }: Situation) =>
  Effect.gen(function* () {
    const { request } = recorder
    if (request === undefined) return []
    const client = yield* HttpClient.HttpClient
    const response = yield* client.execute(request)
    const text = yield* response.text
    const { causes } = Signature.explain(nodeHash, {
      request: { method: request.method, url: request.url, headers: Object.entries(request.headers) },
      refusal: Signature.readRefusal(text, Object.entries(response.headers)),
      accessKey:
        accessKey === undefined
          ? undefined
          : { secretId: accessKey.secretId, secretKey: Redacted.value(accessKey.secretKey) },
      sentAt: new Date(recorder.sentAt)
    })
    return causes
  }).pipe(
    Effect.scoped,
    Effect.orElseSucceed((): ReadonlyArray<Signature.Cause> => [])
  )

const refusalFindings = (check: string, error: CosError, situation: Situation) =>
  Effect.map(explained(situation), (causes): ReadonlyArray<Finding> => {
    const [first] = causes
    if (first === undefined) {
      return [wrong(check, "Refused", error.message, "`cos sign explain` says more of a refusal")]
    }
    // The first is the likeliest; what is proven stands alone.
    return causes
      .filter(({ proven }) => proven || !first.proven)
      .map(({ advice, kind, message, proven }, index) =>
        proven || index === 0 ? wrong(check, kind, message, advice) : warning(check, kind, `or: ${message}`, advice)
      )
  })

/** In ms. */
const tolerance = 60_000

const clockFinding = ({ sentAt, serverTime }: Recorder): Finding => {
  if (serverTime === undefined) return skipped("clock", "no response has a Date")
  const ahead = sentAt - serverTime
  const seconds = Math.round(Math.abs(ahead) / 1000)
  const spelt = seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`
  return Math.abs(ahead) < tolerance
    ? ok("clock", "agrees with the service's")
    : wrong(
        "clock",
        ahead > 0 ? "ClockAhead" : "ClockBehind",
        `the clock here is ${spelt} ${ahead > 0 ? "ahead of" : "behind"} the service's`,
        "Set the clock of this machine (NTP)"
      )
}

// ---------------------------------------------------------------------------------------------------------------------
// The bucket
// ---------------------------------------------------------------------------------------------------------------------

/** Where a bucket is that is not where it was looked for. */
const elsewhere = (name: string, region: string | undefined) =>
  Effect.map(Effect.option(Cos.listBuckets({})), (found): Finding => {
    const buckets = Option.isNone(found) ? undefined : found.value.buckets
    const same = buckets?.find((bucket) => bucket.name === name)
    if (same !== undefined && same.location !== region) {
      return wrong(
        "bucket",
        "WrongRegion",
        `${name} is in ${same.location}, not in ${region}`,
        `Give --region ${same.location}`
      )
    }
    const bare = name.replace(/-\d+$/, "")
    const other = buckets?.find((bucket) => bucket.name.replace(/-\d+$/, "") === bare)
    if (other !== undefined) {
      return wrong("bucket", "WrongAppId", `there is no ${name}, but ${other.name}`, `Give --bucket ${other.name}`)
    }
    return buckets === undefined
      ? wrong(
          "bucket",
          "NoSuchBucket",
          `there is no ${name} in ${region}`,
          "Are name, APPID and region right? These keys may not list buckets, so that it cannot be told here"
        )
      : wrong(
          "bucket",
          "NoSuchBucket",
          `the account has no ${name} in any region`,
          "`cos mb` makes one; or is it of another account?"
        )
  })

/** A bucket that is there and refuses may be another account's. */
const deniedFinding = (name: string) =>
  Effect.map(Effect.option(Cos.listBuckets({})), (found): ReadonlyArray<Finding> => {
    const isOwn = Option.isNone(found) || found.value.buckets.some((bucket) => bucket.name === name)
    return isOwn
      ? []
      : [
          wrong(
            "bucket",
            "OtherAccount",
            `${name} is not a bucket of the account of this key, and does not let it in`,
            "Use a key of that account, or let its owner allow this one by a bucket policy"
          )
        ]
  })

/** Whether key, signature or clock were refused, and not what was asked for. */
const isRefusedKey = (error: CosError): boolean =>
  error._tag === "AuthenticationFailed" ||
  (error._tag === "AccessDenied" && /expired/i.test(error.message)) ||
  ("code" in error && /^RequestTime/.test(String(error.code)))

interface Asked {
  readonly findings: ReadonlyArray<Finding>
  /** Whether there is a bucket that can be asked more. */
  readonly goesOn: boolean
}

const done = (findings: ReadonlyArray<Finding>): Asked => ({ findings, goesOn: false })

const accelerationOff = (name: string) =>
  wrong(
    "endpoint",
    "AccelerationOff",
    `acceleration is not enabled for ${name}`,
    "`cos api putBucketAccelerate --status Enabled` enables it; or use the standard endpoint"
  )

const ofRefusal = (name: string, error: CosError, situation: Situation) =>
  Effect.gen(function* () {
    const code = (error as { readonly code?: string }).code ?? error._tag
    if (isRefusedKey(error)) return done(yield* refusalFindings("signature", error, situation))
    if (error._tag === "AccessDenied" && situation.accessKey === undefined) {
      return done(yield* refusalFindings("bucket", error, situation))
    }
    if (error._tag === "AccessDenied") {
      const denied = yield* deniedFinding(name)
      return denied.length > 0 ? done(denied) : { findings: [ok("bucket", `${name} is there`)], goesOn: true }
    }
    if (code === "NoSuchBucket") return done([yield* elsewhere(name, situation.settings.region.value)])
    if (code === "BucketAccelerateNotEnabled") return done([accelerationOff(name)])
    return done([wrong("bucket", code, error.message, "The reference of errors says more: page 436/7730")])
  })

/** One listing of the bucket: what it says, and what goes wrong on the way. */
export const ask = (situation: Situation): Effect.Effect<Asked, never, CosClient | HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const name = situation.settings.bucket.value
    const answer = yield* Effect.either(
      name === undefined ? Effect.asVoid(Cos.listBuckets({})) : Effect.asVoid(Cos.listObjects({ maxKeys: 1 }))
    )
    const error = answer._tag === "Left" ? answer.left : undefined
    if (error?._tag === "InvalidInput") return done([wrong("request", "InvalidInput", error.reason, "See above")])
    if (error?._tag === "TransportError") return done(wayFindings(transportFinding(error, situation.proxy), situation))
    const before = [...wayFindings(undefined, situation), clockFinding(situation.recorder)]
    if (error?._tag === "MalformedResponse") {
      return done([...before, wrong("service", "NotCos", error.message, "Is this the address of COS?")])
    }
    if (name === undefined) {
      const more = error === undefined ? [] : (yield* ofRefusal("", error, situation)).findings
      return done([...before, ...more, skipped("bucket", "none is named: --bucket or COS_BUCKET")])
    }
    if (error === undefined) return { findings: [...before, ok("bucket", `${name} is there`)], goesOn: true }
    const { findings, goesOn } = yield* ofRefusal(name, error, situation)
    return { findings: [...before, ...findings], goesOn }
  })

// ---------------------------------------------------------------------------------------------------------------------
// What the keys may do
// ---------------------------------------------------------------------------------------------------------------------

/** A key that nothing has, with what proxies like to change. */
const oddKey = (salt: number) => `cos-doctor/${salt}/a b+c%20d/中`

/** Headers that a proxy may change; COS ignores them in a request for what is not there. */
const oddHeaders = {
  "Content-Type": "text/plain;charset=utf-8",
  "Cache-Control": "no-store, max-age=0",
  "x-cos-doctor": "A  b"
}

/** A request whose path and headers are such as proxies change: that they arrive as they are is seen by the signature. */
const wayOfOddities = (situation: Situation) =>
  Effect.gen(function* () {
    if (situation.accessKey === undefined)
      return [skipped("unchanged", "unsigned requests may be changed on their way")]
    const key = oddKey(yield* Clock.currentTimeMillis)
    const asked = yield* Effect.either(Effect.scoped(Cos.getObject({ key, extra: { headers: oddHeaders } })))
    const error = asked._tag === "Left" ? asked.left : undefined
    return error !== undefined && isRefusedKey(error)
      ? yield* refusalFindings("unchanged", error, situation)
      : [ok("unchanged", "paths and headers arrive as they were sent")]
  })

type Refused = { readonly _tag: string }

const may = <E extends Refused>(
  spec: Operation.SpecData,
  what: string,
  asked: Effect.Effect<unknown, E, CosClient>
): Effect.Effect<Finding, never, CosClient> =>
  Effect.map(Effect.either(asked), (answer) =>
    answer._tag === "Left" && answer.left._tag === "AccessDenied"
      ? warning(
          "permissions",
          "NotAllowed",
          `may not ${what} (${spec.permissions.actions.map((action) => `name/cos:${action}`).join(" or ")})`,
          `If it should: \`cos policy ${spec.name}\` writes a policy that allows it`
        )
      : ok("permissions", `may ${what}`)
  )

const readings = Effect.gen(function* () {
  const key = "cos-doctor/missing"
  return yield* Effect.all([
    may(Cos.listObjects.spec, "list objects", Cos.listObjects({ maxKeys: 1 })),
    may(Cos.getObject.spec, "read objects", Effect.scoped(Cos.getObject({ key }))),
    may(Cos.listMultipartUploads.spec, "list unfinished uploads", Cos.listMultipartUploads({ maxUploads: 1 })),
    may(Cos.getBucketCors.spec, "read the CORS rules", Cos.getBucketCors())
  ])
})

/** Writes an object and removes it again: only on request. */
const writing = Effect.gen(function* () {
  const key = `cos-doctor/${yield* Clock.currentTimeMillis}`
  const put = yield* may(
    Cos.putObject.spec,
    "write objects",
    Cos.putObject({ key, body: "cos doctor", overwrite: false })
  )
  return put.status === "ok"
    ? [put, yield* may(Cos.deleteObject.spec, "delete objects", Cos.deleteObject({ key }))]
    : [put]
})

// ---------------------------------------------------------------------------------------------------------------------
// CORS and uploads
// ---------------------------------------------------------------------------------------------------------------------

const cors = (origin: string | undefined) => {
  if (origin === undefined) return Effect.succeed([skipped("cors", "for pages: give --origin https://app.example.com")])
  return Effect.map(Effect.either(Cors.check({ origin, by: "preflight" })), (answer): ReadonlyArray<Finding> => {
    if (answer._tag === "Left") return [warning("cors", "CorsUnknown", answer.left.message, "Try again")]
    const { isComplete, missing } = answer.right
    return isComplete
      ? [ok("cors", `pages of ${origin} can do all that the SDK does`)]
      : missing.map(({ kind, message }) =>
          wrong(
            "cors",
            kind === "exposedHeader" || kind === "requestHeader" ? "CorsHeaderMissing" : "CorsNotAllowed",
            message,
            "`Cors.forBrowser` of the SDK makes rules that have all; `cos api putBucketCors` puts them"
          )
        )
  })
}

const aDay = 24 * 3600 * 1000

const uploads = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const found = yield* Effect.option(
    Stream.runFold(
      Stream.take(Cos.listMultipartUploads.items({}), 10_000),
      { all: 0, old: 0 },
      (count, { initiated }) => ({
        all: count.all + 1,
        old: count.old + (now - initiated.getTime() > aDay ? 1 : 0)
      })
    )
  )
  if (Option.isNone(found)) return [skipped("uploads", "unfinished uploads cannot be listed")]
  const { all, old } = found.value
  return old > 0
    ? [
        warning(
          "uploads",
          "UnfinishedUploads",
          `${old} unfinished uploads are older than a day; what they hold is charged`,
          "`cos uploads` lists them and aborts them; a lifecycle rule can do it"
        )
      ]
    : [ok("uploads", all === 0 ? "none is unfinished" : `${all} unfinished, none older than a day`)]
})

/** What a bucket that is there can be asked besides. */
export const askMore = (
  situation: Situation,
  options: { readonly origin: string | undefined; readonly writes: boolean }
): Effect.Effect<ReadonlyArray<Finding>, never, CosClient | HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const way = yield* wayOfOddities(situation)
    const allowed = [...(yield* readings), ...(options.writes ? yield* writing : [])]
    return [...way, ...allowed, ...(yield* cors(options.origin)), ...(yield* uploads)]
  })
