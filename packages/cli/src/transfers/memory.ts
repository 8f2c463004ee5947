/**
 * How much memory a run takes that makes much garbage. What belongs to a file under way outlives two collections of the new
 * space, and so ends as garbage of the old space, which V8 by itself lets grow to four times what is in use before it looks.
 */
import { setFlagsFromString } from "node:v8"
import * as Effect from "effect/Effect"

/** A process that is larger already is not the command's own, as in tests. */
const largest = 150e6

/** Collects garbage earlier than V8 would, which costs some percent of the time. Neither flag limits what may be in use. */
export const keepSmall: Effect.Effect<void> = Effect.sync(() => {
  if (process.memoryUsage.rss() > largest) return
  // The old space is collected when it has grown by a fifth, and the new space, which takes its size twice, grows no more.
  setFlagsFromString("--heap-growing-percent=20")
  setFlagsFromString("--semi-space-growth-factor=1")
  // Of the first files all that is made outlives the new space, which is small then. From that V8 would conclude to make the
  // same of all later files in the old space, where it keeps whatever it refers to.
  setFlagsFromString("--no-allocation-site-pretenuring")
  // As they were, when what was compiled is kept: V8 takes it only into a process that has the flags of the one it comes from.
  process.prependOnceListener("exit", () => {
    setFlagsFromString("--heap-growing-percent=0")
    setFlagsFromString("--semi-space-growth-factor=2")
    setFlagsFromString("--allocation-site-pretenuring")
  })
})
