/** The COS that the demo uses: the one that the environment names, else the emulator on a port. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { EmulatorError } from "effect-cos-emulator/Control"
import * as Emulator from "effect-cos-emulator/Emulator"
import { NodeCos } from "effect-cos-node"
import { Failed } from "../tool.js"

export class Service extends Context.Tag("demo/Service")<
  Service,
  {
    readonly description: string
    /** Variables for `NodeCos.layerEnv`, here and in a child process. Absent: those of this process. */
    readonly environment: Readonly<Record<string, string>> | undefined
  }
>() {}

const required = ["COS_BUCKET", "COS_REGION", "COS_SECRET_ID", "COS_SECRET_KEY"]

const named = Layer.effect(
  Service,
  Effect.gen(function* () {
    const missing = required.filter((name) => !process.env[name])
    if (missing.length > 0) return yield* new Failed(`${missing.join(", ")} not set, though others of COS_* are`)
    const bucket = `bucket ${process.env.COS_BUCKET} in ${process.env.COS_REGION}`
    const endpoint = process.env.COS_ENDPOINT
    return {
      description: endpoint ? `Against ${endpoint}: ${bucket}` : `Against the real service: ${bucket}`,
      environment: undefined
    }
  })
)

const emulated = (directory: string) =>
  Layer.effect(
    Service,
    Effect.map(Emulator.Emulator, ({ credentials, endpoint }) => ({
      description: `Against the emulator at ${endpoint}, on disk.\nWith ${required.join(", ")} set: against the real service.`,
      environment: {
        COS_BUCKET: "examplebucket-1250000000",
        COS_REGION: "ap-guangzhou",
        COS_ENDPOINT: endpoint,
        COS_SECRET_ID: credentials.secretId,
        COS_SECRET_KEY: Redacted.value(credentials.secretKey)
      }
    }))
  ).pipe(Layer.provide(Emulator.layerServer({ dir: directory, buckets: ["examplebucket-1250000000"] })))

export const service = (directory: string): Layer.Layer<Service, EmulatorError | Failed> =>
  required.some((name) => process.env[name]) ? named : emulated(directory)

export const client = Layer.unwrapEffect(
  Effect.map(Service, ({ environment }) =>
    environment === undefined
      ? NodeCos.layerEnv
      : Layer.provide(
          NodeCos.layerEnv,
          Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment))))
        )
  )
)
