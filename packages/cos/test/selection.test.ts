import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as selection from "../src/internal/transfer/tree/selection.js"

const names = [
  "a.html",
  "b.css",
  "sub/a.html",
  "sub/deep/c.html",
  "sub/.hidden",
  "we+ird (1).html",
  "x{y}.txt",
  "ä.html"
]

type Selection = Parameters<typeof selection.make<string>>[1]

const make = (of: Selection) => Either.getOrThrow(selection.make<string>("test", of))

const chosen = (of: Selection, from: ReadonlyArray<string> = names) => {
  const { has } = make(of)
  return from.filter((name) => has(name, name))
}

describe("which files of a tree are selected", () => {
  it.each<[Selection, ReadonlyArray<string>]>([
    [{}, names],
    [{ include: "*.html" }, ["a.html", "we+ird (1).html", "ä.html"]],
    [{ include: "**/*.html" }, ["a.html", "sub/a.html", "sub/deep/c.html", "we+ird (1).html", "ä.html"]],
    [{ include: "sub/**" }, ["sub/a.html", "sub/deep/c.html", "sub/.hidden"]],
    [{ include: "sub/*" }, ["sub/a.html", "sub/.hidden"]],
    [{ include: "**/a.html" }, ["a.html", "sub/a.html"]],
    [{ include: "?.html" }, ["a.html", "ä.html"]],
    [{ include: ["*.{css,txt}", "sub/deep/*"] }, ["b.css", "sub/deep/c.html", "x{y}.txt"]],
    [{ include: "{a,sub/*}.html" }, ["a.html", "sub/a.html"]],
    [{ include: "we+ird (1).html" }, ["we+ird (1).html"]],
    [{ include: "a.htm" }, []],
    [{ include: "a_html" }, []],
    [{ include: [] }, []],
    [{ include: "*.html", exclude: "a*" }, ["we+ird (1).html", "ä.html"]],
    [{ exclude: ["sub/**", "*.css"] }, ["a.html", "we+ird (1).html", "x{y}.txt", "ä.html"]],
    [{ include: "*", filter: (name: string) => name.startsWith("b") }, ["b.css"]],
    // Nested braces, and an empty alternative.
    [{ include: "{a,{b,c}}.{html,{css,js}}" }, ["a.html", "b.css"]],
    [{ include: "sub/{,deep/}*.html" }, ["sub/a.html", "sub/deep/c.html"]],
    [{ include: "{sub/**,*.css}" }, ["b.css", "sub/a.html", "sub/deep/c.html", "sub/.hidden"]],
    // Classes.
    [{ include: "[a-c].*" }, ["a.html", "b.css"]],
    [{ include: "[!a]*.[ct]*" }, ["b.css", "x{y}.txt"]],
    [{ include: "[^ab]*.html" }, ["we+ird (1).html", "ä.html"]],
    // Escapes.
    [{ include: "x\\{y\\}.txt" }, ["x{y}.txt"]],
    [{ include: "we+ird \\(*\\).html" }, ["we+ird (1).html"]],
    // A pattern that begins with ! takes names away again, and the last one that matches decides.
    [{ include: ["**/*.html", "!sub/**", "sub/deep/*"] }, ["a.html", "sub/deep/c.html", "we+ird (1).html", "ä.html"]],
    [{ include: "!**/*.html" }, ["b.css", "sub/.hidden", "x{y}.txt"]],
    [{ exclude: ["sub/**", "!sub/a.html"] }, ["a.html", "b.css", "sub/a.html", "we+ird (1).html", "x{y}.txt", "ä.html"]]
  ])("%j", (of, expected) => {
    expect(chosen(of)).toEqual(expected)
  })

  it("a folder of which everything is excluded is not looked into", () => {
    const { hasNothingBelow } = make({ exclude: ["**/node_modules/**", "tmp/**", "*.map", "{x,y}/**"] })
    expect(["node_modules", "a/node_modules", "tmp", "x", "y"].map(hasNothingBelow)).toEqual(Array(5).fill(true))
    expect(["src", "a/tmp", "x.map", "node_modules2"].map(hasNothingBelow)).toEqual(Array(4).fill(false))
  })

  it("nor one below which nothing can be included", () => {
    const { hasNothingBelow } = make({ include: ["src/**/*.ts", "docs/*"] })
    expect(["src", "src/a", "docs"].map(hasNothingBelow)).toEqual(Array(3).fill(false))
    expect(["test", "docs/a", "srcs"].map(hasNothingBelow)).toEqual(Array(3).fill(true))
  })

  it("a folder is looked into when only some of what lies below it is excluded", () => {
    // What lies directly in tmp is excluded, tmp/a/b is not.
    expect(make({ exclude: "tmp/*" }).hasNothingBelow("tmp")).toBe(false)
    expect(make({ exclude: ["tmp/**", "!tmp/keep/**"] }).hasNothingBelow("tmp")).toBe(false)
    expect(make({ exclude: ["tmp/**", "!other/**"] }).hasNothingBelow("tmp")).toBe(true)
  })

  it.each([
    "",
    "a{b",
    "a}b",
    "{a}",
    "{a,{b}}",
    "{1..3}",
    "[ab",
    "[]",
    "[z-a]",
    "[[:alpha:]]",
    "[a/b]",
    "a\\",
    "+(a|b)",
    "!(a)",
    "@(a)",
    "?(a)",
    "*(a)",
    "/a",
    "./a",
    "../a",
    "{/a,b}",
    "node_modules/",
    "{dist,build}/",
    "{dist/,build}",
    "!",
    "a".repeat(4097),
    `${"{a,".repeat(33)}b${"}".repeat(33)}`
  ])("refuses %j rather than matching nothing", (pattern) => {
    for (const field of ["include", "exclude"] as const) {
      const result = selection.make("Sync", { [field]: ["*", pattern] })
      expect(Either.getOrThrow(Either.flip(result))).toMatchObject({ _tag: "InvalidInput", operation: "Sync", field })
    }
  })

  it("ends, whatever patterns and names hold", { timeout: 60_000 }, () => {
    const dashes = "-".repeat(800)
    const hostile = [
      ["*-*-*-*.log", dashes],
      [`${"*-".repeat(400)}x`, dashes],
      [`${"**/".repeat(300)}x`, "a/".repeat(400)],
      [`${"{a,b,*}".repeat(100)}x`, "ab".repeat(400)],
      [`${"{,}".repeat(1000)}x`, dashes],
      [`**${"{,}".repeat(1000)}`, dashes],
      [`${"{a,".repeat(32)}b${"}".repeat(32)}`.repeat(25), "ab".repeat(400)],
      [`{${"*,".repeat(1000)}x}`, dashes],
      [`${"[!b]".repeat(800)}`, dashes]
    ] as const
    for (const [pattern, name] of hostile) {
      const { has, hasNothingBelow } = make({ include: pattern })
      has(name, name)
      hasNothingBelow(name)
    }
  })
})

// --- against a matcher that is slow, but plain -----------------------------------------------------------------------

type Piece = string | { readonly either: ReadonlyArray<ReadonlyArray<Piece>> }

const text = (pieces: ReadonlyArray<Piece>): string =>
  pieces.map((piece) => (typeof piece === "string" ? piece : `{${piece.either.map(text).join(",")}}`)).join("")

const join = "\u0000"

/** The patterns without braces that a pattern stands for, with a mark wherever two pieces meet. */
const expand = (pieces: ReadonlyArray<Piece>): ReadonlyArray<string> =>
  pieces.reduce<ReadonlyArray<string>>(
    (begun, piece) =>
      begun.flatMap((left) =>
        (typeof piece === "string" ? [piece] : piece.either.flatMap(expand)).map((right) => left + join + right)
      ),
    [""]
  )

/** Segment by segment: `**` is any number of them. */
const matchesPlainly = (pattern: ReadonlyArray<string>, name: ReadonlyArray<string>): boolean => {
  const [first, ...rest] = pattern
  if (first === undefined) return name.length === 0
  if (/^\*\*+$/.test(first)) {
    // At the end it is one segment at least.
    const least = rest.length === 0 ? 1 : 0
    return (
      name.some((_, i) => i >= least && matchesPlainly(rest, name.slice(i))) ||
      (name.length >= least && matchesPlainly(rest, []))
    )
  }
  const [segment, ...others] = name
  if (segment === undefined) return false
  const expression = first.replace(/\*+|\?|\[!a\]|\[ab\]/g, (token) =>
    token.startsWith("*") ? "[^/]*" : token === "?" ? "[^/]" : token === "[!a]" ? "[^a/]" : "[ab]"
  )
  return new RegExp(`^(?:${expression})$`, "su").test(segment) && matchesPlainly(rest, others)
}

const token = FastCheck.constantFrom("a", "b", "/", "/", "*", "**", "**/", "/**", "?", "[!a]", "[ab]")
const flat = FastCheck.array<Piece>(token, { maxLength: 3 })
const braces = (within: FastCheck.Arbitrary<ReadonlyArray<Piece>>) =>
  FastCheck.record({ either: FastCheck.array(within, { minLength: 2, maxLength: 3 }) })
const nested = FastCheck.array<Piece>(FastCheck.oneof(token, braces(flat)), { maxLength: 2 })
const pieces = FastCheck.array<Piece>(
  FastCheck.oneof({ weight: 4, arbitrary: token }, { weight: 1, arbitrary: braces(nested) }),
  { minLength: 1, maxLength: 5 }
)
const someName = FastCheck.array(
  FastCheck.array(FastCheck.constantFrom("a", "b", "ab", "ba"), { minLength: 1, maxLength: 2 }),
  {
    minLength: 1,
    maxLength: 4
  }
).map((segments) => segments.map((segment) => segment.join("")).join("/"))

describe("patterns", () => {
  it("match what their plain patterns match", () => {
    FastCheck.assert(
      FastCheck.property(pieces, FastCheck.array(someName, { minLength: 1, maxLength: 8 }), (pieces, names) => {
        const selected = selection.make<string>("test", { include: text(pieces) })
        const joined = expand(pieces)
        // Where stars meet only through braces, as in {*,a}*, an expansion has other runs of them than were written.
        FastCheck.pre(joined.length < 100 && joined.every((pattern) => !/\*\0+\*/.test(pattern)))
        const plain = joined.map((pattern) => pattern.replaceAll(join, ""))
        if (Either.isLeft(selected)) {
          expect(plain.some((pattern) => pattern === "" || /^\/|\/$/.test(pattern))).toBe(true)
          return
        }
        for (const name of names) {
          const expected = plain.some((pattern) => matchesPlainly(pattern.split("/"), name.split("/")))
          expect(selected.right.has(name, name), `${text(pieces)} ${name}`).toBe(expected)
          const parents = name.split("/").map((_, i, all) => all.slice(0, i + 1).join("/"))
          if (expected) {
            for (const parent of parents.slice(0, -1)) expect(selected.right.hasNothingBelow(parent)).toBe(false)
          }
        }
      }),
      { seed: 20261128, numRuns: 3000 }
    )
  })
})

it.each([null, 5, {}, [undefined], ["*", 5], [["*"]]])("patterns that are no text are refused: %j", (patterns) => {
  for (const field of ["include", "exclude"] as const) {
    const result = selection.make("Sync", { [field]: patterns as never })
    expect(Either.getOrThrow(Either.flip(result))).toMatchObject({ _tag: "InvalidInput", operation: "Sync", field })
  }
})
