/**
 * effect-cos on Node in one line: client, credentials, the undici transport, node:crypto, file system and paths.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as CosClient from "effect-cos/CosClient"
import type { CredentialsError, InvalidInput } from "effect-cos/CosError"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as NodeHash from "./NodeHash.js"
import * as UndiciTransport from "./UndiciTransport.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options extends CosClient.Settings {
  /** Default: those of the environment, see `Credentials.layerEnv`. */
  readonly credentials?: Credentials.AccessKeyInput | Layer.Layer<Credentials.Credentials, CredentialsError> | undefined
  /** Time to connect, TLS, proxy and connections. */
  readonly transport?: UndiciTransport.Options | undefined
}

/**
 * What {@link layer} provides: the client, and what transfers of files need.
 *
 * @since 0.1.0
 * @category models
 */
export type Provided = CosClient.CosClient | FileSystem.FileSystem | Path.Path

const credentialsOf = (given: Options["credentials"]): Layer.Layer<Credentials.Credentials, CredentialsError> =>
  given === undefined ? Credentials.layerEnv : "secretId" in given ? Credentials.layerStatic(given) : given

/**
 * The client with these settings.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import * as Cos from "effect-cos/Cos"
 * import { NodeCos } from "effect-cos-node"
 *
 * export const program = Cos.headBucket().pipe(
 *   Effect.provide(NodeCos.layer({ bucket: "examplebucket-1250000000", region: "ap-guangzhou" }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<Provided, CredentialsError | InvalidInput> => {
  const { credentials, transport, ...settings } = options
  return CosClient.layer(settings).pipe(
    Layer.provide([credentialsOf(credentials), UndiciTransport.layer(transport)]),
    // These two are references, and transfers read them where they run.
    Layer.provideMerge(Layer.merge(NodeHash.layer, CosTransport.layer(UndiciTransport.capabilities))),
    Layer.merge(Layer.merge(NodeFileSystem.layer, NodePath.layer))
  )
}

const fromEnvironment = Config.all({
  region: Config.option(Config.string("COS_REGION")),
  bucket: Config.option(Config.string("COS_BUCKET")),
  endpoint: Config.option(Config.string("COS_ENDPOINT"))
})

/**
 * The client with what the environment says: `COS_REGION`, `COS_BUCKET`, and the keys that `Credentials.layerEnv` finds.
 * All but the keys may be absent, and then have to be named in the input of operations. `COS_ENDPOINT` is the URL of
 * another endpoint than COS's own, such as an emulator's.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerEnv: Layer.Layer<Provided, ConfigError.ConfigError | CredentialsError | InvalidInput> =
  Layer.unwrapEffect(
    Effect.map(fromEnvironment, ({ bucket, endpoint, region }) =>
      layer({
        bucket: Option.getOrUndefined(bucket),
        region: Option.getOrUndefined(region),
        endpoint: Option.getOrUndefined(Option.map(endpoint, (url) => Endpoint.custom({ url })))
      })
    )
  )
