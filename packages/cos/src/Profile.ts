/**
 * The profiles of `tccli`, the command line of Tencent Cloud, as a source of access keys and of a region.
 *
 * A profile is two files in `~/.tccli`: `<name>.credential` with the access key, as `tccli configure` and `tccli auth login`
 * write it, and `<name>.configure` with the region. They are read when they are asked for and never written.
 *
 * ```ts
 * import { NodeContext, NodeHttpClient } from "@effect/platform-node"
 * import { Credentials, Profile } from "effect-cos"
 * import { Layer } from "effect"
 *
 * const Keys = Credentials.layerChain([Credentials.env, Profile.provider({ name: "backup" })]).pipe(
 *   Layer.provide([NodeContext.layer, NodeHttpClient.layer])
 * )
 * ```
 *
 * Source: "Configuration of TCCLI", https://www.tencentcloud.com/document/product/1013/33465
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { CredentialsError } from "./CosError.js"
import * as Credentials from "./Credentials.js"
import type { Options, Profile } from "./internal/credentials/profileFiles.js"
import * as files from "./internal/credentials/profileFiles.js"
import * as Sts from "./Sts.js"

export type { Options, Profile, Role } from "./internal/credentials/profileFiles.js"

/**
 * Reads a profile. `None`: there is no such file. A file that cannot be read, that is no JSON, or that has half of a key is a
 * `CredentialsError` that names the file and the field, never the value; it is transient where another program may still be
 * writing the file.
 *
 * @since 0.1.0
 * @category reading
 */
export const read: (
  options?: Options
) => Effect.Effect<Option.Option<Profile>, CredentialsError, FileSystem.FileSystem | Path.Path> = files.read

/**
 * The names of the profiles that have an access key, sorted. None where the directory does not exist; one that cannot be read
 * is a `CredentialsError` that names it.
 *
 * @since 0.1.0
 * @category reading
 */
export const list: (
  options?: Pick<Options, "directory">
) => Effect.Effect<ReadonlyArray<string>, CredentialsError, FileSystem.FileSystem | Path.Path> = files.list

/**
 * The access key that a profile leads to: its own, that of the role of the instance, or that of a role which is assumed with
 * its own. `None`: there is no such profile, or no key in it.
 *
 * @since 0.1.0
 * @category providers
 */
export const provider = (
  options?: Options & {
    /** Of STS, where a role is to be assumed. */
    readonly sts?: Sts.Settings | undefined
  }
): Effect.Effect<
  Option.Option<Credentials.AccessKey>,
  CredentialsError,
  FileSystem.FileSystem | Path.Path | HttpClient.HttpClient
> =>
  Effect.flatMap(
    read(options),
    Option.match({ onNone: () => Effect.succeedNone, onSome: (found) => keyOf(found, options?.sts) })
  )

const keyOf = (
  { accessKey, file, role, usesInstanceRole }: Profile,
  settings: Sts.Settings | undefined
): Effect.Effect<Option.Option<Credentials.AccessKey>, CredentialsError, HttpClient.HttpClient> => {
  if (usesInstanceRole) return Effect.asSome(Credentials.instanceMetadata())
  if (role === undefined) return Effect.succeed(Option.fromNullable(accessKey))
  if (accessKey === undefined) {
    const message = `${file}: role-arn needs secretId and secretKey to assume it with`
    return Effect.fail(new CredentialsError({ provider: "profile", message, transient: false }))
  }
  return Credentials.sts(Sts.assumeRole({ roleArn: role.arn, sessionName: role.sessionName })).pipe(
    Effect.asSome,
    Effect.provide(Layer.provide(Sts.layer(settings), Credentials.layerStatic(accessKey)))
  )
}
