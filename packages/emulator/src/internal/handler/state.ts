/**
 * What an emulator is made of, for the handler, the doors and the control service alike.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Credential } from "../../Access.js"
import type { FaultBook } from "../faults/rules.js"
import type { JournalBook } from "../journal/journal.js"
import type { Settings } from "../operations/operation.js"
import type { Place } from "../request/target.js"
import type { Storage } from "../storage/Storage.js"

/** Everything an emulator is made of. */
export interface Core {
  readonly settings: Settings
  readonly storage: Storage.Service
  readonly journal: JournalBook
  readonly faults: FaultBook
  readonly credentials: Map<string, Credential>
  readonly domain: (host: string) => Place | undefined
  /** How far the emulator's clock is ahead of the runtime's, in milliseconds. */
  clockOffset: number
}

/** The emulator's time, in milliseconds. */
export const now = (core: Core): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (time) => time + core.clockOffset)
