/**
 * Patterns of names, as `Batch.Selection` describes them: for programs that choose among names
 * themselves, such as those of a list of objects.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import { InvalidInput } from "./CosError.js"
import * as glob from "./internal/transfer/tree/glob.js"

/**
 * A pattern that can be matched.
 *
 * @since 0.1.0
 * @category models
 */
export interface Glob {
  /** The pattern as it was given. */
  readonly pattern: string
  /**
   * Whether the pattern selects the whole name. One that begins with `!` selects every name that the rest of it does not
   * match. The time is proportional to pattern × name.
   */
  readonly matches: (name: string) => boolean
  /**
   * Whether the pattern can select anything below this folder, which is given without a last `/`: where it cannot, the folder
   * need not be listed.
   */
  readonly mayMatchBelow: (folder: string) => boolean
}

/**
 * Reads a pattern. One that can never match, as `Batch.Selection` says, is `InvalidInput`.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Glob } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * const pictures = Effect.gen(function* () {
 *   const glob = yield* Glob.make("2026/*.{jpg,png}")
 *   return yield* Cos.listObjects.items({ prefix: "2026/" }).pipe(
 *     Stream.filter(({ key }) => glob.matches(key)),
 *     Stream.runCollect
 *   )
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (pattern: string): Either.Either<Glob, InvalidInput> =>
  Either.mapBoth(typeof pattern === "string" ? glob.make(pattern) : Either.left("must be text"), {
    onLeft: (reason) =>
      new InvalidInput({
        operation: "Glob.make",
        field: "pattern",
        reason: `pattern ${JSON.stringify(pattern)} ${reason}`
      }),
    onRight: ({ below, isNegated, matches }) => ({
      pattern,
      matches: (name) => matches(name) !== isNegated,
      mayMatchBelow: (folder) => below(folder) !== (isNegated ? "everything" : "nothing")
    })
  })
