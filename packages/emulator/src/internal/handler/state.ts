/**
 * The state of an emulator, which the handler, the servers and the control service share.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { Credential } from "../../Access.js"
import type { FaultRules } from "../faults/rules.js"
import type { HostRoute } from "../http/target.js"
import type { JournalStore } from "../journal/journal.js"
import type { Settings } from "../operations/operation.js"
import type { Storage } from "../storage/Storage.js"

/** Everything an emulator is made of. */
export interface EmulatorState {
  readonly settings: Settings
  readonly storage: Storage.Service
  readonly journal: JournalStore
  readonly faults: FaultRules
  readonly credentials: Map<string, Credential>
  readonly matchDomain: (host: string) => HostRoute | undefined
  /** The host it listens on and the control port's token; absent in process. */
  readonly listening: { readonly host: string; readonly controlToken: Redacted.Redacted } | undefined
  /** How far the emulator's clock is ahead of the runtime's, in milliseconds. */
  clockOffset: number
}

/** The emulator's time, in milliseconds. */
export const now = (state: EmulatorState): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (time) => time + state.clockOffset)
