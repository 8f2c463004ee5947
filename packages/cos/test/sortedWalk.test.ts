import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as Stream from "effect/Stream"
import { NameSet } from "../src/internal/transfer/tree/nameSet.js"
import * as sortedWalk from "../src/internal/transfer/tree/sortedWalk.js"

/** A tree in memory: a directory by its names. */
type Tree = Map<string, Tree | "file">

const add = (tree: Tree, [name = "", ...rest]: ReadonlyArray<string>): void => {
  const there = tree.get(name)
  if (rest.length === 0) {
    if (there === undefined) tree.set(name, "file")
    return
  }
  if (there === "file") return
  const below = there ?? new Map()
  tree.set(name, below)
  add(below, rest)
}

const keysOf = (tree: Tree, prefix = ""): ReadonlyArray<string> =>
  Array.from(tree).flatMap(([name, below]) =>
    below === "file" ? [prefix + name] : [`${prefix}${name}/`, ...keysOf(below, `${prefix}${name}/`)]
  )

const open = (tree: Tree, name: string) => ({
  folder: { name, tree },
  names: sortedWalk.sorted(Array.from(tree.keys())),
  before: name === "" ? undefined : { name, tree }
})

const walk = (tree: Tree) =>
  sortedWalk.walk<
    { readonly name: string; readonly tree: Tree },
    { readonly name: string; readonly tree: Tree | undefined },
    never
  >(open(tree, ""), {
    look: ({ name, tree }, base) =>
      Effect.sync(() => {
        const below = tree.get(base)
        return below === undefined || below === "file"
          ? { found: { name: name + base, tree: undefined }, isDirectory: false }
          : { found: { name: `${name}${base}/`, tree: below }, isDirectory: true }
      }),
    open: (_, { name, tree }) => Effect.sync(() => tree && open(tree, name))
  })

const segment = fc.string({
  unit: fc.constantFrom("a", "b", "-", ".", "0", "\u00e9", "\uffee", "\u{1f600}"),
  minLength: 1,
  maxLength: 3
})

describe("sortedWalk", () => {
  it.effect("gives everything once, in the order of COS lists", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(segment, { minLength: 1, maxLength: 3 }), { maxLength: 300 }),
          async (paths) => {
            const tree: Tree = new Map()
            for (const path of paths) add(tree, path)
            const found = await Effect.runPromise(Stream.runCollect(walk(tree)))
            expect(Array.from(found, ({ name }) => name)).toEqual(sortedWalk.sorted(keysOf(tree)))
          }
        ),
        { numRuns: 30, seed: 7 }
      )
    )
  )
})

describe("NameSet", () => {
  it("knows what it was told, and nothing else, through all its sizes", () => {
    const names = new NameSet(2)
    const nameOf = (i: number) => `folder-${i % 97}/${i}/${"x".repeat(i % 5)}`
    const wrong: Array<string> = []
    const look = (name: string, kind: "file" | "folder" | undefined) => {
      if (names.get(name) !== kind) wrong.push(name)
    }
    for (let i = 0; i < 20_000; i++) {
      look(nameOf(i), undefined)
      names.set(nameOf(i), i % 3 === 0 ? "file" : "folder")
    }
    for (let i = 0; i < 20_000; i++) {
      look(nameOf(i), i % 3 === 0 ? "file" : "folder")
      look(nameOf(i).toUpperCase(), undefined)
    }
    expect(wrong).toEqual([])
  })
})
