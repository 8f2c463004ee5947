/** `Signature.explain`: from a request and its refusal to what differs, and why. */
import type { Hash } from "../../../Hash.js"
import { stringToSignOf } from "../canonical.js"
import { cause } from "./advice.js"
import { causesOfCode, causesOfDifferences, suspicions } from "./causes.js"
import { differencesOf, timeDifference } from "./differences.js"
import type { CanonicalTexts, Cause, Difference, ExplainInput, Explanation } from "./model.js"
import * as parts from "./parts.js"
import * as proofs from "./proofs.js"

export { readRefusal } from "./refusal.js"

/** The service's strings, as they were before somebody copied them. */
interface Seen {
  readonly parts: parts.Parts
  readonly stringToSign: string
  readonly signTime: string
  /** Whether the hash in the one is that of the other. */
  readonly isWhole: boolean
}

const readSeen = (
  hash: Hash.Service,
  { formatString, stringToSign }: NonNullable<ExplainInput["refusal"]>
): Seen | undefined => {
  if (formatString === undefined) return undefined
  const [, signTime = "", digest = ""] = /^\s*sha1\s+(\S+)\s+([\da-f]{40})/.exec(stringToSign ?? "") ?? []
  const bare = formatString.replace(/\r\n/g, "\n").replace(/^\n+|\n+$/g, "")
  // The lines of parameters and of headers may be empty, and an empty line at an end is lost first.
  const spellings = [
    formatString,
    `${bare}\n`,
    `${bare}\n\n`,
    `${bare}\n\n\n`,
    bare.replace(/^[ \t]+/gm, "").concat("\n")
  ]
  const whole = spellings.find((text) => hash.sha1Hex(text) === digest)
  const found = parts.readFormatString(whole ?? `${bare}\n`)
  return found === undefined
    ? undefined
    : {
        parts: found,
        stringToSign: stringToSignOf(signTime, digest),
        signTime,
        isWhole: whole !== undefined
      }
}

const quiet = (found: Difference): Difference =>
  found.name === undefined || !parts.isSecret(found.name)
    ? found
    : {
        ...found,
        client: found.client === undefined ? undefined : parts.redactedMark,
        service: found.service === undefined ? undefined : parts.redactedMark
      }

/** Used where nothing says when a request was, or will be, signed. In seconds. */
const validity = 3600

const timeOf = (sent: parts.Sent, seen: Seen | undefined, sentAt: Date | undefined): string => {
  const start = Math.floor((sentAt?.getTime() ?? 0) / 1000)
  return sent.fields?.signTime ?? (seen?.signTime || `${start};${start + validity}`)
}

const damaged = (): Cause =>
  cause(
    "DamagedRefusal",
    "StringToSign has another hash than FormatString: one of them was changed after the service wrote it."
  )

const wrongSecret = (): Cause =>
  cause(
    "WrongSecret",
    "The signature is right for this secret and for the request as it arrived: the service knows another secret for the id.",
    true
  )

const unexplained = (hasKey: boolean, hasFields: boolean): Cause =>
  cause(
    "WrongSecret",
    hasKey && hasFields
      ? "The texts agree, and the signature is not that of the secret at hand: another secret signed, or something else was signed."
      : "The texts agree, so the secret is probably another than the one of the id."
  )

/** The causes of `SignatureDoesNotMatch`, or of a signature that is found wrong before it is sent. */
const causesOfMismatch = (facts: {
  readonly hash: Hash.Service
  readonly sent: parts.Sent | undefined
  readonly own: parts.Parts | undefined
  readonly ownText: string | undefined
  readonly seen: Seen | undefined
  readonly secretKey: string | undefined
  readonly differences: ReadonlyArray<Difference>
}): ReadonlyArray<Cause> => {
  const { differences, own, ownText, seen, sent } = facts
  const evidence =
    sent?.fields === undefined || facts.secretKey === undefined
      ? undefined
      : { hash: facts.hash, fields: sent.fields, secretKey: facts.secretKey }
  const byDifference = causesOfDifferences(differences)
  if (evidence !== undefined) {
    if (seen !== undefined && proofs.isSignatureOf(evidence, seen.stringToSign)) return [wrongSecret()]
    const isOwn = ownText !== undefined && proofs.isSignatureOf(evidence, ownText)
    if (isOwn) return seen === undefined ? [] : byDifference.map((found) => ({ ...found, proven: true }))
    const base = seen?.isWhole === true ? seen.parts : own
    const proof = base === undefined ? undefined : proofs.proofOf(evidence, base)
    if (proof !== undefined) return proof
  }
  const suspected = seen === undefined || own !== undefined ? [] : suspicions(seen.parts)
  const all = [...(seen?.isWhole === false ? [damaged()] : []), ...byDifference, ...suspected]
  if (all.length > 0) return all
  return seen === undefined && evidence === undefined
    ? []
    : [
        ...(seen === undefined ? [] : suspicions(seen.parts)),
        unexplained(evidence !== undefined, sent?.fields !== undefined)
      ]
}

export const explain = (hash: Hash.Service, input: ExplainInput): Explanation => {
  const { accessKey, refusal, request, sentAt } = input
  const sent = request === undefined ? undefined : parts.takeApart(request)
  const seen = refusal === undefined ? undefined : readSeen(hash, refusal)
  const own = sent === undefined ? undefined : parts.partsOf(sent, seen?.parts)
  const signTime = sent === undefined ? undefined : timeOf(sent, seen, sentAt)
  const textsOf = (from: parts.Parts, stringToSign: string): CanonicalTexts => ({
    httpString: parts.formatOf(parts.withoutSecrets(from)),
    stringToSign
  })
  const ownText =
    own === undefined || signTime === undefined
      ? undefined
      : stringToSignOf(signTime, hash.sha1Hex(parts.formatOf(own)))
  const differences =
    own === undefined || seen === undefined
      ? []
      : [
          ...differencesOf(own, seen.parts),
          ...(sent?.fields === undefined || seen.signTime === ""
            ? []
            : timeDifference(sent.fields.signTime, seen.signTime))
        ]
  const isOther =
    accessKey !== undefined && sent?.fields !== undefined && sent.fields.secretId !== accessKey.secretId.trim()
  const secretKey = isOther ? undefined : accessKey?.secretKey
  const isValid =
    secretKey === undefined || sent?.fields === undefined || ownText === undefined
      ? undefined
      : proofs.isSignatureOf({ hash, fields: sent.fields, secretKey }, ownText)
  const ofCode = refusal === undefined ? undefined : causesOfCode(refusal, sent, input)
  const causes = [
    ...(sent?.malformed === undefined
      ? []
      : [cause("MalformedSignature", `The signature has not the form of COS. ${sent.malformed}`, true)]),
    ...(isOther
      ? [
          cause(
            "OtherAccessKey",
            `The request was signed with the access key ${sent?.fields?.secretId}, not with ${accessKey?.secretId}.`,
            true
          )
        ]
      : []),
    ...(ofCode ??
      (refusal === undefined && isValid !== false
        ? []
        : causesOfMismatch({ hash, sent, own, ownText, seen, secretKey, differences })))
  ]
  return {
    client: own === undefined || ownText === undefined ? undefined : textsOf(own, ownText),
    service: seen === undefined ? undefined : textsOf(seen.parts, seen.stringToSign),
    isValid,
    differences: differences.map(quiet),
    causes
  }
}
