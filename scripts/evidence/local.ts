/** An emulator on a port of this process, and a client of it. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as Emulator from "effect-cos-emulator/Emulator"
import type { Options } from "effect-cos-emulator/Options"
import * as NodeHash from "effect-cos-node/NodeHash"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"

const client = Layer.unwrapEffect(
  Effect.map(Emulator.Emulator, ({ credentials, endpoint }) =>
    CosClient.layer({ bucket, region, endpoint: Endpoint.custom({ url: endpoint }) }).pipe(
      Layer.provide(Credentials.layerStatic(credentials))
    )
  )
).pipe(Layer.provide(Layer.orDie(UndiciTransport.layer())), Layer.provide(NodeHash.layer))

export const live = (options?: Pick<Options, "dir">) =>
  Layer.provideMerge(client, Emulator.layerServer({ buckets: [bucket], region, ...options }))
