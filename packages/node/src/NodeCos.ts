/**
 * effect-cos on Node in one line: the client with credentials, the undici transport, node:crypto, file system and paths.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as CosClient from "effect-cos/CosClient"
import { CredentialsError, type InvalidInput } from "effect-cos/CosError"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as NodeFiles from "./NodeFiles.js"
import * as NodeHash from "./NodeHash.js"
import * as UndiciTransport from "./UndiciTransport.js"

/**
 * What a source of access keys may use.
 *
 * @since 0.1.0
 * @category models
 */
export type CredentialsContext = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path

/**
 * What {@link layer} takes: all settings of `CosClient.layer`, the source of the access key, and the transport.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends CosClient.Settings {
  /** Default: `COS_REGION` of the environment, if it is set. */
  readonly region?: string | undefined
  /** Default: `COS_BUCKET` of the environment, if it is set. */
  readonly bucket?: string | undefined
  /** Default: the URL in `COS_ENDPOINT` of the environment, if it is set, else `Endpoint.standard`. */
  readonly endpoint?: Endpoint.Endpoint | undefined
  /**
   * An access key; or a provider that is asked again before its key expires, such as `Credentials.instanceMetadata()` or
   * `Profile.provider()`, for which this transport is the `HttpClient`; or a layer. Default: `Credentials.layerEnv`.
   */
  readonly credentials?:
    | Credentials.AccessKeyInput
    | Credentials.Provider<CredentialsContext>
    | Layer.Layer<Credentials.Credentials, CredentialsError, CredentialsContext>
    | undefined
  /** Connections, TLS and a proxy. */
  readonly transport?: UndiciTransport.Options | undefined
}

/**
 * What {@link layer} provides: the client, and what transfers of files need.
 *
 * @since 0.1.0
 * @category models
 */
export type Provided = CosClient.CosClient | FileSystem.FileSystem | Path.Path

const credentialsLayer = (
  given: Options["credentials"]
): Layer.Layer<Credentials.Credentials, CredentialsError, CredentialsContext> => {
  if (given === undefined) return Credentials.layerEnv
  if (Effect.isEffect(given)) return Credentials.layerProvider(given)
  if (Layer.isLayer(given)) return given as Exclude<typeof given, Credentials.AccessKeyInput>
  if (typeof given === "object" && given !== null && "secretId" in given) return Credentials.layerStatic(given)
  const message = "credentials must be { secretId, secretKey }, a provider or a layer"
  return Layer.fail(new CredentialsError({ provider: "NodeCos", message, transient: false }))
}

/** A setting as given, else the environment's, which is read only then. */
const orVariable = <A>(given: A | undefined, name: string, parse: (text: string) => A) =>
  given === undefined
    ? Effect.map(Config.option(Config.nonEmptyString(name)), (text) => Option.getOrUndefined(Option.map(text, parse)))
    : Effect.succeed(given)

/**
 * The client with these settings. What is not given is taken from the environment: `COS_REGION`, `COS_BUCKET`,
 * `COS_ENDPOINT` (the URL of another endpoint than COS's own, such as an emulator's), and the access key as
 * `Credentials.layerEnv` finds it. Without a region or bucket each operation has to name its own.
 *
 * Fails with `CredentialsError` when there is no access key, with `InvalidInput` when the transport's options are wrong, and
 * with `ConfigError` when the environment cannot be read.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Credentials } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 * import { NodeCos } from "effect-cos-node"
 *
 * export const program = Cos.headBucket().pipe(
 *   Effect.provide(
 *     NodeCos.layer({
 *       bucket: "examplebucket-1250000000",
 *       region: "ap-guangzhou",
 *       credentials: Credentials.instanceMetadata()
 *     })
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Provided, ConfigError.ConfigError | CredentialsError | InvalidInput> => {
  const { credentials, transport, ...settings } = options
  const client = Layer.unwrapEffect(
    Effect.map(
      Effect.all({
        region: orVariable(settings.region, "COS_REGION", (region) => region),
        bucket: orVariable(settings.bucket, "COS_BUCKET", (bucket) => bucket),
        endpoint: orVariable(settings.endpoint, "COS_ENDPOINT", (url) => Endpoint.custom({ url }))
      }),
      (found) => CosClient.layer({ ...settings, ...found })
    )
  )
  return client.pipe(
    Layer.provide(credentialsLayer(credentials)),
    Layer.provide(UndiciTransport.layer(transport)),
    // References among them are what transfers read where they run.
    Layer.provideMerge(
      Layer.mergeAll(
        NodeHash.layer,
        CosTransport.layer(UndiciTransport.capabilitiesOf(transport)),
        NodeFiles.layer,
        NodePath.layer
      )
    )
  )
}

/**
 * The client with everything from the environment: {@link layer} without options.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerEnv: Layer.Layer<Provided, ConfigError.ConfigError | CredentialsError | InvalidInput> =
  /*#__PURE__*/ layer()
