/** Random histories of a directory that is synced to a bucket, mutated between and within the runs: see `test/model/sync.ts`. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import { check } from "../../test/model/sync.js"
import { main } from "../tool.js"

export const description =
  "2,000 random histories of syncs (or as many as the argument says) delete and store only what they may"

const histories = Number(process.argv[2] ?? 2000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"

const world = CosClient.layer({ bucket, region }).pipe(
  Layer.provide(Layer.unwrapEffect(Effect.map(Emulator, ({ credentials }) => Credentials.layerStatic(credentials)))),
  Layer.provide(CosTransport.layer({ rawPath: true, contentLength: true, hostHeader: true })),
  Layer.provideMerge(layer({ buckets: [bucket], region })),
  Layer.merge(NodeContext.layer)
)

main(
  Effect.gen(function* () {
    console.log(`seed ${seed}`)
    const runs = yield* check(seed, histories)
    console.log(`${runs} syncs in ${histories} histories deleted and stored only what they may (seed ${seed})`)
  }).pipe(Effect.provide(world))
)
