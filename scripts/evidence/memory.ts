/**
 * Transfers in a process that is not allowed the memory of the object: a file of 2 GiB up and down, a stream of 4 GiB up.
 * The server is another process's; what is measured is the client's alone.
 */
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import { NodeCos } from "effect-cos-node"
import { Service, service } from "../demo/service.js"
import { Failed, main, must } from "../tool.js"

export const description = "2 GiB up and down and a stream of 4 GiB up, in a process of little memory"

const GiB = 1024 ** 3
const MiB = 1024 ** 2

/** The most resident memory that a child may reach, in MB, its TypeScript loader included: a fifth of the object. */
const limit = 400

/** Of JavaScript objects; the parts' buffers lie outside of it, and count to what is measured. */
const heap = "--max-old-space-size=64"

const blocks = (size: number) =>
  Stream.map(Stream.range(0, size / MiB - 1, 1), (i) => new Uint8Array(new Uint32Array(MiB / 4).fill(i).buffer))

const transfers = {
  "upload of a file of 2 GiB": (path: string) => Upload.file({ key: "file", path }),
  "download of a file of 2 GiB": (path: string) => Download.file({ key: "file", path: `${path}.down` }),
  "upload of a stream of 4 GiB": () => Upload.stream({ key: "stream", stream: blocks(4 * GiB) })
}
type Transfer = keyof typeof transfers

/** In the child: one transfer, whose end is proven by its CRC64, and the most memory it took, in kB. */
const child = (transfer: Transfer) =>
  Effect.gen(function* () {
    const path = yield* Config.string("EVIDENCE_FILE")
    yield* transfers[transfer](path)
    console.log(process.resourceUsage().maxRSS)
  }).pipe(Effect.provide(NodeCos.layerEnv))

const parent = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-memory-" })
  const path = `${directory}/source`
  yield* Stream.run(blocks(2 * GiB), fs.sink(path))
  const live = service(`${directory}/server`)
  const peaks = yield* Effect.gen(function* () {
    const { environment } = yield* Service
    return yield* Effect.forEach(Object.keys(transfers), (transfer) =>
      Effect.gen(function* () {
        const output = yield* must(
          Command.make(process.execPath, heap, ...process.execArgv, fileURLToPath(import.meta.url)).pipe(
            Command.env({ ...environment, EVIDENCE_FILE: path, EVIDENCE_TRANSFER: transfer })
          )
        )
        const peak = Number(output.trim().split("\n").at(-1)) / 1000
        console.log(`${transfer}: at most ${peak.toFixed(0)} MB`)
        return peak
      })
    )
  }).pipe(Effect.provide(live))
  const most = Math.max(...peaks)
  const figure = `peak ${peaks.map((peak) => peak.toFixed(0)).join(", ")} MB (limit ${limit})`
  if (!(most < limit)) return yield* new Failed(figure)
  console.log(figure)
}).pipe(Effect.scoped)

const transfer = process.env.EVIDENCE_TRANSFER
if (transfer === undefined) main(parent)
else main(child(transfer as Transfer))
