/** What the cases check with: each throws, and so fails its case. */
import * as Effect from "effect/Effect"
import { firstDifference } from "../support/content.js"
import { World } from "./model.js"

const text = (value: unknown): string =>
  JSON.stringify(value, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)) ?? String(value)

/** Compares as JSON. */
export const same = (what: string, actual: unknown, expected: unknown): void => {
  if (text(actual) !== text(expected)) throw new Error(`${what} is ${text(actual)}, not ${text(expected)}`)
}

/** Compares the given fields only. */
export const fields = (what: string, actual: object, expected: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(expected)) {
    const found: unknown = (actual as Readonly<Record<string, unknown>>)[name]
    if (text(found) !== text(value)) {
      throw new Error(`${name} of ${what} is ${text(found)}, not ${text(value)}: ${String(actual)}`)
    }
  }
}

export const matches = (what: string, actual: string, expected: RegExp): void => {
  if (!expected.test(actual)) throw new Error(`${what} is ${text(actual)}, which does not match ${expected}`)
}

export const equalBytes = (what: string, actual: Uint8Array | undefined, expected: Uint8Array): void => {
  const difference = actual === undefined ? "absent" : firstDifference(actual, expected)
  if (difference !== undefined) throw new Error(`${what}: ${difference}`)
}

/** The object has these bytes; with `undefined`, there is none. */
export const stored = (key: string, expected: Uint8Array | undefined): Effect.Effect<void, never, World> =>
  Effect.flatMap(World, ({ bytes }) =>
    Effect.map(bytes(key), (actual) => {
      if (expected === undefined) same(key, actual?.byteLength, undefined)
      else equalBytes(key, actual, expected)
    })
  )

/** No multipart upload is open. */
export const nothingUnfinished: Effect.Effect<void, never, World> = Effect.flatMap(World, ({ unfinished }) =>
  Effect.map(unfinished, (uploads) => same("unfinished uploads", uploads, []))
)
