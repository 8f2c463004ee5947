/** The text of queries and forms. */

/** `undefined`: it cannot be decoded. */
export const percentDecode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** As in forms, where `+` stands for a space. */
export const formDecode = (text: string): string | undefined => percentDecode(text.replaceAll("+", " "))

/** A name and its value, as they are spelled. */
interface Pair {
  /** Both of them. */
  readonly text: string
  readonly name: string
  readonly value: string
}

export const pairsOf = (text: string): ReadonlyArray<Pair> =>
  text
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=")
      return at < 0
        ? { text: pair, name: pair, value: "" }
        : { text: pair, name: pair.slice(0, at), value: pair.slice(at + 1) }
    })
