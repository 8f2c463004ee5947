/**
 * Bodies at a limited rate: for transfer limits and for faults.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Limits a stream to so many bytes per second, in slices of a tenth of a second or more. */
export const throttle =
  (bytesPerSecond: number) =>
  <E, R>(body: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E, R> => {
    const slice = Math.max(1, Math.min(65536, Math.ceil(bytesPerSecond / 10)))
    return body.pipe(
      Stream.mapConcat((chunk) => slices(chunk, slice)),
      Stream.tap((part) => Effect.sleep((part.length / bytesPerSecond) * 1000))
    )
  }

/** A chunk in pieces of at most `size` bytes. */
export const slices = (chunk: Uint8Array, size: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(chunk.length / size) }, (_, index) => chunk.subarray(index * size, (index + 1) * size))
