/**
 * The subset of SQL that the emulator's SELECT knows:
 *
 *     SELECT * | COUNT(*) | <column> [[AS] <name>], …
 *     FROM COSObject[[*]] [[AS] <alias>]
 *     [WHERE <column | literal> (= | != | <> | < | <= | > | >=) <column | literal>, with AND, OR, NOT and parentheses]
 *     [LIMIT <number>]
 *
 * A column is a name, `_1` and so on by position, or a path into JSON, optionally after an alias. Everything else, such
 * as functions, CAST, LIKE, IS NULL and arithmetic, is refused by name.
 */
import * as Either from "effect/Either"
import { type CosFailure, failure } from "../http/failure.js"
import { JsonNumber } from "./json.js"

/** A name. A quoted one is case-sensitive, others are not. */
export interface Name {
  readonly text: string
  readonly exact: boolean
}

export type Operand =
  | { readonly _tag: "Column"; readonly path: ReadonlyArray<Name> }
  | { readonly _tag: "Literal"; readonly value: string | boolean | JsonNumber }

export type Condition =
  | { readonly _tag: "Compare"; readonly operator: string; readonly left: Operand; readonly right: Operand }
  | { readonly _tag: "And" | "Or"; readonly left: Condition; readonly right: Condition }
  | { readonly _tag: "Not"; readonly of: Condition }

export interface Column {
  readonly path: ReadonlyArray<Name>
  /** Its name in the result. */
  readonly name: string | undefined
}

export interface Query {
  readonly select: "all" | "count" | ReadonlyArray<Column>
  /** Whether the elements of an array are records, rather than the array. */
  readonly each: boolean
  readonly where: Condition | undefined
  readonly limit: number
}

/** Thrown when an expression is not in the subset. */
class Unknown extends Error {}

const token =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<name>"(?:[^"]|"")*")|(?<number>-?\d+(?:\.\d+)?)|(?<word>[A-Za-z_]\w*)|(?<sign><=|>=|<>|!=|[^\s]))/y

interface Token {
  readonly kind: "text" | "name" | "number" | "word" | "sign" | "end"
  readonly text: string
}

/** The longest expression, in characters: what comes to be read is there for anybody who may read an object. */
const maxExpression = 64 * 1024

const tokensOf = (sql: string): ReadonlyArray<Token> => {
  if (sql.length > maxExpression) throw new Unknown(`expressions longer than ${maxExpression} characters`)
  const tokens: Array<Token> = []
  token.lastIndex = 0
  for (let groups = token.exec(sql)?.groups; groups !== undefined; groups = token.exec(sql)?.groups) {
    const [kind, text] = Object.entries(groups).find(([, text]) => text !== undefined) ?? []
    if (kind !== undefined && text !== undefined) tokens.push({ kind: kind as Token["kind"], text })
  }
  return tokens
}

const reserved = new Set(
  "select from where limit as and or not count group order by having join union cast is like in between case null".split(
    " "
  )
)

const comparisons = new Set(["=", "!=", "<>", "<", "<=", ">", ">="])

/** Reads tokens one after the other. */
const parser = (tokens: ReadonlyArray<Token>) => {
  let at = 0
  const peek = (): Token => tokens[at] ?? { kind: "end", text: "the end" }
  const is = (text: string): boolean => {
    const next = peek()
    return (next.kind === "word" || next.kind === "sign") && next.text.toLowerCase() === text
  }
  const skip = (text: string): boolean => {
    const found = is(text)
    if (found) at++
    return found
  }
  const refuse = (): never => {
    throw new Unknown(peek().text)
  }
  const expect = (text: string): void => {
    if (!skip(text)) refuse()
  }
  const take = (): Token => {
    const next = peek()
    at++
    return next
  }
  const isName = (): boolean => {
    const { kind, text } = peek()
    return kind === "name" || (kind === "word" && !reserved.has(text.toLowerCase()))
  }
  const name = (): Name => {
    if (!isName()) return refuse()
    const { kind, text } = take()
    return kind === "name" ? { text: text.slice(1, -1).replaceAll('""', '"'), exact: true } : { text, exact: false }
  }
  return { peek, is, skip, refuse, expect, take, isName, name }
}

type Parser = ReturnType<typeof parser>

const path = (self: Parser): ReadonlyArray<Name> => {
  const names = [self.name()]
  while (self.skip(".")) names.push(self.name())
  // A function.
  return self.is("(") || self.is("[") ? self.refuse() : names
}

const operand = (self: Parser): Operand => {
  const { kind, text } = self.peek()
  if (kind === "text") {
    self.take()
    return { _tag: "Literal", value: text.slice(1, -1).replaceAll("''", "'") }
  }
  if (kind === "number") {
    self.take()
    return { _tag: "Literal", value: new JsonNumber(text) }
  }
  if (kind === "word" && /^(?:true|false)$/i.test(text)) {
    self.take()
    return { _tag: "Literal", value: text.toLowerCase() === "true" }
  }
  return { _tag: "Column", path: path(self) }
}

const comparison = (self: Parser): Condition => {
  if (self.skip("not")) return { _tag: "Not", of: comparison(self) }
  if (self.skip("(")) {
    const inside = disjunction(self)
    self.expect(")")
    return inside
  }
  const left = operand(self)
  if (!comparisons.has(self.peek().text)) return self.refuse()
  const operator = self.take().text
  return { _tag: "Compare", operator, left, right: operand(self) }
}

const conjunction = (self: Parser): Condition => {
  let left = comparison(self)
  while (self.skip("and")) left = { _tag: "And", left, right: comparison(self) }
  return left
}

const disjunction = (self: Parser): Condition => {
  let left = conjunction(self)
  while (self.skip("or")) left = { _tag: "Or", left, right: conjunction(self) }
  return left
}

const column = (self: Parser): Column => {
  const names = path(self)
  const named = self.skip("as") || self.isName() ? self.name().text : undefined
  return { path: names, name: named }
}

const selection = (self: Parser): Query["select"] => {
  if (self.skip("*")) return "all"
  if (self.skip("count")) {
    for (const sign of ["(", "*", ")"]) self.expect(sign)
    if (self.skip("as") || self.isName()) self.name()
    return "count"
  }
  const columns = [column(self)]
  while (self.skip(",")) columns.push(column(self))
  return columns
}

const query = (self: Parser): Query => {
  self.expect("select")
  const selected = selection(self)
  self.expect("from")
  self.expect("cosobject")
  const each = self.skip("[")
  if (each) for (const sign of ["*", "]"]) self.expect(sign)
  const aliases = ["cosobject", ...(self.skip("as") || self.isName() ? [self.name().text.toLowerCase()] : [])]
  const where = self.skip("where") ? disjunction(self) : undefined
  let limit = Number.MAX_SAFE_INTEGER
  if (self.skip("limit")) limit = /^\d{1,15}$/.test(self.peek().text) ? Number(self.take().text) : self.refuse()
  self.skip(";")
  if (self.peek().kind !== "end") self.refuse()

  const plain = (names: ReadonlyArray<Name>) =>
    names.length > 1 && aliases.includes(names[0]?.text.toLowerCase() ?? "") ? names.slice(1) : names
  const plainOperand = (self: Operand): Operand =>
    self._tag === "Column" ? { _tag: "Column", path: plain(self.path) } : self
  const plainCondition = (self: Condition): Condition => {
    switch (self._tag) {
      case "Compare":
        return { ...self, left: plainOperand(self.left), right: plainOperand(self.right) }
      case "Not":
        return { _tag: "Not", of: plainCondition(self.of) }
      default:
        return { ...self, left: plainCondition(self.left), right: plainCondition(self.right) }
    }
  }
  return {
    select: typeof selected === "string" ? selected : selected.map(({ name, path }) => ({ name, path: plain(path) })),
    each,
    where: where && plainCondition(where),
    limit
  }
}

/** Conditions are evaluated by recursion, so the depth of an expression is limited. */
const maxTokens = 2000

/** Parses an expression of the subset. */
export const parse = (sql: string): Either.Either<Query, CosFailure> =>
  Either.try({
    try: () => {
      const tokens = tokensOf(sql)
      if (tokens.length > maxTokens) throw new Unknown(`more than ${maxTokens} words and signs`)
      return query(parser(tokens))
    },
    catch: (error) =>
      failure("NotImplemented", {
        message: `The emulator's SELECT has columns, COUNT(*), simple comparisons and LIMIT; it does not know what to make of ${
          (error as Error).message
        }.`
      })
  })
