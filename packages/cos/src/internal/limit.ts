/** What a value should have been, in words, from the schema that refused it. */

import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import type * as AST from "effect/SchemaAST"
import * as AST_ from "effect/SchemaAST"

/** The outermost description wins: it was written for this. */
export const describe = (issue: ParseResult.ParseIssue): string => {
  const described =
    "ast" in issue ? Option.getOrUndefined(AST_.getDescriptionAnnotation(issue.ast as AST.AST)) : undefined
  if (described !== undefined) return described
  if (issue._tag === "Transformation" || issue._tag === "Refinement") return describe(issue.issue)
  return ParseResult.ArrayFormatter.formatIssueSync(issue)
    .map(({ message, path }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ")
}
