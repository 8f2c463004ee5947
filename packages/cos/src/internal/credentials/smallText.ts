/** Responses that hold an access key: short texts, from addresses where anything may answer. */
import type { ResponseError } from "@effect/platform/HttpClientError"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Bytes. A document with a key has about 2,000. */
const largest = 64 * 1024

/** What answers may also be something that never ends. */
export const smallText = <E>(
  response: HttpClientResponse,
  onTooLarge: () => E,
  most = largest
): Effect.Effect<string, E | ResponseError> =>
  response.stream.pipe(
    Stream.mapAccumEffect(0, (before, bytes) => {
      const size = before + bytes.byteLength
      return size > most ? Effect.fail(onTooLarge()) : Effect.succeed([size, bytes] as const)
    }),
    Stream.decodeText(),
    Stream.mkString
  )
