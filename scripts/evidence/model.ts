/** Random commands against the emulator and against plain maps, through the SDK: see `test/model`. */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import { agree, buckets, command } from "../../test/model/model.js"
import { main } from "../tool.js"

export const description = "10,000 random commands (or as many as the argument says) agree with a model of plain maps"

const wanted = Number(process.argv[2] ?? 10_000)
const length = 40

const world = CosClient.layer({ region: "ap-guangzhou" }).pipe(
  Layer.provide(Layer.unwrapEffect(Effect.map(Emulator, ({ credentials }) => Credentials.layerStatic(credentials)))),
  Layer.provide(CosTransport.layer({ rawPath: true, contentLength: true, hostHeader: true })),
  Layer.provideMerge(layer({ buckets, minPartSize: 1 }))
)

main(
  Effect.gen(function* () {
    const run = Runtime.runPromise(yield* Effect.runtime<CosClient.CosClient | Emulator>())
    const seed = Date.now() % 2 ** 31
    let carriedOut = 0
    const commands = FastCheck.array(command, { minLength: length, maxLength: length })
    const agrees = FastCheck.asyncProperty(commands, async (chosen) => {
      await run(agree(chosen))
      carriedOut += chosen.length
    })
    yield* Effect.promise(() => FastCheck.assert(agrees, { seed, numRuns: Math.ceil(wanted / length) }))
    console.log(`${carriedOut} commands agree (seed ${seed})`)
  }).pipe(Effect.provide(world))
)
