/** Which names are selected, as `Batch.Selection` describes it. */
import * as Either from "effect/Either"
import type { Selection } from "../../../Batch.js"
import { InvalidInput } from "../../../CosError.js"
import * as glob from "./glob.js"

/** The names that a list of patterns selects. Of the patterns that match a name the last one decides. */
interface Patterns {
  readonly has: (name: string) => boolean
  readonly below: (folder: string) => glob.Extent
}

const everything: Patterns = { has: () => true, below: () => "everything" }
const nothing: Patterns = { has: () => false, below: () => "nothing" }

const fromGlobs = (globs: ReadonlyArray<glob.Glob>): Patterns => {
  const [first] = globs
  if (first === undefined) return nothing
  // A list that begins by taking names away begins with all of them.
  const begin = first.isNegated
  return {
    has: (name) =>
      globs.reduce((has, { isNegated, matches }) => (has === isNegated && matches(name) ? !has : has), begin),
    below: (folder) =>
      globs.reduce<glob.Extent>(
        (extent, { below, isNegated }) => {
          const matched = below(folder)
          if (matched === "nothing") return extent
          const becomes = isNegated ? "nothing" : "everything"
          return matched === "everything" || extent === becomes ? becomes : "something"
        },
        begin ? "everything" : "nothing"
      )
  }
}

const parse = (
  operation: string,
  field: "include" | "exclude",
  patterns: string | ReadonlyArray<string>
): Either.Either<Patterns, InvalidInput> => {
  const refuse = (reason: string) => new InvalidInput({ operation, field, reason })
  const list: unknown = typeof patterns === "string" ? [patterns] : patterns
  // A program without types may have read them from a file of settings.
  if (!isListOfText(list)) return Either.left(refuse(`${field} must be a pattern, or a list of patterns, as text`))
  return Either.map(
    Either.all(
      list.map((pattern) =>
        Either.mapLeft(glob.make(pattern), (reason) => refuse(`pattern ${JSON.stringify(pattern)} ${reason}`))
      )
    ),
    fromGlobs
  )
}

const isListOfText = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((one: unknown) => typeof one === "string")

export interface Selected<File> {
  readonly has: (name: string, file: File) => boolean
  /** Asks the patterns alone: `filter` cannot be asked about a file that cannot be looked at. */
  readonly isSelected: (name: string) => boolean
  /** Nothing below the folder is selected, so that it need not be looked into. */
  readonly hasNothingBelow: (folder: string) => boolean
}

export const make = <File>(
  operation: string,
  { exclude = [], filter, include }: Selection<File>
): Either.Either<Selected<File>, InvalidInput> =>
  Either.gen(function* () {
    const included = include === undefined ? everything : yield* parse(operation, "include", include)
    const excluded = yield* parse(operation, "exclude", exclude)
    const isSelected = (name: string) => included.has(name) && !excluded.has(name)
    return {
      has: (name, file) => isSelected(name) && (filter?.(file) ?? true),
      isSelected,
      hasNothingBelow: (folder) => included.below(folder) === "nothing" || excluded.below(folder) === "everything"
    }
  })
