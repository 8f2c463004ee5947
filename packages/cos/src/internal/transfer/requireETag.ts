/** The ETag that pins a transfer to one state of an object. */
import * as Effect from "effect/Effect"
import type * as CosError from "../../CosError.js"
import { hiddenHeaderError } from "../http/hiddenHeaders.js"

/** Fails where a browser hides it: without it the bytes of two objects might be mixed. */
export const requireETag = <A extends { readonly eTag?: string | undefined }, E, R>(
  self: Effect.Effect<A, E, R>,
  { key, operation }: { readonly key: string; readonly operation: string }
): Effect.Effect<A & { readonly eTag: string }, E | CosError.TransportError, R> =>
  Effect.flatMap(self, (found) =>
    found.eTag === undefined
      ? Effect.fail(eTagHidden(operation, key))
      : Effect.succeed(found as A & { readonly eTag: string })
  )

export const eTagHidden = (operation: string, key: string): CosError.TransportError =>
  hiddenHeaderError(
    { operation, method: "HEAD", host: "bucket", bucket: undefined, key },
    "etag",
    undefined,
    "without it nobody can tell that the object stays the same"
  )
