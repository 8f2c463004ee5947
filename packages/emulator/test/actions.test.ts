/** The permissions that the SDK declares for its operations, beside those that the emulator asks for. */
import { expect, it } from "@effect/vitest"
import * as Cos from "effect-cos/Cos"
import type * as Operation from "effect-cos/Operation"
import { operations } from "../src/internal/operations/registry.js"

const specs = Object.values(Cos).flatMap(
  (value): ReadonlyArray<Operation.SpecData> =>
    typeof value === "function" && "spec" in value ? [value.spec as Operation.SpecData] : []
)

it("every operation is allowed by the actions that its declaration names", () => {
  const unknown = specs.filter(({ name }) => operations.every((operation) => operation.name !== name))
  expect(unknown.map(({ name }) => name)).toEqual(["processObject", "docPreview"])
  const wrong = operations.flatMap(({ action, actionAliases = [], name, on: place }) => {
    const permissions = specs.find((spec) => spec.name === name)?.permissions
    // Preflights ask for a bucket too, and of a multi-delete the keys are judged one by one.
    const on = name === "optionsObject" || name === "deleteMultipleObjects" ? "object" : place.replace("Name", "")
    const isAllowed = [action, ...actionAliases].some((known) => permissions?.actions.includes(known))
    return permissions === undefined || (isAllowed && on === permissions.on) ? [] : [{ name, action, on, permissions }]
  })
  expect(wrong).toEqual([])
})
