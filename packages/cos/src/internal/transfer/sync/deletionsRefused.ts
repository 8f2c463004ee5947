/** The error of a sync whose deletions were refused. */
import * as Schema from "effect/Schema"
import type { Report } from "../../../Sync.js"

const reasons = {
  EmptySource: "nothing of the source is selected; `allowEmptySource` allows that",
  SourceReplaced: "the source is no longer the directory that it was",
  TooMany: "they are more than `maxDelete`, or its default, allows"
}

/**
 * Deletions of a sync that were refused, before the first of them unless the source was lost midway. All else was done:
 * `report` says what.
 *
 * @since 0.1.0
 * @category errors
 */
export class DeletionsRefused extends Schema.TaggedError<DeletionsRefused>("effect-cos/DeletionsRefused")(
  "DeletionsRefused",
  {
    /**
     * `EmptySource`: nothing of the source is selected, and `allowEmptySource` is not set. `SourceReplaced`: what is at its
     * path is another directory, or none. `TooMany`: they are more than `limit`.
     */
    reason: Schema.Literal("EmptySource", "SourceReplaced", "TooMany"),
    /** How many deletions were due. */
    wanted: Schema.Number,
    /** How many are allowed, where that is the reason. */
    limit: Schema.optional(Schema.Number),
    report: Schema.Any as Schema.Schema<Report>
  }
) {
  override get message(): string {
    const limit = this.limit === undefined ? "" : ` (${this.limit})`
    return `${this.wanted} deletions were refused: ${reasons[this.reason]}${limit}`
  }
}
