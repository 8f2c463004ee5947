/** What `npm install` of the tarballs gives: a command that says how to reach it, and that stops when it is told to. */
import { request } from "node:http"
import * as Effect from "effect/Effect"
import { Failed, main } from "../tool.js"
import { install, start } from "./command.js"

export const description =
  "The emulator from its tarball, in an empty folder: starts, answers, stops with a request open"

const expected = [
  "COS_ENDPOINT",
  "COS_REGION",
  "COS_BUCKET",
  "COS_SECRET_ID",
  "COS_SECRET_KEY",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NODE_EXTRA_CA_CERTS"
]

main(
  Effect.scoped(
    Effect.gen(function* () {
      const { child, end, env, milliseconds } = yield* start(yield* install, "--bucket", "packed-1250000000")
      const missing = expected.filter((name) => env[name] === undefined)
      if (missing.length > 0) return yield* new Failed(`it does not print ${missing.join(", ")}`)
      const answer = yield* Effect.promise(() => fetch(`${env.COS_ENDPOINT}/`))
      if (answer.status !== 403) return yield* new Failed(`an anonymous listing is answered with ${answer.status}`)
      const open = yield* Effect.async<boolean>((resume) => {
        const silent = request(`${env.COS_ENDPOINT}/${env.COS_BUCKET}/k`, {
          headers: { "x-emulator-fault": '{"_tag":"Silence","when":"before"}' }
        })
        silent.on("error", () => {})
        // Long enough to be there; it is never answered.
        silent.end(() => setTimeout(() => resume(Effect.succeed(true)), 300))
      })
      if (!open) return yield* new Failed("no request is open")
      const begin = performance.now()
      child.kill("SIGINT")
      const { code, signal } = yield* Effect.promise(() => end)
      const stopped = Math.round(performance.now() - begin)
      if (code !== 0) return yield* new Failed(`SIGINT ends it with ${code ?? signal}`)
      console.log(
        `installed from its tarball it starts in ${Math.round(milliseconds)} ms, and SIGINT with a request open stops it in ${stopped} ms, exit code 0`
      )
    })
  )
)
