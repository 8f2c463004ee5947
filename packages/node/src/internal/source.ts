/** The stream that a request's body comes from, as undici wants it: a `Readable`, pulled as the connection takes it. */

import type { Readable } from "node:stream"
import * as NodeStream from "@effect/platform-node-shared/NodeStream"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import { errors } from "undici"

/** Takes the cause of a source through Node's streams, which know only errors. */
export class SourceFailed extends Error {
  constructor(override readonly cause: Cause.Cause<unknown>) {
    super("the source of the body failed")
  }
}

/**
 * undici would complete a request before it sees that its length is wrong: without any bytes as an empty one, with too
 * many as a cut one. So the bytes that complete it wait for the end of the source.
 */
const ofLength = (stream: Stream.Stream<Uint8Array, unknown>, length: number): Stream.Stream<Uint8Array, unknown> =>
  Stream.suspend(() => {
    let left = length
    let last = Chunk.empty<Uint8Array>()
    const mismatch = Effect.failSync(() => new errors.RequestContentLengthMismatchError())
    const first = Stream.mapChunksEffect(stream, (chunk) => {
      for (const bytes of chunk) left -= bytes.length
      if (left < 0) return mismatch
      if (left > 0) return Effect.succeed(chunk)
      last = Chunk.appendAll(last, chunk)
      return Effect.succeed(Chunk.empty())
    })
    return Stream.concat(
      first,
      Stream.suspend(() => (left === 0 ? Stream.fromChunk(last) : Stream.fromEffect(mismatch)))
    )
  })

/** Runs with the services and the context of the request's fiber. Destroying the `Readable` interrupts the stream. */
export const toReadable = (
  runtime: Runtime.Runtime<never>,
  stream: Stream.Stream<Uint8Array, unknown>,
  length: number | undefined
): Readable => {
  const source = length === undefined ? stream : ofLength(stream, length)
  const failing = Stream.catchAllCause(source, (cause) => Stream.fail(new SourceFailed(cause)))
  // Its errors are undici's to report; without this one that comes late would end the process.
  return Runtime.runSync(runtime)(NodeStream.toReadable(failing)).on("error", constVoid)
}

/** Until the stream's finalizers have run. */
export const closed = (readable: Readable): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (readable.closed) resume(Effect.void)
    else readable.once("close", () => resume(Effect.void))
  })
