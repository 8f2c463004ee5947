/**
 * Uploads ten thousand small files over a port and downloads them again. Each time one is refused, and the report must name
 * exactly that one.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Batch from "effect-cos/Batch"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Emulator from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { Failed, main } from "../tool.js"
import { live } from "./local.js"

export const description =
  "10,000 small files up and down again, one refused each way: the report names exactly that one"

const count = Number(process.argv[2] ?? 10_000)
const nameOf = (i: number) => `d${i % 97}/e${i % 13}/file ${i}.bin`
/** 0 to 8 KiB, different in each file. */
const contentOf = (i: number) => new Uint8Array(new Uint32Array((i * 37) % 2048).fill(i * 2654435761).buffer)

const refuse = (operation: string, i: number) =>
  Effect.flatMap(Emulator.Emulator, (emulator) =>
    emulator.fault({
      on: { operation, key: nameOf(i), times: Number.POSITIVE_INFINITY },
      do: Fault.status(403, { code: "AccessDenied" })
    })
  )

const check = (
  way: string,
  refused: number,
  { failures, outcomes, skipped, succeeded }: Batch.Report<{ readonly key: string }, unknown, { readonly _tag: string }>
) => {
  const named = failures.map(({ error, input }) => `${input.key} ${error._tag}`).join(", ")
  const inOrder = outcomes.every(({ input }, i) => i === 0 || (outcomes[i - 1]?.input.key ?? "") < input.key)
  return named === `${nameOf(refused)} AccessDenied` && succeeded === count - 1 && skipped === 0 && inOrder
    ? Effect.void
    : Effect.fail(new Failed(`${way}: ${succeeded} of ${count}, ${named}`))
}

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const [from, to] = yield* Effect.replicateEffect(fs.makeTempDirectoryScoped({ prefix: "effect-cos-files-" }), 2)
    if (from === undefined || to === undefined) return
    const numbers = Array.from({ length: count }, (_, i) => i)
    yield* Effect.forEach(
      numbers,
      (i) => {
        const path = `${from}/${nameOf(i)}`
        return Effect.zipRight(
          fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true }),
          fs.writeFile(path, contentOf(i))
        )
      },
      { concurrency: 16, discard: true }
    )
    const [refusedUp, refusedDown] = [Math.floor(count / 3), Math.floor(count / 2)]
    const options = { concurrency: { files: 32, totalParts: 32 } }

    yield* refuse("putObject", refusedUp)
    const [up, sent] = yield* Effect.timed(Upload.files({ directory: from }, options))
    yield* check("up", refusedUp, sent)
    yield* Effect.flatMap(Emulator.Emulator, ({ clearFaults }) => clearFaults)
    yield* Upload.files(sent.failures.map(({ input }) => input))

    yield* refuse("getObject", refusedDown)
    const [down, received] = yield* Effect.timed(Download.files({ directory: to }, options))
    yield* check("down", refusedDown, received)

    const wrong = yield* Effect.filter(
      numbers,
      (i) =>
        Effect.match(fs.readFile(`${to}/${nameOf(i)}`), {
          onFailure: () => i !== refusedDown,
          onSuccess: (bytes) => i === refusedDown || Buffer.compare(bytes, contentOf(i)) !== 0
        }),
      { concurrency: 16 }
    )
    const left = (yield* fs.readDirectory(to, { recursive: true })).filter((name) => name.endsWith(".part"))
    if (wrong.length > 0 || left.length > 0) {
      return yield* new Failed(`${wrong.length} files are wrong, ${left.length} temporary ones are left`)
    }
    const rate = (time: Duration.Duration) => Math.round(count / Duration.toSeconds(time))
    console.log(
      `${count} files up at ${rate(up)} and down at ${rate(down)} files/s; ` +
        `the one that was refused is the one that is named, each way; the others are byte-equal`
    )
  }).pipe(Effect.scoped, Effect.provide(live()))
)
