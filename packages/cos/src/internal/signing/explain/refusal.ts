/** Reads the document of a refusal, also one that was copied out of a log or a terminal. */
import * as Either from "effect/Either"
import type * as CosXml from "../../../CosXml.js"
import { parseList } from "../../xml/singlePassReader.js"
import type { Pairs } from "../canonical.js"
import type { Refusal } from "./model.js"

const entities: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

const unescape = (text: string): string =>
  text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    hex !== undefined || decimal !== undefined
      ? String.fromCodePoint(Math.min(0x10ffff, hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)))
      : (entities[name] ?? whole)
  )

/** The elements of a document that is damaged, as far as they can be told. */
const elementsIn = (text: string): CosXml.Elements =>
  Object.fromEntries(
    [...text.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name = "", content = ""]) => [name, unescape(content)])
  )

const dateOf = (text: string | undefined): Date | undefined => {
  const date = new Date(text ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** A log may write line ends as `\n`, and escape quotes and slashes. */
const unlogged = (text: string): string =>
  text.includes("\n") || !/\\n/.test(text)
    ? text
    : text
        .replace(/\\r/g, "")
        .replace(/\\n/g, "\n")
        .replace(/\\(["/\\])/g, "$1")

export const readRefusal = (text: string, headers: Pairs = []): Refusal | undefined => {
  const document = /<Error\b[\s\S]*?<\/Error>/.exec(text)?.[0] ?? /<Error\b[\s\S]*/.exec(text)?.[0]
  if (document === undefined) return undefined
  const parsed = parseList(document)
  const found =
    Either.isRight(parsed) && typeof parsed.right.content === "object" ? parsed.right.content : elementsIn(document)
  const at = (name: string): string | undefined => {
    const content = found[name]
    return typeof content === "string" && content !== "" ? content : undefined
  }
  const code = at("Code")?.trim()
  if (code === undefined) return undefined
  const header = (name: string) => headers.find(([found]) => found.toLowerCase() === name)?.[1]
  const stringToSign = at("StringToSign")
  const formatString = at("FormatString")
  return {
    code,
    message: at("Message")?.trim() ?? "",
    resource: at("Resource")?.trim(),
    stringToSign: stringToSign === undefined ? undefined : unlogged(stringToSign),
    formatString: formatString === undefined ? undefined : unlogged(formatString),
    serverTime: dateOf(at("ServerTime")) ?? dateOf(header("date")),
    requestId: at("RequestId")?.trim() ?? header("x-cos-request-id")
  }
}
