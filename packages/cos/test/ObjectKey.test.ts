import * as path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as ObjectKey from "../src/ObjectKey.js"

const anyKey = FastCheck.string({ unit: "binary", maxLength: 40 })
const pathLike = FastCheck.string({
  unit: FastCheck.constantFrom(..."aB.~/\\: *$%é中😀\u0001\0", "..", "CON", "nul", "com1", "C:", "e\u0301"),
  maxLength: 12
})

describe("ObjectKey", () => {
  describe("validate", () => {
    it.each([
      "a",
      " ",
      "+",
      "%2F",
      "%00",
      "a//b",
      "..",
      ".a",
      "a/.",
      "a/../b",
      "../../etc/passwd",
      "C:\\x",
      "\ufeff",
      "e\u0301",
      "\u00e9",
      "😀",
      "a\rb\n\t",
      "&<>\"'",
      "\u0001\u0017\u001c\u007f",
      "folder/",
      "a".repeat(850),
      "中".repeat(283),
      "😀".repeat(212)
    ])("accepts %j", (key) => {
      expect(ObjectKey.validate(key)).toEqual(Either.right(key))
    })

    it.each([
      ["", "must not be empty"],
      ["a".repeat(851), "must have at most 850 bytes of UTF-8"],
      ["中".repeat(284), "must have at most 850 bytes of UTF-8"],
      ["é".repeat(426), "must have at most 850 bytes of UTF-8"],
      ["😀".repeat(213), "must have at most 850 bytes of UTF-8"],
      ["/a", "must not begin with / or \\"],
      ["//a", "must not begin with / or \\"],
      ["/../", "must not begin with / or \\"],
      ["\\a", "must not begin with / or \\"],
      [".", "must not consist of / and . segments only"],
      ["././/.", "must not consist of / and . segments only"],
      ["a\0", "must not have the characters U+0000 and U+0018 to U+001B"],
      ["a\u0018", "must not have the characters U+0000 and U+0018 to U+001B"],
      ["\u001b", "must not have the characters U+0000 and U+0018 to U+001B"],
      ["\ud800", "must be well-formed Unicode, without lone surrogates"],
      ["a\udc00b", "must be well-formed Unicode, without lone surrogates"],
      ["\udc00\ud800", "must be well-formed Unicode, without lone surrogates"]
    ])("refuses %j", (key, rule) => {
      expect(ObjectKey.validate(key)).toEqual(Either.left({ field: "key", reason: `key ${rule}` }))
    })

    it("counts bytes as UTF-8 does", () => {
      FastCheck.assert(
        FastCheck.property(anyKey, FastCheck.integer({ min: 0, max: 850 }), (text, filler) => {
          const key = `a${text.replace(/[\0\x18-\x1b]/g, "")}${"b".repeat(filler)}`
          expect(Either.isRight(ObjectKey.validate(key))).toBe(Buffer.byteLength(key) <= ObjectKey.maxBytes)
        }),
        { seed: 1, numRuns: 500 }
      )
    })
  })

  describe("encode", () => {
    it("as the official SDK sends it", () => {
      expect(ObjectKey.encode("中文 +%()!'*~/a//b")).toBe("%E4%B8%AD%E6%96%87%20%2B%25%28%29%21%27%2A~/a//b")
      expect(ObjectKey.encode("a/../b/./c")).toBe("a/../b/./c")
    })

    it("is undone by decoding once", () => {
      FastCheck.assert(
        FastCheck.property(anyKey, (key) => {
          const encoded = ObjectKey.encode(key)
          expect(encoded).toMatch(/^(?:[A-Za-z0-9_.~/-]|%[0-9A-F]{2})*$/)
          expect(decodeURIComponent(encoded)).toBe(key)
        }),
        { seed: 2 }
      )
    })
  })

  it("hasDotSegments: exactly the keys that WHATWG URL rewrites", () => {
    for (const key of [".", "..", "./a", "a/.", "a/..", "a/./b", "a/../b"])
      expect(ObjectKey.hasDotSegments(key)).toBe(true)
    for (const key of ["a", "...", ".a", "a.", "a/.b", "..a/b", "a//b", "%2e%2e/a"]) {
      expect(ObjectKey.hasDotSegments(key)).toBe(false)
    }
    FastCheck.assert(
      FastCheck.property(pathLike, (key) => {
        const encoded = `/${ObjectKey.encode(key)}`
        const kept = new URL(`https://host.example${encoded}`).pathname === encoded
        expect(ObjectKey.hasDotSegments(key)).toBe(!kept)
      }),
      { seed: 3, numRuns: 1000 }
    )
  })

  it("compare orders by bytes of UTF-8", () => {
    expect(ObjectKey.compare("\uffff", "😀")).toBe(-1)
    expect(ObjectKey.compare("a😀", "a\ue000")).toBe(1)
    expect(ObjectKey.compare("a", "a")).toBe(0)
    const unit = FastCheck.constantFrom(
      "a",
      "z",
      "\u00e9",
      "\ud7ff",
      "\ue000",
      "\uffff",
      "\u{10000}",
      "😀",
      "\u{10ffff}"
    )
    const text = FastCheck.oneof(FastCheck.string({ unit, maxLength: 6 }), anyKey)
    FastCheck.assert(
      FastCheck.property(text, text, (a, b) => {
        expect(ObjectKey.compare(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      { seed: 4, numRuns: 2000 }
    )
  })

  describe("local paths", () => {
    it.each([
      ["", "EmptySegment", ""],
      ["/", "EmptySegment", ""],
      ["/etc/passwd", "EmptySegment", ""],
      ["a//b", "EmptySegment", ""],
      ["a//", "EmptySegment", ""],
      [".", "DotSegment", "."],
      ["../../etc/passwd", "DotSegment", ".."],
      ["a/./b", "DotSegment", "."],
      ["a/..", "DotSegment", ".."],
      ["a/../", "DotSegment", ".."],
      ["a\0b", "ControlCharacter", "a\0b"],
      ["a/\ud800", "LoneSurrogate", "\ud800"],
      [`a/${"b".repeat(256)}`, "TooLong", "b".repeat(256)],
      ["中".repeat(86), "TooLong", "中".repeat(86)]
    ] as const)("%j is unsafe everywhere", (key, reason, segment) => {
      expect(ObjectKey.toLocalPath(key)).toEqual(Either.left({ reason, segment }))
      expect(ObjectKey.toLocalPath(key, { platform: "posix" })).toEqual(Either.left({ reason, segment }))
    })

    it.each([
      ["C:\\x", "ReservedCharacter", "C:\\x"],
      ["C:/x", "ReservedCharacter", "C:"],
      ["a:b", "ReservedCharacter", "a:b"],
      ["..\\x", "ReservedCharacter", "..\\x"],
      ["\\\\host\\share", "ReservedCharacter", "\\\\host\\share"],
      ['a"b', "ReservedCharacter", 'a"b'],
      ["a?", "ReservedCharacter", "a?"],
      ["a\tb", "ControlCharacter", "a\tb"],
      ["a/b.", "TrailingDotOrSpace", "b."],
      ["a /b", "TrailingDotOrSpace", "a "],
      ["...", "TrailingDotOrSpace", "..."],
      ["CON", "ReservedName", "CON"],
      ["a/nul.txt/b", "ReservedName", "nul.txt"],
      ["Aux .tar.gz", "ReservedName", "Aux .tar.gz"],
      ["com1", "ReservedName", "com1"],
      ["LPT\u00b3.x", "ReservedName", "LPT\u00b3.x"],
      ["conin$", "ReservedName", "conin$"]
    ] as const)("%j is unsafe unless only POSIX is asked for", (key, reason, segment) => {
      expect(ObjectKey.toLocalPath(key)).toEqual(Either.left({ reason, segment }))
      expect(Either.isRight(ObjectKey.toLocalPath(key, { platform: "posix" }))).toBe(true)
    })

    it.each([
      ["a", ["a"], false],
      ["a/b.txt", ["a", "b.txt"], false],
      ["a/", ["a"], true],
      [".hidden/..x/a b", [".hidden", "..x", "a b"], false],
      ["console/nullable/com/com10/auxiliary.c", ["console", "nullable", "com", "com10", "auxiliary.c"], false],
      ["目录/😀+%2F&'", ["目录", "😀+%2F&'"], false],
      ["b".repeat(255), ["b".repeat(255)], false]
    ] as const)("%j", (key, segments, directory) => {
      expect(ObjectKey.toLocalPath(key)).toEqual(Either.right({ segments, directory }))
    })

    it.each(["portable", "posix"] as const)("%s: confined to the root, and back to the same key", (platform) => {
      FastCheck.assert(
        FastCheck.property(FastCheck.oneof(pathLike, anyKey), (key) => {
          const local = ObjectKey.toLocalPath(key, { platform })
          if (Either.isLeft(local)) return
          const { directory, segments } = local.right
          for (const system of platform === "posix" ? [path.posix] : [path.posix, path.win32]) {
            const root = system.resolve("/root")
            const relative = system.relative(root, system.resolve(root, ...segments))
            expect(relative.split(system.sep)).toEqual(segments)
          }
          expect(`${segments.join("/")}${directory ? "/" : ""}`).toBe(key)
          expect(ObjectKey.fromLocalPath(local.right)).toEqual(ObjectKey.validate(key))
        }),
        { seed: 5, numRuns: 2000 }
      )
    })

    it("fromLocalPath refuses what is no relative path or no key", () => {
      const rule = "must be a relative path without empty, . or .. segments"
      for (const segments of [[""], ["a", ""], ["."], ["a", ".."], ["a/b"]]) {
        expect(ObjectKey.fromLocalPath({ segments, directory: false })).toEqual(
          Either.left({ field: "key", reason: `key ${rule}` })
        )
      }
      expect(Either.isLeft(ObjectKey.fromLocalPath({ segments: ["\\a"], directory: false }))).toBe(true)
      expect(Either.isLeft(ObjectKey.fromLocalPath({ segments: ["a".repeat(851)], directory: false }))).toBe(true)
    })

    it("collisionKey is equal where a file system may not tell keys apart", () => {
      for (const [a, b] of [
        ["A/b", "a/B"],
        ["\u00e9", "e\u0301"],
        ["\u212a", "k"],
        ["\u017f", "s"],
        ["Σ", "ς"]
      ] as const) {
        expect(ObjectKey.collisionKey(a)).toBe(ObjectKey.collisionKey(b))
      }
      expect(ObjectKey.collisionKey("a")).not.toBe(ObjectKey.collisionKey("b"))
    })
  })
})
