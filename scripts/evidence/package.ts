/** Installs the tarballs with npm and checks the command: it prints how to reach it, responds, and stops on SIGINT. */
import { readFile } from "node:fs/promises"
import { request } from "node:http"
import * as Effect from "effect/Effect"
import { Failed, main } from "../tool.js"
import { install, start } from "./command.js"

export const description =
  "The emulator from its tarball, in an empty folder: starts, answers, stops with requests open"

const expected = [
  "COS_ENDPOINT",
  "COS_REGION",
  "COS_BUCKET",
  "COS_SECRET_ID",
  "COS_SECRET_KEY",
  "COS_EMULATOR_CONTROL",
  "COS_EMULATOR_CONTROL_TOKEN",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "CURL_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
  "SSL_CERT_FILE",
  "NODE_EXTRA_CA_CERTS"
]

const silence = { "x-emulator-fault": '{"_tag":"Silence","when":"before"}' }

/** Opens a request that never gets a response, and one whose body never ends. */
const open = (url: string) => {
  const silent = request(url, { headers: silence })
  const endless = request(url, { method: "PUT", headers: { ...silence, "content-length": "1000" } })
  for (const one of [silent, endless]) one.on("error", () => {})
  silent.end()
  endless.write("half")
}

const pending = (control: string, token: string) =>
  Effect.promise(async () => {
    const response = await fetch(`${control}/journal?outcome=pending`, {
      headers: { authorization: `Bearer ${token}` }
    })
    const entries = (await response.json()) as ReadonlyArray<unknown>
    return entries.length
  })

main(
  Effect.scoped(
    Effect.gen(function* () {
      const { child, end, env, milliseconds } = yield* start(yield* install, "--bucket", "packed-1250000000")
      const missing = expected.filter((name) => env[name] === undefined)
      if (missing.length > 0) return yield* new Failed(`it does not print ${missing.join(", ")}`)
      const certificate = yield* Effect.promise(() => readFile(env.NODE_EXTRA_CA_CERTS ?? "", "utf8"))
      if (!certificate.includes("BEGIN CERTIFICATE"))
        return yield* new Failed("NODE_EXTRA_CA_CERTS names no certificate")
      const response = yield* Effect.promise(() => fetch(`${env.COS_ENDPOINT}/`))
      if (response.status !== 403) return yield* new Failed(`status ${response.status} for an anonymous listing`)
      open(`${env.COS_ENDPOINT}/${env.COS_BUCKET}/k`)
      yield* Effect.repeat(
        Effect.delay(pending(env.COS_EMULATOR_CONTROL ?? "", env.COS_EMULATOR_CONTROL_TOKEN ?? ""), "10 millis"),
        {
          until: (count) => count === 2
        }
      )
      const begin = performance.now()
      child.kill("SIGINT")
      const { code, signal } = yield* Effect.promise(() => end)
      const stopped = Math.round(performance.now() - begin)
      if (code !== 0) return yield* new Failed(`SIGINT ends it with ${code ?? signal}`)
      console.log(
        `installed from its tarball it starts in ${Math.round(milliseconds)} ms, and SIGINT with two requests open stops it in ${stopped} ms, exit code 0`
      )
    })
  )
)
