/** The errors of plans that are kept in files. */
import * as Schema from "effect/Schema"

/**
 * What a plan was made of has changed since, so that this action of it was not begun.
 *
 * @since 0.1.0
 * @category errors
 */
export class PlanOutdated extends Schema.TaggedError<PlanOutdated>("effect-cos/PlanOutdated")("PlanOutdated", {
  name: Schema.String,
  side: Schema.Literal("source", "target"),
  /** What differs. `presence`: it is gone, or has come; `kind`: it is no file any more. */
  field: Schema.Literal("presence", "kind", "size", "lastModified", "eTag", "inode"),
  /** What the plan saw, and what is there now. */
  expected: Schema.String,
  actual: Schema.String
}) {
  override get message(): string {
    return `${JSON.stringify(this.name)} is not what the plan saw: ${this.field} of the ${this.side} was ${this.expected} and is ${this.actual}`
  }
}

const reasons = {
  Foreign: "is not a plan that a sync has written",
  OtherVersion: "is a plan of another version",
  Damaged: "is a plan that was cut off or changed"
}

/**
 * A file that cannot be used as a plan. Nothing of it is carried out.
 *
 * @since 0.1.0
 * @category errors
 */
export class PlanUnusable extends Schema.TaggedError<PlanUnusable>("effect-cos/PlanUnusable")("PlanUnusable", {
  file: Schema.String,
  /**
   * `Foreign`: no sync has written it. `OtherVersion`: another version of this package has. `Damaged`: it was cut off, or
   * changed after it was written.
   */
  reason: Schema.Literal("Foreign", "OtherVersion", "Damaged")
}) {
  override get message(): string {
    return `${this.file} ${reasons[this.reason]}`
  }
}
