/** The rule that a value breaks, in words, from the schema that refused it. */
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"

/**
 * The rule that a field breaks, as words that follow its name: `must be given`. With the place of the part that breaks it,
 * such as `[3].id`, where that is not the whole value.
 */
export type Refusal = string | { readonly at: string; readonly rule: string }

/** A schema's description says what its values are: `an integer from 0`. */
const ruleOf = (issue: ParseResult.ParseIssue): string | undefined =>
  "ast" in issue
    ? Option.getOrUndefined(
        Option.map(AST.getDescriptionAnnotation(issue.ast as AST.Annotated), (description) => `must be ${description}`)
      )
    : undefined

const first = (issues: ParseResult.SingleOrNonEmpty<ParseResult.ParseIssue>): ParseResult.ParseIssue =>
  "_tag" in issues ? issues : issues[0]

interface Located {
  readonly path: ReadonlyArray<PropertyKey>
  readonly rule: string
}

/** The deepest part that is wrong. Its value is left out, since it may be a secret. Of the descriptions of one part the outermost wins: it was written for this. */
const locate = (issue: ParseResult.ParseIssue, path: ReadonlyArray<PropertyKey>, outer?: string): Located => {
  switch (issue._tag) {
    case "Pointer":
      return locate(issue.issue, path.concat(issue.path))
    case "Composite":
      return locate(first(issue.issues), path, outer ?? ruleOf(issue))
    case "Transformation": {
      const rule = outer ?? ruleOf(issue)
      return rule === undefined ? locate(issue.issue, path) : { path, rule }
    }
    case "Refinement":
      return locate(issue.issue, path, outer ?? ruleOf(issue))
    case "Missing":
      return { path, rule: "must be given" }
    case "Unexpected":
      return { path, rule: outer ?? "must not be given" }
    case "Type":
      return { path, rule: outer ?? issue.message ?? ruleOf(issue) ?? `must be ${issue.ast}` }
    case "Forbidden":
      return { path, rule: outer ?? issue.message ?? "must be valid" }
  }
}

/** As in code: `.rule[0].id`. */
const placeOf = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("")

export const describe = (issue: ParseResult.ParseIssue): Refusal => {
  const { path, rule } = locate(issue, [])
  return path.length === 0 ? rule : { at: placeOf(path), rule }
}

/** For a value that was refused as the only field of a struct. */
export const describeField = (issue: ParseResult.ParseIssue): Refusal => {
  const { path, rule } = locate(issue, [])
  return path.length <= 1 ? rule : { at: placeOf(path.slice(1)), rule }
}
