/** Which buffers transfers make: those of parts are WebAssembly memories. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** The sizes of those that are made until the scope closes, in bytes. */
export const made: Effect.Effect<Array<number>, never, Scope.Scope> = Effect.suspend(() => {
  const sizes: Array<number> = []
  const { Memory } = WebAssembly
  class Counted extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor)
      sizes.push(descriptor.initial * 65_536)
    }
  }
  WebAssembly.Memory = Counted as typeof WebAssembly.Memory
  const restore = Effect.sync(() => {
    WebAssembly.Memory = Memory
  })
  return Effect.as(
    Effect.addFinalizer(() => restore),
    sizes
  )
})
