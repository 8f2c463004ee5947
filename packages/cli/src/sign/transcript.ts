/**
 * What somebody pasted: an error document, a whole response, or what `curl -v` showed of a request and its response.
 */
import * as Signature from "effect-cos/Signature"

export interface Pasted {
  readonly request: Signature.SentRequest | undefined
  readonly refusal: Signature.Refusal | undefined
}

type Pairs = ReadonlyArray<readonly [name: string, value: string]>

const headerOf = (line: string): Pairs => {
  const at = line.indexOf(":", 1)
  return at === -1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]]
}

/** Lines that begin with a mark of curl: `>` for what is sent, `<` for what came. */
const marked = (text: string, mark: string): ReadonlyArray<string> =>
  text.split(/\r?\n/).flatMap((line) => (line.startsWith(`${mark} `) ? [line.slice(2)] : []))

const requestLine = /^([A-Z]+) (\S+)(?: HTTP\/\d(?:\.\d)?)?$/

/** The last request of the lines: a client that tried again shows several. */
const requestIn = (lines: ReadonlyArray<string>): Signature.SentRequest | undefined => {
  const at = lines.findLastIndex((line) => requestLine.test(line.trim()))
  const [, method = "", url = ""] = requestLine.exec(lines[at]?.trim() ?? "") ?? []
  if (at === -1) return undefined
  const end = lines.findIndex((line, index) => index > at && line.trim() === "")
  return { method, url, headers: lines.slice(at + 1, end === -1 ? undefined : end).flatMap(headerOf) }
}

const headersIn = (lines: ReadonlyArray<string>): Pairs => {
  const at = lines.findLastIndex((line) => /^HTTP\/\d/.test(line))
  return at === -1 ? [] : lines.slice(at + 1).flatMap(headerOf)
}

export const read = (text: string): Pasted => {
  const sent = marked(text, ">")
  const came = marked(text, "<")
  const plain = text.split(/\r?\n/)
  const head = came.length > 0 ? came : plain.slice(0, plain.findIndex((line) => line.startsWith("<")) + 1 || undefined)
  return {
    request: requestIn(sent.length > 0 ? sent : plain),
    refusal: Signature.readRefusal(text, headersIn(head))
  }
}
