/** The notation of the protocol notes for documents: `Root{Element, Optional?, List*{Element}, This | That}`. */

/** The elements of a document that hold text, as paths below its root; of a root that holds text, none. */
export const leaves = (notation: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const open: Array<string> = []
  let name = ""
  for (const token of notation.split(/([{},|])/)) {
    switch (token) {
      case "{":
        open.push(name)
        name = ""
        break
      case "}":
      case ",":
      case "|":
        if (name !== "") found.push([...open.slice(1), name].join("/"))
        name = ""
        if (token === "}") open.pop()
        break
      default:
        name = token.trim().replace(/[?*]$/, "")
    }
  }
  return found
}

/** The root. */
export const rootOf = (notation: string): string => notation.split("{", 1)[0] ?? ""
