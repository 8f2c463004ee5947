import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { Glob } from "effect-cos"

describe("Glob", () => {
  it("selects whole names, and says below which folders there may be some", () => {
    const glob = Either.getOrThrow(Glob.make("photos/**/*.{jpg,png}"))
    expect(glob.pattern).toBe("photos/**/*.{jpg,png}")
    expect(["photos/a.jpg", "photos/2026/11/b.png", "photos/a.gif", "a.jpg"].map(glob.matches)).toEqual([
      true,
      true,
      false,
      false
    ])
    expect(["photos", "photos/2026", "music"].map(glob.mayMatchBelow)).toEqual([true, true, false])
  })

  it("a pattern that takes names away selects the others", () => {
    const glob = Either.getOrThrow(Glob.make("!drafts/**"))
    expect(["drafts/a", "a"].map(glob.matches)).toEqual([false, true])
    expect(["drafts", "photos"].map(glob.mayMatchBelow)).toEqual([false, true])
  })

  it("what can never match is refused", () => {
    expect(Glob.make("photos/")).toMatchObject(Either.left({ _tag: "InvalidInput", field: "pattern" }))
    expect(Glob.make(7 as never)).toMatchObject(Either.left({ reason: "pattern 7 must be text" }))
  })
})
