/** What differences, codes and times suggest. */
import { cause } from "./advice.js"
import type { Cause, CauseKind, Difference, ExplainInput, Refusal } from "./model.js"
import { decode, type Fields, isSecret, type Parts, type Sent } from "./parts.js"

const quote = (text: string | undefined): string => (text === undefined ? "nothing" : `\`${text}\``)

/** Without what URL objects and proxies take out of paths. */
export const normalized = (path: string): string => {
  const segments: Array<string> = []
  for (const segment of path.replace(/\/{2,}/g, "/").split("/")) {
    if (segment === "..") segments.pop()
    else if (segment !== ".") segments.push(segment)
  }
  return segments.join("/")
}

const bucketSegment = /^\/[a-z\d][a-z\d-]*-\d+(?=\/|$)/

interface PathRule {
  readonly kind: CauseKind
  /** Whether what the client signed has become what the service saw in this way. */
  readonly holds: (client: string, service: string) => boolean
  readonly message: string
}

const pathRules: ReadonlyArray<PathRule> = [
  {
    kind: "PlusInPath",
    holds: (client, service) => client.replaceAll("+", " ") === service.replaceAll("+", " "),
    message: "A `+` and a blank were taken for each other in the path"
  },
  {
    kind: "PathEncodedTwice",
    holds: (client, service) => decode(service) === client,
    message: "The path was percent-encoded twice"
  },
  {
    kind: "PathNotDecoded",
    holds: (client, service) => decode(client) === service,
    message: "The path was signed percent-encoded, or decoded on its way"
  },
  {
    kind: "UnicodeForm",
    holds: (client, service) => client.normalize("NFC") === service.normalize("NFC"),
    message: "The path has the same letters in another Unicode form"
  },
  {
    kind: "PathStyle",
    holds: (client, service) =>
      client.replace(bucketSegment, "") === service ||
      service.replace(bucketSegment, "") === client ||
      (client === "/" && bucketSegment.test(service) && service.replace(bucketSegment, "") === ""),
    message: "The bucket stands in the path on one side only"
  },
  {
    kind: "PathNormalized",
    holds: (client, service) => normalized(client) === normalized(service),
    message: "Empty or dot segments were taken out of the path"
  }
]

export const pathCause = (client: string, service: string): Cause => {
  const rule = pathRules.find(({ holds }) => holds(client, service))
  const said = `: ${quote(client)} was signed, and ${quote(service)} arrived.`
  return cause(rule?.kind ?? "PathChanged", `${rule?.message ?? "The path is another"}${said}`)
}

const headerCause = ({ client, name = "", service }: Difference): Cause => {
  const shown = isSecret(name) ? "" : `: ${quote(client)} was signed, and ${quote(service)} arrived`
  if (name === "host") return cause("HostChanged", `The host is another${shown}.`)
  if (service === undefined) return cause("HeaderMissing", `The header ${name} was signed and did not arrive.`)
  if (client === undefined) return cause("HeaderChanged", `The header ${name} is signed, and the request has none.`)
  const how =
    client.trim() === service.trim()
      ? " by blanks around its value"
      : client.toLowerCase() === service.toLowerCase()
        ? " in upper and lower case"
        : service.startsWith(client)
          ? ": something was added to it"
          : ""
  return cause("HeaderChanged", `The header ${name} was changed on its way${how}${shown}.`)
}

const causeOf = (found: Difference): ReadonlyArray<Cause> => {
  const { client, name = "", part, service } = found
  switch (part) {
    case "method":
      return [
        cause("MethodChanged", `The method is another: ${quote(client)} was signed, and ${quote(service)} arrived.`)
      ]
    case "path":
      return [pathCause(client ?? "", service ?? "")]
    case "header":
      return [headerCause(found)]
    case "parameter":
      return service === undefined
        ? [cause("ParameterMissing", `The parameter ${name} was signed and did not arrive.`)]
        : client === undefined
          ? [cause("ParameterAdded", `The parameter ${name} arrived and was not signed.`)]
          : [
              cause(
                "ParameterChanged",
                `The parameter ${name} is another: ${quote(client)} was signed, and ${quote(service)} arrived.`
              )
            ]
    case "time":
      return []
  }
}

export const causesOfDifferences = (differences: ReadonlyArray<Difference>): ReadonlyArray<Cause> =>
  differences.flatMap(causeOf)

const serviceHost = /(?:^|\.)(?:myqcloud\.com|tencentcos\.cn|tencentci\.cn)(?::\d+)?$/

/** What the request looks like, as the service saw it, where the client's own is not known. */
export const suspicions = (seen: Parts): ReadonlyArray<Cause> => {
  const host = decode(seen.headers.find(([name]) => name === "host")?.[1] ?? "")
  const path = seen.path.replace(bucketSegment, "")
  return [
    ...(/%[\da-f]{2}/i.test(seen.path) && decode(seen.path) !== seen.path
      ? [cause("PathEncodedTwice", `The path arrived as ${quote(seen.path)}, which looks percent-encoded twice.`)]
      : []),
    ...(path !== seen.path && serviceHost.test(host)
      ? [cause("PathStyle", `The path arrived as ${quote(seen.path)}, which begins with a bucket.`)]
      : []),
    ...(host !== "" && !serviceHost.test(host)
      ? [
          cause(
            "HostChanged",
            `The host arrived as ${quote(host)}, which is none of COS: a CDN or a proxy may have rewritten it.`
          )
        ]
      : []),
    ...(/[+ ]/.test(seen.path)
      ? [
          cause(
            "PlusInPath",
            `The path arrived as ${quote(seen.path)}: was the blank or \`+\` in it encoded as in a form?`
          )
        ]
      : [])
  ]
}

// ---------------------------------------------------------------------------------------------------------------------
// Clocks
// ---------------------------------------------------------------------------------------------------------------------

const isExpiry = ({ code, message }: Refusal): boolean =>
  code === "RequestTimeTooSkewed" ||
  (code === "AccessDenied" && /expired/i.test(message)) ||
  /request.has.expired/i.test(code)

const spell = (milliseconds: number): string => {
  const seconds = Math.round(Math.abs(milliseconds) / 1000)
  const [count, unit] =
    seconds < 120
      ? [seconds, "second"]
      : seconds < 7200
        ? [Math.round(seconds / 60), "minute"]
        : seconds < 172_800
          ? [Math.round(seconds / 3600), "hour"]
          : [Math.round(seconds / 86_400), "day"]
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}

/** In ms. Less is what a response takes. */
const tolerance = 60_000

const timesOf = (fields: Fields | undefined): readonly [start: number, end: number] | undefined => {
  const ranges = [fields?.signTime, fields?.keyTime].flatMap((text) => {
    const match = /^(\d+);(\d+)$/.exec(text ?? "")
    return match === null ? [] : [[Number(match[1]) * 1000, Number(match[2]) * 1000] as const]
  })
  return ranges.length === 0
    ? undefined
    : [Math.max(...ranges.map(([start]) => start)), Math.min(...ranges.map(([, end]) => end))]
}

const skewCause = (difference: number, proven: boolean, atLeast = ""): Cause =>
  cause(
    difference > 0 ? "ClockAhead" : "ClockBehind",
    `The clock of the client is ${atLeast}${spell(difference)} ${difference > 0 ? "ahead of" : "behind"} the service's.`,
    proven
  )

const clockCauses = (refusal: Refusal, fields: Fields | undefined, sentAt: Date | undefined): ReadonlyArray<Cause> => {
  const { serverTime } = refusal
  const times = timesOf(fields)
  if (serverTime !== undefined) {
    const now = serverTime.getTime()
    if (sentAt !== undefined && Math.abs(sentAt.getTime() - now) >= tolerance) {
      return [skewCause(sentAt.getTime() - now, true)]
    }
    if (times !== undefined && times[0] > now) return [skewCause(times[0] - now, true, "at least ")]
    if (times !== undefined && times[1] < now) {
      const said = `The signature was valid until ${new Date(times[1]).toISOString()}, ${spell(now - times[1])} before the request.`
      const expired = cause("SignatureExpired", said, true)
      return fields?.isPresigned === true ? [expired] : [skewCause(times[0] - now, false, "perhaps "), expired]
    }
  }
  return refusal.code === "RequestTimeTooSkewed"
    ? [cause("ClockAhead", "The clocks of the client and the service differ by more than 15 minutes.")]
    : [cause("SignatureExpired", "The time of the signature was over, or the clock of the client is wrong.")]
}

// ---------------------------------------------------------------------------------------------------------------------
// Codes
// ---------------------------------------------------------------------------------------------------------------------

const unusual = /[^\x21-\x7e]|["']/

const idCauses = (
  refusal: Refusal,
  sent: Sent | undefined,
  accessKey: ExplainInput["accessKey"]
): ReadonlyArray<Cause> => {
  const id = sent?.fields?.secretId ?? accessKey?.secretId
  const hasToken =
    sent !== undefined &&
    ["x-cos-security-token", "x-ci-security-token"].some(
      (name) => sent.headers.has(name) || sent.query.some(([found]) => found === name)
    )
  const unknown = cause(
    "UnknownSecretId",
    id === undefined
      ? "The service does not know the id of the access key."
      : unusual.test(id)
        ? `The id of the access key, ${quote(id)}, has blanks or quotes in it.`
        : `The service does not know the access key ${id}.`
  )
  const token = cause(
    "WrongToken",
    hasToken
      ? "The token is not the one of this access key."
      : "The access key may be a temporary one, and no token was sent."
  )
  return /token/i.test(refusal.message) ? [token] : hasToken ? [token, unknown] : [unknown, token]
}

/** What the code of a refusal says by itself. `undefined`: it is about the strings. */
export const causesOfCode = (
  refusal: Refusal,
  sent: Sent | undefined,
  { accessKey, sentAt }: ExplainInput
): ReadonlyArray<Cause> | undefined => {
  if (isExpiry(refusal)) return clockCauses(refusal, sent?.fields, sentAt)
  switch (refusal.code) {
    case "SignatureDoesNotMatch":
      return undefined
    case "InvalidAccessKeyId":
      return idCauses(refusal, sent, accessKey)
    case "ExpiredToken":
      return [cause("TokenExpired", "The temporary access key has expired.", true)]
    case "AccessDenied":
      if (sent !== undefined && sent.fields === undefined && sent.malformed === undefined) {
        return [cause("Anonymous", "The request is not signed, and not everyone may do this.", true)]
      }
      return [
        cause(
          "NotAllowed",
          sent === undefined
            ? "The access key may not do this, or the request was not signed."
            : "The signature is right, and its access key may not do this."
        )
      ]
    default:
      return []
  }
}
