/** An object's bytes, continued where they broke off, and proven at the end. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { CosClient } from "../../CosClient.js"
import * as CosError from "../../CosError.js"
import * as Crc64 from "../../Crc64.js"
import type * as Operation from "../../Operation.js"
import * as object from "../../operations/object.js"
import { policyInForce } from "../inForce.js"
import { isCoded } from "../response.js"

export type Input = Operation.Input<typeof object.getObject>
export type Found = Omit<Operation.Success<typeof object.getObject>, "body">
export type DownloadError =
  | Operation.Error<typeof object.getObject>
  | CosError.BodyError
  | CosError.IntegrityError
  | CosError.ObjectChanged

/** Where an answer's bytes stand in the object, and how large the object is. */
interface Extent {
  readonly start: number
  /** Included. */
  readonly end: number
  readonly total: number | undefined
}

const contentRange = (value: string | undefined): Extent | undefined => {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(value ?? "")
  return match === null
    ? undefined
    : { start: Number(match[1]), end: Number(match[2]), total: match[3] === "*" ? undefined : Number(match[3]) }
}

/** Whether these bytes are what was asked for; the end of a range may lie beyond that of the object. */
const isAsked = (range: Input["range"], extent: Extent | undefined): boolean => {
  if (extent === undefined) return range === undefined
  const toTheEnd = extent.total === undefined || extent.end === extent.total - 1
  if (range === undefined) return extent.start === 0 && toTheEnd
  if ("last" in range) return toTheEnd && extent.end - extent.start < range.last
  const { end = Number.POSITIVE_INFINITY, start } = range
  return extent.start === start && (extent.end === end || (toTheEnd && extent.end < end))
}

/** An object whose bytes are wanted, and no other's. */
export interface Pinned {
  readonly eTag: string
  /** Its size. */
  readonly total: number | undefined
}

/** The answer, if it is what was asked for. */
const get = (input: Input, pinned: Pinned | undefined) =>
  Effect.gen(function* () {
    const { bucket, key } = input
    const changed = (expected: string, actual?: string) => new CosError.ObjectChanged({ bucket, key, expected, actual })
    const answer = yield* pinned === undefined
      ? object.getObject(input)
      : object
          .getObject({
            ...input,
            ifMatch: pinned.eTag,
            ifNoneMatch: undefined,
            ifModifiedSince: undefined,
            ifUnmodifiedSince: undefined
          })
          .pipe(Effect.catchTag("PreconditionFailed", "NoSuchKey", () => Effect.fail(changed(pinned.eTag))))
    if (pinned !== undefined && answer.eTag !== pinned.eTag) return yield* changed(pinned.eTag, answer.eTag)
    const extent = contentRange(answer.contentRange)
    if (!isAsked(input.range, extent)) {
      return yield* new CosError.MalformedResponse({
        operation: "getObject",
        status: answer.contentRange === undefined ? 200 : 206,
        message: `getObject: ${answer.contentRange ?? "all bytes"} came, which is not what was asked for`
      })
    }
    const total = extent === undefined ? answer.contentLength : extent.total
    if (pinned?.total !== undefined && total !== undefined && total !== pinned.total) {
      return yield* changed(pinned.eTag, answer.eTag)
    }
    return { answer, extent, total }
  })

/** A body that broke off. What cannot be opened has been asked for often enough. */
const isBroken = (error: DownloadError): boolean =>
  error._tag === "TruncatedBody" || (error._tag === "TransportError" && error.phase === "body")

/**
 * The stream, and the object it is of, which has to be `pinned` if that is given. `verify` is whether the bytes are
 * compared with the object's CRC64 at the end; it covers whole objects only.
 */
export const open = (
  input: Input,
  options: { readonly verify: boolean; readonly pinned?: Pinned }
): Effect.Effect<
  { readonly found: Found; readonly stream: Stream.Stream<Uint8Array, DownloadError, CosClient> },
  Operation.Error<typeof object.getObject> | CosError.ObjectChanged,
  CosClient | Scope.Scope
> =>
  Effect.gen(function* () {
    const policy = yield* policyInForce
    const first = yield* get(input, options.pinned)
    const { body, ...found } = first.answer
    const { extent, total } = first
    const isUndone = !(yield* CosClient).transport.rawBody && isCoded(found.contentEncoding)
    if (isUndone && options.verify) {
      return yield* new CosError.InvalidInput({
        operation: "download",
        field: "verify",
        limit: `false for an object whose Content-Encoding this HTTP client undoes (${found.contentEncoding})`
      })
    }
    const size = isUndone ? undefined : extent === undefined ? total : extent.end - extent.start + 1
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
    const rest = Stream.unwrapScoped(
      Effect.suspend(() =>
        get(
          { ...input, range: { start: (extent?.start ?? 0) + received, end: extent?.end } },
          { eTag: found.eTag, total }
        )
      ).pipe(Effect.map(({ answer }) => counted(answer.body)))
    )

    const driver = yield* Schedule.driver(policy.schedule)
    let reached = 0
    /** Waits as the policy says, or fails. Bytes that have come begin the policy anew. */
    const wait = (error: DownloadError) =>
      Effect.gen(function* () {
        if (received > reached) yield* driver.reset
        reached = received
        yield* Effect.mapError(driver.next(error), () => error)
      })
    type Bytes = Stream.Stream<Uint8Array, DownloadError, CosClient>
    const continued = (bytes: Bytes): Bytes =>
      Stream.catchAll(bytes, (error) =>
        !isUndone && isBroken(error) && policy.while(error)
          ? Stream.unwrap(Effect.map(wait(error), () => (received === size ? Stream.empty : continued(rest))))
          : Stream.fail(error)
      )

    const proof = Effect.suspend((): Effect.Effect<void, CosError.TruncatedBody | CosError.IntegrityError> => {
      const { bucket, key } = input
      if (size !== undefined && received !== size) {
        return Effect.fail(
          new CosError.TruncatedBody({ operation: "getObject", expected: size, received, bucket, key })
        )
      }
      return crc === undefined || crc.value === found.crc64
        ? Effect.void
        : Effect.fail(
            new CosError.IntegrityError({
              operation: "download",
              algorithm: "crc64",
              expected: String(found.crc64),
              actual: String(crc.value),
              bucket,
              key
            })
          )
    })
    return { found, stream: Stream.concat(continued(counted(body)), Stream.execute(proof)) }
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
