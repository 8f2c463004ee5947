/**
 * A row of the fault matrix: what goes wrong, what the client does, how it must end and what may be left. Rows are data;
 * `run.ts` injects their faults and checks all of them in the same way.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CosClient } from "effect-cos/CosClient"
import type { TransportFailure } from "effect-cos/CosTransport"
import type { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import type { Call, Disk, MemoryDisk } from "../support/disk.js"
import type * as World from "../support/world.js"

/** Where it goes wrong. `input` is what the caller asks for, `document` what the service says. */
export type Where = "network" | "service" | "disk" | "clock" | "process" | "input" | "document"

/** By key, or by path. */
export type Contents = Readonly<Record<string, Uint8Array>>

/** `Success`, with its `value`; `Interrupt`; or an error by its tag, with the fields that matter. */
export interface Expected {
  readonly _tag: string
  readonly [field: string]: unknown
}

/** Everything that exists at the end. */
export interface Left {
  readonly objects?: Contents
  /** Default: the files that were there before. */
  readonly files?: Contents
  /** The keys of the multipart uploads that stay open. */
  readonly uploads?: ReadonlyArray<string>
  /** What each warning about a left upload names. */
  readonly warned?: ReadonlyArray<"id" | "key">
}

export interface Row<R> {
  readonly where: Where
  /** What goes wrong, in words. It names the row, so no two rows have the same. */
  readonly fault: string
  readonly world?: World.Options
  /** The objects and files at the beginning. */
  readonly given?: { readonly objects?: Contents; readonly files?: Contents }
  /** Faults of the service; each must act. */
  readonly faults?: ReadonlyArray<Fault.FaultSpec>
  readonly client: Effect.Effect<unknown, unknown, R | Scope.Scope>
  readonly expect: Expected
  /** How often each operation is requested. */
  readonly asked?: Readonly<Record<string, number>>
  /** The numbers of the parts that were sent, in order of arrival. */
  readonly parts?: ReadonlyArray<number>
  /** The requested ranges, in order of arrival. */
  readonly ranges?: ReadonlyArray<string | undefined>
  /** What else must hold. */
  readonly also?: Effect.Effect<void, unknown, R>
  readonly left: Left
}

/** A request before it is sent. */
export interface Outgoing {
  /** Counted from 1. */
  readonly nth: number
  /** Milliseconds since the row began. */
  readonly at: number
  readonly url: string
}

export type InProcess = Emulator | CosClient | Disk | FileSystem.FileSystem

/** In process, under the test clock. */
export interface InProcessRow extends Row<InProcess> {
  /** How a request fails, or what answers it, before it reaches the service; must act. */
  readonly network?: (request: Outgoing) => Partial<TransportFailure> | Response | undefined
  /** What happens before a call to the file system: it fails, or `true` for anything else; must act. */
  readonly disk?: (call: Call, disk: MemoryDisk) => PlatformError | true | undefined
  /** By how many minutes the service's clock is ahead. */
  readonly serverAhead?: number
  /** What somebody else does, some time after the beginning. */
  readonly meanwhile?: readonly [after: Duration.DurationInput, does: Effect.Effect<unknown, unknown, InProcess>]
  /** When the client is interrupted. */
  readonly interruptAt?: Duration.DurationInput
  /** Milliseconds from the beginning, or from the interrupt, to the end. */
  readonly took?: number
}

/** A directory for the row, on the real disk. */
export class Directory extends Context.Tag("test/Directory")<Directory, string>() {}

/** Through sockets, with real files: in real time, and therefore short. Its files are those of the directory. */
export type PortRow = Row<Emulator | CosClient | FileSystem.FileSystem | Path.Path | Directory>

// --- words for rows --------------------------------------------------------------------------------------------------

export const success = (value?: unknown): Expected => ({ _tag: "Success", ...(value === undefined ? {} : { value }) })

/** A fault on an operation; on one request unless said otherwise. */
export const on = (operation: string, fault: Fault.Fault, more: Fault.Matcher = {}): Fault.FaultSpec => ({
  on: { operation, ...more },
  do: fault
})
export const onPart = (partNumber: number, fault: Fault.Fault, more: Fault.Matcher = {}): Fault.FaultSpec =>
  on("uploadPart", fault, { partNumber, ...more })
export const always = { times: Number.POSITIVE_INFINITY }

export const denied = Fault.status(403, { code: "AccessDenied" })
export const unavailable = Fault.status(503, { code: "ServiceUnavailable" })
