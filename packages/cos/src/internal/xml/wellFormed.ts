/**
 * The rules of reading XML, in one place: limits, characters, entities, tags. {@link scan} walks a document by them and
 * hands what is in it to one of two builders.
 */

import type { Node } from "../../CosXml.js"

export const maxLength = 16 * 1024 * 1024
export const maxDepth = 32

export const tooLong = "longer than 16 MiB"
export const tooDeep = "nested deeper than 32 elements"
export const forbidden = "a character that XML 1.0 forbids"
export const mixed = "text beside elements"

/** Thrown inside the readers, an `XmlError` outside. */
export class Malformed extends Error {
  constructor(
    reason: string,
    readonly offset?: number
  ) {
    super(reason)
  }
}

/** Where the first character stands that XML 1.0 cannot carry, or -1. */
export const forbiddenAt = (text: string): number =>
  // The first test is cheap and almost always settles it; pairs of surrogates need the second.
  /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/.test(text)
    ? text.search(
        /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
      )
    : -1

const references: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\r": "&#13;",
  "\n": "&#10;",
  "\t": "&#9;"
}

const reference = (character: string): string => references[character] as string

/** Text for an element: `\r` too, since a reader would make it a line feed. */
export const escape = (text: string): string => (/[&<>"'\r]/.test(text) ? text.replace(/[&<>"'\r]/g, reference) : text)

/** Text for an attribute, whose blanks a reader would all make spaces. */
export const escapeAttribute = (text: string): string => text.replace(/[&<>"'\r\n\t]/g, reference)

const characterOf = (name: string): string | undefined => {
  switch (name) {
    case "lt":
      return "<"
    case "gt":
      return ">"
    case "amp":
      return "&"
    case "quot":
      return '"'
    case "apos":
      return "'"
    default:
      return undefined
  }
}

const isCharacter = (code: number): boolean =>
  code >= 0x20
    ? code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff)
    : code === 9 || code === 10 || code === 13

const isCodePoint = (code: number): boolean => code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)

const decodeReference = (name: string, at: number, anyCharacter: boolean): string => {
  if (name.charCodeAt(0) === 35 /* # */) {
    const code = /^#[0-9]{1,9}$/.test(name)
      ? Number.parseInt(name.slice(1), 10)
      : /^#x[0-9a-fA-F]{1,8}$/.test(name)
        ? Number.parseInt(name.slice(2), 16)
        : -1
    if (isCharacter(code) || (anyCharacter && isCodePoint(code))) return String.fromCodePoint(code)
  } else {
    const character = characterOf(name)
    if (character !== undefined) return character
  }
  throw new Malformed("an unknown or unfinished entity", at)
}

/** Decodes the references of one run of text, once. `at` is where the run stands. */
export const decodeText = (raw: string, at: number, anyCharacter = false): string => {
  let ampersand = raw.indexOf("&")
  if (ampersand === -1) return raw
  let text = ""
  let from = 0
  while (ampersand !== -1) {
    const semicolon = raw.indexOf(";", ampersand)
    const name = semicolon === -1 ? "" : raw.slice(ampersand + 1, semicolon)
    text += raw.slice(from, ampersand) + decodeReference(name, at + ampersand, anyCharacter)
    from = semicolon + 1
    ampersand = raw.indexOf("&", from)
  }
  return text + raw.slice(from)
}

/** Whether text may stand between elements. */
export const isBlank = (text: string): boolean => /^[ \t\n]*$/.test(text)

const isBlankAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at)
  return code === 32 || code === 10 || code === 9
}

const skipBlanks = (text: string, from: number): number => {
  let at = from
  while (isBlankAt(text, at)) at++
  return at
}

const qualifiedName = "[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?"
const wholeName = new RegExp(`^${qualifiedName}$`)
const attribute = new RegExp(`[ \\t\\n]+(${qualifiedName})[ \\t\\n]*=[ \\t\\n]*(?:"([^<"]*)"|'([^<']*)')`, "y")
const instructionName = /([A-Za-z_][\w.-]*)(?=[ \t\n?])/y

const isNameCode = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 45 && code <= 58 && code !== 47) || // - . 0-9 :
  code === 95

const badTag = (at: number): Malformed => new Malformed("a malformed or unsupported tag", at)
const outside = (at: number): Malformed => new Malformed("text outside the root", at)

/** The name without its prefix. */
const localName = (name: string, at: number): string => {
  if (!wholeName.test(name)) throw badTag(at)
  const local = name.slice(name.indexOf(":") + 1)
  // fast-xml-parser refuses some of these; refusing them all keeps every consumer of the tree safe.
  if (local in Object.prototype || local === "prototype") throw new Malformed("a reserved name", at)
  return local
}

/** Where the attributes that begin here end; they are checked and forgotten. */
const attributesEnd = (text: string, from: number): number => {
  const names = new Set<string>()
  let at = from
  for (;;) {
    attribute.lastIndex = at
    const match = attribute.exec(text)
    if (match === null) return at
    const name = match[1] as string
    if (names.has(name)) throw new Malformed("an attribute twice", at)
    names.add(name)
    decodeText(match[2] ?? match[3] ?? "", at)
    at = attribute.lastIndex
  }
}

const commentEnd = (text: string, from: number): number => {
  const end = text.indexOf("--", from + 4)
  if (end === -1 || text[end + 2] !== ">") throw new Malformed("a malformed or unfinished comment", from)
  return end + 3
}

const instructionEnd = (text: string, from: number, atStart: boolean): number => {
  instructionName.lastIndex = from + 2
  const name = instructionName.exec(text)?.[1]
  const end = text.indexOf("?>", from + 2)
  if (name === undefined || end === -1) throw new Malformed("a malformed or unfinished instruction", from)
  if (name.toLowerCase() === "xml" && !atStart) throw new Malformed("a declaration inside", from)
  return end + 2
}

/** The child elements of a tree that is being built. */
export type Children = Record<string, Node | Array<Node>>

/** Without a prototype, but with a shape that V8 shares: `Object.create(null)` makes a hash table. */
export const noChildren = (): Children => Object.setPrototypeOf({}, null)

/** Adds a child; the second of a name makes an array of both. */
export const addChild = (children: Children, name: string, content: Node): void => {
  const existing = children[name]
  if (existing === undefined) children[name] = content
  else if (Array.isArray(existing)) existing.push(content)
  else children[name] = [existing, content]
}

/** What takes the content of a document, in order; elements are named without their prefix. */
export interface Builder {
  readonly open: (name: string) => void
  /** A run of text inside an element, decoded. An element may have several. */
  readonly text: (text: string) => void
  /** Ends the innermost element. */
  readonly close: (at: number) => void
  /** A declaration or processing instruction between these offsets of the text that {@link scan} returns. */
  readonly instruction?: (from: number, to: number) => void
}

/** Walks a document, throwing {@link Malformed} where it breaks a rule. Returns its text with line ends as XML reads them. */
export const scan = (source: string, builder: Builder, anyCharacter: boolean): string => {
  if (source.length > maxLength) throw new Malformed(tooLong)
  const bad = anyCharacter ? -1 : forbiddenAt(source)
  if (bad !== -1) throw new Malformed(forbidden, bad)
  // XML has every line end read as a line feed.
  const text = source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source
  const start = skipBlanks(text, text.startsWith("\ufeff") ? 1 : 0)
  const mayStray = text.includes("]]>")
  let reference = text.indexOf("&")
  const locals = new Map<string, string>()
  // The name that came after another the last time: to see that it comes again is cheaper than to look it up.
  const following = new Map<string, string>()
  let name = ""
  const open: Array<string> = []
  let started = false
  let at = start
  while (at < text.length) {
    const next = text.indexOf("<", at)
    const end = next === -1 ? text.length : next
    if (end > at) {
      const run = text.slice(at, end)
      if (open.length > 0) {
        if (mayStray && run.includes("]]>")) throw new Malformed("a stray ]]>", at)
        if (reference !== -1 && reference < at) reference = text.indexOf("&", at)
        builder.text(reference === -1 || reference >= end ? run : decodeText(run, at, anyCharacter))
      } else if (!isBlank(run)) {
        throw outside(at)
      }
    }
    if (next === -1) break
    const first = text.charCodeAt(next + 1)
    if (first === 47 /* / */) {
      const ended = open.pop()
      if (ended === undefined || !text.startsWith(ended, next + 2)) throw new Malformed("a mismatched end tag", next)
      at = skipBlanks(text, next + 2 + ended.length)
      if (text.charCodeAt(at++) !== 62 /* > */) throw new Malformed("a mismatched end tag", next)
      builder.close(next)
    } else if (first === 33 /* ! */) {
      if (text.startsWith("<!--", next)) {
        at = commentEnd(text, next)
      } else if (text.startsWith("<![CDATA[", next)) {
        if (open.length === 0) throw outside(next)
        const close = text.indexOf("]]>", next + 9)
        if (close === -1) throw new Malformed("an unfinished CDATA section", next)
        builder.text(text.slice(next + 9, close))
        at = close + 3
      } else {
        throw badTag(next) // a DOCTYPE above all
      }
    } else if (first === 63 /* ? */) {
      at = instructionEnd(text, next, next === start)
      builder.instruction?.(next, at)
    } else {
      const last = name
      name = following.get(last) ?? ""
      at = next + 1 + name.length
      if (isNameCode(text.charCodeAt(at)) || !text.startsWith(name, next + 1)) {
        at = next + 1
        while (isNameCode(text.charCodeAt(at))) at++
        name = text.slice(next + 1, at)
        following.set(last, name)
      }
      let local = locals.get(name)
      if (local === undefined) {
        local = localName(name, next)
        locals.set(name, local)
      }
      if (isBlankAt(text, at)) at = skipBlanks(text, attributesEnd(text, at))
      const empty = text.charCodeAt(at) === 47
      if (empty) at++
      if (text.charCodeAt(at++) !== 62) throw badTag(next)
      if (started && open.length === 0) throw new Malformed("a second root", next)
      if (open.length >= maxDepth) throw new Malformed(tooDeep, next)
      started = true
      builder.open(local)
      if (empty) builder.close(next)
      else open.push(name)
    }
  }
  if (open.length > 0 || !started) throw new Malformed("an unfinished document", text.length)
  return text
}
