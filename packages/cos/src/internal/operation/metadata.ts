/** An object's own metadata, `x-cos-meta-*`: how a request carries it, and how large it may be. */
import { isHeaderValue } from "../encoding/text.js"
import type { Pairs } from "../http/request.js"
import { param } from "./params.js"

export const prefix = "x-cos-meta-"

const nameOfOne = /^[A-Za-z0-9-]+$/

export const metadata = param<{ readonly [name: string]: string }>({
  place: "headers",
  wireName: `${prefix}*`,
  write: (draft, value) => {
    for (const [name, text] of Object.entries(value)) {
      if (!nameOfOne.test(name)) return "must have names of letters, digits and - only"
      if (!isHeaderValue(text))
        return "must have values of Latin-1 text without control characters, and without blanks or tabs at their ends: percent-encode others"
      draft.headers.push([`${prefix}${name}`, text])
    }
    // {@link metadataRule} looks at their sizes where the request is whole, since other fields add to them.
    return undefined
  }
})

/** Bytes of one: its name without the prefix, and its value. */
const mostOfOne = 2048

/** Bytes of all: their names with the prefix, and their values. */
const mostOfAll = 4096

/** The rule that the sizes of a request's metadata break, as the service counts: in the bytes sent. A value is Latin-1 text, so a character is a byte. */
export const metadataRule = (headers: Pairs): string | undefined => {
  let all = 0
  for (const [name, value] of headers) {
    if (!name.toLowerCase().startsWith(prefix)) continue
    const size = name.length + value.length
    const own = size - prefix.length
    if (own > mostOfOne) {
      return `must have at most ${mostOfOne} bytes in each name (without ${prefix}) and its value: ${name} has ${own}`
    }
    all += size
  }
  return all > mostOfAll
    ? `must have at most ${mostOfAll} bytes in all names (with ${prefix}) and values together: there are ${all}`
    : undefined
}
