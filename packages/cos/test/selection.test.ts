import { describe, expect, it } from "@effect/vitest"
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

const chosen = (of: Parameters<typeof selection.make<string>>[0]) => {
  const { has } = selection.make<string>(of)
  return names.filter((name) => has(name, name))
}

describe("which files of a tree are meant", () => {
  it.each([
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
    [{ include: "*", filter: (name: string) => name.startsWith("b") }, ["b.css"]]
  ])("%j", (of, expected) => {
    expect(chosen(of)).toEqual(expected)
  })

  it("a folder of which everything is excluded is not looked into", () => {
    const { hasNothingBelow } = selection.make<string>({ exclude: ["**/node_modules/**", "tmp/**", "*.map"] })
    expect(["node_modules", "a/node_modules", "tmp"].map(hasNothingBelow)).toEqual([true, true, true])
    expect(["src", "a/tmp", "x.map", "node_modules2"].map(hasNothingBelow)).toEqual([false, false, false, false])
  })
})
