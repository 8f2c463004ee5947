/** The response to one GET, if it is what was asked for. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Operation from "../../../Operation.js"
import * as object from "../../../operations/object.js"
import { hiddenHeaderError } from "../../http/hiddenHeaders.js"
import type { Response } from "../../http/response.js"
import * as codecs from "../../operation/codecs.js"
import * as fields from "../../operation/fields.js"
import type { WithResponse } from "../../operation/model.js"
import { discard, run, runReading, runResponse } from "../../operation/runner.js"
import type { DownloadSource } from "../model.js"
import { requireETag } from "../requireETag.js"

/** What a response to GET says of the object, without its bytes. */
export type ObjectHeaders = Omit<Operation.Success<typeof object.getObject>, "body">

/** Where a response's bytes stand in the object, and how large the object is. */
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

/**
 * Where the bytes stand whose `Content-Range` a browser hides: a response of status 206 is the range that was asked for,
 * and its length says where it ends.
 */
const impliedExtent = (
  { range }: DownloadSource,
  { contentLength }: ObjectHeaders,
  { hidden, status }: Response
): Extent | undefined => {
  if (status !== 206 || range === undefined || "last" in range || contentLength === undefined) return undefined
  if (hidden?.mayHide("content-range") !== true) return undefined
  const { end = Number.POSITIVE_INFINITY, start } = range
  const last = start + contentLength - 1
  return last > end
    ? undefined
    : { start, end: last, total: last < end && end !== Number.POSITIVE_INFINITY ? last + 1 : undefined }
}

/** Whether these bytes are what was asked for; the end of a range may lie beyond that of the object. */
const isRequestedRange = (range: DownloadSource["range"], extent: Extent | undefined): boolean => {
  if (extent === undefined) return range === undefined
  const toTheEnd = extent.total === undefined || extent.end === extent.total - 1
  if (range === undefined) return extent.start === 0 && toTheEnd
  if ("last" in range) return toTheEnd && extent.end - extent.start < range.last
  const { end = Number.POSITIVE_INFINITY, start } = range
  return extent.start === start && (extent.end === end || (toTheEnd && extent.end < end))
}

/** The object whose bytes are wanted, and no other's. */
export interface PinnedObject {
  readonly eTag: string
  /** Its size. */
  readonly total: number | undefined
}

/** `getObject`, whose body is still to be read. */
const getResponse = (
  input: DownloadSource
): Effect.Effect<Came, Operation.Error<typeof object.getObject>, CosClient | Scope.Scope> =>
  runResponse(object.getObject.spec, object.getObject.spec.success as Operation.BodyResponse<ObjectHeaders>, {
    ...input
  })

/** What is known of an object before it is written. */
export type Head = Operation.Success<typeof object.headObject> & { readonly eTag: string }

/** As `headObject`, but the length may be missing: servers in between leave it out. */
const headSpec: Operation.SpecData = {
  ...object.headObject.spec,
  success: Schema.Struct({
    ...fields.stored,
    contentLength: Schema.optional(Operation.fromHeader("Content-Length", codecs.ContentLength))
  })
}

/** `headObject`; where that does not say the size, GET does. */
export const headWithSize = (input: DownloadSource): Effect.Effect<Head, DownloadFailure, CosClient> =>
  Effect.gen(function* () {
    const head = Effect.map(
      run(headSpec, { ...input }) as Effect.Effect<
        WithResponse<Omit<Operation.Success<typeof object.headObject>, "contentLength"> & { contentLength?: number }>,
        Operation.Error<typeof object.headObject>,
        CosClient
      >,
      ({ value }) => value
    )
    const value = yield* requireETag(head, { operation: "Download.file", key: input.key })
    return { ...value, contentLength: value.contentLength ?? (yield* sizeByGet(input, value.eTag)) }
  })

type DownloadFailure = Operation.Error<typeof object.headObject> | Operation.Error<typeof object.getObject>

/** By the first byte, which an empty object has not. */
const sizeByGet = (input: DownloadSource, eTag: string) =>
  sizeOf({ ...input, ifMatch: eTag, range: { start: 0, end: 0 } }).pipe(
    Effect.catchTag("InvalidRange", () => Effect.succeed(0))
  )

/** The size of the object that a GET finds. */
const sizeOf = (input: DownloadSource) =>
  Effect.scoped(
    Effect.flatMap(getResponse(input), ({ message: { facts }, value: { contentLength, contentRange: range } }) => {
      const size = range === undefined ? contentLength : contentRange(range)?.total
      return size === undefined
        ? Effect.fail(
            new CosError.MalformedResponse({
              operation: "getObject",
              ...facts,
              message: "getObject: the response does not say how long the object is"
            })
          )
        : Effect.succeed(size)
    })
  )

type GetError = Operation.Error<typeof object.getObject> | CosError.ObjectChanged

/** A response that is what was asked for. */
export interface Got {
  readonly found: ObjectHeaders
  readonly response: Response
  readonly extent: Extent | undefined
  /** The size of the object. */
  readonly total: number | undefined
}

/** The response, if it is what was asked for. */
export const get = (
  input: DownloadSource,
  pinned?: PinnedObject
): Effect.Effect<Got, GetError, CosClient | Scope.Scope> => {
  const came: Effect.Effect<Came, GetError, CosClient | Scope.Scope> =
    pinned === undefined
      ? getResponse(input)
      : getResponse({
          ...input,
          ifMatch: pinned.eTag,
          ifNoneMatch: undefined,
          ifModifiedSince: undefined,
          ifUnmodifiedSince: undefined
        }).pipe(Effect.catchTag("PreconditionFailed", "NoSuchKey", () => Effect.fail(changed(input, pinned.eTag))))
  return Effect.flatMap(came, ({ message, value }) => check(input, pinned, value, message))
}

interface Came {
  readonly value: ObjectHeaders
  readonly message: Response
}

/** {@link get} for a body that `read` reads to its end, whatever becomes of it. */
export const getReading = <A, R>(
  input: DownloadSource,
  read: (got: Got) => Effect.Effect<A, never, R>
): Effect.Effect<A, GetError, CosClient | R> => {
  const { spec } = object.getObject
  const success = spec.success as Operation.BodyResponse<ObjectHeaders>
  // What is wrong with a response that came is no reason to ask again, so that it does not fail within the call.
  const checked = ({ message, value }: Came): Effect.Effect<Effect.Effect<A, GetError>, never, R> =>
    Effect.matchEffect(check(input, undefined, value, message), {
      onFailure: (error) => Effect.as(discard(message), Effect.fail(error)),
      onSuccess: (got) => Effect.map(read(got), Effect.succeed)
    })
  return Effect.flatten(runReading(spec, success, { ...input }, checked))
}

const changed = ({ bucket, key }: DownloadSource, expected: string, actual?: string) =>
  new CosError.ObjectChanged({ bucket, key, expected, actual })

const check = (
  input: DownloadSource,
  pinned: PinnedObject | undefined,
  found: ObjectHeaders,
  response: Response
): Effect.Effect<Got, GetError> => {
  if (pinned !== undefined && found.eTag !== pinned.eTag) return Effect.fail(changed(input, pinned.eTag, found.eTag))
  const implied = impliedExtent(input, found, response)
  const extent = contentRange(found.contentRange) ?? implied
  if (implied === undefined && response.status === 206 && extent === undefined) {
    if (response.hidden?.mayHide("content-range")) {
      return Effect.fail(hiddenHeaderError(response.request, "content-range", response.facts))
    }
  }
  if (implied === undefined && !isRequestedRange(input.range, extent)) {
    return Effect.fail(
      new CosError.MalformedResponse({
        operation: "getObject",
        ...response.facts,
        message: `getObject: ${found.contentRange ?? "all bytes"} came, which is not what was asked for`
      })
    )
  }
  const total = extent === undefined ? found.contentLength : extent.total
  if (pinned?.total !== undefined && total !== undefined && total !== pinned.total) {
    return Effect.fail(changed(input, pinned.eTag, found.eTag))
  }
  const got = Effect.succeed({ found, response, extent, total })
  return implied === undefined ? got : Effect.zipRight(response.hidden?.warn(["content-range"]) ?? Effect.void, got)
}
