/** An explanation, for people and for scripts. */
import * as Effect from "effect/Effect"
import type * as Signature from "effect-cos/Signature"
import { Output } from "../contract/output.js"
import * as Format from "../terminal/format.js"

const indent = (text: string): string =>
  text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `  ${Format.key(line)}`)
    .join("\n")

const title = {
  client: "What is signed here (canonical request, then string to sign)",
  service: "What the service says that it signed"
} as const

const names = {
  method: "The method",
  path: "The path",
  time: "The time",
  parameter: "The parameter",
  header: "The header"
} as const

/** Long texts are shown from a little before where they differ. */
const excerpt = (text: string, at: number): readonly [shown: string, at: number] => {
  const from = at > 60 ? at - 40 : 0
  const before = (from > 0 ? "…" : "") + Format.key(text.slice(from, at))
  const after = Format.key(text.slice(at, from + 160)) + (text.length > from + 160 ? "…" : "")
  return [before + after, Format.width(before)]
}

export const differenceText = ({ at, client, name, part, service }: Signature.Difference): string => {
  const subject = `${names[part]}${name === undefined ? "" : ` ${name}`}`
  if (client === undefined) return `${subject} arrived and was not signed:\n  arrived  ${Format.key(service ?? "")}`
  if (service === undefined) return `${subject} was signed and did not arrive:\n  signed   ${Format.key(client)}`
  const [signed, column] = excerpt(client, at)
  const [arrived] = excerpt(service, at)
  return `${subject} differs at character ${at + 1}:\n  signed   ${signed}\n  arrived  ${arrived}\n           ${" ".repeat(column)}^`
}

export const causeText = ({ advice, kind, message, proven }: Signature.Cause): string =>
  `${kind}${proven ? " (proven)" : ""}: ${Format.key(message)}\n  ${advice}`

export const show = (
  { causes, client, differences, isValid, service }: Signature.Explanation,
  facts: { readonly isSigned: boolean; readonly refusal: Signature.Refusal | undefined }
): Effect.Effect<void, never, Output> =>
  Effect.gen(function* () {
    const output = yield* Output
    for (const [of, texts] of [["client", client] as const, ["service", service] as const]) {
      if (texts === undefined) continue
      yield* output.line({ type: "canonical-texts", of, ...texts }, () =>
        [`${title[of]}:`, indent(texts.httpString), "", indent(texts.stringToSign), ""].join("\n")
      )
    }
    for (const difference of differences) {
      yield* output.line({ type: "difference", ...difference }, () => `${differenceText(difference)}\n`)
    }
    for (const cause of causes) yield* output.line({ type: "cause", ...cause }, () => causeText(cause))
    if (causes.length > 0) return
    yield* output.note(
      facts.refusal !== undefined
        ? `${facts.refusal.code} is not about the signature: ${Format.key(facts.refusal.message)}`
        : isValid === true
          ? "The signature is right for this request and the key at hand."
          : facts.isSigned
            ? "The signature cannot be checked without its access key."
            : "The request is not signed."
    )
  })
