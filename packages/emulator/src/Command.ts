/**
 * The emulator as a command of a terminal runs it: on a port with TLS, with files of a directory in its buckets, and with the
 * environment variables by which clients find it. `effect-cos-emulator` and `cos emulator` are made of it.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type Control, EmulatorError } from "./Control.js"
import { Emulator, layerServer } from "./Emulator.js"
import { environment, started, variablesOf } from "./internal/command/environment.js"
import { checkSize, type SeedError, seedsOf, storeSeed } from "./internal/command/seed.js"
import type { ServerOptions } from "./Options.js"

/**
 * What {@link start} takes: the options of a server, of which `buckets` are names here.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<ServerOptions, "buckets" | "tls"> {
  /** Created at the start, `name-appid`, with one APPID. Default: those of `seed`, else `examplebucket-1250000000`. */
  readonly buckets?: ReadonlyArray<string> | undefined
  /** The files of `<seed>/<bucket>/` are put in the bucket of that name, under their relative paths. Default: none. */
  readonly seed?: string | undefined
  /** Whether the variables name the endpoint with TLS. The port speaks both either way. Default `false`. */
  readonly encrypted?: boolean | undefined
}

/**
 * An emulator that listens.
 *
 * @since 0.1.0
 * @category models
 */
export interface Started {
  readonly control: Control
  /** The first bucket, which `COS_BUCKET` names. */
  readonly bucket: string
  /** The file of the certificate authority, for clients to trust. */
  readonly certificate: string
  /** By their names: `COS_ENDPOINT`, `COS_REGION`, `COS_BUCKET`, `COS_SECRET_ID`, `COS_SECRET_KEY`, and more. */
  readonly variables: { readonly [name: string]: string }
  /** The variables as lines that a shell, an env file and CI systems read, with comments. */
  readonly environment: string
  /** What a person at a terminal wants to know, with the lines to paste. */
  readonly text: string
}

const failed = (error: SeedError | PlatformError | EmulatorError): EmulatorError =>
  error._tag === "EmulatorError" ? error : new EmulatorError({ code: "CannotStart", message: error.message })

/** Writes the certificate for clients to trust: beside the data, or in a directory that is removed at the end. */
const writeCertificate = (certificate: string, directory: string | undefined) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = directory ?? (yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-emulator-" }))
    const file = path.resolve(folder, "ca.pem")
    // what is at that name, a pipe perhaps, is replaced and never opened
    yield* fs.remove(file, { force: true })
    yield* fs.writeFileString(file, certificate, { flag: "wx" })
    return file
  })

/**
 * Starts an emulator that stops when the scope closes. Fails with `EmulatorError`: with a code that begins with `Invalid` where
 * the options are wrong, and with `CannotStart` where a seed or the certificate's file cannot be used.
 *
 * @since 0.1.0
 * @category constructors
 */
export const start = (
  options: Options = {}
): Effect.Effect<Started, EmulatorError, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    const { buckets: given = [], encrypted = false, seed, ...server } = options
    const seeds = seed === undefined ? [] : yield* seedsOf(seed)
    yield* checkSize(seeds, options.dir === undefined)
    const named = [...new Set([...given, ...seeds.map(({ bucket }) => bucket)])]
    const buckets = named.length === 0 ? ["examplebucket-1250000000"] : named
    const bucket = buckets[0] ?? ""
    const built = yield* Layer.build(layerServer({ appId: /-(\d+)$/.exec(bucket)?.[1], ...server, buckets, tls: true }))
    const control = Context.get(built, Emulator)
    yield* Effect.forEach(seeds, (found) => storeSeed(control, found))
    const certificate = yield* writeCertificate(control.tls?.certificate ?? "", options.dir)
    const lines = environment(control, { bucket, certificate, encrypted })
    const kept = options.dir === undefined ? "in memory" : `in ${options.dir}`
    return {
      control,
      bucket,
      certificate,
      variables: variablesOf(lines),
      environment: lines,
      text: started(control, kept, lines)
    }
  }).pipe(Effect.mapError(failed))
