/** The names of the files that downloads write to until they are whole. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** Without anything of the target's name, which may already be as long as the file system allows. */
const pattern = /^\.effect-cos-[0-9a-f]{26}\.part$/

/** Whether a file of this name (without its directory) is a download that is not finished, in this process or another. */
export const isTemporaryName = (name: string): boolean => pattern.test(name)

const half = Random.nextIntBetween(0, 2 ** 52)

const hex = (half: number): string => half.toString(16).padStart(13, "0")

/** A new name, which begins with a dot so that it is hidden where dots hide. */
export const makeTemporaryName: Effect.Effect<string> = Effect.flatMap(half, (one) =>
  Effect.map(half, (other) => `.effect-cos-${hex(one)}${hex(other)}.part`)
)
