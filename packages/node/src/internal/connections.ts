/** The connections of a transport, and undici, which makes them. */
import * as Effect from "effect/Effect"
import type { Dispatcher } from "undici/index.js"
import type * as connection from "./connection.js"

/** What is used of undici, and what is made of it. */
export type Undici = typeof connection

export interface Open {
  readonly undici: Undici
  readonly dispatcher: Dispatcher
}

/**
 * Opened by the first request. To load undici takes as long as to load the rest of the SDK, and a program that signs, shows
 * its help or fails before it sends anything does without.
 */
export class Connections {
  private opened: Open | undefined
  private isClosed = false

  constructor(private readonly make: (undici: Undici) => Dispatcher) {}

  get current(): Open | undefined {
    return this.opened
  }

  readonly open: Effect.Effect<Open> = Effect.map(
    Effect.promise(() => import("./connection.js")),
    (undici) => {
      if (this.opened === undefined) {
        const dispatcher = this.make(undici)
        this.opened = { undici, dispatcher }
        // A request after the end fails as it would with connections that were open before.
        if (this.isClosed) void dispatcher.destroy()
      }
      return this.opened
    }
  )

  readonly close: Effect.Effect<void> = Effect.promise(async () => {
    this.isClosed = true
    await this.opened?.dispatcher.destroy()
  })
}
