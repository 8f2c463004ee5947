import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { XMLValidator } from "fast-xml-parser"
import * as CosXml from "../src/CosXml.js"

const readers = [
  ["parse", CosXml.parse],
  ["parseList", CosXml.parseList]
] as const

const listing = (count: number) =>
  `<?xml version='1.0' encoding='utf-8' ?>
<ListBucketResult>
	<Name>examplebucket-1250000000</Name>
	<Prefix/>
	<Marker></Marker>
	<IsTruncated>false</IsTruncated>
${Array.from(
  { length: count },
  (_, i) => `	<Contents>
		<Key> a&amp;b/${i}&#x4E2D; </Key>
		<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag>
		<Owner>
			<ID>1250000000</ID>
		</Owner>
	</Contents>
`
).join("")}</ListBucketResult>
`

describe.each(readers)("CosXml.%s", (_, read) => {
  const content = (xml: string) => Either.getOrThrow(read(xml)).content

  it("a listing: text untrimmed, blanks between elements dropped, repeated elements an array", () => {
    const { content, root } = Either.getOrThrow(read(listing(2)))
    expect(root).toBe("ListBucketResult")
    const entry = (i: number) => ({
      Key: ` a&b/${i}中 `,
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      Owner: { ID: "1250000000" }
    })
    expect(content).toEqual({
      Name: "examplebucket-1250000000",
      Prefix: "",
      Marker: "",
      IsTruncated: "false",
      Contents: [entry(0), entry(1)]
    })
  })

  it("records have no prototype, so nothing is inherited", () => {
    const elements = content("<r><a><b/></a></r>") as { readonly a: object }
    expect(Object.getPrototypeOf(elements)).toBeNull()
    expect(Object.getPrototypeOf(elements.a)).toBeNull()
  })

  it.each<readonly [xml: string, root: string, content: unknown]>([
    ["<a/>", "a", ""],
    ["<a></a >", "a", ""],
    ["<a\n\t/>", "a", ""],
    ["<LocationConstraint>ap-guangzhou</LocationConstraint>", "LocationConstraint", "ap-guangzhou"],
    ["\ufeff<?xml version='1.0'?>\r\n<a>\r\n<b>1\r2\r\n3</b>\r\n</a>", "a", { b: "1\n2\n3" }],
    [' \n \n<?xml version="1.0" encoding="UTF-8"?>\n<a>x</a> \n', "a", "x"],
    ["<a>  </a>", "a", "  "],
    ["<a> \t\n<b> </b> </a>", "a", { b: " " }],
    ["<a>&#32;<b/>&#10;</a>", "a", { b: "" }],
    ["<a>1<!-- <b> & -->2</a>", "a", "12"],
    ["<!-- one --><?target data?><a><!----><?x?></a><!-- two -->", "a", ""],
    ["<a><b>1</b><!-- ' --><c>2</c><b>3</b><b/></a>", "a", { b: ["1", "3", ""], c: "2" }],
    // Names in another order than the last time, of which one begins like the one that came then.
    [
      "<a><b/><c/><b/><cd/><b/><c1>1</c1><b/><n:c>2</n:c></a>",
      "a",
      { b: ["", "", "", ""], c: ["", "2"], cd: "", c1: "1" }
    ],
    ["<a><b><c>1</c></b><b>2</b></a>", "a", { b: [{ c: "1" }, "2"] }],
    ["<a>x > y ' \" ]] ></a>", "a", "x > y ' \" ]] >"],
    // A quotation mark in an instruction opens nothing.
    ["<?x it's?><a><b>1<?y \"?>2</b><?z > ?><b>'\"</b></a><?x '?>", "a", { b: ["12", "'\""] }],
    ["<?xml it's?><a>'</a>", "a", "'"],
    // Attributes and namespaces change nothing.
    ['<a x="1" y = \'>"\'>t</a>', "a", "t"],
    ['<a x="/"/>', "a", ""],
    ['<a xmlns="http://e" xmlns:xsi="http://x"><b xsi:type="Group">t</b></a>', "a", { b: "t" }],
    ["<n:a xmlns:n='u'><m:b>t</m:b><b>s</b></n:a>", "a", { b: ["t", "s"] }],
    // Entities are decoded once, and not in CDATA.
    ["<a>&lt;&gt;&amp;&quot;&apos;</a>", "a", "<>&\"'"],
    ["<a>&amp;lt;&#38;amp;</a>", "a", "&lt;&amp;"],
    ["<a>&#x4E2D;&#20013;&#x1F600;&#x10ffff;&#13;</a>", "a", "中中😀\u{10ffff}\r"],
    ["<a><![CDATA[a&amp;b]]></a>", "a", "a&amp;b"],
    ["<a>&amp;<![CDATA[<b>&#65;]]>&lt;<![CDATA[]]]]><![CDATA[>]]></a>", "a", "&<b>&#65;<]]>"],
    ["<a><![CDATA[ ]]><b/><![CDATA[]]></a>", "a", { b: "" }]
  ])("reads %j", (xml, root, expected) => {
    expect(read(xml)).toEqual(Either.right({ root, content: expected }))
  })

  it.each<readonly [xml: string, reason: string]>([
    ["", "an unfinished document"],
    [" \n", "an unfinished document"],
    ["<?xml version='1.0'?>", "an unfinished document"],
    ["text", "text outside the root"],
    ['{"Code":"x"}', "text outside the root"],
    // cut short
    ["<a>", "an unfinished document"],
    ["<a><b></b>", "an unfinished document"],
    ["<a><b>x</b", "a mismatched end tag"],
    ["<a", "a malformed or unsupported tag"],
    ["<a ", "a malformed or unsupported tag"],
    ['<a b="', "a malformed or unsupported tag"],
    ["<a><", "a malformed or unsupported tag"],
    ["<a><!--", "a malformed or unfinished comment"],
    ["<a><![CDATA[x]]</a>", "an unfinished CDATA section"],
    ["<?xml version='1.0'", "a malformed or unfinished instruction"],
    // not well-formed
    ["<a></b>", "a mismatched end tag"],
    ["<a><b></a></b>", "a mismatched end tag"],
    ["<a></ab>", "a mismatched end tag"],
    ["<ab></a>", "a mismatched end tag"],
    ["<n:a></a>", "a mismatched end tag"],
    ["<a></a/>", "a mismatched end tag"],
    ["<a></a b=''>", "a mismatched end tag"],
    ["</a>", "a mismatched end tag"],
    ["<a/></a>", "a mismatched end tag"],
    ["<a></ a>", "a mismatched end tag"],
    ["< a/>", "a malformed or unsupported tag"],
    ["<1/>", "a malformed or unsupported tag"],
    ["<a:b:c/>", "a malformed or unsupported tag"],
    ["<:a/>", "a malformed or unsupported tag"],
    ["<名/>", "a malformed or unsupported tag"],
    ["<a b/>", "a malformed or unsupported tag"],
    ["<a b=c/>", "a malformed or unsupported tag"],
    ["<a b='<'/>", "a malformed or unsupported tag"],
    ["<a b='1'c='2'/>", "a malformed or unsupported tag"],
    ["<a b='1' b='2'/>", "an attribute twice"],
    ["<a b='&x;'/>", "an unknown or unfinished entity"],
    ["<a / >", "a malformed or unsupported tag"],
    ["<a>]]></a>", "a stray ]]>"],
    ["<a><!-- -- --></a>", "a malformed or unfinished comment"],
    ["<a><?xml version='1.0'?></a>", "a declaration inside"],
    ["<!-- --><?xml version='1.0'?><a/>", "a declaration inside"],
    // one root and nothing after it
    ["<a/><b/>", "a second root"],
    ["<a></a><a></a>", "a second root"],
    ["<a/>x", "text outside the root"],
    ["x<a/>", "text outside the root"],
    ["<a/>&#32;", "text outside the root"],
    ["<a/><![CDATA[]]>", "text outside the root"],
    ["<a/>\0", "a character that XML 1.0 forbids"],
    // what a document has no business with
    ["<!DOCTYPE a><a/>", "a malformed or unsupported tag"],
    ["<!doctype a><a/>", "a malformed or unsupported tag"],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "a malformed or unsupported tag"],
    ["<a><!ELEMENT b></a>", "a malformed or unsupported tag"],
    ["<a><![cdata[x]]></a>", "a malformed or unsupported tag"],
    ["<a><![ CDATA[x]]></a>", "a malformed or unsupported tag"],
    ["<a>x<b/></a>", "text beside elements"],
    ["<a><b/><![CDATA[x]]></a>", "text beside elements"],
    // entities
    ["<a>&</a>", "an unknown or unfinished entity"],
    ["<a>&amp</a>", "an unknown or unfinished entity"],
    ["<a>&am<!-- -->p;</a>", "an unknown or unfinished entity"],
    ["<a>&nbsp;</a>", "an unknown or unfinished entity"],
    ["<a>&AMP;</a>", "an unknown or unfinished entity"],
    ["<a>&toString;</a>", "an unknown or unfinished entity"],
    ["<a>&#;</a>", "an unknown or unfinished entity"],
    ["<a>&#x;</a>", "an unknown or unfinished entity"],
    ["<a>&#X41;</a>", "an unknown or unfinished entity"],
    ["<a>&#6 5;</a>", "an unknown or unfinished entity"],
    ["<a>&#-1;</a>", "an unknown or unfinished entity"],
    ["<a>&#1114112;</a>", "an unknown or unfinished entity"],
    ["<a>&#99999999999999999999;</a>", "an unknown or unfinished entity"],
    ["<a>&#0;</a>", "an unknown or unfinished entity"],
    ["<a>&#1;</a>", "an unknown or unfinished entity"],
    ["<a>&#xD800;</a>", "an unknown or unfinished entity"],
    ["<a>&#xFFFF;</a>", "an unknown or unfinished entity"],
    // characters
    ["<a>\u0001</a>", "a character that XML 1.0 forbids"],
    ["<a>\u001f</a>", "a character that XML 1.0 forbids"],
    ["<a>\ufffe</a>", "a character that XML 1.0 forbids"],
    ["<a>\ud800</a>", "a character that XML 1.0 forbids"],
    ["<a>\udc00</a>", "a character that XML 1.0 forbids"],
    // names that a plain object inherits
    ["<__proto__>x</__proto__>", "a reserved name"],
    ["<a><__proto__><b/></__proto__></a>", "a reserved name"],
    ["<a><__proto__/><__proto__/></a>", "a reserved name"],
    ["<a><n:constructor/></a>", "a reserved name"],
    ["<a><prototype/></a>", "a reserved name"],
    ["<a><hasOwnProperty/></a>", "a reserved name"],
    ["<a><toString/></a>", "a reserved name"]
  ])("refuses %j", (xml, reason) => {
    const error = Either.getOrThrow(Either.flip(read(xml)))
    expect(error).toBeInstanceOf(CosXml.XmlError)
    expect(error.reason).toBe(reason)
  })

  it("characters that XML forbids, where they are let in", () => {
    const anyCharacter = (xml: string) => read(xml, { anyCharacter: true })
    const text = "\0\u0001\u001f\ufffe\uffff\r<"
    const references = Array.from(text, (character) => `&#${character.charCodeAt(0)};`).join("")
    const raw = text.slice(0, 5)
    expect(anyCharacter(`<a>${references}${raw}</a>`)).toEqual(Either.right({ root: "a", content: text + raw }))
    for (const xml of [
      "<a>&#xD800;</a>",
      "<a>&#1114112;</a>",
      "<a>&#-1;</a>",
      "<a>&#1</a>",
      "<a>\u0001",
      "<a/>\u0001"
    ]) {
      expect([xml, Either.isLeft(anyCharacter(xml))]).toEqual([xml, true])
    }
  })

  it("nesting: 32 deep and no deeper", () => {
    const nested = (depth: number, inner: string) => `${"<a>".repeat(depth)}${inner}${"</a>".repeat(depth)}`
    expect(Either.isRight(read(nested(31, "<a/>")))).toBe(true)
    expect(Either.isRight(read(nested(32, "x")))).toBe(true)
    for (const xml of [nested(32, "<a/>"), nested(33, ""), "<a>".repeat(1_000_000)]) {
      expect(read(xml)).toMatchObject({ left: { reason: "nested deeper than 32 elements" } })
    }
  })

  it("size: 16 MiB and no longer", () => {
    const sized = (length: number) => `<a>${"x".repeat(length - 7)}</a>`
    expect(read(sized(CosXml.maxLength + 1))).toMatchObject({ left: { reason: "longer than 16 MiB" } })
    // Read in full only by the fast reader: the other one takes seconds over such a text.
    if (read === CosXml.parseList) expect(Either.isRight(read(sized(CosXml.maxLength)))).toBe(true)
  })

  it("hostile input of a megabyte and more ends", () => {
    const many = 1_000_000
    for (const xml of [
      `<a${" ".repeat(many)}`,
      `<a${" b=''".repeat(many)}`,
      `<a b="${"x".repeat(many)}`,
      `<a b="${"x".repeat(many)}" b=""/>`,
      `<a>${"&".repeat(many)}</a>`,
      `<a>${"<b>".repeat(many)}`,
      "<".repeat(many),
      `<a>${"<!--".repeat(many)}`,
      `<a>${"<![CDATA[".repeat(many)}`,
      `<a>${"]]".repeat(many)}]]></a>`,
      `<${"a".repeat(many)}`,
      `<a></a${" ".repeat(many)}`,
      `<?${"a".repeat(many)}`
    ]) {
      expect(Either.isLeft(read(xml))).toBe(true)
    }
  })

  it("every cut of a document is refused, never a shorter list", () => {
    const xml = listing(2).trimEnd()
    for (let end = 0; end < xml.length; end++) expect(Either.isLeft(read(xml.slice(0, end)))).toBe(true)
  })
})

const text = FastCheck.string({
  unit: FastCheck.oneof(
    { weight: 3, arbitrary: FastCheck.constantFrom(..."ab &<>\"'\r\n\t]-") },
    { weight: 1, arbitrary: FastCheck.string({ unit: "grapheme", minLength: 1, maxLength: 1 }).filter(CosXml.isText) }
  ),
  maxLength: 8
})
const names = FastCheck.constantFrom("Key", "Contents", "a", "b-c.d_e", "X1", "ID")
const { node } = FastCheck.letrec<{ node: CosXml.Node }>((tie) => ({
  node: FastCheck.oneof(
    { maxDepth: 4, depthSize: "small", withCrossShrink: true },
    text,
    FastCheck.dictionary(
      names,
      FastCheck.oneof(tie("node"), FastCheck.array(tie("node"), { minLength: 2, maxLength: 3 })),
      { minKeys: 1, maxKeys: 4 }
    )
  )
}))

describe("CosXml", () => {
  it("parse and parseList are one function on the documents that build writes, and undo it", () => {
    FastCheck.assert(
      FastCheck.property(names, node, (root, content) => {
        const xml = Either.getOrThrow(CosXml.build(root, content))
        for (const [, read] of readers) expect(read(xml)).toEqual(Either.right({ root, content }))
      }),
      { seed: 1, numRuns: 500 }
    )
  })

  it("and on those that other servers write", () => {
    const blank = FastCheck.constantFrom("", " ", "\n\t", "\r\n", "<!-- c -->", "<?p i?>")
    const attributes = FastCheck.constantFrom("", ' a="1"', " x:y = '>' ", "\n")
    const piece = FastCheck.oneof(
      text.map((value) => value.replace(/[&<>]/g, "&#x26;")),
      text.map((value) => `<![CDATA[${value.replaceAll("]]>", "")}]]>`),
      FastCheck.constantFrom("&amp;", "&#20013;", "<!-- & -->")
    )
    const { element } = FastCheck.letrec<{ element: string }>((tie) => ({
      element: FastCheck.tuple(
        FastCheck.oneof(
          names,
          names.map((name) => `n:${name}`)
        ),
        attributes,
        FastCheck.oneof(
          { maxDepth: 4, depthSize: "small" },
          FastCheck.array(piece, { maxLength: 3 }).map((pieces) => pieces.join("")),
          FastCheck.array(FastCheck.tuple(blank, tie("element"), blank), { maxLength: 4 }).map((children) =>
            children.flat().join("")
          )
        )
      ).map(([name, attribute, inner]) =>
        inner === "" ? `<${name}${attribute}/>` : `<${name}${attribute}>${inner}</${name}>`
      )
    }))
    FastCheck.assert(
      FastCheck.property(blank, element, blank, (before, xml, after) => {
        const source = before + xml + after
        const list = CosXml.parseList(source)
        expect(Either.isRight(list)).toBe(true)
        expect(list).toEqual(CosXml.parse(source))
      }),
      { seed: 2, numRuns: 500 }
    )
  })

  it("and on those that quote oddly: in attributes, instructions, comments and CDATA", () => {
    const attributes = FastCheck.constantFrom("", ` n:y=">"`, ` z='"/>'`, ` q="a/"`, "\n\tx = '&lt;?'", ` w="]]>"`)
    const between = FastCheck.constantFrom(
      ...[
        "",
        "<!-- ' -->",
        '<!--<b>"-->',
        "<?x it's?>",
        '<?y a="?>',
        "<?z > ?>",
        "<?p <b> ?>",
        "<![CDATA[ ]]>",
        "&#32;"
      ]
    )
    const piece = FastCheck.constantFrom(
      ...[
        "t",
        "a>b",
        "'\"",
        "--",
        "/>",
        "?>",
        "]]",
        "<![CDATA[<x>&amp;]]>",
        "<![CDATA[]]]]>",
        "<?x it's?>",
        '<!--"-->',
        "\r"
      ]
    )
    const name = FastCheck.constantFrom("a", "n:a", "xml", "br", "c.d")
    const { element } = FastCheck.letrec<{ element: string }>((tie) => ({
      element: FastCheck.tuple(
        name,
        attributes,
        FastCheck.oneof(
          { maxDepth: 4, depthSize: "small" },
          FastCheck.array(piece, { maxLength: 4 }).map((pieces) => pieces.join("")),
          FastCheck.array(FastCheck.tuple(between, tie("element"), between), { minLength: 1, maxLength: 3 }).map(
            (children) => children.flat().join("")
          )
        )
      ).map(([name, attribute, inner]) => `<${name}${attribute}>${inner}</${name}>`)
    }))
    FastCheck.assert(
      FastCheck.property(element, (xml) => {
        const list = CosXml.parseList(xml)
        expect(Either.isRight(list)).toBe(true)
        expect(list).toEqual(CosXml.parse(xml))
      }),
      { seed: 4, numRuns: 500 }
    )
  })

  it("and on damaged ones: both refuse, or both read the same", () => {
    const fragment = FastCheck.constantFrom(
      ..."<>/&;!?-[]\"' =\0\n:a",
      "<a>",
      "</a>",
      "<a/>",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "&amp;",
      "&#0;",
      "<!DOCTYPE x>",
      "<?xml?>",
      "]]",
      "Key"
    )
    const edit = FastCheck.tuple(
      FastCheck.nat(),
      FastCheck.nat({ max: 6 }),
      FastCheck.oneof(fragment, FastCheck.constant(""))
    )
    let refused = 0
    FastCheck.assert(
      FastCheck.property(names, node, FastCheck.array(edit, { minLength: 1, maxLength: 3 }), (root, content, edits) => {
        let xml = Either.getOrThrow(CosXml.build(root, content))
        for (const [position, remove, insert] of edits) {
          const at = position % (xml.length + 1)
          xml = xml.slice(0, at) + insert + xml.slice(at + remove)
        }
        const [document, list] = [CosXml.parse(xml), CosXml.parseList(xml)]
        if (Either.isLeft(list)) refused++
        if (Either.isLeft(list)) expect([xml, Either.isLeft(document)]).toEqual([xml, true])
        else {
          expect(document).toEqual(list)
          // A third opinion, which knows nothing of blanks before a declaration.
          expect([xml, XMLValidator.validate(xml.trimStart())]).toEqual([xml, true])
        }
      }),
      { seed: 3, numRuns: 3000 }
    )
    expect(refused).toBeGreaterThan(1000)
    expect(refused).toBeLessThan(2900)
  })

  describe("decodeUtf8", () => {
    it("takes UTF-8, without its BOM, and refuses everything else", () => {
      expect(CosXml.decodeUtf8(new TextEncoder().encode("\ufeff<a>中</a>"))).toEqual(Either.right("<a>中</a>"))
      for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xd6, 0xd0]]) {
        expect(CosXml.decodeUtf8(Uint8Array.from(bytes))).toMatchObject({ left: { reason: "not UTF-8" } })
      }
      expect(CosXml.decodeUtf8(new Uint8Array(CosXml.maxLength + 1))).toMatchObject({
        left: { reason: "longer than 16 MiB" }
      })
    })
  })

  describe("build", () => {
    it("writes what the official SDK sends", () => {
      expect(
        CosXml.build("Delete", { Object: [{ Key: "a&b<c>" }, { Key: "b", VersionId: "v1" }], Quiet: "true" })
      ).toEqual(
        Either.right(
          "<Delete><Object><Key>a&amp;b&lt;c&gt;</Key></Object><Object><Key>b</Key><VersionId>v1</VersionId></Object><Quiet>true</Quiet></Delete>"
        )
      )
    })

    it.each<readonly [content: CosXml.Node, xml: string]>([
      ["", "<r/>"],
      [{}, "<r/>"],
      [{ a: [] }, "<r/>"],
      [{ a: "" }, "<r><a/></r>"],
      [{ a: [""], b: {} }, "<r><a/><b/></r>"],
      ["\"'&<>", "<r>&quot;&apos;&amp;&lt;&gt;</r>"],
      ["a\r\n\tb", "<r>a&#13;\n\tb</r>"],
      [{ "@xmlns": "u", a: "1" }, '<r xmlns="u"><a>1</a></r>'],
      [{ G: { "@xsi:type": 'a"<&\r\n\t' } }, '<r><G xsi:type="a&quot;&lt;&amp;&#13;&#10;&#9;"/></r>']
    ])("%j", (content, xml) => {
      expect(CosXml.build("r", content)).toEqual(Either.right(xml))
    })

    it.each(["\0", "\u0001", "\u001b", "\ufffe", "\uffff", "\ud800", "a\udc00"])("refuses %j", (bad) => {
      expect(CosXml.isText(bad)).toBe(false)
      for (const content of [bad, { a: [{ b: bad }] }, { "@a": bad }]) {
        expect(CosXml.build("r", content)).toMatchObject({ left: { reason: "a character that XML 1.0 forbids" } })
      }
    })

    it("isText is what survives a round trip", () => {
      expect(CosXml.isText("\t\n\r \u007f\u0085\ud7ff\ue000\ufffd😀")).toBe(true)
      FastCheck.assert(
        FastCheck.property(FastCheck.string({ unit: "binary" }), (value) => {
          const xml = CosXml.build("r", value)
          expect(Either.isRight(xml)).toBe(CosXml.isText(value))
          if (Either.isRight(xml)) expect(CosXml.parse(xml.right)).toEqual(Either.right({ root: "r", content: value }))
        }),
        { seed: 4 }
      )
    })
  })

  it("an error says what and where, and quotes nothing", () => {
    const error = Either.getOrThrow(Either.flip(CosXml.parseList("<a><secret>x</a>")))
    expect(error.message).toBe("a mismatched end tag at offset 12")
    expect(String(error)).not.toContain("secret")
  })
})
