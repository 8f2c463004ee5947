/** This SDK as a Node user has it: requests signed, retried and traced, and every byte of a transfer verified by CRC64. */
import { open } from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Endpoint from "effect-cos/Endpoint"
import * as Upload from "effect-cos/Upload"
import { NodeCos } from "effect-cos-node"
import { fileOf, files, keyOf, MiB, smallFiles } from "./data.js"
import { bucket, concurrency, region, secretId, secretKey, small, type Variant, workers } from "./variants.js"

const variant =
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
    return (count) => runtime.runPromise(work(count))
  }

/** Repeats one effect `count` times, in `atOnce` fibers. */
const inFibers =
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

const allSucceeded = <A extends { readonly failures: ReadonlyArray<unknown> }>(report: A): void => {
  if (report.failures.length > 0) throw report.failures[0]
}

export const uploadFiles = (atOnce: number): Variant =>
  variant((count) => Effect.map(Upload.files(smallFiles(count), { concurrency: atOnce }), allSucceeded))

export const downloadFiles = (atOnce: number): Variant =>
  variant((count) =>
    Effect.map(
      Download.files(
        smallFiles(count).map(({ key }) => ({ key, path: `${files}/ours/${key}` })),
        { concurrency: atOnce }
      ),
      allSucceeded
    )
  )

export const download = (verify: boolean): Variant =>
  variant((count) =>
    Download.file(
      { key: keyOf(count), path: `${files}/downloaded-ours` },
      { partSize: 8 * MiB, concurrency: workers, verify }
    )
  )
