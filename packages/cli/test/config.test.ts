import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Emulator } from "effect-cos-emulator"
import * as Cos from "./support/cos.js"

/** A home with profiles of tccli. */
const home = (profiles: { readonly [file: string]: unknown }) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(join(tmpdir(), "cos-home-"))
      mkdirSync(join(folder, ".tccli"))
      for (const [file, content] of Object.entries(profiles)) {
        writeFileSync(join(folder, ".tccli", file), JSON.stringify(content))
      }
      return folder
    }),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )

const without = {
  COS_SECRET_ID: undefined,
  COS_SECRET_KEY: undefined,
  COS_REGION: undefined,
  COS_METADATA_DISABLED: "1"
}

const sourcesOf = ({ lines }: Cos.Run) =>
  lines.flatMap((line) => (line.type === "key-source" ? [`${line.name} ${line.outcome}`] : []))
const keyOf = ({ lines }: Cos.Run) => lines.find((line) => line.type === "access-key")
const settingOf = ({ lines }: Cos.Run, name: string) =>
  lines.find((line) => line.type === "setting" && line.name === name)

describe("cos config", () => {
  layer(Cos.layer({ roles: [{ name: "reader" }] }), { excludeTestServices: true })((it) => {
    it.scoped("shows which key won and why, never the secret", () =>
      Effect.gen(function* () {
        const { env, run, built } = yield* Cos.Cos
        const HOME = yield* home({
          "default.credential": { secretId: "AKIDPROFILE", secretKey: "PROFILESECRET" },
          "default.configure": { _sys_param: { region: "ap-beijing" } },
          "login.credential": { secretId: "AKIDLOGIN", secretKey: "LOGINSECRET", token: "T", expiresAt: 1_900_000_000 },
          "half.credential": { secretId: "AKIDHALF" }
        })
        const environment = yield* built("config --json", { env: { HOME } })
        expect(environment.code).toBe(0)
        expect(keyOf(environment)).toMatchObject({ secretId: env.COS_SECRET_ID, from: "environment", temporary: false })
        expect(sourcesOf(environment)).toEqual(["environment found", "profile notAsked", "instance role notAsked"])
        expect(settingOf(environment, "region")).toMatchObject({ value: "ap-guangzhou", from: "COS_REGION" })
        expect(settingOf(environment, "endpoint")).toMatchObject({ from: "COS_ENDPOINT" })
        expect(environment.stdout).not.toContain(env.COS_SECRET_KEY)

        const profile = yield* run("config --json --bucket other-1250000000", { env: { ...without, HOME } })
        expect(keyOf(profile)).toMatchObject({ secretId: "AKIDPROFILE", from: "profile" })
        expect(sourcesOf(profile)).toEqual(["environment none", "profile found", "instance role notAsked"])
        expect(settingOf(profile, "region")).toMatchObject({ value: "ap-beijing", from: "profile default" })
        expect(settingOf(profile, "bucket")).toMatchObject({ value: "other-1250000000", from: "--bucket" })

        // a profile that is named goes before the environment
        const named = yield* run("--profile login config", {
          env: { HOME, HTTP_PROXY: "http://me:PASSWORD@127.0.0.1:9", TENCENTCLOUD_REGION: "ap-nanjing", COS_REGION: "" }
        })
        expect(named.stdout).toMatch(/^key +AKIDLOGIN \(profile login\), temporary, until 2030/m)
        expect(named.stdout).toMatch(/^proxy +http:\/\/<redacted>@127\.0\.0\.1:9 \(HTTP_PROXY\)/m)
        expect(named.stdout).toMatch(/^region +ap-nanjing \(TENCENTCLOUD_REGION\)/m)
        expect(named.stdout).not.toMatch(/SECRET\b|PASSWORD/)

        // Without a scheme, and with the signs of a URL in it.
        for (const proxy of [
          "me:PASSWORD@127.0.0.1:9",
          "http://me:a@PASSWORD@127.0.0.1:9",
          "http://me:a/PASSWORD@h:9"
        ]) {
          const env = { HTTP_PROXY: proxy }
          const endpoint = "http://me:a/PASSWORD@127.0.0.1:9"
          const shown = yield* Effect.forEach(
            ["config", "doctor", "config --json", `config --endpoint ${endpoint}`, `doctor --endpoint ${endpoint}`],
            (words) => run(words, { env })
          )
          for (const { stderr, stdout } of shown) expect(stdout + stderr).not.toContain("PASSWORD")
        }

        const half = yield* run("config --json --profile half", { env: { HOME } })
        expect(half.code).toBe(5)
        expect(half.failure?.message).toMatch(/half\.credential: secretKey is not set, though secretId is/)
        const missing = yield* run("ls --profile typo", { env: { HOME } })
        expect(missing.code).toBe(5)
        expect(missing.stderr).toMatch(/^cos ls: there is no profile "typo" in ~\/\.tccli/)

        const nothing = yield* run("config --json", { env: without })
        expect(nothing.code).toBe(5)
        expect(sourcesOf(nothing)).toEqual(["environment none", "profile none", "instance role none"])
        expect(nothing.failure?.message).toMatch(/no access key: environment: .*not set; profile: no such file/)
        const anonymous = yield* run("config", { env: { ...without, COS_ANONYMOUS: "1" } })
        expect(anonymous.stdout).toMatch(/^key +anonymous/m)
      })
    )

    it.scoped("the keys of a profile, of an assumed role, and none at all reach the service", () =>
      Effect.gen(function* () {
        const { env, run } = yield* Cos.Cos
        const { endpoint, credentials, owner } = yield* Emulator.Emulator
        const key = { secretId: credentials.secretId, secretKey: Redacted.value(credentials.secretKey) }
        const arn = `qcs::cam::uin/${owner}:roleName/reader`
        const HOME = yield* home({ "default.credential": key, "role.credential": { ...key, "role-arn": arn } })
        const keyless = { ...without, COS_REGION: env.COS_REGION, HOME, COS_STS_ENDPOINT: endpoint }
        expect(yield* run("ls cos:///", { env: keyless })).toMatchObject({ code: 0, stderr: "" })
        expect(yield* run("ls --profile role cos:///", { env: keyless })).toMatchObject({ code: 0, stderr: "" })
        const assumed = yield* run("config --json", { env: { COS_STS_ENDPOINT: endpoint, COS_ROLE_ARN: arn } })
        expect(keyOf(assumed)).toMatchObject({ from: "assumed role", temporary: true })
        expect(sourcesOf(assumed)).toContain("assumed role found")
        const typo = yield* run("config --json", { env: { COS_STS_ENDPOINT: endpoint, COS_ROLE_ARN: `${arn}x` } })
        expect(typo.code).toBe(5)
        const anonymous = yield* run("ls cos:///", { env: { ...keyless, COS_ANONYMOUS: "1" } })
        expect(anonymous).toMatchObject({ code: 5, stderr: expect.stringMatching(/AccessDenied/) })
      })
    )
  })
})
