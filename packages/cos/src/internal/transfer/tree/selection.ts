/** Which names are meant, as `Batch.Selection` describes them. */
import type { Selection } from "../../../Batch.js"

const wildcards: { readonly [token: string]: string } = {
  "**/": "(?:[^/]+/)*",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]"
}

const translate = (pattern: string): string =>
  pattern.replace(/\*\*\/|\*\*|\*|\?|\{([^{}]*)\}|[\\^$.+()[\]{}|]/g, (token, alternatives: string | undefined) =>
    alternatives === undefined
      ? (wildcards[token] ?? `\\${token}`)
      : `(?:${alternatives.split(",").map(translate).join("|")})`
  )

const matcher = (patterns: string | ReadonlyArray<string>): ((name: string) => boolean) => {
  const expressions = (typeof patterns === "string" ? [patterns] : patterns).map(
    (pattern) => new RegExp(`^${translate(pattern)}$`, "su")
  )
  return (name) => expressions.some((expression) => expression.test(name))
}

export interface Selected<File> {
  readonly has: (name: string, file: File) => boolean
  /** Nothing below the folder is meant, so that it need not be looked into. */
  readonly hasNothingBelow: (folder: string) => boolean
}

export const make = <File>({ exclude = [], filter, include }: Selection<File>): Selected<File> => {
  const isIncluded = include === undefined ? () => true : matcher(include)
  const isExcluded = matcher(exclude)
  return {
    has: (name, file) => isIncluded(name) && !isExcluded(name) && (filter?.(file) ?? true),
    // `node_modules/**` matches everything that begins with `node_modules/`, and that as well.
    hasNothingBelow: (folder) => isExcluded(`${folder}/`)
  }
}
