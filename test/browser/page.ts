/** The program of a test page: it runs one operation after the other, and tells what came of each. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Endpoint from "effect-cos/Endpoint"
import * as RemoteSigner from "effect-cos/RemoteSigner"
import * as Upload from "effect-cos/Upload"

const { bucket, endpoint, region } = await (await fetch("/settings.json")).json()

const client = CosClient.layer({ bucket, region, endpoint: Endpoint.custom({ url: endpoint }) }).pipe(
  Layer.provide(RemoteSigner.layer({ url: "/sign" })),
  Layer.provide(FetchHttpClient.layer)
)

const mebibyte = 1024 * 1024

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

const operations = {
  put: Cos.putObject({ key: "uploads/a", body: "0123456789", metadata: { a: "b" } }).pipe(
    Effect.map(({ crc64, eTag }) => ({ eTag, crc64: String(crc64) }))
  ),
  parts: Upload.blob(
    { key: "uploads/parts", blob: new Blob([new Uint8Array(3 * mebibyte + 7).fill(5)]) },
    { partSize: mebibyte, threshold: mebibyte }
  ).pipe(Effect.map(({ eTag, parts, size }) => ({ eTag, parts, size }))),
  head: Cos.headObject({ key: "uploads/a" }).pipe(
    Effect.map(({ contentLength, eTag, metadata, storageClass }) => ({ contentLength, eTag, metadata, storageClass }))
  ),
  range: Effect.map(Download.bytes({ key: "uploads/a", range: { start: 2, end: 4 } }), text),
  whole: Effect.map(Download.bytes({ key: "uploads/a" }), text),
  gzip: Effect.map(Download.bytes({ key: "uploads/gzip" }, { verify: false }), (bytes) => bytes.byteLength)
}

export interface Outcome {
  readonly value?: unknown
  readonly error?: {
    readonly _tag: string
    readonly reason?: string
    readonly hiddenHeader?: string
    readonly message: string
  }
  readonly warnings: ReadonlyArray<string>
}

const run = async (name: keyof typeof operations): Promise<Outcome> => {
  const warnings: Array<string> = []
  const logger = Logger.make<unknown, void>(({ message }) => void warnings.push(String(message)))
  const program: Effect.Effect<unknown, { readonly _tag: string; readonly message: string }, CosClient.CosClient> =
    operations[name]
  const exit = await Effect.runPromiseExit(
    program.pipe(Effect.provide(client), Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
  )
  if (Exit.isSuccess(exit)) return { value: exit.value, warnings }
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause)) as Outcome["error"]
  const { _tag = "Die", hiddenHeader, message = Cause.pretty(exit.cause), reason } = error ?? {}
  return {
    error: {
      _tag,
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(hiddenHeader === undefined ? {} : { hiddenHeader })
    },
    warnings
  }
}

Object.assign(globalThis, { run })
document.body.dataset.ready = "true"
