/** Bodies that are streams: as long as they say, and with the first error of their source. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Body } from "../../Body.js"
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
  request: Request,
  canStream: boolean
): { readonly request: Request; readonly failure: (error: unknown) => BodyFailure | undefined } => {
  const { key, onSent, operation } = request
  const body = onSent !== undefined && canStream && request.body !== undefined ? inSlices(request.body) : request.body
  if (body?._tag !== "Sized") return { request, failure: () => undefined }
  let failure: BodyFailure | undefined
  const wrongSize = invalidInput(operation, "body", `must be as long as its size says: ${body.size} bytes`)
  const notBytes = (value: unknown) =>
    invalidInput(operation, "body", `must give bytes (Uint8Array), not ${describe(value)}`)
  const stream = Stream.tapError(exactly(body.stream, body.size, wrongSize, notBytes, onSent), (error) =>
    Effect.sync(() => {
      failure =
        error instanceof CosError.SourceChanged || error instanceof CosError.InvalidInput
          ? error
          : new CosError.SourceFailed({
              operation,
              key,
              cause: error instanceof CosError.SourceFailed ? error.cause : error
            })
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

const slice = 64 * 1024

/** An HTTP client takes bytes in memory all at once. Taken slice by slice, they show how far it has come. */
const inSlices = (body: Body): Body =>
  body._tag === "Sized"
    ? body
    : {
        _tag: "Sized",
        stream: Stream.unfold(0, (from) =>
          from < body.size
            ? Option.some([body.bytes.subarray(from, from + slice), from + slice] as const)
            : Option.none()
        ),
        size: body.size,
        replayable: true
      }

/** Fails before there is a byte too much, at the end if there were too few, and at what is not bytes. */
const exactly = <A, E>(
  self: Stream.Stream<Uint8Array, A>,
  size: number,
  error: E,
  notBytes: (value: unknown) => E,
  onSent: Request["onSent"]
): Stream.Stream<Uint8Array, A | E> =>
  Stream.suspend(() => {
    let sent = 0
    const counted = Stream.mapChunksEffect(self, (chunk) => {
      for (const bytes of chunk) {
        if (!isBytes(bytes)) return Effect.fail(notBytes(bytes))
        sent += bytes.byteLength
      }
      if (sent > size) return Effect.fail(error)
      return onSent === undefined ? Effect.succeed(chunk) : Effect.as(onSent(sent), chunk)
    })
    return Stream.concat(
      counted,
      Stream.suspend(() => (sent < size ? Stream.fail(error) : Stream.empty))
    )
  })
