import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import { Bucket, call, head, host, link, odd, open, put, Region, sdk, urlOf } from "./officialClient.js"

layer(layerServer({ buckets: [Bucket], region: Region }), { excludeTestServices: true })("the official SDK", (it) => {
  describe("against the bucket of its retry tests", () => {
    const ask = (Key: string) =>
      call("getObject", { Bucket: "cos-sdk-err-retry-1253960454", Region: "ap-chengdu", Key })
    const requests = (key: string) =>
      Effect.map(
        Effect.flatMap(Emulator, ({ journal }) => journal),
        (entries) =>
          entries.filter((entry) => entry.key === key).map(({ host, status }) => [host.split(".").at(-2), status])
      )

    it.effect.each(["500r", "500", "503r", "503", "504r", "504"])("%s: its second request succeeds", (key) =>
      Effect.gen(function* () {
        expect((yield* ask(key)).statusCode).toBe(200)
        expect(yield* requests(key)).toEqual([
          ["myqcloud", Number.parseInt(key, 10)],
          ["myqcloud", 200]
        ])
      })
    )

    it.effect.each(["400r", "400", "403r", "403", "404r", "404"])("%s stays", (key) =>
      Effect.gen(function* () {
        expect((yield* Effect.flip(ask(key))).statusCode).toBe(Number.parseInt(key, 10))
        expect(yield* requests(key)).toHaveLength(1)
      })
    )

    it.effect("302 without a request id is asked again on the backup domain, and stays", () =>
      Effect.gen(function* () {
        expect((yield* Effect.flip(ask("302"))).statusCode).toBe(302)
        expect(yield* requests("302")).toEqual([
          ["myqcloud", 302],
          ["tencentcos", 302]
        ])
      })
    )
  })

  describe("with headers and parameters that no operation knows", () => {
    it.effect("puts, uploads in parts, appends and lists", () =>
      Effect.gen(function* () {
        const Headers = { "x-cos-test": odd }
        expect((yield* put("odd", { Headers })).statusCode).toBe(200)
        expect((yield* call("getBucket", { Prefix: odd, Headers })).statusCode).toBe(200)
        yield* call("appendObject", { Key: "log", Position: 0, Body: "12345" })
        yield* call("appendObject", { Key: "log", Position: 5, Body: "66666", Headers })
        expect((yield* head("log"))["content-length"]).toBe("10")
        const { UploadId } = yield* call("multipartInit", { Key: "parts", Headers })
        expect((yield* call("multipartAbort", { Key: "parts", UploadId, Headers })).statusCode).toBe(204)
      })
    )

    it.effect("opens links with parameters, signed or beside the signature, and none that is not signed", () =>
      Effect.gen(function* () {
        yield* put("1.txt")
        const answers = [
          yield* open(yield* urlOf({ Key: "1.txt", Query: { a: 1 }, Sign: true })),
          yield* open(yield* urlOf({ Key: "1.txt", QueryString: "a=1", Sign: true })),
          yield* open(yield* urlOf({ Key: "1.txt", QueryString: "a=1", Sign: false }))
        ]
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 403])
      })
    )

    it.effect("signs names and values with any characters", () =>
      Effect.gen(function* () {
        yield* put("1.txt")
        const text = "qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM,./;'[]\\-=0987654321`~!@#$%^&*()_+{}|\":>?<"
        const sign = (yield* sdk()).getAuth({
          Method: "GET",
          Key: "1.txt",
          Query: { [text]: text }
        }) as unknown as string
        const encode = (text: string) =>
          encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
        const answer = yield* open(link("1.txt", `sign=${encode(sign)}&${encode(text)}=${encode(text)}`))
        expect(answer).toEqual({ status: 200, text: "hello" })
      })
    )
  })

  it.effect("opens links with its old signature", () =>
    Effect.gen(function* () {
      for (const key of ["1.txt", "目录/a b+c.txt"]) {
        yield* put(key)
        const sign = (yield* sdk()).getV4Auth({ Bucket, Key: key })
        const path = encodeURIComponent(key).replaceAll("%2F", "/")
        const answer = yield* open(link(path, `sign=${encodeURIComponent(String(sign))}`))
        expect(answer).toEqual({ status: 200, text: "hello" })
      }
    })
  )

  describe("content types", () => {
    it.scoped("follow the key where none is sent: in one request, in parts, and for a stream its file's", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = `${yield* fs.makeTempDirectoryScoped()}/file.zip`
        yield* fs.writeFileString(path, "x")
        yield* put("1.zip")
        yield* put("1")
        yield* call("sliceUploadFile", { Key: "1.txt", FilePath: path })
        yield* call("sliceUploadFile", { Key: "2.txt", FilePath: path, ContentType: "text/xml" })
        const types = yield* Effect.forEach(["1.zip", "1", "1.txt", "2.txt"], (key) =>
          Effect.map(head(key), (headers) => headers["content-type"])
        )
        expect(types).toEqual(["application/zip", "application/octet-stream", "text/plain", "text/xml"])
      }).pipe(Effect.provide(NodeFileSystem.layer))
    )

    it.effect("of a copy in parts are as of the source", () =>
      Effect.gen(function* () {
        yield* put("big.zip", { Body: Buffer.alloc(2_100_000) })
        yield* call("sliceCopyFile", {
          Key: "big.copy.zip",
          CopySource: `${host}/big.zip`,
          CopySliceSize: 1_048_576,
          CopyChunkSize: 1_048_576,
          Headers: { "x-cos-metadata-directive": "Replaced" }
        })
        const same = ({
          "content-type": type,
          "content-length": length,
          ...headers
        }: Readonly<Record<string, string>>) => [
          type,
          length,
          headers["x-cos-hash-crc64ecma"],
          headers["x-cos-storage-class"]
        ]
        expect(same(yield* head("big.copy.zip"))).toEqual(same(yield* head("big.zip")))
      })
    )
  })

  describe("policies", () => {
    const Policy = {
      version: "2.0",
      principal: { qcs: ["qcs::cam::uin/10001:uin/10001"] },
      statement: [
        {
          effect: "allow",
          action: ["name/cos:GetBucket", "name/cos:PutObject"],
          resource: [`qcs::cos:${Region}:uid/1250000000:${Bucket}//1250000000/examplebucket/prefix/*`]
        }
      ]
    }

    it.effect.each([Policy, JSON.stringify(Policy)])(
      "with a principal at the top are answered with Statement",
      (policy) =>
        Effect.gen(function* () {
          yield* call("putBucketPolicy", { Policy: policy })
          const { statement: Statement, ...rest } = Policy
          expect((yield* call("getBucketPolicy")).Policy).toEqual({ ...rest, Statement })
          yield* call("deleteBucketPolicy")
          expect(yield* Effect.flip(call("getBucketPolicy"))).toMatchObject({ ErrorStatus: "Policy Not Found" })
        })
    )
  })

  describe("ACLs", () => {
    const two = 'id="qcs::cam::uin/1001:uin/1001",id="qcs::cam::uin/1002:uin/1002"'
    const places = [
      ["Bucket", {}],
      ["Object", { Key: "acl" }]
    ] as const

    it.effect.each(places)("of grants alone are those grants: %s", ([on, key]) =>
      Effect.gen(function* () {
        yield* put("acl")
        for (const name of ["GrantRead", ...(on === "Bucket" ? ["GrantWrite"] : []), "GrantFullControl"]) {
          yield* call(`put${on}Acl`, { ...key, [name]: two.replace(",", ", ") })
          const got = yield* call(`get${on}Acl`, key)
          expect([got[name], (got.Grants as ReadonlyArray<unknown>).length]).toEqual([two, 2])
        }
      })
    )

    it.effect.each(places)("of a document are what was put, and can be put again as headers: %s", ([on, key]) =>
      Effect.gen(function* () {
        yield* put("acl")
        yield* call(`put${on}Acl`, { ...key, ACL: "private" })
        const { Grants, Owner } = yield* call(`get${on}Acl`, key)
        expect(Grants).toHaveLength(1)
        const grant = { Grantee: { ID: "qcs::cam::uin/10002:uin/10002" }, Permission: "READ" }
        for (const given of [{ Grants: [grant] }, { Grant: grant }]) {
          yield* call(`put${on}Acl`, { ...key, AccessControlPolicy: { Owner, ...given } })
          expect((yield* call(`get${on}Acl`, key)).Grants).toMatchObject([grant])
        }
        const { ACL, GrantFullControl, GrantRead, GrantWrite } = yield* call(`get${on}Acl`, key)
        const again = yield* call(`put${on}Acl`, { ...key, ACL, GrantFullControl, GrantRead, GrantWrite })
        expect(again.statusCode).toBe(200)
      })
    )

    it.effect("canned and granted are both", () =>
      Effect.gen(function* () {
        yield* call("putBucketAcl", { ACL: "public-read", GrantFullControl: two })
        expect(yield* call("getBucketAcl")).toMatchObject({ ACL: "public-read", GrantFullControl: two })
        yield* call("putBucketAcl", { ACL: "private" })
      })
    )
  })

  describe("preflights", () => {
    const ask = (params: object) =>
      call("optionsObject", { Key: "1.jpg", AccessControlRequestMethod: "PUT", ...params })

    it.effect("without a configuration are forbidden, and without an origin wrong", () =>
      Effect.gen(function* () {
        yield* call("deleteBucketCors")
        expect(yield* ask({ Origin: "https://qq.com" })).toMatchObject({ OptionsForbidden: true, statusCode: 403 })
        expect(yield* Effect.flip(ask({}))).toMatchObject({ statusCode: 400 })
      })
    )

    it.effect("of a refused origin are answered without it; of two headers the allowed one is listed", () =>
      Effect.gen(function* () {
        yield* call("putBucketCors", {
          CORSRules: [
            {
              AllowedOrigins: ["https://qq.com"],
              AllowedMethods: ["GET", "PUT"],
              AllowedHeaders: ["x-cos-*"],
              MaxAgeSeconds: "5"
            }
          ]
        })
        const AccessControlRequestHeaders = "Authorization,x-cos-security-token"
        const refused = yield* ask({ Origin: "https://other.com", AccessControlRequestHeaders })
        expect([refused.statusCode, refused.AccessControlAllowOrigin]).toEqual([200, undefined])
        expect(yield* ask({ Origin: "https://qq.com", AccessControlRequestHeaders })).toMatchObject({
          statusCode: 200,
          AccessControlAllowOrigin: "https://qq.com",
          AccessControlAllowHeaders: "x-cos-security-token"
        })
      })
    )

    it.effect("a page may read why its signature is refused", () =>
      Effect.gen(function* () {
        const Headers = { Origin: "https://qq.com" }
        const wrong = yield* Effect.flip(call("getObject", { Key: "1.txt", Headers }, { SecretKey: "guessed" }))
        expect(wrong).toMatchObject({ statusCode: 403, code: "SignatureDoesNotMatch" })
        expect(wrong.headers?.["access-control-allow-origin"]).toBe("https://qq.com")
      })
    )
  })

  describe("keys of / and . segments", () => {
    const unchecked = { ObjectKeySimplifyCheck: false }

    it.effect.each(["///////", "/./"])("%s is refused", (Key) =>
      Effect.gen(function* () {
        expect(yield* Effect.flip(call("putObject", { Key, Body: "x" }, unchecked))).toMatchObject({ statusCode: 400 })
        expect(yield* Effect.flip(call("getObject", { Key }, unchecked))).toMatchObject({ statusCode: 400 })
      })
    )

    it.effect.each(["/abc/../", "///abc/.//def//../../", "/././///abc/.//def//../../"])(
      "%s is read as it was put",
      (Key) =>
        Effect.gen(function* () {
          yield* call("putObject", { Key, Body: Key }, unchecked)
          expect(String((yield* call("getObject", { Key }, unchecked)).Body)).toBe(Key)
        })
    )
  })

  describe("deletions", () => {
    it.effect("of keys that are not there, of versions too, and of odd ones, succeed", () =>
      Effect.gen(function* () {
        const Objects = [
          { Key: "中文/中文.txt" },
          { Key: "中文/中文.zip", VersionId: "MTg0NDY3NDI1MzM4NzM0ODA2MTI" },
          { Key: Buffer.from("中文").toString("latin1") },
          { Key: "(!'*) \"#$%&+,-./0123456789:;<=>@[\\]^_`{|}~" }
        ]
        const { Deleted, Error } = yield* call("deleteMultipleObject", { Objects })
        expect([Deleted, Error]).toMatchObject([Objects.map(({ Key }) => ({ Key })), []])
        expect(yield* call("deleteObject", { Bucket: `no${Bucket}`, Key: "x" })).toMatchObject({ statusCode: 404 })
      })
    )
  })

  describe("data processing", () => {
    const operations = JSON.stringify({
      is_pic_info: 1,
      rules: [{ fileid: "small.jpg", rule: "imageMogr2/thumbnail/50x/ignore-error/1" }]
    })
    const Headers = { "Pic-Operations": operations }

    it.scoped("is accepted: its results are there, not processed, and the response says so", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = `${yield* fs.makeTempDirectoryScoped()}/1.png`
        yield* fs.writeFileString(path, "image")
        const made = yield* put("a/1.png", { Body: "image", Headers })
        expect(made).toMatchObject({ UploadResult: { ProcessResults: { Object: { Key: "a/small.jpg" } } } })
        expect(made.headers?.["x-emulator-not-done"]).toBe("Pic-Operations")
        const inParts = yield* call("sliceUploadFile", { Key: "b/1.png", FilePath: path, Headers })
        expect(inParts).toMatchObject({ UploadResult: { ProcessResults: { Object: { Key: "b/small.jpg" } } } })
        yield* put("1.png", { Body: "image" })
        yield* call("request", { Key: "1.png", Method: "POST", Action: "image_process", Headers })
        for (const key of ["a/small.jpg", "b/small.jpg", "small.jpg"]) {
          expect(String((yield* call("getObject", { Key: key })).Body)).toBe("image")
        }
      }).pipe(Effect.provide(NodeFileSystem.layer))
    )

    it.effect("by a parameter reads the object; of one that is not there it is an error", () =>
      Effect.gen(function* () {
        yield* put("1.png", { Body: "image" })
        const ask = (Key: string) =>
          call("request", { Method: "GET", Key, RawBody: true, Query: { "ci-process": "ImageInspect" } })
        expect((yield* ask("1.png")).headers?.["x-emulator-not-done"]).toBe("ci-process=ImageInspect")
        expect(yield* Effect.flip(ask("none.png"))).toMatchObject({ statusCode: 404 })
      })
    )

    it.effect("that is no JSON is refused", () =>
      Effect.gen(function* () {
        const wrong = yield* Effect.flip(put("1.png", { Headers: { "Pic-Operations": "{" } }))
        expect(wrong).toMatchObject({ statusCode: 400, code: "InvalidPicOperations" })
      })
    )
  })

  it.scoped("uploads an empty file in parts", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = `${yield* fs.makeTempDirectoryScoped()}/0b.zip`
      yield* fs.writeFileString(path, "")
      const Headers = { "x-cos-test": "test", "x-cos-meta-test": "meta", "x-cos-traffic-limit": 819_200 }
      yield* call("sliceUploadFile", { Key: "0b.zip", FilePath: path, Headers })
      expect(yield* head("0b.zip")).toMatchObject({ "content-length": "0", "x-cos-meta-test": "meta" })
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
