/**
 * Refusals of STS, which come as JSON with status 200.
 */
import * as Data from "effect/Data"

/** A refusal, with a code of Tencent Cloud's API 3.0. */
export class StsFailure extends Data.TaggedError("StsFailure")<{ readonly code: string; readonly message: string }> {}

export const stsFailure = (code: string, message: string): StsFailure => new StsFailure({ code, message })
