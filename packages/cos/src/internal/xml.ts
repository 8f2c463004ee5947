/** What both readers of XML agree on: limits, characters, entities, names. */

export const maxLength = 16 * 1024 * 1024
export const maxDepth = 32

export const tooLong = "longer than 16 MiB"
export const tooDeep = "nested deeper than 32 elements"
export const forbidden = "a character that XML 1.0 forbids"

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

/** Checks what concerns the whole text; returns it as XML wants it read: without BOM, every line end a line feed. */
export const prepare = (text: string): string => {
  if (text.length > maxLength) throw new Malformed(tooLong)
  const at = forbiddenAt(text)
  if (at !== -1) throw new Malformed(forbidden, at)
  const body = text.startsWith("\ufeff") ? text.slice(1) : text
  return body.includes("\r") ? body.replace(/\r\n?/g, "\n") : body
}

const named: { readonly [name: string]: string } = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }

const isCharacter = (code: number): boolean =>
  code >= 0x20
    ? code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff)
    : code === 9 || code === 10 || code === 13

/** Decodes the references of one run of text, once. `offset` is where the run stands. */
export const decodeText = (raw: string, offset: number): string => {
  let ampersand = raw.indexOf("&")
  if (ampersand === -1) return raw
  let text = ""
  let from = 0
  while (ampersand !== -1) {
    const semicolon = raw.indexOf(";", ampersand)
    const name = semicolon === -1 ? "" : raw.slice(ampersand + 1, semicolon)
    text += raw.slice(from, ampersand) + decodeReference(name, offset + ampersand)
    from = semicolon + 1
    ampersand = raw.indexOf("&", from)
  }
  return text + raw.slice(from)
}

const decodeReference = (name: string, offset: number): string => {
  if (name.charCodeAt(0) === 35 /* # */) {
    const code = /^#[0-9]{1,9}$/.test(name)
      ? Number.parseInt(name.slice(1), 10)
      : /^#x[0-9a-fA-F]{1,8}$/.test(name)
        ? Number.parseInt(name.slice(2), 16)
        : -1
    if (isCharacter(code)) return String.fromCodePoint(code)
  } else if (Object.hasOwn(named, name)) {
    return named[name] as string
  }
  throw new Malformed("an unknown or unfinished entity", offset)
}

/** One QName, ASCII. */
export const namePattern = "[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?"

/** The name without its prefix. */
export const localName = (name: string, offset: number): string => {
  const local = name.slice(name.indexOf(":") + 1)
  // The parser refuses some of these; refusing them all keeps any consumer of the tree safe.
  if (local in Object.prototype || local === "prototype") throw new Malformed("a reserved name", offset)
  return local
}

export const isBlank = (text: string): boolean => /^[ \t\n]*$/.test(text)

const attribute = new RegExp(`[ \\t\\n]+(${namePattern})[ \\t\\n]*=[ \\t\\n]*(?:"([^<"]*)"|'([^<']*)')`, "y")
const tagEnd = /[ \t\n]*(\/?)>/y

/** Reads past attributes and the end of a start tag; they are checked and forgotten. */
export const skipAttributes = (text: string, from: number): { readonly end: number; readonly empty: boolean } => {
  let at = from
  const names = new Set<string>()
  for (;;) {
    attribute.lastIndex = at
    const match = attribute.exec(text)
    if (match === null) break
    const [whole, name, double, single] = match as unknown as [string, string, string | undefined, string | undefined]
    if (names.has(name)) throw new Malformed("an attribute twice", at)
    names.add(name)
    decodeText(double ?? single ?? "", at)
    at += whole.length
  }
  tagEnd.lastIndex = at
  const end = tagEnd.exec(text)
  if (end === null) throw new Malformed("a malformed or unfinished tag", at)
  return { end: at + end[0].length, empty: end[1] === "/" }
}

/** Reads past `<!--`, or throws. */
export const commentEnd = (text: string, from: number): number => {
  const end = text.indexOf("--", from + 4)
  if (end === -1 || text[end + 2] !== ">") throw new Malformed("a malformed or unfinished comment", from)
  return end + 3
}

/** Where the content of `<![CDATA[` ends. */
export const cdataEnd = (text: string, from: number): number => {
  const end = text.indexOf("]]>", from + 9)
  if (end === -1) throw new Malformed("an unfinished CDATA section", from)
  return end
}

/** Reads past `<?`: a declaration only where the document begins. */
export const instructionEnd = (text: string, from: number, atStart: boolean): number => {
  const match = /^<\?([A-Za-z_][\w.-]*)(?=[ \t\n?])/.exec(text.slice(from, from + 64))
  const end = text.indexOf("?>", from + 2)
  if (match === null || end === -1) throw new Malformed("a malformed or unfinished instruction", from)
  if ((match[1] as string).toLowerCase() === "xml" && !atStart) throw new Malformed("a declaration inside", from)
  return end + 2
}
