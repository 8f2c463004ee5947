/**
 * Comparison of secrets.
 */
import { createHash, timingSafeEqual } from "node:crypto"

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

/** Whether two texts are equal, in a time that reveals neither where they differ nor how long they are. */
export const equalInConstantTime = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))
