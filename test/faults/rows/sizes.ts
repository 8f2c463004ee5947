/** Sizes, from nothing to more parts than there may be. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Crc64 from "effect-cos/Crc64"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { content, MiB } from "../../support/content.js"
import { type InProcessRow, onPart, success } from "../row.js"
import { complete, file, initiate, options, path } from "./upload.js"

const threshold = 2 * MiB

/** A Blob that says that it is larger than what any memory holds. */
const blobOf = (size: number, slice: () => Blob): Blob =>
  Object.defineProperties(new Blob(), { size: { value: size }, slice: { value: slice } })

export const sizes: ReadonlyArray<InProcessRow> = [
  ...[
    [10_000 * MiB, MiB],
    [10_000 * MiB + 1, 2 * MiB]
  ].map(
    ([size = 0, partSize]): InProcessRow => ({
      where: "input",
      fault: `${size} bytes in parts of 1 MiB`,
      faults: [onPart(1, Fault.silence())],
      // The part size is chosen before anything is begun: the first checkpoint tells it.
      client: Effect.gen(function* () {
        const chosen = yield* Deferred.make<number>()
        const slice = () => new Blob([new Uint8Array(MiB)])
        const blob = blobOf(size, slice)
        const onCheckpoint = (checkpoint: Checkpoint.Upload) => Deferred.succeed(chosen, checkpoint.partSize)
        const sent = Upload.blob({ key: "a", blob }, { ...options, onCheckpoint })
        return yield* Effect.race(
          Effect.zipLeft(Deferred.await(chosen), Effect.sleep("1 second")),
          Effect.zipRight(sent, Effect.never)
        )
      }),
      expect: success(partSize),
      left: {}
    })
  ),
  {
    where: "input",
    fault: "more than 10,000 parts of 5 GiB",
    client: Upload.blob({
      key: "a",
      blob: blobOf(10_000 * 5120 * MiB + 1, () => new Blob())
    }),
    expect: { _tag: "TooManyParts", limit: 10_000 },
    asked: {},
    left: {}
  },
  ...[
    [0, 0],
    [1, 0],
    [threshold - 1, 0],
    [threshold, 0],
    [threshold + 1, 3],
    [3 * MiB - 1, 3],
    [3 * MiB, 3],
    [3 * MiB + 1, 4]
  ].map(([size = 0, parts = 0]): InProcessRow => {
    const bytes = content(size, 8)
    const each = parts === 0 ? { putObject: 2 } : { [initiate]: 2, uploadPart: 2 * parts, [complete]: 2 }
    const result = { size, parts, crc64: Crc64.of(bytes) }
    return {
      where: "input",
      fault: `${size} bytes, of a file and of a blob, with a threshold of ${threshold}`,
      given: { files: { [path]: bytes } },
      client: Effect.all([
        file({ threshold }),
        Upload.blob({ key: "b", blob: new Blob([bytes]) }, { ...options, threshold })
      ]),
      expect: success([result, result]),
      asked: each,
      left: { objects: { a: bytes, b: bytes } }
    }
  }),
  {
    where: "input",
    fault: "no bytes, with a threshold of nothing",
    client: Upload.bytes({ key: "a", bytes: new Uint8Array(0) }, options),
    expect: success({ parts: 0 }),
    asked: { putObject: 1 },
    left: { objects: { a: new Uint8Array(0) } }
  }
]
