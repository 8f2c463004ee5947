/**
 * A URL to which somebody without a key may upload one object, within ten minutes: for curl, and for `fetch` in a page.
 *
 * `npx tsx presigned-put.ts photos/1.png image/png`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Redacted } from "effect"
import { Presign } from "effect-cos"
import * as Cos from "effect-cos/Cos"
import { NodeCos } from "effect-cos-node"

const [key = "photos/1.png", contentType = "image/png"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const { expiresAt, headers, method, url } = yield* Presign.request(
    Cos.putObject,
    { key, contentType },
    { expiresIn: "10 minutes" }
  )
  // Whoever has the URL can upload: it is redacted until you ask for it.
  const address = Redacted.value(url)
  const lines = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`)
  yield* Console.log(`curl -X ${method} ${lines.join(" ")} --data-binary @FILE '${address}'`)
  yield* Console.log(`fetch(${JSON.stringify(address)}, ${JSON.stringify({ method, headers })} /* and a body */)`)
  yield* Console.error(`valid until ${expiresAt.toISOString()}`)
})

NodeRuntime.runMain(Effect.provide(program, NodeCos.layerEnv))
