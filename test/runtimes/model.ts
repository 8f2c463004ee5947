/** The conformance suite that every runtime passes: its cases, and what they run in. No test framework, no Node. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as CosClient from "effect-cos/CosClient"
import type * as Credentials from "effect-cos/Credentials"
import type { FaultSpec } from "effect-cos-emulator/Fault"

export const suites = [
  "operations",
  "uploads",
  "downloads",
  "resume",
  "sync",
  "errors",
  "interruption",
  "emulator"
] as const

export type Suite = (typeof suites)[number]

/** The HTTP client below the SDK. */
export type Transport = "NodeCos" | "undici" | "fetch"

/** Where the emulator is, and how much is transferred. JSON, because it crosses from process to process. */
export interface Config {
  /** `Bun 1.4.5` and the like. */
  readonly runtime: string
  readonly transport: Transport
  /** Begins the names of the buckets of this run. */
  readonly name: string
  readonly endpoint: string
  /** The same emulator with a certificate that nobody trusts. */
  readonly untrustedEndpoint: string
  /** A port without a listener. */
  readonly refusingEndpoint: string
  readonly control: { readonly url: string; readonly token: string }
  readonly secretId: string
  readonly secretKey: string
  /** Bytes of the large file, and how often it is downloaded. */
  readonly large: { readonly size: number; readonly times: number }
}

/** What became of a case; a line of JSON. */
export interface Result {
  readonly suite: Suite
  readonly name: string
  readonly milliseconds: number
  /** Absent if it passed. */
  readonly error?: string
}

/** A request, as far as the cases look at it. */
export interface Seen {
  readonly operation?: string
  readonly key?: string
  readonly partNumber?: number
  readonly status?: number
  readonly bytesReceived: number
  readonly outcome: "pending" | "completed" | "serverClosed" | "clientClosed"
  readonly headers: Readonly<Record<string, string>>
}

/** What a client changes of the usual one. */
export interface ClientOptions extends CosClient.Settings {
  readonly endpointUrl?: string
  readonly credentials?: Layer.Layer<Credentials.Credentials>
}

/** What a case runs in: a bucket of its own in the emulator, and clients of it. */
export class World extends Context.Tag("World")<
  World,
  {
    readonly config: Config
    readonly bucket: string
    readonly client: (options: ClientOptions) => Layer.Layer<CosClient.CosClient>
    /** Fails if it does not act until the case ends. */
    readonly fault: (spec: FaultSpec) => Effect.Effect<void, never, Scope.Scope>
    /** The requests so far, of an operation or all. */
    readonly requests: (operation?: string) => Effect.Effect<ReadonlyArray<Seen>>
    readonly forgetRequests: Effect.Effect<void>
    /** `undefined` if there is no such object. */
    readonly bytes: (key: string) => Effect.Effect<Uint8Array | undefined>
    /** The ids of multipart uploads that are neither complete nor aborted. */
    readonly unfinished: Effect.Effect<ReadonlyArray<string>>
  }
>() {}

export type Files = FileSystem.FileSystem | Path.Path

export type Services = World | CosClient.CosClient | Files | Scope.Scope

export interface Case {
  readonly suite: Suite
  readonly name: string
  /** It is left out where the runtime has no file system. */
  readonly files: boolean
  readonly run: Effect.Effect<void, unknown, Services>
}

type Cases = Readonly<Record<string, Effect.Effect<void, unknown, Services>>>

const make =
  (files: boolean) =>
  (suite: Suite, cases: Cases): ReadonlyArray<Case> =>
    Object.entries(cases).map(([name, run]) => ({ suite, name, files, run }))

export const cases = make(false)

export const casesWithFiles = make(true)
