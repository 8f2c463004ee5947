/** An emulator and a client for it: in process under the test clock, or on a port with real files. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import type { EmulatorError, FaultHandle } from "effect-cos-emulator/Control"
import { Emulator, layer, layerServer } from "effect-cos-emulator/Emulator"
import type { FaultSpec } from "effect-cos-emulator/Fault"
import type { JournalEntry } from "effect-cos-emulator/Journal"
import type * as EmulatorOptions from "effect-cos-emulator/Options"
import * as NodeFiles from "effect-cos-node/NodeFiles"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { firstDifference } from "./content.js"
import * as Disk from "./disk.js"

export const bucket = "examplebucket-1250000000"
export const region = "ap-guangzhou"

export interface Options {
  readonly emulator?: EmulatorOptions.Options
  readonly client?: CosClient.Settings
  /** Default: all capabilities but those that only the undici transport has. */
  readonly transport?: Partial<CosTransport.Capabilities>
  /** Default: the emulator's owner. */
  readonly credentials?: Layer.Layer<Credentials.Credentials, never, Emulator>
}

const credentials = Layer.unwrapEffect(
  Effect.map(Emulator, (emulator) => Credentials.layerStatic(emulator.credentials))
)

const emulatorOptions = (options: Options): EmulatorOptions.Options => ({
  strict: true,
  buckets: [bucket],
  region,
  ...options.emulator
})

/** Without sockets, with files in memory, and with time that only the test moves. */
export const inProcess = (
  options: Options = {}
): Layer.Layer<
  Emulator | CosClient.CosClient | HttpClient.HttpClient | Disk.Disk | FileSystem.FileSystem,
  EmulatorError
> =>
  CosClient.layer({ bucket, region, ...options.client }).pipe(
    Layer.provide(options.credentials ?? credentials),
    Layer.provide(
      CosTransport.layer(
        options.transport ?? {
          ...UndiciTransport.capabilities,
          expectContinue: false,
          abort: undefined,
          readInto: undefined
        }
      )
    ),
    Layer.provideMerge(layer(emulatorOptions(options))),
    Layer.merge(Disk.layer)
  )

/** A client of the emulator through sockets. */
export const portClient = (settings?: CosClient.Settings): Layer.Layer<CosClient.CosClient, never, Emulator> =>
  Layer.unwrapEffect(
    Effect.map(Emulator, ({ endpoint }) =>
      CosClient.layer({ bucket, region, endpoint: Endpoint.custom({ url: endpoint }), ...settings })
    )
  ).pipe(Layer.provide(credentials), Layer.provide(Layer.orDie(UndiciTransport.layer())))

/** With a port, our transport, real files and real time. */
export const onPort = (
  options: Options = {}
): Layer.Layer<Emulator | CosClient.CosClient | FileSystem.FileSystem, EmulatorError> =>
  portClient(options.client).pipe(
    Layer.provideMerge(layerServer(emulatorOptions(options))),
    Layer.merge(NodeFiles.layer)
  )

// --- what the emulator saw -------------------------------------------------------------------------------------------

/** Sets a fault, and fails the test if it never acted. */
export const fault = (spec: FaultSpec): Effect.Effect<FaultHandle, never, Emulator | Scope.Scope> =>
  Effect.gen(function* () {
    const handle = yield* (yield* Emulator).fault(spec)
    yield* Effect.addFinalizer(() =>
      Effect.map(handle.fired, (fired) =>
        expect(fired, `the fault ${JSON.stringify(spec)} acted on no request`).toBeGreaterThan(0)
      )
    )
    return handle
  })

/** The requests of an operation so far, or all. */
export const requests = (operation?: string): Effect.Effect<ReadonlyArray<JournalEntry>, never, Emulator> =>
  Effect.flatMap(Emulator, (emulator) =>
    Effect.map(emulator.journal, (entries) =>
      operation === undefined ? entries : entries.filter((entry) => entry.operation === operation)
    )
  )

/** Waits until so many requests of an operation have come. */
export const untilRequested = (operation: string, count = 1): Effect.Effect<void, never, Emulator> =>
  Effect.asVoid(
    Effect.repeat(Effect.zipRight(Effect.yieldNow(), requests(operation)), { until: ({ length }) => length >= count })
  )

/** How often each operation was requested. */
export const asked: Effect.Effect<Readonly<Record<string, number>>, never, Emulator> = Effect.map(
  requests(),
  (entries) => {
    const counts: Record<string, number> = {}
    for (const { operation } of entries) counts[operation ?? "?"] = (counts[operation ?? "?"] ?? 0) + 1
    return counts
  }
)

/** The numbers of the parts that were sent, in order of arrival. */
export const partsSent: Effect.Effect<ReadonlyArray<number>, never, Emulator> = Effect.map(
  requests("uploadPart"),
  (entries) => entries.map(({ partNumber }) => partNumber ?? 0)
)

/** The parts that were sent or copied again although they had been acknowledged. */
export const partsAgain: Effect.Effect<ReadonlyArray<string>, never, Emulator> = Effect.map(requests(), (entries) => {
  const acknowledged = new Set<string>()
  return entries.flatMap(({ outcome, partNumber, status, uploadId }) => {
    const part = `part ${partNumber} of ${uploadId}`
    const isAgain = acknowledged.has(part)
    if (partNumber !== undefined && status === 200 && outcome === "completed") acknowledged.add(part)
    return isAgain ? [part] : []
  })
})

/** The multipart uploads that are open. */
export const unfinishedUploads: Effect.Effect<ReadonlyArray<string>, never, Emulator> = Effect.flatMap(
  Emulator,
  (emulator) =>
    Effect.map(Effect.orDie(emulator.unfinishedUploads), (uploads) => uploads.map(({ uploadId }) => uploadId))
)

/** The bytes of an object. */
export const bytesOf = (key: string): Effect.Effect<Uint8Array, never, Emulator> =>
  Effect.flatMap(Emulator, (emulator) => Effect.orDie(emulator.bytes(bucket, key)))

/** Checks the bytes of an object; `undefined` if there must be none. */
export const expectStored = (key: string, bytes: Uint8Array | undefined): Effect.Effect<void, never, Emulator> =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    const stored = yield* Effect.option(emulator.bytes(bucket, key))
    if (bytes === undefined) return expect(stored._tag, `${key} exists`).toBe("None")
    expect(stored._tag, `${key} does not exist`).toBe("Some")
    if (stored._tag === "Some") expect(firstDifference(stored.value, bytes)).toBeUndefined()
  })
