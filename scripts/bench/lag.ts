/** How long runs keep the event loop. */
import { monitorEventLoopDelay } from "node:perf_hooks"
import type { LazyVariant } from "./variants.js"

/** Milliseconds. Delays are taken from one timer to the next, so that a loop which nothing keeps has this one. */
const resolution = 1

/**
 * Milliseconds for which runs are repeated, for each unit of work. An upload of half a second has so few turns of the loop
 * that its 99th percentile is the one worst of them.
 */
const atLeast = 6

export const withLag =
  (variant: LazyVariant): LazyVariant =>
  async (origin) => {
    const run = await variant(origin)
    return async (count) => {
      const delay = monitorEventLoopDelay({ resolution })
      delay.enable()
      const end = performance.now() + atLeast * count
      do await run(count)
      while (performance.now() < end)
      delay.disable()
      return { lag: delay.percentile(99) / 1e6 }
    }
  }
