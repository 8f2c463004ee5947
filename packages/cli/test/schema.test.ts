/** The JSON Schema in the package is that of the lines. `vitest -u` writes it. */
import { expect, it } from "@effect/vitest"
import * as JSONSchema from "effect/JSONSchema"
import { Line } from "../src/contract/lines.js"

it("the package has the JSON Schema of every line", async () => {
  const schema = JSONSchema.make(Line, { target: "jsonSchema2020-12" })
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot("../schema/lines.schema.json")
})
