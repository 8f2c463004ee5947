/** Which COS the demo runs against: the real one where `COS_*` variables name it, else the emulator on a port. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as Emulator from "effect-cos-emulator/Emulator"
import * as NodeHash from "effect-cos-node/NodeHash"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"

/** Everything a process needs to reach the service; handed to the child through its environment. */
export interface Address {
  readonly bucket: string
  readonly region: string
  /** Absent: the real service. */
  readonly url: string | undefined
  readonly secretId: string
  readonly secretKey: Redacted.Redacted<string>
  readonly token: Redacted.Redacted<string> | undefined
}

export class Service extends Context.Tag("demo/Service")<Service, Address>() {}

const fromEnvironment = Config.all({
  bucket: Config.string("COS_BUCKET"),
  region: Config.string("COS_REGION"),
  url: Config.option(Config.string("COS_ENDPOINT")),
  secretId: Config.string("COS_SECRET_ID"),
  secretKey: Config.redacted("COS_SECRET_KEY"),
  token: Config.option(Config.redacted("COS_SESSION_TOKEN"))
}).pipe(
  Config.map(
    (address): Address => ({
      ...address,
      url: Option.getOrUndefined(address.url),
      token: Option.getOrUndefined(address.token)
    })
  )
)

export const environmentOf = (address: Address): Record<string, string> => ({
  COS_BUCKET: address.bucket,
  COS_REGION: address.region,
  ...(address.url === undefined ? undefined : { COS_ENDPOINT: address.url }),
  COS_SECRET_ID: address.secretId,
  COS_SECRET_KEY: Redacted.value(address.secretKey),
  ...(address.token === undefined ? undefined : { COS_SESSION_TOKEN: Redacted.value(address.token) })
})

const emulated = (directory: string) => {
  const bucket = "examplebucket-1250000000"
  const region = "ap-guangzhou"
  return Layer.effect(
    Service,
    Effect.map(
      Emulator.Emulator,
      (emulator): Address => ({
        bucket,
        region,
        url: emulator.endpoint,
        secretId: emulator.credentials.secretId,
        secretKey: emulator.credentials.secretKey,
        token: undefined
      })
    )
  ).pipe(Layer.provide(Emulator.layerServer({ dir: directory, buckets: [bucket], region })))
}

export const service = (directory: string) =>
  Layer.unwrapEffect(
    Effect.map(Effect.option(fromEnvironment), (address) =>
      Option.match(address, {
        onNone: () => emulated(directory),
        onSome: (real) => Layer.succeed(Service, real)
      })
    )
  )

/** The service of the process that started this one. */
export const inherited = Layer.effect(Service, fromEnvironment)

export const client = Layer.unwrapEffect(
  Effect.map(Service, ({ bucket, region, secretId, secretKey, token, url }) =>
    CosClient.layer({
      bucket,
      region,
      ...(url === undefined ? undefined : { endpoint: Endpoint.custom({ url }) })
    }).pipe(
      Layer.provide(Credentials.layerStatic({ secretId, secretKey, token })),
      Layer.provide(UndiciTransport.layer()),
      Layer.provide(NodeHash.layer),
      Layer.provideMerge(NodeFileSystem.layer)
    )
  )
)
