/** The sizes of an object's own metadata, `x-cos-meta-*`, as the service counts them: in the bytes that are sent. */
import type { Pairs } from "../http/request.js"

const prefix = "x-cos-meta-"

/** Bytes of one: its name without the prefix, and its value. */
const mostOfOne = 2048

/** Bytes of all: their names with the prefix, and their values. */
const mostOfAll = 4096

/** The rule that the metadata of a request breaks. A value is Latin-1 text, so a character is a byte. */
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
