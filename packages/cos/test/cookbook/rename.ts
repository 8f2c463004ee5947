import { Effect } from "effect"
import { ObjectKey, RetryPolicy } from "effect-cos"
import * as Cos from "effect-cos/Cos"

/** Renames an object, or a directory with all that is below it. */
export const rename = (from: string, to: string) =>
  Cos.request({
    method: "PUT",
    key: to,
    query: { rename: "" },
    headers: { "x-cos-rename-source": `/${ObjectKey.encode(from)}` },
    idempotent: false
  }).pipe(RetryPolicy.withPolicy(RetryPolicy.none), Effect.asVoid, Effect.scoped)
