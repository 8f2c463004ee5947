/** An emulator on a port of this process, and a client for it. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Endpoint from "effect-cos/Endpoint"
import * as Emulator from "effect-cos-emulator/Emulator"
import type { Options } from "effect-cos-emulator/Options"
import { NodeCos } from "effect-cos-node"

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"

const client = Layer.unwrapEffect(
  Effect.map(Emulator.Emulator, ({ credentials, endpoint }) =>
    Layer.orDie(NodeCos.layer({ bucket, region, endpoint: Endpoint.custom({ url: endpoint }), credentials }))
  )
)

export const live = (options?: Pick<Options, "dir">) =>
  Layer.provideMerge(client, Emulator.layerServer({ buckets: [bucket], region, ...options }))
