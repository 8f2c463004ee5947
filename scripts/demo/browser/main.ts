/** `pnpm demo:browser`: a page that uploads to the emulator, whose server alone has the keys. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Cors from "effect-cos/Cors"
import * as Cos from "effect-cos/Cos"
import * as Endpoint from "effect-cos/Endpoint"
import * as Emulator from "effect-cos-emulator/Emulator"
import { NodeCos } from "effect-cos-node"
import { main } from "../../tool.js"
import { demoPages, serve } from "./server.js"

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"

const client = Layer.unwrapEffect(
  Effect.map(Emulator.Emulator, ({ credentials, endpoint }) =>
    NodeCos.layer({ bucket, region, credentials, endpoint: Endpoint.custom({ url: endpoint }) })
  )
)

main(
  Effect.gen(function* () {
    const { endpoint } = yield* Emulator.Emulator
    const settings = { bucket, region, endpoint, prefix: "uploads/" }
    const origin = yield* serve(settings, yield* demoPages, Number(process.env.PORT ?? 0))
    yield* Cos.putBucketCors(Cors.forBrowser({ origins: [origin] }))
    console.log(`Open ${origin} and drop files. The emulator is at ${endpoint}. Ctrl-C ends both.`)
    return yield* Effect.never
  }).pipe(
    Effect.scoped,
    Effect.provide(client.pipe(Layer.provideMerge(Emulator.layerServer({ buckets: [bucket], region }))))
  )
)
