/**
 * Runs before every test file. Files of one worker share their modules, which saves loading Effect anew for each, and
 * `layer` of `@effect/vitest` leaves its methods on the `it` that they share: this puts the usual ones back.
 */
import { it, makeMethods } from "@effect/vitest"

makeMethods(it)
