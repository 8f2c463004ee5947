/**
 * The state of an emulator, which the handler, the servers and the control service share.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { Credential, Role, Session } from "../../Access.js"
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
  /** The temporary keys among them that STS gave out, by id, the oldest first. */
  readonly sessions: Map<string, Session>
  /** The roles that can be assumed; `undefined`: any of the owner. */
  readonly roles: ReadonlyArray<Role> | undefined
  readonly matchDomain: (host: string) => HostRoute | undefined
  /** The host it listens on and the control port's token; absent in process. */
  readonly listening: { readonly host: string; readonly controlToken: Redacted.Redacted } | undefined
  /** How far the emulator's clock is ahead of the runtime's, in milliseconds. */
  clockOffset: number
}

const earliest = Date.parse("0001-01-01T00:00:00Z")
const latest = Date.parse("9999-12-31T23:59:59.999Z")

/** The years that documents and headers can write in four digits. */
const withinYears = (time: number): number => Math.min(Math.max(time, earliest), latest)

/** The emulator's time, in milliseconds. It stops at the last year that can be written. */
export const now = (state: EmulatorState): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (time) => withinYears(time + state.clockOffset))

/** Moves the emulator's clock from where it stands. */
export const setClock = (state: EmulatorState, change: (time: number) => number): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (time) => {
    const next = change(withinYears(time + state.clockOffset))
    if (Number.isNaN(next)) return Effect.dieMessage("The emulator's clock cannot be set to an invalid date.")
    return Effect.sync(() => {
      state.clockOffset = withinYears(next) - time
    })
  })
