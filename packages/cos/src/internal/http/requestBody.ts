/** Bodies that are streams: as long as they say, and with the first error of their source. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as CosError from "../../CosError.js"
import { describe, isBytes } from "../encoding/bytes.js"
import { invalidInput } from "../encoding/invalidInput.js"
import type { Request } from "./request.js"

type BodyFailure = CosError.SourceChanged | CosError.InvalidInput | CosError.SourceFailed

/** Whoever has the memory of a body may have transferred it, or made it shorter, since the operation was called. */
export const lostBytes = ({ body, operation }: Request): CosError.InvalidInput | undefined =>
  body?._tag === "Bytes" && body.bytes.byteLength !== body.size
    ? invalidInput(operation, "body", `must keep its ${body.size} bytes until they are sent`)
    : undefined

/** The first error of the body's source, or of its size, which the transport hides in an error of its own. */
export const watchBody = (
  request: Request
): { readonly request: Request; readonly failure: (error: unknown) => BodyFailure | undefined } => {
  const { body, key, operation } = request
  if (body?._tag !== "Sized") return { request, failure: () => undefined }
  let failure: BodyFailure | undefined
  const wrongSize = invalidInput(operation, "body", `must be as long as its size says: ${body.size} bytes`)
  const notBytes = (value: unknown) =>
    invalidInput(operation, "body", `must give bytes (Uint8Array), not ${describe(value)}`)
  const stream = Stream.tapError(exactly(body.stream, body.size, wrongSize, notBytes), (error) =>
    Effect.sync(() => {
      failure =
        error instanceof CosError.SourceChanged || error instanceof CosError.InvalidInput
          ? error
          : new CosError.SourceFailed({ operation, key, cause: error })
    })
  )
  return {
    request: { ...request, body: { ...body, stream } },
    failure: (error) => {
      const cause = failure === undefined && body.blob !== undefined ? unreadable(error) : undefined
      return cause === undefined ? failure : new CosError.SourceFailed({ operation, key, cause })
    }
  }
}

/** The error of a `Blob` that the transport was given itself, and could not read: of a file that has changed, or is gone. */
const unreadable = (error: unknown, depth = 0): unknown => {
  if (typeof error !== "object" || error === null || depth > 4) return undefined
  if ("name" in error && (error.name === "NotReadableError" || error.name === "NotFoundError")) return error
  return "cause" in error ? unreadable(error.cause, depth + 1) : undefined
}

/** Fails before there is a byte too much, at the end if there were too few, and at what is not bytes. */
const exactly = <A, E>(
  self: Stream.Stream<Uint8Array, A>,
  size: number,
  error: E,
  notBytes: (value: unknown) => E
): Stream.Stream<Uint8Array, A | E> =>
  Stream.suspend(() => {
    let sent = 0
    const counted = Stream.mapChunksEffect(self, (chunk) => {
      for (const bytes of chunk) {
        if (!isBytes(bytes)) return Effect.fail(notBytes(bytes))
        sent += bytes.byteLength
      }
      return sent > size ? Effect.fail(error) : Effect.succeed(chunk)
    })
    return Stream.concat(
      counted,
      Stream.suspend(() => (sent < size ? Stream.fail(error) : Stream.empty))
    )
  })
