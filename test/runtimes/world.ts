/** A world for each case: its own bucket in an emulator that is reached over HTTP, and clients of it. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import type { FaultSpec } from "effect-cos-emulator/Fault"
import { type ClientOptions, type Config, type Files, type Seen, World } from "./model.js"

/** Makes a client of the settings, over the transport that the suite runs on. */
export type MakeClient = (
  settings: CosClient.Settings,
  credentials: Layer.Layer<Credentials.Credentials>
) => Layer.Layer<CosClient.CosClient>

export interface Platform {
  readonly client: MakeClient
  /** Absent where there are no files. */
  readonly files: Layer.Layer<Files> | undefined
}

/** A command to the emulator's control port, by the runtime's own `fetch`. */
const command = ({ control }: Config, method: string, path: string, body?: unknown) =>
  Effect.promise(async () => {
    const response = await fetch(`${control.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${control.token}`, "content-type": "application/json" },
      ...(body === undefined ? undefined : { body: JSON.stringify(body) })
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    return { status: response.status, bytes }
  })

const json = <A>(config: Config, method: string, path: string, body?: unknown): Effect.Effect<A> =>
  Effect.map(command(config, method, path, body), ({ bytes, status }) => {
    const text = new TextDecoder().decode(bytes)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
    return (text === "" ? undefined : JSON.parse(text)) as A
  })

export const make = (platform: Platform, config: Config, bucket: string): Effect.Effect<World["Type"]> =>
  Effect.gen(function* () {
    yield* json(config, "PUT", `/buckets/${bucket}`, {})
    let seen = 0
    const requests = (operation?: string) =>
      json<ReadonlyArray<Seen & { readonly id: number }>>(
        config,
        "GET",
        `/journal?bucket=${bucket}&after=${seen}${operation === undefined ? "" : `&operation=${operation}`}`
      )
    const fault = (spec: FaultSpec) =>
      Effect.gen(function* () {
        const { id } = yield* json<{ readonly id: number }>(config, "POST", "/faults", {
          ...spec,
          on: { ...spec.on, bucket }
        })
        yield* Effect.addFinalizer(() =>
          Effect.gen(function* () {
            const { fired } = yield* json<{ readonly fired: number }>(config, "GET", `/faults/${id}`)
            yield* json(config, "DELETE", `/faults/${id}`)
            if (fired === 0) throw new Error(`the fault ${JSON.stringify(spec)} acted on no request`)
          })
        )
      })
    return {
      config,
      bucket,
      client: (options) => client(platform, config, bucket, options),
      fault,
      requests,
      forgetRequests: Effect.map(requests(), (entries) => {
        seen = entries.at(-1)?.id ?? seen
      }),
      bytes: (key) =>
        Effect.map(
          command(config, "GET", `/buckets/${bucket}/bytes?key=${encodeURIComponent(key)}`),
          ({ bytes, status }) => (status === 200 ? bytes : undefined)
        ),
      unfinished: Effect.map(
        json<ReadonlyArray<{ readonly bucket: string; readonly uploadId: string }>>(config, "GET", "/uploads"),
        (uploads) => uploads.filter((upload) => upload.bucket === bucket).map(({ uploadId }) => uploadId)
      )
    }
  })

/** Retries at once, unless told otherwise. */
const client = (platform: Platform, config: Config, bucket: string, options: ClientOptions) => {
  const { credentials, endpointUrl = config.endpoint, ...settings } = options
  const { secretId } = config
  const secretKey = Redacted.make(config.secretKey)
  return platform.client(
    {
      bucket,
      region: "ap-guangzhou",
      endpoint: Endpoint.custom({ url: endpointUrl }),
      retry: RetryPolicy.make({ base: 0 }),
      ...settings
    },
    credentials ?? Credentials.layerStatic({ secretId, secretKey })
  )
}

/** Waits until the emulator has seen a request that the predicate accepts. */
export const until = (operation: string, predicate: (seen: ReadonlyArray<Seen>) => boolean) =>
  Effect.flatMap(World, ({ requests }) =>
    requests(operation).pipe(
      Effect.repeat({ until: predicate, schedule: Schedule.spaced("10 millis") }),
      Effect.timeoutFail({ duration: "20 seconds", onTimeout: () => new Error(`${operation} was not seen in time`) })
    )
  )
