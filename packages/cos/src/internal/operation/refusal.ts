/** What a value should have been, in words, from the schema that refused it. */
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"

/** In words; with the place of the part that is wrong, such as `[3].id`, where that is not the whole value. */
export type Refusal = string | { readonly at: string; readonly limit: string }

const descriptionOf = (issue: ParseResult.ParseIssue): string | undefined =>
  "ast" in issue ? Option.getOrUndefined(AST.getDescriptionAnnotation(issue.ast as AST.Annotated)) : undefined

const first = (issues: ParseResult.SingleOrNonEmpty<ParseResult.ParseIssue>): ParseResult.ParseIssue =>
  "_tag" in issues ? issues : issues[0]

interface Located {
  readonly path: ReadonlyArray<PropertyKey>
  readonly limit: string
}

/** The deepest part that is wrong. Of the descriptions of one part the outermost wins: it was written for this. */
const locate = (issue: ParseResult.ParseIssue, path: ReadonlyArray<PropertyKey>, outer?: string): Located => {
  switch (issue._tag) {
    case "Pointer":
      return locate(issue.issue, path.concat(issue.path))
    case "Composite":
      return locate(first(issue.issues), path, outer ?? descriptionOf(issue))
    case "Transformation": {
      const limit = outer ?? descriptionOf(issue)
      return limit === undefined ? locate(issue.issue, path) : { path, limit }
    }
    case "Refinement":
      return locate(issue.issue, path, outer ?? descriptionOf(issue))
    case "Missing":
      return { path, limit: "given" }
    case "Type":
    case "Forbidden":
    case "Unexpected":
      return {
        path,
        limit: outer ?? issue.message ?? descriptionOf(issue) ?? ParseResult.TreeFormatter.formatIssueSync(issue)
      }
  }
}

/** As in code: `.rule[0].id`. */
const placeOf = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("")

export const describe = (issue: ParseResult.ParseIssue): Refusal => {
  const { limit, path } = locate(issue, [])
  return path.length === 0 ? limit : { at: placeOf(path), limit }
}

/** For a value that was refused as the only field of a struct. */
export const describeField = (issue: ParseResult.ParseIssue): Refusal => {
  const { limit, path } = locate(issue, [])
  return path.length <= 1 ? limit : { at: placeOf(path.slice(1)), limit }
}
