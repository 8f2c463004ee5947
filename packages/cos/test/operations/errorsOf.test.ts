import { describe, expect, it } from "@effect/vitest"
import * as Cos from "effect-cos/Cos"
import type * as Operation from "effect-cos/Operation"
import { errorsOf } from "./errorsOf.js"

describe("what operations fail with", () => {
  const specs = Object.values(Cos).flatMap(
    (value): ReadonlyArray<Operation.SpecData> => (typeof value === "function" && "spec" in value ? [value.spec] : [])
  )

  it("is what the table says", () => {
    const found = specs.map(({ errors, name }) => [name, errors.map((error) => error.name).join(" ")])
    expect(Object.fromEntries(found)).toEqual(errorsOf)
  })
})
