/** The operations of the SDK by their names. */
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import type * as Operation from "effect-cos/Operation"
import { UsageError } from "../contract/errors.js"
import { meant } from "../contract/spelling.js"

/** An operation, whatever its input is: that is checked when it is called. */
export type AnyOperation = ((input: object) => unknown) & {
  readonly spec: Operation.SpecData
  readonly items?: (input: object) => unknown
}

const isOperation = (value: unknown): value is AnyOperation => typeof value === "function" && "spec" in value

export const operations: ReadonlyMap<string, AnyOperation> = new Map(
  (Object.values(Cos) as ReadonlyArray<unknown>)
    .filter(isOperation)
    .map((operation) => [operation.spec.name, operation] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
)

/** The operation of a name; a misspelt one is told what was meant. */
export const find = (name: string): Effect.Effect<AnyOperation, UsageError> =>
  Effect.suspend(() => {
    const found = operations.get(name)
    if (found !== undefined) return Effect.succeed(found)
    const names = [...operations.keys()]
    const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, "")
    const similar = meant(plain(name), names.map(plain))
    const known = names.find((one) => plain(one) === similar)
    return new UsageError({
      message: `there is no operation ${JSON.stringify(name)}`,
      advice: known === undefined ? "`cos api` lists them" : `Did you mean ${known}?`
    })
  })
