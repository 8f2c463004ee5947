/**
 * What the documentation lists is what there is.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as JSONSchema from "effect/JSONSchema"
import * as Redacted from "effect/Redacted"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"

const page = (name: string) => readFileSync(fileURLToPath(new URL(`../docs/${name}.md`, import.meta.url)), "utf8")

/** The names in the first column of the tables that begin with a heading. */
const listed = (text: string, heading: string): ReadonlyArray<string> =>
  text
    .split("\n\n")
    .filter((block) => block.startsWith(`| ${heading} |`))
    .flatMap((table) => table.split("\n").slice(2))
    .flatMap((row) => Array.from((row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g), ([, name = ""]) => name))

const index = Effect.flatMap(Emulator, ({ controlEndpoint, controlToken = Redacted.make("") }) =>
  Effect.promise(
    async () =>
      (await (
        await fetch(`${controlEndpoint}/`, { headers: { authorization: `Bearer ${Redacted.value(controlToken)}` } })
      ).json()) as {
        readonly operations: ReadonlyArray<string>
        readonly routes: ReadonlyArray<string>
      }
  )
)

describe("the documentation", () => {
  it.live("lists every operation and route, once", () =>
    Effect.gen(function* () {
      const { operations, routes } = yield* index
      expect([...listed(page("operations"), "Operations")].sort()).toEqual([...operations].sort())
      expect([...listed(page("clients"), "Route")].sort()).toEqual(["GET /", ...routes].sort())
    }).pipe(Effect.provide(layerServer({ controlPort: 0 })))
  )

  it("lists every fault and what chooses requests, once", () => {
    const schema = JSON.stringify(JSONSchema.make(Fault.Fault))
    const tags = Array.from(schema.matchAll(/"_tag":\{"type":"string","enum":\["(\w+)"\]/g), ([, tag = ""]) => tag)
    expect(tags).toContain("Status")
    expect([...listed(page("clients"), "`_tag`")].sort()).toEqual([...tags].sort())
    expect([...listed(page("clients"), "`on`")].sort()).toEqual(Object.keys(Fault.Matcher.fields).sort())
  })
})
