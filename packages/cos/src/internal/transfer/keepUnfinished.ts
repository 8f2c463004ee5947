/** Whether what a transfer has done is kept when it does not end well. */
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as CosError from "../../CosError.js"

type Choice = "abort" | "remove" | "keep"

interface Choices {
  readonly onInterrupt: Choice
  readonly onFailure: Choice | "keepIfRetryable"
}

export const keepUnfinished = (cause: Cause.Cause<unknown>, { onFailure, onInterrupt }: Choices): boolean => {
  if (Cause.isInterruptedOnly(cause)) return onInterrupt === "keep"
  return onFailure === "keepIfRetryable"
    ? Option.exists(Cause.failureOption(cause), CosError.isRetryable)
    : onFailure === "keep"
}
