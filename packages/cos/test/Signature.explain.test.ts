import { describe, expect, it } from "@effect/vitest"
import { portable } from "../src/Hash.js"
import * as Signature from "../src/Signature.js"

const host = "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com"
const accessKey = { secretId: "AKIDEXAMPLE", secretKey: "EXAMPLEKEYEXAMPLEKEY" }
const keyTime = { start: 1_700_000_000, end: 1_700_003_600 }
const at = new Date(1_700_000_060_000)

type Pairs = ReadonlyArray<readonly [string, string]>

interface Signed {
  readonly method?: string
  readonly path?: string
  readonly query?: Pairs
  readonly headers?: Pairs
  readonly secretKey?: string
  readonly keyTime?: Signature.KeyTime
}

const sign = (signed: Signed) =>
  Signature.sign(portable, {
    method: signed.method ?? "PUT",
    pathname: signed.path ?? "/a.txt",
    query: signed.query ?? [],
    headers: [["host", host], ...(signed.headers ?? [])],
    secretId: accessKey.secretId,
    secretKey: signed.secretKey ?? accessKey.secretKey,
    keyTime: signed.keyTime ?? keyTime
  })

const escapeXml = (text: string) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)

/** What a server says that it saw, of the names that the signature lists. */
const refusalOf = (authorization: string, seen: Signed & { readonly host?: string }) => {
  const list = (name: string) => (new RegExp(`${name}=([^&]*)`).exec(authorization)?.[1] ?? "").split(";")
  const pairs = (names: ReadonlyArray<string>, from: Pairs) =>
    names
      .flatMap((name) => {
        const value = from.find(([found]) => found.toLowerCase() === name)?.[1]
        return value === undefined ? [] : [`${name}=${Signature.encode(value)}`]
      })
      .join("&")
  const format = [
    (seen.method ?? "PUT").toLowerCase(),
    seen.path ?? "/a.txt",
    pairs(list("q-url-param-list"), seen.query ?? []),
    pairs(list("q-header-list"), [["host", seen.host ?? host], ...(seen.headers ?? [])]),
    ""
  ].join("\n")
  const time = list("q-sign-time").join(";")
  const text = `sha1\n${time}\n${portable.sha1Hex(format)}\n`
  return `<?xml version='1.0' encoding='utf-8' ?>
<Error>
	<Code>SignatureDoesNotMatch</Code>
	<Message>The Signature you specified is invalid.</Message>
	<StringToSign>${escapeXml(text)}</StringToSign>
	<FormatString>${escapeXml(format)}</FormatString>
	<Resource>${host}/a.txt</Resource>
	<RequestId>NjA=</RequestId>
	<TraceId>OGVm</TraceId>
</Error>`
}

/** `signed` is what the client signed, `sent` what it sent, `seen` what arrived. */
interface Mistake {
  readonly title: string
  readonly signed?: Signed
  readonly url?: string
  readonly seen?: Parameters<typeof refusalOf>[1]
  readonly kind: Signature.CauseKind
  readonly message: RegExp
}

const mistakes: ReadonlyArray<Mistake> = [
  {
    title: "the path encoded twice",
    signed: { path: "/a b.txt" },
    url: "/a%2520b.txt",
    seen: { path: "/a%20b.txt" },
    kind: "PathEncodedTwice",
    message: /`\/a b\.txt` was signed, and `\/a%20b\.txt` arrived/
  },
  {
    title: "the encoded path signed",
    signed: { path: "/%E7%9B%AE/a.txt" },
    url: "/%E7%9B%AE/a.txt",
    seen: { path: "/目/a.txt" },
    kind: "PathNotDecoded",
    message: /`\/%E7%9B%AE\/a\.txt` was signed, and `\/目\/a\.txt` arrived/
  },
  {
    title: "a blank that was sent as +",
    signed: { path: "/a b.txt" },
    url: "/a+b.txt",
    seen: { path: "/a+b.txt" },
    kind: "PlusInPath",
    message: /`\/a b\.txt` was signed, and `\/a\+b\.txt` arrived/
  },
  {
    title: "a + that was taken for a blank",
    signed: { path: "/a+b.txt" },
    url: "/a%20b.txt",
    seen: { path: "/a b.txt" },
    kind: "PlusInPath",
    message: /`\/a\+b\.txt` was signed, and `\/a b\.txt` arrived/
  },
  {
    title: "the bucket signed in the path",
    signed: { path: "/examplebucket-1250000000/a.txt" },
    url: "/a.txt",
    seen: { path: "/a.txt" },
    kind: "PathStyle",
    message: /`\/examplebucket-1250000000\/a\.txt` was signed/
  },
  {
    title: "dot segments taken out of what is signed",
    signed: { path: "/b/c" },
    url: "/a/../b//c",
    seen: { path: "/a/../b//c" },
    kind: "PathNormalized",
    message: /`\/b\/c` was signed, and `\/a\/\.\.\/b\/\/c` arrived/
  },
  {
    title: "another Unicode form",
    signed: { path: "/é".normalize("NFC") },
    url: "/e%CC%81",
    seen: { path: "/é".normalize("NFD") },
    kind: "UnicodeForm",
    message: /another Unicode form/
  },
  {
    title: "another method",
    signed: { method: "GET" },
    kind: "MethodChanged",
    message: /`get` was signed, and `put` arrived/
  },
  {
    title: "the host without its port",
    url: `http://${host}:8080/a.txt`,
    seen: { host: `${host}:8080` },
    kind: "HostChanged",
    message: /:8080` arrived/
  },
  {
    title: "a line end in the secret",
    signed: { secretKey: `${accessKey.secretKey}\n` },
    kind: "BlankInSecret",
    message: /line end around the secret/
  },
  {
    title: "quotes around the secret",
    signed: { secretKey: `"${accessKey.secretKey}"` },
    kind: "BlankInSecret",
    message: /quotes/
  }
]

/** `where`: what the client has at hand. */
const explainMistake = ({ seen, signed = {}, url = "/a.txt" }: Mistake, withRefusal: boolean) => {
  const { authorization } = sign(signed)
  return Signature.explain(portable, {
    request: {
      method: seen?.method ?? "PUT",
      url,
      headers: [...(url.startsWith("http") ? [] : [["Host", host] as const]), ["Authorization", authorization]]
    },
    refusal: withRefusal ? Signature.readRefusal(refusalOf(authorization, seen ?? {})) : undefined,
    accessKey
  })
}

describe("Signature.explain", () => {
  describe("proves the mistake that was made", () => {
    it.each(mistakes)("$title", (mistake) => {
      for (const withRefusal of [true, false]) {
        const { causes, isValid } = explainMistake(mistake, withRefusal)
        expect(causes.map(({ kind, proven }) => [kind, proven])).toEqual([[mistake.kind, true]])
        expect(causes[0]?.message).toMatch(mistake.message)
        expect(isValid).toBe(false)
      }
    })
  })

  const sent = (signed: Signed, authorization = sign(signed).authorization): Signature.SentRequest => ({
    method: signed.method ?? "PUT",
    url: `https://${host}${encodeURI(signed.path ?? "/a.txt")}?${(signed.query ?? []).map((pair) => pair.join("=")).join("&")}`,
    headers: [...(signed.headers ?? []), ["authorization", authorization]]
  })

  const headers: Pairs = [
    ["content-type", "text/plain"],
    ["x-cos-meta-a", "1"]
  ]

  it.each<[string, Signed, Signature.CauseKind, RegExp, Signature.Difference]>([
    [
      "a header that a proxy changed",
      {
        headers: [
          ["content-type", "text/plain; charset=utf-8"],
          ["x-cos-meta-a", "1"]
        ]
      },
      "HeaderChanged",
      /content-type was changed on its way: something was added/,
      { part: "header", name: "content-type", client: "text/plain", service: "text/plain; charset=utf-8", at: 10 }
    ],
    [
      "a header that a proxy dropped",
      { headers: headers.slice(0, 1) },
      "HeaderMissing",
      /x-cos-meta-a was signed and did not arrive/,
      { part: "header", name: "x-cos-meta-a", client: "1", service: undefined, at: 0 }
    ],
    [
      "a path that a proxy decoded",
      { headers, path: "/a b" },
      "PathNotDecoded",
      /signed percent-encoded, or decoded on its way/,
      { part: "path", client: "/a%20b", service: "/a b", at: 2 }
    ],
    [
      "a parameter that is another",
      { headers, path: "/a%20b", query: [["versionid", "2"]] },
      "ParameterChanged",
      /versionid is another: `1` was signed, and `2` arrived/,
      { part: "parameter", name: "versionid", client: "1", service: "2", at: 0 }
    ]
  ])("names %s, also without the secret", (_, seen, kind, message, difference) => {
    const signed: Signed = {
      headers,
      path: seen.path === undefined ? "/a.txt" : "/a%20b",
      query: seen.query === undefined ? [] : [["versionid", "1"]]
    }
    const request = sent(signed)
    const refusal = Signature.readRefusal(refusalOf(sign(signed).authorization, seen))
    const without = Signature.explain(portable, { request, refusal })
    expect(without.differences).toEqual([difference])
    expect(without.causes.map(({ kind, proven }) => [kind, proven])).toEqual([[kind, false]])
    expect(without.causes[0]?.message).toMatch(message)
    const withKey = Signature.explain(portable, { request, refusal, accessKey })
    expect(withKey.isValid).toBe(true)
    expect(withKey.causes.map(({ kind, proven }) => [kind, proven])).toEqual([[kind, true]])
  })

  it("says that the secret is another where the texts agree", () => {
    const authorization = sign({ secretKey: "ANOTHERKEYANOTHERKEY" }).authorization
    const request = sent({}, authorization)
    const refusal = Signature.readRefusal(refusalOf(authorization, {}))
    expect(Signature.explain(portable, { request, refusal, accessKey }).causes).toMatchObject([
      { kind: "WrongSecret", proven: false }
    ])
    // the secret at hand signed it: the service knows another one
    expect(
      Signature.explain(portable, {
        request,
        refusal,
        accessKey: { ...accessKey, secretKey: "ANOTHERKEYANOTHERKEY" }
      }).causes
    ).toMatchObject([{ kind: "WrongSecret", proven: true }])
  })

  it("says nothing against a signature that is right", () => {
    const explained = Signature.explain(portable, { request: sent({ headers }), accessKey })
    expect(explained.isValid).toBe(true)
    expect(explained.causes).toEqual([])
    expect(explained.client?.httpString).toBe(sign({ headers }).httpString)
    expect(explained.client?.stringToSign).toBe(sign({ headers }).stringToSign)
  })

  it("reads presigned URLs", () => {
    const query: Pairs = [["response-content-type", "text/plain"]]
    const presigned = Signature.presignQuery(sign({ method: "GET", path: "/中 文.txt", query }))
    const url = `https://${host}/${encodeURIComponent("中 文.txt")}?${presigned}&response-content-type=text%2Fplain`
    expect(Signature.explain(portable, { request: { method: "GET", url, headers: [] }, accessKey }).isValid).toBe(true)
    const put = Signature.explain(portable, { request: { method: "PUT", url, headers: [] }, accessKey })
    expect(put.causes).toMatchObject([{ kind: "MethodChanged", proven: true }])
  })

  it("suspects what a refusal alone shows", () => {
    const kinds = (seen: Parameters<typeof refusalOf>[1]) =>
      Signature.explain(portable, {
        refusal: Signature.readRefusal(refusalOf(sign({}).authorization, seen))
      }).causes.map(({ kind }) => kind)
    expect(kinds({ path: "/a%20b" })).toEqual(["PathEncodedTwice"])
    expect(kinds({ path: "/examplebucket-1250000000/a" })).toEqual(["PathStyle"])
    expect(kinds({ host: "cdn.example.com" })).toEqual(["HostChanged"])
    expect(kinds({ path: "/a+b" })).toEqual(["PlusInPath"])
    expect(kinds({})).toEqual(["WrongSecret"])
  })

  describe("codes and clocks", () => {
    const document = (code: string, message = "") => `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
    const kinds = (
      text: string,
      options: { readonly server?: Date; readonly sentAt?: Date; readonly request?: Signature.SentRequest } = {}
    ) =>
      Signature.explain(portable, {
        request: options.request ?? sent({}),
        refusal: Signature.readRefusal(
          text,
          options.server === undefined ? [] : [["Date", options.server.toUTCString()]]
        ),
        sentAt: options.sentAt
      }).causes.map(({ kind, message }) => `${kind}: ${message}`)

    const minutes = (count: number) => new Date(at.getTime() + count * 60_000)
    const expired = document("AccessDenied", "Request has expired")

    it.each<[string, ReadonlyArray<string>, ReadonlyArray<RegExp>]>([
      [
        "ahead",
        kinds(document("RequestTimeTooSkewed"), { server: at, sentAt: minutes(20) }),
        [/^ClockAhead: .* 20 minutes ahead/]
      ],
      ["behind", kinds(expired, { server: minutes(20), sentAt: at }), [/^ClockBehind: .* 20 minutes behind/]],
      [
        "ahead, by the signature",
        kinds(document("RequestTimeTooSkewed"), { server: minutes(-30) }),
        [/^ClockAhead: .*at least 29 minutes/]
      ],
      [
        "an old signature",
        kinds(expired, { server: minutes(90) }),
        [/^ClockBehind/, /^SignatureExpired: .* 31 minutes before/]
      ],
      [
        "an old link",
        kinds(expired, {
          server: minutes(90),
          request: { method: "GET", url: `https://${host}/a?${Signature.presignQuery(sign({}))}`, headers: [] }
        }),
        [/^SignatureExpired: The signature was valid until 2023-11-14T23:13:20.000Z/]
      ],
      ["the token", kinds(document("ExpiredToken")), [/^TokenExpired/]],
      ["the id", kinds(document("InvalidAccessKeyId")), [/^UnknownSecretId: .*AKIDEXAMPLE/, /^WrongToken/]],
      [
        "another key's token",
        kinds(document("InvalidAccessKeyId"), {
          request: sent({ headers: [["x-cos-security-token", "TOKEN"]] })
        }),
        [/^WrongToken/, /^UnknownSecretId/]
      ],
      ["no permission", kinds(document("AccessDenied")), [/^NotAllowed/]],
      [
        "no signature",
        kinds(document("AccessDenied"), { request: { method: "GET", url: `https://${host}/a`, headers: [] } }),
        [/^Anonymous/]
      ],
      [
        "a signature of AWS",
        kinds(document("AccessDenied"), {
          request: {
            method: "GET",
            url: `https://${host}/a`,
            headers: [["Authorization", "AWS4-HMAC-SHA256 Credential=a"]]
          }
        }),
        [/^MalformedSignature: .*AWS4/, /^NotAllowed/]
      ],
      [
        "milliseconds",
        kinds(document("RequestTimeTooSkewed"), {
          request: sent({ keyTime: { start: 1_700_000_000_000, end: 1_700_003_600_000 } })
        }),
        [/^MalformedSignature: .*milliseconds/, /^ClockAhead/]
      ]
    ])("%s", (_, found, expected) => {
      expect(found.length).toBe(expected.length)
      for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern)
    })
  })

  it("shows no secret", () => {
    const secret: Pairs = [
      ["x-cos-security-token", "TOKENTOKENTOKEN"],
      ["x-cos-server-side-encryption-customer-key", "CUSTOMERKEY"]
    ]
    const signed = sign({ headers: secret, path: "/b" })
    const explained = Signature.explain(portable, {
      request: sent({ headers: secret }, signed.authorization),
      refusal: Signature.readRefusal(
        refusalOf(signed.authorization, { headers: [["x-cos-security-token", "TOKEN2TOKEN2"]] })
      ),
      accessKey
    })
    const text = JSON.stringify(explained)
    for (const hidden of ["TOKENTOKEN", "CUSTOMERKEY", "TOKEN2", accessKey.secretKey])
      expect(text).not.toContain(hidden)
    expect(explained.differences.map(({ name }) => name)).toContain("x-cos-security-token")
  })

  it("reads refusals that were copied out of logs and terminals", () => {
    const authorization = sign({}).authorization
    const document = refusalOf(authorization, { path: "/b" })
    const format = Signature.readRefusal(document)?.formatString
    expect(format?.split("\n")).toHaveLength(5)
    const differences = (text: string) =>
      Signature.explain(portable, { request: sent({}, authorization), refusal: Signature.readRefusal(text), accessKey })
    for (const text of [
      `HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\n\r\n${document}\n`,
      document.replaceAll("\n", "\r\n"),
      JSON.stringify({ level: "error", body: document.replaceAll("\n\t", "") }),
      document.replace("</Error>", ""),
      document.replace("<Resource>", "<Broken & <Resource>")
    ]) {
      expect(differences(text).causes).toMatchObject([{ kind: "PathChanged", proven: true }])
    }
    expect(Signature.readRefusal("no document at all")).toBeUndefined()
    expect(Signature.readRefusal("<Error></Error>")).toBeUndefined()
    const altered = Signature.explain(portable, { refusal: Signature.readRefusal(document.replace("/b\n", "/c\n")) })
    expect(altered.causes.map(({ kind }) => kind)).toContain("DamagedRefusal")
  })

  it("does not take another key's signature for its own", () => {
    const { causes, isValid } = Signature.explain(portable, {
      request: sent({}),
      accessKey: { ...accessKey, secretId: "AKIDOTHER" }
    })
    expect(isValid).toBeUndefined()
    expect(causes).toMatchObject([{ kind: "OtherAccessKey" }])
  })
})
