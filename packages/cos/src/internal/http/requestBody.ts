/** Bodies that are streams: as long as they say, and with the first error of their source. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as CosError from "../../CosError.js"
import { describe, isBytes } from "../encoding/bytes.js"
import { invalidInput } from "../encoding/invalidInput.js"
import type { Request } from "./request.js"

type BodyFailure = CosError.SourceChanged | CosError.InvalidInput | CosError.SourceFailed

/** The first error of the body's source, or of its size, which the transport hides in an error of its own. */
export const watchBody = (
  request: Request
): { readonly request: Request; readonly failure: () => BodyFailure | undefined } => {
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
  return { request: { ...request, body: { ...body, stream } }, failure: () => failure }
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
