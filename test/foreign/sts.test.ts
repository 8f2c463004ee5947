/**
 * The official clients of STS get temporary keys from the emulator, and the official COS SDK uses them: for what their policy
 * names, and nothing else.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import COS from "cos-nodejs-sdk-v5"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import { bucket, processLimit, region, runClient } from "./clientProcess.js"

const server = Layer.merge(layerServer({ buckets: [bucket], region, tls: true }), NodeFileSystem.layer)

interface Result {
  readonly credentials?: { readonly tmpSecretId: string; readonly tmpSecretKey: string; readonly sessionToken: string }
  readonly startTime?: number
  readonly expiredTime?: number
  readonly refused?: string
}

/** The status of a PUT by the official SDK with these keys, or the code of its error. */
const put = (endpoint: string, credentials: Result["credentials"], Key: string) => {
  const cos = new COS({
    SecretId: credentials?.tmpSecretId ?? "",
    SecretKey: credentials?.tmpSecretKey ?? "",
    SecurityToken: credentials?.sessionToken ?? "",
    Protocol: "http:",
    Proxy: endpoint
  })
  return Effect.promise(() =>
    cos.putObject({ Bucket: bucket, Region: region, Key, Body: "x" }).then(
      ({ statusCode }) => String(statusCode),
      ({ code, statusCode }) => `${statusCode} ${code}`
    )
  )
}

describe("through the proxy", () => {
  it.scopedLive(
    "qcloud-cos-sts and tencentcloud-sdk-nodejs-sts get keys, with every signature, that the official SDK uses",
    () =>
      Effect.gen(function* () {
        const { endpoint, journal, sessions } = yield* Emulator
        const results: Readonly<Record<string, Result>> = yield* runClient("sts.mjs")
        const refused = Object.entries(results).flatMap(([name, { refused }]) => (refused ? [[name, refused]] : []))
        expect(Object.fromEntries(refused)).toEqual({
          "another secret": "AuthFailure.SignatureFailure",
          "too long": "InvalidParameter.OverTimeError",
          "no policy, TC3-HMAC-SHA256": "InvalidParameter.StrategyFormatError",
          "no policy, HmacSHA1": "InvalidParameter.StrategyFormatError",
          "no policy, HmacSHA256": "InvalidParameter.StrategyFormatError"
        })
        const given = Object.values(results).filter(({ credentials }) => credentials !== undefined)
        expect(given).toHaveLength(9)
        for (const result of given) {
          expect(yield* put(endpoint, result.credentials, "dir/a")).toBe("200")
          expect(yield* put(endpoint, result.credentials, "other")).toBe("403 AccessDenied")
        }
        const { expiredTime = 0, startTime = 0 } = results.getCredential ?? {}
        expect(expiredTime - startTime).toBe(900)
        expect((yield* sessions).length).toBe(9)
        const hosts = (yield* journal).filter(({ operation }) => operation !== "putObject").map(({ host }) => host)
        expect(new Set(hosts)).toEqual(new Set(["sts.tencentcloudapi.com"]))
      }).pipe(Effect.provide(server)),
    processLimit
  )
})
