/** An object's bytes, continued where they broke off, and proven at the end. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../CosClient.js"
import * as CosError from "../../CosError.js"
import * as Crc64 from "../../Crc64.js"
import type * as Operation from "../../Operation.js"
import * as object from "../../operations/object.js"
import { policyInForce } from "../inForce.js"

export type Input = Operation.Input<typeof object.getObject>
export type Found = Omit<Operation.Success<typeof object.getObject>, "body">
export type DownloadError =
  | Operation.Error<typeof object.getObject>
  | CosError.BodyError
  | CosError.IntegrityError
  | CosError.ObjectChanged

/** Where an answer's bytes stand in the object, and how large the object is. */
export interface Extent {
  readonly start: number
  /** Included. */
  readonly end: number
  readonly total: number | undefined
}

export const contentRange = (value: string | undefined): Extent | undefined => {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(value ?? "")
  return match === null
    ? undefined
    : { start: Number(match[1]), end: Number(match[2]), total: match[3] === "*" ? undefined : Number(match[3]) }
}

export const changed = (input: Input, expected: string, actual?: string) =>
  new CosError.ObjectChanged({ bucket: input.bucket, key: input.key, expected, actual })

/** Waits as the policy says after a failure, or fails with it. Progress begins the policy anew. */
export const patience = Effect.gen(function* () {
  const policy = yield* policyInForce
  const driver = yield* Schedule.driver(policy.schedule)
  return {
    after: <E>(error: E): Effect.Effect<void, E> =>
      policy.while(error)
        ? Effect.catchAll(Effect.asVoid(driver.next(error)), () => Effect.fail(error))
        : Effect.fail(error),
    reset: driver.reset
  }
})

const isBroken = (error: DownloadError): boolean => error._tag === "TransportError" || error._tag === "TruncatedBody"

/**
 * The stream, and the object it is of. `verify` is whether the bytes are compared with the object's CRC64 at the end; it
 * covers whole objects only.
 */
export const open = (
  input: Input,
  options: { readonly verify: boolean }
): Effect.Effect<
  { readonly found: Found; readonly stream: Stream.Stream<Uint8Array, DownloadError, CosClient> },
  Operation.Error<typeof object.getObject>,
  CosClient | Scope.Scope
> =>
  Effect.gen(function* () {
    const first = yield* object.getObject(input)
    const { body, ...found } = first
    const { after, reset } = yield* patience
    const extent = contentRange(found.contentRange)
    const begin = extent?.start ?? 0
    const end = extent?.end
    const crc = options.verify && extent === undefined && found.crc64 !== undefined ? Crc64.make() : undefined
    let received = 0

    const counted = (bytes: Stream.Stream<Uint8Array, CosError.BodyError>) =>
      Stream.mapChunks(bytes, (chunk) => {
        for (const bytes of chunk) {
          received += bytes.byteLength
          crc?.update(bytes)
        }
        return chunk
      })

    /** From the byte that was reached, of the same object or not at all. */
    const rest: Stream.Stream<Uint8Array, DownloadError, CosClient> = Stream.unwrapScoped(
      Effect.gen(function* () {
        const start = begin + received
        const next = yield* object
          .getObject({
            ...input,
            range: { start, end },
            ifMatch: found.eTag,
            ifNoneMatch: undefined,
            ifModifiedSince: undefined,
            ifUnmodifiedSince: undefined
          })
          .pipe(Effect.catchTag("PreconditionFailed", () => Effect.fail(changed(input, found.eTag))))
        const at = contentRange(next.contentRange)
        if (at?.start !== start || next.eTag !== found.eTag) return yield* changed(input, found.eTag, next.eTag)
        return counted(next.body)
      })
    )

    const continued = (stream: Stream.Stream<Uint8Array, DownloadError, CosClient>) => {
      const before = { received }
      return Stream.catchAll(stream, (error): Stream.Stream<Uint8Array, DownloadError, CosClient> => {
        if (!isBroken(error)) return Stream.fail(error)
        const progressed = received > before.received
        before.received = received
        return Stream.unwrap(
          Effect.as(
            Effect.zipRight(progressed ? reset : Effect.void, after(error)),
            Stream.suspend(() => continuedRest())
          )
        )
      })
    }
    const continuedRest = (): Stream.Stream<Uint8Array, DownloadError, CosClient> => continued(rest)

    const proof = Stream.suspend(() =>
      crc === undefined || crc.value === found.crc64
        ? Stream.empty
        : Stream.fail(
            new CosError.IntegrityError({
              operation: "download",
              algorithm: "crc64",
              expected: String(found.crc64),
              actual: String(crc.value),
              bucket: input.bucket,
              key: input.key
            })
          )
    )
    return { found, stream: Stream.concat(continued(counted(body)), proof) }
  })

export const stream = (input: Input, options: { readonly verify: boolean }) =>
  Stream.unwrapScoped(Effect.map(open(input, options), ({ stream }) => stream))

/** All bytes at once. */
export const bytes = (input: Input, options: { readonly verify: boolean; readonly maxSize: number }) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { found, stream } = yield* open(input, options)
      const limit = new CosError.InvalidInput({
        operation: "download",
        field: "maxSize",
        limit: `at least the object's size, ${found.contentLength ?? "unknown"} bytes`
      })
      if (found.contentLength !== undefined && found.contentLength > options.maxSize) return yield* limit
      let buffer = new Uint8Array(found.contentLength ?? 64 * 1024)
      let size = 0
      yield* Stream.runForEachChunk(stream, (chunk) =>
        Effect.suspend(() => {
          for (const bytes of chunk) {
            if (size + bytes.byteLength > options.maxSize) return Effect.fail(limit)
            if (size + bytes.byteLength > buffer.byteLength) {
              const larger = new Uint8Array(Math.max(buffer.byteLength * 2, size + bytes.byteLength))
              larger.set(buffer.subarray(0, size))
              buffer = larger
            }
            buffer.set(bytes, size)
            size += bytes.byteLength
          }
          return Effect.void
        })
      )
      return { found, bytes: buffer.subarray(0, size) }
    })
  )
