/** The body of a request in a form that undici sends. */
import type { Readable } from "node:stream"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as NodeStream from "@effect/platform-node-shared/NodeStream"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import type { Dispatcher } from "undici/index.js"
import type { Open } from "./connections.js"
import { contentLengthMismatch, StreamFailed } from "./undiciFailure.js"

type UndiciBody = NonNullable<Dispatcher.DispatchOptions["body"]> | null

/** Any body but a stream, for which see {@link toReadable}. undici takes only its own `FormData`, and adds the type of a `Blob` as an unsigned header. */
export const toUndici = (body: HttpBody.HttpBody, { FormData }: Open): UndiciBody => {
  switch (body._tag) {
    case "Uint8Array":
      return body.body
    case "Raw":
      return (body.body instanceof Blob ? body.body.slice(0, body.body.size, "") : body.body) as Readable
    case "FormData": {
      // biome-ignore lint/style/noNonNullAssertion: `Connections` has loaded it for this body
      const form = new FormData!()
      body.formData.forEach((value, name) => {
        if (typeof value === "string") form.append(name, value)
        else form.append(name, value, value.name)
      })
      return form
    }
    case "Empty":
    case "Stream":
      return null
  }
}

/**
 * Fails a stream that is longer or shorter than announced before the request is complete. undici notices only afterwards:
 * it sends an empty stream as an empty request, and cuts one that is too long. So the bytes that complete the length wait
 * until the stream has ended.
 */
const exactly = (stream: Stream.Stream<Uint8Array, unknown>, length: number): Stream.Stream<Uint8Array, unknown> =>
  Stream.suspend(() => {
    let left = length
    let last = Chunk.empty<Uint8Array>()
    const mismatch = Effect.failSync(contentLengthMismatch)
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

/**
 * A stream as a `Readable` that pulls it as fast as the connection takes the bytes. The stream runs with the services and
 * the context of the request's fiber. Destroying the `Readable` interrupts it.
 */
export const toReadable = (runtime: Runtime.Runtime<never>, body: HttpBody.Stream): Readable => {
  const { contentLength, stream } = body
  const source = contentLength === undefined ? stream : exactly(stream, contentLength)
  const failing = Stream.catchAllCause(source, (cause) => Stream.fail(new StreamFailed(cause)))
  // undici reports the errors of a `Readable`. Without this listener one that comes late would end the process.
  return Runtime.runSync(runtime)(NodeStream.toReadable(failing)).on("error", constVoid)
}

/** Waits until the finalizers of the stream have run. */
export const closed = (readable: Readable): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (readable.closed) resume(Effect.void)
    else readable.once("close", () => resume(Effect.void))
  })
