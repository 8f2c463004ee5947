/**
 * Transfers in a process with less memory than the object needs: a file of 2 GiB up and down, a stream of 4 GiB up and
 * down. The server runs in another process. The client's peak is compared with that of a process that transfers nothing.
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

export const description = "a file of 2 GiB and a stream of 4 GiB, up and down, in a process of little memory"

const GiB = 1024 ** 3
const MiB = 1024 ** 2

/**
 * How many MiB a process may use beyond what the docs promise: garbage that is not yet collected, sockets, and freed memory
 * that the system keeps.
 */
const slack = 96

/** Limits JavaScript objects only. The buffers of parts lie outside of this heap and are measured. */
const heap = "--max-old-space-size=64"

const blocks = (size: number) =>
  Stream.map(Stream.range(0, size / MiB - 1, 1), (i) => new Uint8Array(new Uint32Array(MiB / 4).fill(i).buffer))

const part = 8
const concurrency = 4

/** `holds` is how many MiB of the object the docs allow in memory. */
const transfers = {
  nothing: { holds: 0, run: () => Effect.void },
  "upload of a file of 2 GiB": {
    holds: part * concurrency,
    run: (path: string) => Upload.file({ key: "file", path })
  },
  "download of a file of 2 GiB": {
    holds: part * concurrency,
    run: (path: string) => Download.file({ key: "file", path: `${path}.down` })
  },
  "upload of a stream of 4 GiB": {
    holds: part * (concurrency + 1),
    run: () => Upload.stream({ key: "stream", stream: blocks(4 * GiB) })
  },
  "download of a stream of 4 GiB": {
    holds: 1,
    run: () => Stream.runDrain(Download.stream({ key: "stream" }))
  }
}
type Transfer = keyof typeof transfers

/** Runs one transfer in the child, which CRC64 verifies, and prints the peak memory of the process in kB. */
const child = (transfer: Transfer) =>
  Effect.gen(function* () {
    const path = yield* Config.string("EVIDENCE_FILE")
    yield* transfers[transfer].run(path)
    console.log(process.resourceUsage().maxRSS)
  }).pipe(Effect.provide(NodeCos.layerEnv))

const parent = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-memory-" })
  const path = `${directory}/source`
  yield* Stream.run(blocks(2 * GiB), fs.sink(path))
  const live = service(`${directory}/server`)
  const peakOf = (transfer: string) =>
    Effect.gen(function* () {
      const { environment } = yield* Service
      const output = yield* must(
        Command.make(process.execPath, heap, ...process.execArgv, fileURLToPath(import.meta.url)).pipe(
          Command.env({ ...environment, EVIDENCE_FILE: path, EVIDENCE_TRANSFER: transfer })
        )
      )
      return Number(output.trim().split("\n").at(-1)) / 1024
    })
  yield* Effect.gen(function* () {
    const idle = yield* peakOf("nothing")
    const figures = yield* Effect.forEach(Object.entries(transfers).slice(1), ([transfer, { holds }]) =>
      Effect.gen(function* () {
        const most = (yield* peakOf(transfer)) - idle
        console.log(`${transfer}: ${most.toFixed(0)} MiB (it says ${holds})`)
        if (!(most <= holds + slack))
          return yield* new Failed(`${transfer}: ${most.toFixed(0)} MiB instead of ${holds}`)
        return `${most.toFixed(0)} of ${holds}`
      })
    )
    console.log(`${figures.join(", ")} MiB, within ${slack} (the process without a transfer: ${idle.toFixed(0)})`)
  }).pipe(Effect.provide(live))
}).pipe(Effect.scoped)

const transfer = process.env.EVIDENCE_TRANSFER
if (transfer === undefined) main(parent)
else main(child(transfer as Transfer))
