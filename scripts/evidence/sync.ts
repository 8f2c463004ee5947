/**
 * Random histories of a directory that is synced to a bucket, mutated between and within the runs: see
 * `test/model/sync.ts`; and, one for ten of these, with processes, mounts and both directions: see `syncProcesses.ts`.
 */

import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import { Emulator, layer, layerServer } from "effect-cos-emulator/Emulator"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { check } from "../../test/model/sync.js"
import { main } from "../tool.js"
import * as Processes from "./syncProcesses.js"

export const description =
  "2,000 random histories of syncs, and 200 with processes (or as many as the arguments say) delete and store only what they may"

const histories = Number(process.argv[2] ?? 2000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
const ofProcesses = Number(process.argv[4] ?? Math.ceil(histories / 10))

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"

const credentials = Layer.unwrapEffect(Effect.map(Emulator, ({ credentials }) => Credentials.layerStatic(credentials)))

const inProcess = CosClient.layer({ bucket, region }).pipe(
  Layer.provide(credentials),
  Layer.provide(CosTransport.layer({ rawPath: true, contentLength: true, hostHeader: true })),
  Layer.provideMerge(layer({ buckets: [bucket], region })),
  Layer.merge(NodeContext.layer)
)

const onPort = Layer.unwrapEffect(
  Effect.map(Emulator, ({ endpoint }) =>
    CosClient.layer({ bucket, region, endpoint: Endpoint.custom({ url: endpoint }) })
  )
).pipe(
  Layer.provide(credentials),
  Layer.provide(UndiciTransport.layer()),
  Layer.provideMerge(layerServer({ buckets: [bucket], region })),
  Layer.merge(NodeContext.layer)
)

const inProcesses = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { credentials, endpoint } = yield* Emulator
  const program = yield* Processes.writeProgram(yield* fs.makeTempDirectoryScoped())
  const secretKey = Redacted.value(credentials.secretKey)
  const server = { bucket, region, url: endpoint, secretId: credentials.secretId, secretKey }
  const mounts = yield* Processes.canMount
  const tally = yield* Processes.check(seed, ofProcesses, { mounts, program, server })
  const { changes, kills, runs, unmounts } = tally
  return `${runs} in ${ofProcesses} with processes (${kills} killed, ${changes} disturbed, ${unmounts} of these by unmounting)${mounts ? "" : " (without mounts, which this user may not make)"}`
}).pipe(Effect.scoped)

main(
  Effect.gen(function* () {
    console.log(`seed ${seed}`)
    const processes = yield* Effect.provide(inProcesses, onPort)
    console.log(processes)
    const runs = yield* Effect.provide(check(seed, histories), inProcess)
    console.log(
      `${runs} syncs in ${histories} histories, and ${processes}, deleted and stored only what they may (seed ${seed})`
    )
  })
)
