/**
 * Records: parses CSV or JSON incrementally, evaluates a query, and writes CSV or JSON.
 */
import * as Json from "./json.js"
import type { Column, Condition, Name, Operand } from "./sql.js"

/** Names and values in order. Without a header, the columns of CSV are named `_1`, `_2` and so on. */
export type Record = ReadonlyArray<readonly [name: string, value: Json.Json | undefined]>

/** The content is not of the stated format. */
export class Unreadable extends Error {}

/** Takes text in pieces and returns the records that each piece completes. */
export interface Reader {
  readonly push: (text: string) => ReadonlyArray<Record>
  readonly end: () => ReadonlyArray<Record>
}

/** The most characters of one record. */
const maxRecord = 1024 * 1024

export interface CsvFormat {
  readonly recordDelimiter: string
  readonly fieldDelimiter: string
  readonly quote: string
  readonly escape: string
}

export interface CsvInput extends CsvFormat {
  readonly header: "NONE" | "USE" | "IGNORE"
  readonly comments: string
  readonly quotedDelimiters: boolean
}

/** The fields of one line, without their quotes. */
const fieldsOf = (line: string, { escape, fieldDelimiter, quote }: CsvFormat): ReadonlyArray<string> => {
  const fields: Array<string> = []
  let at = 0
  while (true) {
    let field = ""
    if (quote !== "" && line.startsWith(quote, at)) {
      at += quote.length
      while (at < line.length) {
        if (line.startsWith(escape + quote, at)) {
          field += quote
          at += escape.length + quote.length
        } else if (line.startsWith(quote, at)) {
          at += quote.length
          break
        } else field += line[at++]
      }
    }
    const next = line.indexOf(fieldDelimiter, at)
    fields.push(field + line.slice(at, next < 0 ? undefined : next))
    if (next < 0) return fields
    at = next + fieldDelimiter.length
  }
}

/** Where the first record ends; -1 if it is not complete. */
const endOf = (text: string, { escape, quote, quotedDelimiters, recordDelimiter }: CsvInput): number => {
  if (!quotedDelimiters || quote === "") return text.indexOf(recordDelimiter)
  let inside = false
  for (let at = 0; at < text.length; at++) {
    if (inside && text.startsWith(escape + quote, at)) at += escape.length + quote.length - 1
    else if (text.startsWith(quote, at)) inside = !inside
    else if (!inside && text.startsWith(recordDelimiter, at)) return at
  }
  return -1
}

export const csvReader = (input: CsvInput): Reader => {
  let rest = ""
  let header: ReadonlyArray<string> | undefined
  let first = true
  const lineOf = (line: string): ReadonlyArray<Record> => {
    if (line === "" || (input.comments !== "" && line.startsWith(input.comments))) return []
    const fields = fieldsOf(line, input)
    if (first && input.header !== "NONE") {
      first = false
      if (input.header === "USE") header = fields
      return []
    }
    first = false
    return [fields.map((field, index) => [header?.[index] ?? `_${index + 1}`, field] as const)]
  }
  return {
    push: (text) => {
      rest += text
      const records: Array<Record> = []
      for (let at = endOf(rest, input); at >= 0; at = endOf(rest, input)) {
        records.push(...lineOf(rest.slice(0, at)))
        rest = rest.slice(at + input.recordDelimiter.length)
      }
      if (rest.length > maxRecord) throw new Unreadable(`a record is longer than ${maxRecord} characters`)
      return records
    },
    end: () => lineOf(rest)
  }
}

const jsonRecord = (value: Json.Json): Record => (value instanceof Map ? Array.from(value) : [["_1", value]])

const parseJson = (text: string): Json.Json => {
  try {
    return Json.parse(text)
  } catch {
    throw new Unreadable("it is no JSON")
  }
}

/** The most characters of a JSON document that is one value. */
const maxDocument = 16 * 1024 * 1024

export const jsonReader = (type: "LINES" | "DOCUMENT", each: boolean): Reader => {
  let rest = ""
  const linesOf = (lines: ReadonlyArray<string>) =>
    lines.filter((line) => line.trim() !== "").map((line) => jsonRecord(parseJson(line)))
  return type === "LINES"
    ? {
        push: (text) => {
          const lines = (rest + text).split("\n")
          rest = lines.pop() ?? ""
          if (rest.length > maxRecord) throw new Unreadable(`a record is longer than ${maxRecord} characters`)
          return linesOf(lines)
        },
        end: () => linesOf([rest])
      }
    : {
        push: (text) => {
          rest += text
          if (rest.length > maxDocument) throw new Unreadable(`the document is longer than ${maxDocument} characters`)
          return []
        },
        end: () => {
          if (rest.trim() === "") return []
          const value = parseJson(rest)
          return each && Array.isArray(value) ? value.map(jsonRecord) : [jsonRecord(value)]
        }
      }
}

// --- evaluating ---------------------------------------------------------------------------------------------------------

const isSame = (name: Name, other: string): boolean =>
  name.exact ? name.text === other : name.text.toLowerCase() === other.toLowerCase()

/** The value at a path. The first name is looked up by name, else by position. */
const valueOf = (record: Record, path: ReadonlyArray<Name>): Json.Json | undefined => {
  const [first, ...others] = path
  if (first === undefined) return undefined
  const position = /^_(\d+)$/.exec(first.text)?.[1]
  const found =
    record.find(([name]) => isSame(first, name)) ?? (position === undefined ? undefined : record[Number(position) - 1])
  return others.reduce<Json.Json | undefined>((value, name) => {
    const entries = value instanceof Map ? Array.from(value) : Array.isArray(value) ? Object.entries(value) : []
    return entries.find(([key]) => isSame(name, key))?.[1]
  }, found?.[1])
}

const operandOf = (record: Record, operand: Operand): Json.Json | undefined =>
  operand._tag === "Literal" ? operand.value : valueOf(record, operand.path)

/** Compares as numbers if one side is a number, since CSV has only text. A missing value compares with nothing. */
const compare = (left: Json.Json | undefined, right: Json.Json | undefined): number | undefined => {
  if (left === undefined || left === null || right === undefined || right === null) return undefined
  if (left instanceof Json.JsonNumber || right instanceof Json.JsonNumber) {
    return Json.compareNumbers(textOf(left), textOf(right))
  }
  const [a, b] = [textOf(left), textOf(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

const holdsFor: Readonly<{ [operator: string]: (order: number) => boolean }> = {
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0
}

export const holds = (record: Record, condition: Condition): boolean => {
  switch (condition._tag) {
    case "Compare": {
      const order = compare(operandOf(record, condition.left), operandOf(record, condition.right))
      return order !== undefined && (holdsFor[condition.operator]?.(order) ?? false)
    }
    case "Not":
      return !holds(record, condition.of)
    case "And":
      return holds(record, condition.left) && holds(record, condition.right)
    case "Or":
      return holds(record, condition.left) || holds(record, condition.right)
  }
}

/** Projects a record to the selected columns. */
export const project = (record: Record, select: "all" | ReadonlyArray<Column>): Record =>
  select === "all"
    ? record
    : select.map(({ name, path }, index) => [name ?? path.at(-1)?.text ?? `_${index + 1}`, valueOf(record, path)])

// --- writing ---------------------------------------------------------------------------------------------------------

export interface CsvOutput extends CsvFormat {
  readonly always: boolean
}

const textOf = (value: Json.Json | undefined): string =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : Json.stringify(value)

export const csvLine = (record: Record, format: CsvOutput): string => {
  const { always, escape, fieldDelimiter, quote, recordDelimiter } = format
  const fields = record.map(([, value]) => {
    const text = textOf(value)
    const needed = [fieldDelimiter, recordDelimiter, quote].some((sign) => sign !== "" && text.includes(sign))
    return always || needed ? quote + text.replaceAll(quote, escape + quote) + quote : text
  })
  return fields.join(fieldDelimiter) + recordDelimiter
}

/** Missing values are left out. */
export const jsonLine = (record: Record, recordDelimiter: string): string =>
  Json.stringifyEntries(record) + recordDelimiter
