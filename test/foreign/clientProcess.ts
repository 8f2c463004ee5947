/** Foreign clients in a process of their own, with the environment that the emulator's command prints. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Emulator } from "effect-cos-emulator/Emulator"

export const bucket = "examplebucket-1250000000"
export const region = "ap-guangzhou"

/** Runs a script of this folder, and reads the JSON that it prints. */
export const runClient = (script: string) =>
  Effect.gen(function* () {
    const { credentials, endpoint, tls } = yield* Emulator
    const fs = yield* FileSystem.FileSystem
    const certificate = yield* fs.makeTempFileScoped({ suffix: ".pem" })
    yield* fs.writeFileString(certificate, tls?.certificate ?? "")
    const { stdout } = yield* Effect.promise(() =>
      promisify(execFile)(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
        env: {
          PATH: process.env.PATH,
          HTTP_PROXY: endpoint,
          HTTPS_PROXY: endpoint,
          // Some read this spelling only.
          http_proxy: endpoint,
          NODE_EXTRA_CA_CERTS: certificate,
          COS_BUCKET: bucket,
          COS_REGION: region,
          COS_SECRET_ID: credentials.secretId,
          COS_SECRET_KEY: Redacted.value(credentials.secretKey)
        }
      })
    )
    return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")
  })

/** Whole programs, on a machine that may be busy. In ms. */
export const processLimit = 60_000
