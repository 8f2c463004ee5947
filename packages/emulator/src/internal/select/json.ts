/**
 * JSON whose numbers keep every digit, and whose objects keep the order of their names: `JSON.parse` turns 2^53 + 1 into
 * 2^53, 1.10 into 1.1, and moves the name "1" to the front.
 */

/** A number as it is written. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

export type JsonObject = ReadonlyMap<string, Json>
export type Json = string | boolean | null | JsonNumber | ReadonlyArray<Json> | JsonObject

/** The deepest nesting. */
const maxDepth = 500

const token = /"((?:[^"\\]|\\.)*)"|-?\d[\d.eE+-]*/g

/**
 * Reads what was marked: `s` before every text and name, `n` before every number, which is a text too. A name with a
 * letter in front is never taken for an index.
 */
const unmark = (value: unknown, depth: number): Json => {
  if (depth > maxDepth) throw new SyntaxError("too deep")
  if (typeof value === "string") return value.startsWith("n") ? new JsonNumber(value.slice(1)) : value.slice(1)
  if (Array.isArray(value)) return value.map((item) => unmark(item, depth + 1))
  return typeof value === "object" && value !== null
    ? new Map(Object.entries(value).map(([name, item]) => [name.slice(1), unmark(item, depth + 1)]))
    : (value as boolean | null)
}

/** Parses JSON. Throws a `SyntaxError`. */
export const parse = (text: string): Json => {
  JSON.parse(text)
  const marked = text.replace(token, (found, content: string | undefined) =>
    content === undefined ? `"n${found}"` : `"s${content}"`
  )
  return unmark(JSON.parse(marked), 0)
}

/** Writes JSON. */
export const stringify = (value: Json | undefined): string => {
  if (value === undefined) return "null"
  if (value instanceof JsonNumber) return value.text
  if (value instanceof Map) return stringifyEntries(Array.from(value))
  if (Array.isArray(value)) return `[${value.map(stringify).join(",")}]`
  return JSON.stringify(value)
}

/** Writes an object; names without a value are left out. */
export const stringifyEntries = (entries: ReadonlyArray<readonly [name: string, value: Json | undefined]>): string =>
  `{${entries
    .flatMap(([name, value]) => (value === undefined ? [] : [`${JSON.stringify(name)}:${stringify(value)}`]))
    .join(",")}}`

const decimal = /^\s*([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,4}))?\s*$/

/** Beyond these digits a number is compared as a floating one. */
const maxDigits = 1000

/** Compares two numbers exactly; `undefined` if one of them is none. */
export const compareNumbers = (one: string, other: string): number | undefined => {
  const [left, right] = [decimal.exec(one), decimal.exec(other)]
  if (left === null || right === null) return undefined
  const scaleOf = ([, , digits = "", exponent = "0"]: RegExpExecArray) =>
    (digits.split(".")[1]?.length ?? 0) - Number(exponent)
  const scale = Math.max(scaleOf(left), scaleOf(right), 0)
  const valueOf = (match: RegExpExecArray): bigint | undefined => {
    const [, sign, digits = ""] = match
    const zeros = scale - scaleOf(match)
    if (zeros + digits.length > maxDigits) return undefined
    const value = BigInt(digits.replace(".", "") || "0") * 10n ** BigInt(zeros)
    return sign === "-" ? -value : value
  }
  const [a, b] = [valueOf(left), valueOf(right)]
  return a === undefined || b === undefined ? Number(one) - Number(other) || 0 : a < b ? -1 : a > b ? 1 : 0
}
