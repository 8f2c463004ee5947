/** The connections of a transport. */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import type { Dispatcher, FormData } from "undici/index.js"
import * as undici from "./undici.js"
import { destroyed } from "./undiciFailure.js"

/** A connection that is none of the dispatcher's. */
export interface Closable {
  readonly fail: (error: Error) => void
}

export interface Open {
  readonly dispatcher: Dispatcher
  /** Loaded by the first request with a form. */
  FormData: typeof FormData | undefined
}

/** Opened by the first request. */
export class Connections {
  private opened: Open | undefined
  private isClosed = false
  private readonly others = new Set<Closable>()

  /** Loads undici and returns how the dispatcher is made of it. */
  constructor(private readonly load: () => Promise<() => Dispatcher>) {}

  /** With all that the request needs; `undefined` if something has to be loaded first. */
  openFor({ body }: HttpClientRequest.HttpClientRequest): Open | undefined {
    return body._tag === "FormData" && this.opened?.FormData === undefined ? undefined : this.opened
  }

  loadFor({ body }: HttpClientRequest.HttpClientRequest): Effect.Effect<Open> {
    const load = Effect.promise(() => Promise.all([this.load(), body._tag === "FormData" ? undici.all() : undefined]))
    return Effect.map(load, ([make, all]) => {
      if (this.opened === undefined) {
        this.opened = { dispatcher: make(), FormData: undefined }
        // A request after the end fails as it would with connections that were open before.
        if (this.isClosed) void this.opened.dispatcher.destroy()
      }
      this.opened.FormData ??= all?.FormData
      return this.opened
    })
  }

  /** Has the connection end with the others, until it is removed. Throws after the end. */
  add(connection: Closable): void {
    if (this.isClosed) throw destroyed()
    this.others.add(connection)
  }

  remove(connection: Closable): void {
    this.others.delete(connection)
  }

  readonly close: Effect.Effect<void> = Effect.promise(async () => {
    this.isClosed = true
    for (const connection of this.others) connection.fail(destroyed())
    await this.opened?.dispatcher.destroy()
  })
}
