/**
 * Streams of Node as bodies and as sources of uploads.
 *
 * `NodeStream.fromReadable` takes a stream that was destroyed or read before for an empty one, passes text on where bytes
 * are wanted, and does not notice an error that comes before the first pull. As the content of an object each of these is
 * a loss, so here it is an error.
 *
 * @example
 * ```ts
 * import { createReadStream } from "node:fs"
 * import type { IncomingMessage } from "node:http"
 * import { Upload } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 * import { NodeReadable } from "effect-cos-node"
 *
 * // Of known size, in one request; opened again for each attempt.
 * export const put = Cos.putObject({
 *   key: "a.bin",
 *   body: NodeReadable.body(() => createReadStream("./a.bin"), { size: 1024 })
 * })
 *
 * // Of any size, in parts, while it arrives.
 * export const receive = (request: IncomingMessage) =>
 *   Upload.stream({ key: "incoming", stream: NodeReadable.stream(request) })
 * ```
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import type { InvalidInput, SourceFailed } from "effect-cos/CosError"
import * as reader from "./internal/readable.js"

/**
 * A stream of Node, which is read once, or a function that opens one, which is called for each run.
 *
 * @since 0.1.0
 * @category models
 */
export type Source = NodeJS.ReadableStream | (() => NodeJS.ReadableStream)

/**
 * The bytes of a stream of Node.
 *
 * Fails with `InvalidInput`, before anything is read, when the stream
 * - is destroyed, has ended, or was read by somebody else: its bytes, or the first of them, are gone;
 * - has an encoding in which bytes may have been lost: `utf8`, `utf16le` and `ascii`. From `hex`, `base64`, `base64url` and
 *   `latin1` the bytes are restored;
 * - gives something else than bytes. Text of a stream in object mode is sent as UTF-8.
 *
 * Fails with `SourceFailed` when the stream fails, also before it is read, and when it is closed before its end.
 *
 * It is read no faster than its bytes are taken. It is destroyed when it is not read to its end: after a failure, and when
 * the fiber is interrupted. Given the stream itself, its errors are listened for from this call on.
 *
 * @since 0.1.0
 * @category conversions
 */
export const stream = (source: Source): Stream.Stream<Uint8Array, InvalidInput | SourceFailed> => {
  const open = reader.opener(source)
  return Stream.unwrapScoped(
    Effect.map(Effect.acquireRelease(open, reader.close), (readable) =>
      Stream.repeatEffectChunkOption(
        Effect.mapBoth(reader.next(readable), { onFailure: (error) => error, onSuccess: Chunk.unsafeFromArray })
      )
    )
  )
}

/**
 * A stream of Node of known size as a body; with more or fewer bytes the request fails with `InvalidInput`. A function that
 * opens the stream makes a body that is sent again where that helps; the stream itself can be sent once.
 *
 * Fails as {@link stream} does.
 *
 * @since 0.1.0
 * @category conversions
 */
export const body = (
  source: Source,
  options: {
    /** Bytes. */
    readonly size: number
  }
): Body.Sized => Body.stream(stream(source), { size: options.size, replayable: typeof source === "function" })
