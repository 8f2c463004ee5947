/**
 * The shape of a document, as data in the notation of the protocol notes: `{ ID: text, "Rule*": { … } }`.
 */
import { isHeaderValue } from "../http/headerText.js"
import type * as Xml from "./xml.js"

/** Checks the text of an element; describes what it must be if it is not. */
export type Text = (text: string) => string | undefined

/** Text, or children by name: `Name` once, `Name?` at most once, `Name*` any number of times, `Name+` at least once. */
export type Shape = Text | { readonly [name: string]: Shape }

export const text: Text = () => undefined

export const matching =
  (pattern: RegExp, description: string): Text =>
  (text) =>
    pattern.test(text) ? undefined : description

export const oneOf = (...words: ReadonlyArray<string>): Text =>
  matching(new RegExp(`^\\s*(?:${words.join("|")})\\s*$`), words.join(" or "))

export const onOff = oneOf("Enabled", "Disabled")

export const flag: Text = matching(/^\s*(?:true|false)\s*$/i, "true or false")

export const maxCharacters =
  (characters: number): Text =>
  (text) =>
    text.length <= characters ? undefined : `at most ${characters} characters`

export const integer =
  (least: number, most = Number.MAX_SAFE_INTEGER): Text =>
  (text) =>
    /^\s*\d+\s*$/.test(text) && Number(text) >= least && Number(text) <= most
      ? undefined
      : `an integer from ${least}${most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`}`

/** An element without text counts as absent. */
export const orEmpty =
  (check: Text): Text =>
  (text) =>
    text.trim() === "" ? undefined : check(text)

/** Text that a response repeats in a header. White space around it does not count. */
export const headerValue: Text = (text) => (isHeaderValue(text.trim()) ? undefined : "without control characters")

/** A time with a zone, or in UTC. */
export const time: Text = (text) =>
  /^\s*\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)) ? undefined : "a time of ISO 8601"

const occurrences = new Map<string, readonly [least: number, most: number]>([
  ["?", [0, 1]],
  ["*", [0, Number.POSITIVE_INFINITY]],
  ["+", [1, Number.POSITIVE_INFINITY]]
])

const exactlyOnce = [1, 1] as const

/** Why an element does not have the shape; `undefined` if it has. Only `strict` minds unknown children. */
export const shapeProblem = (node: Xml.Node, shape: Shape, strict: boolean): string | undefined => {
  const [child] = node.children
  if (typeof shape === "function") {
    if (child !== undefined) return strict ? `<${child.name}> is unknown in <${node.name}>` : undefined
    const expected = shape(node.text)
    return expected === undefined ? undefined : `<${node.name}> must be ${expected}`
  }
  if (node.text.trim() !== "") return `<${node.name}> holds elements, not text`
  const unknown = new Set(node.children)
  for (const [key, member] of Object.entries(shape)) {
    const [least, most] = occurrences.get(key.slice(-1)) ?? exactlyOnce
    const name = occurrences.has(key.slice(-1)) ? key.slice(0, -1) : key
    const found = node.children.filter((child) => child.name === name)
    if (found.length < least) return `<${node.name}> has no <${name}>`
    if (strict && found.length > most) return `<${node.name}> has <${name}> ${found.length} times`
    for (const child of found) {
      unknown.delete(child)
      const wrong = shapeProblem(child, member, strict)
      if (wrong !== undefined) return wrong
    }
  }
  const [first] = unknown
  return strict && first !== undefined ? `<${first.name}> is unknown in <${node.name}>` : undefined
}
