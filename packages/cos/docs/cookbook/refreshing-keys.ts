/**
 * Temporary keys from a service of your own, fetched when they are needed and renewed before they expire. A key that the
 * service of COS rejects is replaced at once.
 *
 * `KEYS_URL=http://127.0.0.1:9000/keys npx tsx refreshing-keys.ts`
 */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Console, Effect, Schema } from "effect"
import { CosError, Credentials } from "effect-cos"
import * as Cos from "effect-cos/Cos"
import { NodeCos } from "effect-cos-node"

const Keys = Schema.Struct({
  secretId: Schema.String,
  secretKey: Schema.String,
  sessionToken: Schema.String,
  expiresAt: Schema.Date
})

/** Whatever goes wrong here is a `CredentialsError` of the request that wanted the key. */
const provider = Effect.gen(function* () {
  const url = yield* Config.string("KEYS_URL")
  const response = yield* HttpClient.get(url)
  return Credentials.accessKey(yield* HttpClientResponse.schemaBodyJson(Keys)(response))
}).pipe(
  Effect.scoped,
  Effect.mapError(
    (cause) => new CosError.CredentialsError({ provider: "KEYS_URL", message: String(cause), transient: true })
  )
)

const program = Effect.flatMap(Cos.headBucket(), ({ region }) => Console.log(`The bucket is in ${region}`))

NodeRuntime.runMain(Effect.provide(program, NodeCos.layer({ credentials: provider })))
