/**
 * What COS does beyond the obvious: expectations of the official SDK's live tests and of the newest API pages.
 */
import { createHmac } from "node:crypto"
import { connect } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Emulator, layer, layerServer } from "effect-cos-emulator/Emulator"
import { bucket, host, type Send, send } from "./support/client.js"
import { code, element, elements, emulator, md5, put } from "./support/requests.js"
import { authorization, encodePath, encodeQuery } from "./support/signer.js"

const key = "k"
const other = "zones-1250000000"

describe("the content type", () => {
  const typeOf = (key: string) => Effect.map(send("HEAD", { key }), ({ headers }) => headers["content-type"])
  const types = {
    "1.zip": "application/zip",
    "a/b.TXT": "text/plain",
    "photo.jpg": "image/jpeg",
    "data.json": "application/json",
    zip: "application/octet-stream",
    "a.zip/b": "application/octet-stream",
    "a.unheard": "application/octet-stream",
    "a.": "application/octet-stream"
  }

  it.effect("follows from the extension of the key: of a PUT, a multipart upload, a form and an append", () =>
    Effect.gen(function* () {
      for (const [key, type] of Object.entries(types)) {
        yield* put(key)
        expect(yield* typeOf(key), key).toBe(type)
      }
      const { text } = yield* send("POST", { key: "m.zip", query: { uploads: "" } })
      const upload = { key: "m.zip", query: { uploadId: element(text, "UploadId") ?? "" } }
      const part = yield* send("PUT", { ...upload, query: { ...upload.query, partNumber: "1" }, body: "x" })
      const list = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part></CompleteMultipartUpload>`
      yield* send("POST", { ...upload, body: list })
      expect(yield* typeOf("m.zip")).toBe("application/zip")
      yield* send("POST", { key: "a.txt", query: { append: "", position: "0" }, body: "x" })
      expect(yield* typeOf("a.txt")).toBe("text/plain")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("is what the request says, if it says one", () =>
    Effect.gen(function* () {
      yield* put("1.zip", "x", { "content-type": "a/b" })
      expect(yield* typeOf("1.zip")).toBe("a/b")
      yield* put("2.zip", "x", { "content-type": "" })
      expect(yield* typeOf("2.zip")).toBe("application/zip")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("of what is seeded follows from the key too", () =>
    Effect.gen(function* () {
      const { seed } = yield* Emulator
      yield* seed(bucket, "1.zip", "x")
      yield* seed(bucket, "2.zip", "x", { contentType: "a/b" })
      expect([yield* typeOf("1.zip"), yield* typeOf("2.zip")]).toEqual(["application/zip", "a/b"])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("of a form's file follows from the key", () =>
    Effect.gen(function* () {
      const body = `--b\r\ncontent-disposition: form-data; name="key"\r\n\r\nf.txt\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="x.zip"\r\ncontent-type: a/b\r\n\r\nx\r\n--b--\r\n`
      const headers = { "content-type": "multipart/form-data; boundary=b" }
      expect((yield* send("POST", { headers, body, as: null })).status).toBe(204)
      expect(yield* typeOf("f.txt")).toBe("text/plain")
    }).pipe(Effect.provide(layer({ buckets: [{ name: bucket, acl: "public-read-write" }] })))
  )
})

describe("grants by header", () => {
  const grantees = (text: string) => elements(text, "ID").slice(1)

  it.effect("stand alone: the owner is not listed beside them", () =>
    Effect.gen(function* () {
      yield* put(key)
      for (const on of [{}, { key }]) {
        const acl = { ...on, query: { acl: "" } }
        yield* send("PUT", { ...acl, headers: { "x-cos-grant-read": 'id="1001", id="1002"' } })
        const { text } = yield* send("GET", acl)
        expect(grantees(text)).toEqual(["qcs::cam::uin/1001:uin/1001", "qcs::cam::uin/1002:uin/1002"])
        expect(elements(text, "Permission")).toEqual(["READ", "READ"])
      }
    }).pipe(Effect.provide(emulator))
  )

  it.effect("beside a canned ACL are added to what it grants", () =>
    Effect.gen(function* () {
      const headers = { "x-cos-acl": "public-read", "x-cos-grant-write": 'id="1001"' }
      yield* send("PUT", { query: { acl: "" }, headers })
      const answer = yield* send("GET", { query: { acl: "" } })
      expect(answer.headers["x-cos-acl"]).toBe("public-read")
      expect(elements(answer.text, "Permission")).toEqual(["FULL_CONTROL", "READ", "WRITE"])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("to everybody alone let everybody in", () =>
    Effect.gen(function* () {
      yield* put(key)
      expect(yield* code("GET", { key, as: null })).toBe("AccessDenied")
      yield* send("PUT", { key, query: { acl: "" }, headers: { "x-cos-grant-read": 'id="qcs::cam::anyone:anyone"' } })
      expect(yield* code("GET", { key, as: null })).toBe(200)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("name sub-users in the short form, in documents too", () =>
    Effect.gen(function* () {
      yield* send("PUT", { query: { acl: "" }, headers: { "x-cos-grant-read": 'id="100/200"' } })
      expect(grantees((yield* send("GET", { query: { acl: "" } })).text)).toEqual(["qcs::cam::uin/100:uin/200"])
      const body =
        "<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>100/300</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
      yield* send("PUT", { query: { acl: "" }, headers: { "content-md5": md5(body) }, body })
      expect(grantees((yield* send("GET", { query: { acl: "" } })).text)).toEqual(["qcs::cam::uin/100:uin/300"])
    }).pipe(Effect.provide(emulator))
  )
})

describe("keys of / and . segments only", () => {
  const names = ["/", "///////", ".", "./", "./.", "/.", "/./", ".//./"]

  it.effect.each(names)("%s is refused, to write and to read alike", (key) =>
    Effect.gen(function* () {
      for (const method of ["PUT", "GET", "DELETE"] as const) expect(yield* code(method, { key })).toBe("InvalidURI")
      expect((yield* send("HEAD", { key })).status).toBe(400)
      expect(yield* code("POST", { key, query: { uploads: "" } })).toBe("InvalidURI")
      expect(yield* code("POST", { key, query: { append: "", position: "0" } })).toBe("InvalidURI")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("others with such segments are keys like any other", () =>
    Effect.gen(function* () {
      for (const key of [
        "/abc/../",
        "///abc/.//def//../../",
        "/././///abc/.//def//../../",
        "..",
        "...",
        "/.a",
        "a/."
      ]) {
        expect(yield* code("PUT", { key, body: key })).toBe(200)
        expect((yield* send("GET", { key })).text).toBe(key)
      }
    }).pipe(Effect.provide(emulator))
  )
})

describe("the old signature", () => {
  const link = (change: {
    readonly time?: number
    readonly key?: string
    readonly bucket?: string
    readonly secret?: string
  }) =>
    Effect.gen(function* () {
      const { credentials } = yield* Emulator
      const now = change.time ?? Math.floor((yield* Clock.currentTimeMillis) / 1000)
      const { bucket: name = "photos", key = "目录/a b.txt", secret = Redacted.value(credentials.secretKey) } = change
      const file = `/1250000000/${name}/${encodePath(key)}`
      const text = `a=1250000000&b=${name}&k=${credentials.secretId}&t=${now}&e=${now + 900}&r=1234567890&f=${
        key === "" ? "" : file
      }`
      const digest = createHmac("sha1", secret).update(text).digest()
      return Buffer.concat([digest, Buffer.from(text)]).toString("base64")
    })
  const open = (sign: string, asked = "目录/a b.txt") => code("GET", { key: asked, query: { sign }, as: null })

  it.effect("opens the link that it was made for, and no other", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      yield* put("目录/a b.txt")
      yield* put("other")
      expect(yield* open(yield* link({}))).toBe(200)
      expect(yield* open(yield* link({}), "other")).toBe("SignatureDoesNotMatch")
      expect(yield* open(yield* link({ bucket: "others" }))).toBe("SignatureDoesNotMatch")
      expect(yield* open(yield* link({ secret: "guessed" }))).toBe("SignatureDoesNotMatch")
      expect(yield* open(yield* link({ time: 1000 }))).toBe("AccessDenied")
      expect(yield* open(yield* link({ time: 9000 }))).toBe("RequestTimeTooSkewed")
      expect(yield* open(yield* link({ time: 3601 }))).toBe(200)
      expect((yield* (yield* Emulator).journal)[2]).toMatchObject({ signature: "sign", query: { sign: "<redacted>" } })
    }).pipe(Effect.provide(emulator))
  )

  it.effect("without a key is for every key of the bucket", () =>
    Effect.gen(function* () {
      yield* put("a")
      const sign = yield* link({ key: "" })
      expect(yield* open(sign, "a")).toBe(200)
      expect(yield* open(`${sign.slice(0, -8)}AAAAAAAA`, "a")).toBe("SignatureDoesNotMatch")
      expect(yield* open("bm90aGluZw==", "a")).toBe("AccessDenied")
    }).pipe(Effect.provide(emulator))
  )
})

describe("refusals before the bucket is reached", () => {
  const cors =
    "<CORSConfiguration><CORSRule><AllowedOrigin>https://a.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>x-cos-request-id</ExposeHeader></CORSRule></CORSConfiguration>"
  const origin = "https://a.example"

  it.effect("carry the CORS headers of any other response", () =>
    Effect.gen(function* () {
      const { addCredentials, credentials } = yield* Emulator
      yield* TestClock.adjust("1 hour")
      yield* send("PUT", { query: { cors: "" }, headers: { "content-md5": md5(cors) }, body: cors })
      const secretKey = credentials.secretKey
      yield* addCredentials({ secretId: "over", secretKey, token: Redacted.make("t"), expiresAt: new Date(0) })
      const signed = (change: { readonly start?: number; readonly end?: number; readonly secretKey?: string }) =>
        authorization({
          secretId: credentials.secretId,
          secretKey: Redacted.value(secretKey),
          method: "GET",
          path: "/k",
          headers: { host },
          start: 3600,
          end: 4500,
          ...change
        })
      const refusals: Record<string, Send> = {
        SignatureDoesNotMatch: { as: null, headers: { authorization: signed({ secretKey: "guessed" }) } },
        AccessDenied: { as: null, headers: { authorization: signed({ start: 0, end: 900 }) } },
        RequestTimeTooSkewed: { as: null, headers: { authorization: signed({ start: 9000, end: 9900 }) } },
        InvalidAccessKeyId: { as: { secretId: "nobody", secretKey } },
        ExpiredToken: { as: { secretId: "over", secretKey }, headers: { "x-cos-security-token": "t" } },
        NoSuchKey: {},
        MethodNotAllowed: { query: { uploads: "" } }
      }
      for (const [name, request] of Object.entries(refusals)) {
        const answer = yield* send("GET", { key, ...request, headers: { ...request.headers, origin } })
        expect(answer.code).toBe(name)
        expect(answer.headers, name).toMatchObject({
          "access-control-allow-origin": origin,
          "access-control-expose-headers": "x-cos-request-id"
        })
        const foreign = yield* send("GET", {
          key,
          ...request,
          headers: { ...request.headers, origin: "https://b.example" }
        })
        expect(foreign.headers["access-control-allow-origin"], name).toBeUndefined()
      }
    }).pipe(Effect.provide(emulator))
  )
})

describe("ranges", () => {
  const asked = (headers: Record<string, string>) =>
    Effect.map(send("GET", { key, headers: { range: "bytes=0-1", ...headers } }), ({ status, text }) => [status, text])

  it.effect("apply where If-Range is the object's, else the whole is sent", () =>
    Effect.gen(function* () {
      const { headers } = yield* put(key, "hello")
      const etag = headers.etag ?? ""
      const modified = (yield* send("HEAD", { key })).headers["last-modified"] ?? ""
      for (const same of [etag, modified]) expect(yield* asked({ "if-range": same })).toEqual([206, "he"])
      for (const changed of [
        `W/${etag}`,
        '"other"',
        "other",
        new Date(5000).toUTCString(),
        new Date(-5000).toUTCString()
      ])
        expect(yield* asked({ "if-range": changed }), changed).toEqual([200, "hello"])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("are written in any case", () =>
    Effect.gen(function* () {
      yield* put(key, "hello")
      for (const range of ["Bytes=0-1", "BYTES=0-1"]) expect(yield* asked({ range })).toEqual([206, "he"])
    }).pipe(Effect.provide(emulator))
  )
})

describe("host names", () => {
  it.effect("may end in a dot", () =>
    Effect.gen(function* () {
      yield* put(key)
      for (const at of [`${host}.`, `${host}.:8080`]) expect(yield* code("GET", { key, host: at })).toBe(200)
      expect(yield* code("GET", { host: "service.cos.myqcloud.com." })).toBe(200)
    }).pipe(Effect.provide(emulator))
  )
})

describe("response-* parameters", () => {
  const names = [
    "content-type",
    "content-language",
    "expires",
    "cache-control",
    "content-disposition",
    "content-encoding"
  ]

  /** The bytes of a response's header, as they are on the wire. */
  const headerOnWire = (method: "GET" | "HEAD", key: string, name: string, value: string) =>
    Effect.gen(function* () {
      const { address, credentials } = yield* Emulator
      const query = { [`response-${name}`]: value }
      const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
      const auth = authorization({
        secretId: credentials.secretId,
        secretKey: Redacted.value(credentials.secretKey),
        method,
        path: `/${key}`,
        query,
        headers: { host },
        start: now - 1,
        end: now + 900
      })
      const head = `${method} /${key}?${encodeQuery(query)} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nAuthorization: ${auth}\r\n\r\n`
      const bytes = yield* Effect.async<Buffer>((resume) => {
        const chunks: Array<Buffer> = []
        const socket = connect(address?.port ?? 0, address?.host ?? "")
        socket.on("data", (chunk) => chunks.push(chunk)).on("end", () => resume(Effect.succeed(Buffer.concat(chunks))))
        socket.write(head)
      })
      const lines = bytes.toString("utf8").split("\r\n\r\n")[0]?.split("\r\n") ?? []
      return lines.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 2)
    })

  it.live.each(names)("%s arrives as the bytes of its UTF-8, whether or not the object has one", (name) =>
    Effect.gen(function* () {
      const { seed } = yield* Emulator
      yield* seed(bucket, "bare", "x")
      yield* seed(bucket, "typed", "x", { contentType: "text/plain" })
      for (const key of ["bare", "typed"]) {
        for (const value of ["a中文.txt", "ü", "ü中", "\u010d\u010a"]) {
          expect(yield* headerOnWire("GET", key, name, value)).toBe(value)
          expect(yield* headerOnWire("HEAD", key, name, value)).toBe(value)
        }
      }
    }).pipe(Effect.provide(layerServer({ buckets: [bucket] })))
  )
})

describe("permissions of keys", () => {
  const withActions = (...actions: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const { addCredentials } = yield* Emulator
      const credential = { secretId: actions.join(), secretKey: Redacted.make("secret") }
      yield* addCredentials({ ...credential, permissions: [{ actions }] })
      return credential
    })
  const copy = { key: "copy", headers: { "x-cos-copy-source": `${host}/k` } }

  it.effect("a copy needs PutObjectCopy on its target and GetObject on its source", () =>
    Effect.gen(function* () {
      yield* put(key)
      expect(yield* code("PUT", { ...copy, as: yield* withActions("PutObjectCopy", "GetObject") })).toBe(200)
      expect(yield* code("PUT", { ...copy, as: yield* withActions("PutObject", "GetObject") })).toBe("AccessDenied")
      expect(yield* code("PUT", { ...copy, as: yield* withActions("PutObjectCopy") })).toBe("AccessDenied")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("the copy of a part needs UploadPartCopy and GetObject", () =>
    Effect.gen(function* () {
      yield* put(key)
      const { text } = yield* send("POST", { key: "copy", query: { uploads: "" } })
      const part = { ...copy, query: { partNumber: "1", uploadId: element(text, "UploadId") ?? "" } }
      expect(yield* code("PUT", { ...part, as: yield* withActions("UploadPartCopy", "GetObject") })).toBe(200)
      expect(yield* code("PUT", { ...part, as: yield* withActions("PutObject", "GetObject") })).toBe("AccessDenied")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("a multi-delete needs DeleteObject for each key and nothing more; without a key, the bucket too", () =>
    Effect.gen(function* () {
      yield* put(key)
      const body = "<Delete><Object><Key>k</Key></Object></Delete>"
      const request = { query: { delete: "" }, headers: { "content-md5": md5(body) }, body }
      const refused = yield* send("POST", { ...request, as: yield* withActions("DeleteMultipleObjects") })
      expect([refused.status, element(refused.text, "Code")]).toEqual([200, "AccessDenied"])
      expect((yield* send("POST", { ...request, as: null })).status).toBe(403)
      const deleted = yield* send("POST", { ...request, as: yield* withActions("DeleteObject") })
      expect(elements(deleted.text, "Key")).toEqual([key])
      expect(yield* code("GET", { key })).toBe("NoSuchKey")
    }).pipe(Effect.provide(emulator))
  )
})

describe("tags", () => {
  const tagging = (value: string) => {
    const body = `<Tagging><TagSet><Tag><Key>a</Key><Value>${value}</Value></Tag></TagSet></Tagging>`
    return { headers: { "content-md5": md5(body) }, body }
  }

  it.effect("put to versionId=null go to the newest version", () =>
    Effect.gen(function* () {
      yield* put(key)
      yield* (yield* Emulator).updateBucket(bucket, { versioning: "Enabled" })
      const { headers } = yield* put(key)
      const request = { key, query: { tagging: "", versionId: "null" }, ...tagging("1") }
      expect((yield* send("PUT", request)).headers["x-cos-version-id"]).toBe(headers["x-cos-version-id"])
      expect(element((yield* send("GET", { key, query: { tagging: "" } })).text, "Value")).toBe("1")
      expect(yield* code("GET", { key, query: { tagging: "", versionId: "null" } })).toBe("NoSuchTagSet")
    }).pipe(Effect.provide(emulator))
  )
})

describe("buckets of several zones", () => {
  const at = `${other}.cos.ap-guangzhou.myqcloud.com`

  it.effect("have no appendable objects", () =>
    Effect.gen(function* () {
      const body = "<CreateBucketConfiguration><BucketAZConfig>MAZ</BucketAZConfig></CreateBucketConfiguration>"
      yield* send("PUT", { host: at, body })
      expect(yield* code("POST", { host: at, key, query: { append: "", position: "0" }, body: "x" })).toBe(
        "InvalidRequest"
      )
      expect((yield* send("HEAD", { host: at, key })).status).toBe(404)
    }).pipe(Effect.provide(emulator))
  )

  it.effect.each(["MAZ_ARCHIVE", "MAZ_DEEP_ARCHIVE"])("have archives: %s", (storageClass) =>
    Effect.gen(function* () {
      yield* put(key, "x", { "x-cos-storage-class": storageClass })
      expect(yield* code("GET", { key })).toBe("InvalidObjectState")
      const body = "<RestoreRequest><Days>1</Days></RestoreRequest>"
      expect(yield* code("POST", { key, query: { restore: "" }, body })).toBe(202)
    }).pipe(Effect.provide(emulator))
  )
})

describe("forms", () => {
  const open = layer({ buckets: [{ name: bucket, acl: "public-read-write" }], strict: true })
  const post = (fields: Record<string, string>) => {
    const parts = Object.entries({ key, ...fields }).map(
      ([name, value]) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    )
    const file = '--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nhello\r\n--b--\r\n'
    const headers = { "content-type": "multipart/form-data; boundary=b" }
    return send("POST", { headers, body: `${parts.join("")}${file}`, as: null })
  }

  it.effect("encrypt with a customer's key", () =>
    Effect.gen(function* () {
      const sse = "x-cos-server-side-encryption-customer"
      const secret = "0123456789abcdef0123456789abcdef"
      const headers = {
        [`${sse}-algorithm`]: "AES256",
        [`${sse}-key`]: Buffer.from(secret).toString("base64"),
        [`${sse}-key-MD5`]: md5(secret)
      }
      const posted = yield* post(headers)
      expect([posted.status, posted.headers[`${sse}-key-md5`]]).toEqual([204, md5(secret)])
      expect(yield* code("GET", { key })).toBe("InvalidRequest")
      expect((yield* send("GET", { key, headers })).text).toBe("hello")
    }).pipe(Effect.provide(open))
  )

  it.effect("ignore success_action_status beside a redirect", () =>
    Effect.gen(function* () {
      const answer = yield* post({ success_action_status: "201", success_action_redirect: "https://a.example/" })
      expect(answer.status).toBe(303)
    }).pipe(Effect.provide(open))
  )

  it.effect("carry the UTF-8 of their fields into headers", () =>
    Effect.gen(function* () {
      yield* post({ "Content-Disposition": 'attachment; filename="ü中.txt"' })
      const { headers } = yield* send("HEAD", { key })
      expect(Buffer.from(headers["content-disposition"] ?? "", "latin1").toString("utf8")).toBe(
        'attachment; filename="ü中.txt"'
      )
    }).pipe(Effect.provide(open))
  )
})
