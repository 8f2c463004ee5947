/** How long a run keeps the event loop. */
import { monitorEventLoopDelay } from "node:perf_hooks"
import type { LazyVariant } from "./variants.js"

/** Milliseconds. Delays are taken from one timer to the next, so that a loop which nothing keeps has this one. */
const resolution = 1

export const withLag =
  (variant: LazyVariant): LazyVariant =>
  async (origin) => {
    const run = await variant(origin)
    return async (count) => {
      const delay = monitorEventLoopDelay({ resolution })
      delay.enable()
      await run(count)
      delay.disable()
      return { lag: delay.percentile(99) / 1e6 }
    }
  }
