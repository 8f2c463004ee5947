import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cos from "./support/cos.js"
import * as Raw from "./support/raw.js"

const host = `${Cos.bucket}.cos.ap-guangzhou.myqcloud.com`

const causesOf = ({ lines }: Cos.Run) =>
  lines.flatMap((line) => (line.type === "cause" ? [`${line.kind} ${line.proven}`] : []))

describe("cos sign explain", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("explains what somebody pasted, with a caret under the first character that differs", () =>
      Effect.gen(function* () {
        const { built, env, run } = yield* Cos.Cos
        const key = { secretId: env.COS_SECRET_ID ?? "", secretKey: env.COS_SECRET_KEY ?? "" }
        const headers = { Host: host, "Content-Type": "text/plain" }
        const signed = Raw.authorization({ path: "/a b.txt", headers, ...key })
        const sent = { method: "GET", path: "/a%2520b.txt", headers: { ...headers, Authorization: signed } }
        const came = yield* Raw.send(env.COS_ENDPOINT ?? "", sent)
        expect(came.body).toContain("SignatureDoesNotMatch")

        const pasted = yield* built("sign explain", { stdin: Raw.transcript(sent, came) })
        expect(pasted).toMatchObject({ code: 0, stderr: "" })
        expect(pasted.stdout).toContain("  get\n  /a%20b.txt\n")
        expect(pasted.stdout).toMatch(
          /^PathEncodedTwice \(proven\): .*`\/a b\.txt` was signed, and `\/a%20b\.txt` arrived/m
        )
        // of the document alone
        const alone = yield* built("sign explain --json", { stdin: came.body, env: { COS_SECRET_KEY: undefined } })
        expect(causesOf(alone)).toEqual(["PathEncodedTwice false"])

        const words = ["sign", "explain", `https://${host}/a%20b.txt`, "-H", `Authorization: ${signed}`]
        const more = ["-H", "content-type: text/plain", "--refusal", "-"]
        const meant = yield* built([...words, ...more], { stdin: came.body })
        const lines = yield* run([...words, ...more, "--json"], { stdin: came.body })
        expect(lines.lines).toContainEqual(
          expect.objectContaining({
            type: "difference",
            part: "path",
            client: "/a b.txt",
            service: "/a%20b.txt",
            at: 2
          })
        )
        expect(meant.stdout).toContain(
          "The path differs at character 3:\n  signed   /a b.txt\n  arrived  /a%20b.txt\n             ^\n"
        )
        expect(pasted.stdout + alone.stdout + meant.stdout).not.toContain(key.secretKey)
      })
    )

    it.effect("shows what would be signed, and whether a signature is right", () =>
      Effect.gen(function* () {
        const { env, run } = yield* Cos.Cos
        const words = ["sign", "explain", "--json", "-X", "PUT", "-H", "Content-Type: text/plain", "-H", "Accept: */*"]
        const request = yield* run([...words, `cos://${Cos.bucket}/目录/a b.txt`])
        expect(request).toMatchObject({ code: 0, stderr: "The request is not signed.\n" })
        expect(request.lines[0]).toMatchObject({
          type: "canonical-texts",
          of: "client",
          httpString: `put\n/${Cos.bucket}/目录/a b.txt\n\ncontent-type=text%2Fplain&host=127.0.0.1%3A${new URL(env.COS_ENDPOINT ?? "").port}\n`
        })
        const key = { secretId: env.COS_SECRET_ID ?? "", secretKey: env.COS_SECRET_KEY ?? "" }
        const signed = Raw.authorization({ path: "/a", headers: { Host: host }, ...key })
        const right = yield* run(["sign", "explain", `https://${host}/a`, "-H", `Authorization: ${signed}`])
        expect(right.stderr).toBe("The signature is right for this request and the key at hand.\n")
        const wrong = yield* run(["sign", "explain", "--json", `https://${host}/b`, "-H", `Authorization: ${signed}`])
        expect(causesOf(wrong)).toEqual(["WrongSecret false"])
      })
    )

    it.effect("says what is wrong with the command line", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        for (const [words, message] of [
          [["sign", "explain", "-H", "nothing", "https://a"], /"nothing" is no header/],
          [["sign", "explain", "a/b"], /"a\/b" is no URL/],
          [["sign", "explain", "--refusal", "/nonexistent", "https://a"], /no such file/],
          [["sign", "exlain", "https://a"], /Expected one of the following cases: explain/]
        ] as const) {
          const failed = yield* run(words)
          expect(failed.code).toBe(words.includes("/nonexistent" as never) ? 4 : 2)
          expect(failed.stderr).toMatch(message)
        }
      })
    )
  })
})
