/**
 * The buffers of all transfers of a client, which together have a budget. Only what is under way is counted, never what
 * waits for somebody else, so that whoever waits for memory gets it in the end.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import { CosClient } from "../../CosClient.js"
import type { InvalidInput } from "../../CosError.js"
import * as Crc64 from "../../Crc64.js"
import { runOnce } from "../http/onEnd.js"
import { bytes, checkOption } from "../operation/options.js"
import { hold } from "./held.js"

const MiB = 1024 * 1024

const defaultBudget = 64 * MiB

const used = Metric.gauge("cos_buffer_bytes", { description: "Bytes of the buffers that transfers hold" })

/** Smaller buffers are made anew each time. */
const smallestKept = 256 * 1024

interface Waiting {
  readonly bytes: number
  readonly isBuffer: boolean
  readonly enter: () => void
}

export class Memory {
  #used = 0
  #idleBytes = 0
  /** Buffers of each size that nobody uses. */
  readonly #idle = new Map<number, Array<Uint8Array>>()
  /** In the order of asking. */
  readonly #waiting = new Set<Waiting>()
  /** Transfers that will need buffers again. */
  #users = 0

  constructor(readonly budget: number) {}

  get waiting(): number {
    return this.#waiting.size
  }

  /** What is larger than the whole budget goes alone. */
  #hasRoom(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.budget
  }

  /** Idle buffers make room, but for those of the size of a buffer that is counted: it will be one of them. */
  #count(bytes: number, isBuffer: boolean): void {
    this.#used += bytes
    used.unsafeModify(bytes, [])
    for (const size of this.#idle.keys()) {
      if (isBuffer && size === bytes) continue
      while (this.#used + this.#idleBytes > this.budget && this.#takeIdle(size) !== undefined) {}
    }
  }

  #admit(): void {
    for (const waiting of this.#waiting) {
      if (!this.#hasRoom(waiting.bytes)) return
      this.#waiting.delete(waiting)
      this.#count(waiting.bytes, waiting.isBuffer)
      waiting.enter()
    }
  }

  /** Of a buffer. To be called where no interrupt comes between this and what releases it. */
  readonly acquire = (bytes: number): Effect.Effect<void> =>
    Effect.suspend(() => this.#tryAcquire(bytes, true) ?? Effect.void)

  /** Gives an effect where there is no room yet. */
  #tryAcquire(bytes: number, isBuffer: boolean): Effect.Effect<void> | undefined {
    if (this.#waiting.size > 0 || !this.#hasRoom(bytes)) return Effect.interruptible(this.#wait(bytes, isBuffer))
    this.#count(bytes, isBuffer)
    return undefined
  }

  #wait(bytes: number, isBuffer: boolean): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      const waiting = { bytes, isBuffer, enter: () => resume(Effect.void) }
      this.#waiting.add(waiting)
      // There may be room since it was asked for: the fiber may have let others run in between.
      this.#admit()
      // The interrupt may come after there was room, but before the fiber ran.
      return Effect.sync(() => {
        if (this.#waiting.delete(waiting)) this.#admit()
        else this.release(bytes)
      })
    })
  }

  release(bytes: number): void {
    this.#used -= bytes
    used.unsafeModify(-bytes, [])
    this.#admit()
  }

  #takeIdle(size: number): Uint8Array | undefined {
    const buffers = this.#idle.get(size)
    const buffer = buffers?.pop()
    if (buffers?.length === 0) this.#idle.delete(size)
    if (buffer !== undefined) this.#idleBytes -= size
    return buffer
  }

  /** One that was used before, or a new one. It is the caller's to count. */
  take(size: number): Uint8Array {
    return this.#takeIdle(size) ?? Crc64.allocate(size)
  }

  /** For the next one who takes one. Nobody else may still read it, or write to it. */
  giveBack(buffer: Uint8Array): void {
    const size = buffer.byteLength
    if (this.#users === 0 || size < smallestKept || this.#idleBytes + size > this.budget) return
    const buffers = this.#idle.get(size)
    if (buffers === undefined) this.#idle.set(size, [buffer])
    else buffers.push(buffer)
    this.#idleBytes += size
  }

  /** While the scope is open, buffers are kept to be used again. */
  readonly reuse: Effect.Effect<void, never, Scope.Scope> = Effect.acquireRelease(
    Effect.sync(() => {
      this.#users += 1
    }),
    () =>
      Effect.sync(() => {
        this.#users -= 1
        if (this.#users > 0) return
        this.#idle.clear()
        this.#idleBytes = 0
      })
  )

  /** Apart from what runs, so that the region refers to nothing of it: see `runOnce`. */
  #counted<A, E, R>(bytes: number, isBuffer: boolean, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return hold(
      () => this.#tryAcquire(bytes, isBuffer),
      runOnce(self),
      () => this.release(bytes)
    )
  }

  /** Waits until there is room for bytes that come otherwise than in a buffer. What it gives runs once. */
  readonly withRoom = <A, E, R>(bytes: number, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    this.#counted(bytes, false, self)

  /**
   * Waits until there is room, and runs once with a buffer that is made when it is asked for. After a failure or an interrupt it
   * is not used again: the transport may still hold it.
   */
  readonly withBuffer = <A, E, R>(
    size: number,
    use: (buffer: () => Uint8Array) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> =>
    this.#counted(
      size,
      true,
      Effect.suspend(() => {
        let buffer: Uint8Array | undefined
        return Effect.map(
          use(() => (buffer ??= this.take(size))),
          (value) => {
            if (buffer !== undefined) this.giveBack(buffer)
            return value
          }
        )
      })
    )
}

const memories = new WeakMap<object, Either.Either<Memory, InvalidInput>>()

export const memoryOf = (client: CosClient.Service): Either.Either<Memory, InvalidInput> => {
  const known = memories.get(client)
  if (known !== undefined) return known
  const { memoryBudget = defaultBudget } = client.settings
  const range = bytes(MiB, Number.MAX_SAFE_INTEGER)
  const memory = Either.map(
    checkOption("CosClient", "memoryBudget", Number(memoryBudget), range),
    () => new Memory(Number(memoryBudget))
  )
  memories.set(client, memory)
  return memory
}

/** That of the client. */
export const clientMemory: Effect.Effect<Memory, InvalidInput, CosClient> = Effect.flatMap(CosClient, memoryOf)

/** Whether a transfer of this client waits for memory: then more at once would not be faster. */
export const waitsForMemory: Effect.Effect<() => boolean> = Effect.map(
  Effect.serviceOption(CosClient),
  (client) => () =>
    client._tag === "Some" &&
    Either.match(memoryOf(client.value), { onLeft: () => false, onRight: ({ waiting }) => waiting > 0 })
)
