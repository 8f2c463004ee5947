/**
 * The conditions of a policy's statement: `{ operator: { key: value | [values] } }`, all of which must hold.
 */
import { BlockList, isIP } from "node:net"
import type { PolicyStatement } from "../../Access.js"
import { percentDecode } from "../http/queryText.js"
import type { Facts } from "./requestFacts.js"
import { matchesWildcard } from "./wildcard.js"

/** Whether what the request has satisfies one value of a condition. */
type Comparison = (given: string, value: string) => boolean

const numeric =
  (compare: (given: number, value: number) => boolean): Comparison =>
  (given, value) =>
    given.trim() !== "" && value.trim() !== "" && compare(Number(given), Number(value))

const date =
  (compare: (given: number, value: number) => boolean): Comparison =>
  (given, value) =>
    compare(Date.parse(given), Date.parse(value))

const isInSubnet: Comparison = (given, value) => {
  const [address = "", bits] = value.split("/")
  const family = isIP(address)
  const width = family === 4 ? 32 : 128
  const length = bits === undefined ? width : Number(bits)
  if (family === 0 || isIP(given) !== family || !(Number.isInteger(length) && length >= 0 && length <= width)) {
    return false
  }
  const subnet = new BlockList()
  subnet.addSubnet(address, length, family === 4 ? "ipv4" : "ipv6")
  return subnet.check(given, family === 4 ? "ipv4" : "ipv6")
}

const equal: Comparison = (given, value) => given === value
const equalIgnoreCase: Comparison = (given, value) => given.toLowerCase() === value.toLowerCase()
const like: Comparison = (given, value) => matchesWildcard(value, given)

/** What holds if it holds for any of the values. */
const comparisons: Readonly<Record<string, Comparison>> = {
  string_equal: equal,
  string_equal_ignore_case: equalIgnoreCase,
  string_like: like,
  numeric_equal: numeric((given, value) => given === value),
  numeric_less_than: numeric((given, value) => given < value),
  numeric_less_than_equal: numeric((given, value) => given <= value),
  numeric_greater_than: numeric((given, value) => given > value),
  numeric_greater_than_equal: numeric((given, value) => given >= value),
  date_equal: date((given, value) => given === value),
  date_less_than: date((given, value) => given < value),
  date_less_than_equal: date((given, value) => given <= value),
  date_greater_than: date((given, value) => given > value),
  date_greater_than_equal: date((given, value) => given >= value),
  bool_equal: equalIgnoreCase,
  ip_equal: isInSubnet,
  binary_equal: equal
}

/** What holds if the comparison holds for none of the values. */
const negations: Readonly<Record<string, string>> = {
  string_not_equal: "string_equal",
  string_not_equal_ignore_case: "string_equal_ignore_case",
  string_not_like: "string_like",
  numeric_not_equal: "numeric_equal",
  date_not_equal: "date_equal",
  ip_not_equal: "ip_equal"
}

interface Operator {
  readonly name: string
  /** The condition holds where the request has no such key. */
  readonly ifExist: boolean
}

const nullEqual = "null_equal"

/** `undefined` if there is no such operator. A key has one value in COS, so that of a set and of any are the same. */
const operatorOf = (text: string): Operator | undefined => {
  const lower = text.toLowerCase().replace(/^for_(?:all|any)_value:/, "")
  const name = lower.replace(/_if_exist$/, "")
  return name === nullEqual || Object.hasOwn(comparisons, name) || Object.hasOwn(negations, name)
    ? { name, ifExist: lower !== name }
    : undefined
}

/** The first operator of a condition that there is not. */
export const unknownOperator = (condition: PolicyStatement["condition"]): string | undefined =>
  Object.keys(condition ?? {}).find((operator) => operatorOf(operator) === undefined)

type Value = string | number | boolean

/** Prefixes are seen percent-encoded in policies, and as they are. */
const spellings = (key: string, value: Value): ReadonlyArray<string> => {
  const text = String(value)
  const decoded = key === "cos:prefix" ? percentDecode(text) : undefined
  return decoded === undefined ? [text] : [text, decoded]
}

const holds = (operator: Operator | undefined, key: string, values: ReadonlyArray<Value>, facts: Facts): boolean => {
  if (operator === undefined) return false
  const given = facts(key)
  if (operator.name === nullEqual) return values.some((value) => String(value) === String(given === undefined))
  if (given === undefined) return operator.ifExist
  const negated = negations[operator.name]
  const compare = comparisons[negated ?? operator.name]
  if (compare === undefined) return false
  const matches = values.some((value) => spellings(key, value).some((text) => compare(given, text)))
  return negated === undefined ? matches : !matches
}

/** Whether all conditions hold. */
export const conditionHolds = (condition: PolicyStatement["condition"], facts: Facts): boolean =>
  Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, value]) =>
      holds(
        operatorOf(operator),
        key.toLowerCase(),
        typeof value === "object" ? (value as ReadonlyArray<Value>) : [value],
        facts
      )
    )
  )
