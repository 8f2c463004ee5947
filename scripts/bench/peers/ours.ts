/** This SDK as a Node user has it: requests signed, retried and traced, and every byte of a transfer verified by CRC64. */
import { open } from "node:fs/promises"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Endpoint from "effect-cos/Endpoint"
import * as Upload from "effect-cos/Upload"
import { NodeCos } from "effect-cos-node"
import { fileOf, keyOf, MiB, out } from "../data.js"
import {
  bucket,
  concurrency,
  type Figures,
  region,
  secretId,
  secretKey,
  small,
  type Variant,
  workers
} from "../variants.js"

/** The result of work that measures itself. */
export class Measured {
  constructor(readonly figures: Figures) {}
}

/** What the work measures itself; all else that it returns is a result. */
const ownFigures = (result: unknown): Figures | undefined => (result instanceof Measured ? result.figures : undefined)

/** Work of a client as `NodeCos.layer` makes it. */
export const variant =
  <E>(work: (count: number) => Effect.Effect<unknown, E, NodeCos.Provided>): Variant =>
  (origin) => {
    const runtime = ManagedRuntime.make(
      NodeCos.layer({
        region,
        bucket,
        endpoint: Endpoint.custom({ url: origin, style: "virtual" }),
        credentials: { secretId, secretKey }
      })
    )
    return (count) => runtime.runPromise(Effect.map(work(count), ownFigures))
  }

/** Repeats one effect `count` times, in `atOnce` fibers. */
export const inFibers =
  <E, R>(atOnce: number, one: Effect.Effect<unknown, E, R>) =>
  (count: number): Effect.Effect<void, E, R> =>
    Effect.forEach(Array.from({ length: atOnce }), () => Effect.repeatN(one, count / atOnce - 1), {
      concurrency: "unbounded",
      discard: true
    })

export const put = variant((count) => {
  let i = 0
  return inFibers(
    concurrency,
    Effect.suspend(() => Cos.putObject({ key: `small/${i++}`, body: small }))
  )(count)
})

export const head = variant(
  inFibers(
    concurrency,
    Effect.suspend(() => Cos.headObject({ key: keyOf(1) }))
  )
)

export const list = variant(
  inFibers(
    1,
    Effect.suspend(() => Cos.listObjects())
  )
)

export const upload = (partSize: number): Variant =>
  variant((count) =>
    Upload.file({ key: keyOf(count), path: fileOf(count) }, { partSize, concurrency: workers, threshold: 0 })
  )

/** A multipart upload by hand, from the operations alone, without a checksum. */
export const uploadParts = (partSize: number): Variant => {
  const buffers = Array.from({ length: workers }, () => new Uint8Array(partSize))
  return variant((count) =>
    Effect.gen(function* () {
      const key = keyOf(count)
      const file = yield* Effect.promise(() => open(fileOf(count)))
      const { uploadId } = yield* Cos.initiateMultipartUpload({ key })
      const parts = yield* Effect.forEach(
        Array.from({ length: (count * MiB) / partSize }, (_, i) => i),
        (i) =>
          Effect.gen(function* () {
            const body = buffers.pop() as Uint8Array<ArrayBuffer>
            yield* Effect.promise(() => file.read(body, 0, partSize, i * partSize))
            const { eTag } = yield* Cos.uploadPart({ key, uploadId, partNumber: i + 1, body })
            buffers.push(body)
            return { partNumber: i + 1, eTag }
          }),
        { concurrency: workers }
      )
      yield* Cos.completeMultipartUpload({ key, uploadId, parts })
      yield* Effect.promise(() => file.close())
    })
  )
}

export const download = (verify: boolean): Variant =>
  variant((count) =>
    Download.file({ key: keyOf(count), path: `${out}/large` }, { partSize: 8 * MiB, concurrency: workers, verify })
  )

/** From an interrupt in the middle of an upload to the return of its fiber, which has aborted the upload by then. */
export const interrupt: Variant = variant((count) =>
  Effect.gen(function* () {
    let spent = 0
    for (let i = 0; i < count; i++) {
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(
        Upload.file(
          { key: keyOf(256), path: fileOf(256) },
          {
            concurrency: workers,
            onProgress: ({ transferred }) => (transferred > 0 ? Deferred.succeed(begun, undefined) : Effect.void)
          }
        )
      )
      yield* Deferred.await(begun)
      const before = performance.now()
      const exit = yield* Fiber.interrupt(fiber)
      spent += performance.now() - before
      if (exit._tag === "Success") return yield* Effect.dieMessage("the upload ended before the interrupt")
    }
    return new Measured({ wall: (spent * 1000) / count })
  })
)
