/**
 * How much memory a run takes that makes much garbage: on a machine with room V8 lets it grow to several times what is in use,
 * the more so the busier the machine is.
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Effect from "effect/Effect"

/** Bytes of the process above which garbage is collected at once, and how often that is looked at, in milliseconds. */
const limit = 150e6
const interval = 250

/** How many looks are passed over where it did not help: what is left is in use. */
const pause = 16

/** Collects garbage earlier than V8 would, which costs a few percent of the time. Until the process ends. */
export const keepSmall: Effect.Effect<void> = Effect.sync(() => {
  // A process that is larger already is not the command's own, as in tests.
  if (process.memoryUsage.rss() > limit) return
  setFlagsFromString("--heap-growing-percent=20")
  setFlagsFromString("--semi-space-growth-factor=1")
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  let passed = 0
  setInterval(() => {
    if (passed-- > 0 || process.memoryUsage.rss() <= limit) return
    collect()
    passed = process.memoryUsage.rss() > limit ? pause : 0
  }, interval).unref()
})
