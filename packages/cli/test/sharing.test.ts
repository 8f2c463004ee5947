/** What others can use: presigned requests, forms and policies. */
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator } from "effect-cos-emulator"
import * as Cos from "./support/cos.js"

const fetched = (url: string, init?: RequestInit) =>
  Effect.promise(async () => {
    const response = await fetch(url, init)
    return { status: response.status, text: await response.text() }
  })

const presigned = ({ lines: [line], stderr }: Cos.Run) => {
  if (line?.type !== "presigned") throw new Error(stderr)
  return line
}

const formOf = ({ lines: [line], stderr }: Cos.Run) => {
  if (line?.type !== "form") throw new Error(stderr)
  return line
}

describe("cos presign, form and policy", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("a presigned request is what it says, for those who have no key", () =>
      Effect.gen(function* () {
        const { env, run } = yield* Cos.Cos
        const { seed } = yield* Emulator.Emulator
        yield* seed(Cos.bucket, "a b+c.txt", new TextEncoder().encode("hello"))
        const link = yield* run(["presign", "cos:///a b+c.txt", "--expires-in", "2h", "--json"])
        const line = presigned(link)
        const before = yield* run(["presign", "--expires-in", "2h", "--json", "cos:///a b+c.txt"])
        expect(presigned(before).url.split("?")[0]).toBe(line.url.split("?")[0])
        expect(line).toMatchObject({ method: "GET", headers: {} })
        expect(Date.parse(line.expires) - Date.now()).toBeGreaterThan(7_000_000)
        expect(yield* fetched(line.url)).toEqual({ status: 200, text: "hello" })

        const put = yield* run([
          "presign",
          "putObject",
          "cos:///in.txt",
          "--content-type",
          "text/x",
          "--metadata",
          "a=1",
          "--json"
        ])
        const upload = presigned(put)
        expect(upload.headers).toMatchObject({ "Content-Type": "text/x", "x-cos-meta-a": "1" })
        expect((yield* fetched(upload.url, { method: "PUT", body: "new", headers: upload.headers })).status).toBe(200)
        const head = yield* run("api headObject --key in.txt")
        expect(JSON.parse(head.stdout)).toMatchObject({ contentType: "text/x", metadata: { a: "1" } })

        const curl = yield* run(["presign", "putObject", "cos:///it's.txt", "--content-type", "text/x", "--curl"])
        expect(curl.stdout).toMatch(/^curl --request PUT --header 'Content-Type: text\/x' --upload-file FILE 'http:/)
        expect(curl.stderr).toMatch(/^It is valid until /)
        expect(curl.stdout).not.toContain(env.COS_SECRET_KEY)
        expect((yield* run("presign --help")).stdout).toMatch(/--expires-in TIME/)
        expect((yield* run("presign headObject --help")).stdout).toMatch(/--version-id/)
        expect(yield* run("presign getObjct cos:///a")).toMatchObject({
          code: 2,
          stderr: expect.stringMatching(/mean getObject/)
        })
        expect(yield* run("presign cos:///a --expires-in soon")).toMatchObject({ code: 2 })
        expect(yield* run("presign")).toMatchObject({ code: 0 })
      })
    )

    it.effect("a form uploads within its limits", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const made = yield* run([
          "form",
          `cos:///in/\${filename}`,
          "--max-size",
          "5",
          "--content-type",
          "text/x",
          "--json"
        ])
        const line = formOf(made)
        const send = (text: string) => {
          const data = new FormData()
          for (const [name, value] of Object.entries(line.fields)) data.append(name, value)
          data.append("file", new Blob([text]), "a.txt")
          return fetched(line.url, { method: "POST", body: data })
        }
        expect((yield* send("12345")).status).toBe(204)
        expect((yield* send("123456")).status).not.toBe(204)
        const head = yield* run("api headObject --key in/a.txt")
        expect(JSON.parse(head.stdout)).toMatchObject({ contentType: "text/x" })
        const curl = yield* run(["form", "cos:///a", "--acl", "private", "--condition", `["eq","$Content-Type","a"]`])
        expect(curl.stdout).toMatch(/^curl --form-string key=a .* --form file=@FILE http:/)
        const more = ["--expires-in", "1h", "--min-size", "1", "--max-size", "9", "--storage-class", "STANDARD_IA"]
        const limited = formOf(
          yield* run(["form", "cos:///b", ...more, "--redirect", "https://app.example/done", "--json"])
        )
        expect(limited.fields).toMatchObject({
          success_action_redirect: "https://app.example/done",
          "x-cos-storage-class": "STANDARD_IA"
        })
        expect(yield* run("form cos:///")).toMatchObject({ code: 2 })
        expect(yield* run("form cos:///a --min-size 5")).toMatchObject({ code: 2 })
        expect(yield* run("form cos:///a --condition x")).toMatchObject({ code: 2 })
      })
    )

    it.effect("a policy allows what operations need, and no more", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const upload = yield* run(["policy", "upload", "--on", `cos://${Cos.bucket}/users/7/`, "--json"])
        const [line] = upload.lines
        const text = JSON.stringify(line)
        expect(text).toContain("name/cos:PutObject")
        expect(text).toContain(`qcs::cos:ap-guangzhou:uid/1250000000:${Cos.bucket}/users/7/*`)
        expect(JSON.parse((yield* run("policy --deny deleteObject")).stdout)).toMatchObject({
          version: "2.0",
          statement: [{ effect: "deny", action: ["name/cos:DeleteObject"] }]
        })
        expect((yield* run("policy listBuckets --everything")).stdout).toContain("name/cos:GetService")
        expect(yield* run("policy name/cos:PostObject --key a")).toMatchObject({ code: 0 })
        expect(yield* run("policy deletObject")).toMatchObject({
          code: 2,
          stderr: expect.stringMatching(/mean deleteObject/)
        })
        expect(yield* run(["policy", "getObject", "--key", "a*"])).toMatchObject({ code: 2 })
        expect(yield* run(["policy", "getObject"], { env: { COS_BUCKET: undefined } })).toMatchObject({ code: 2 })
      })
    )
  })
})
