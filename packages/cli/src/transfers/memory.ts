/**
 * How much memory a run takes that makes much garbage: on a machine with room V8 lets it grow to several times what is in use,
 * the more so the busier the machine is.
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Effect from "effect/Effect"

/** Bytes of the process above which garbage is collected at once, but no more often than each so many milliseconds. */
const limit = 145e6
const interval = 2000

/** Collects garbage earlier than V8 would, which costs a few percent of the time. Until the process ends. */
export const keepSmall: Effect.Effect<void> = Effect.sync(() => {
  // A process that is larger already is not the command's own, as in tests.
  if (process.memoryUsage.rss() > limit) return
  setFlagsFromString("--heap-growing-percent=20")
  setFlagsFromString("--semi-space-growth-factor=1")
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  setInterval(() => {
    if (process.memoryUsage.rss() > limit) collect()
  }, interval).unref()
})
