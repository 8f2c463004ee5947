/** An object's bytes, continued where they broke off, and verified at the end. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import type * as Operation from "../../../Operation.js"
import type * as object from "../../../operations/object.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { isCoded } from "../../http/headers.js"
import { hiddenHeaderError } from "../../http/hiddenHeaders.js"
import type { Response } from "../../http/response.js"
import type { DownloadError, DownloadSource } from "../model.js"
import { eTagHidden } from "../requireETag.js"
import { makeContinueDelay } from "./continueDelay.js"
import { type Got, get, type ObjectHeaders } from "./response.js"

export interface Options {
  readonly operation: string
  readonly verify: boolean
}

/** Bytes that are continued and verified, and the object that they are of. */
export interface Opened {
  readonly found: ObjectHeaders
  readonly response: Response
  readonly stream: Stream.Stream<Uint8Array, DownloadError, CosClient>
}

/** With `verify` the bytes of a whole object are compared with its CRC64 at the end. */
export const follow = (
  input: DownloadSource,
  { extent, found, response, total }: Got,
  options: Options
): Effect.Effect<Opened, CosError.InvalidInput, CosClient> =>
  Effect.gen(function* () {
    const { rawBody } = (yield* CosClient).transport
    const isDecodedByClient = !rawBody && isCoded(found.contentEncoding)
    // Then the number of bytes tells: only what was decoded is longer than announced.
    const mayBeDecoded = !rawBody && response.hidden?.mayHide("content-encoding") === true
    if (isDecodedByClient && options.verify) {
      return yield* invalidInput(
        options.operation,
        "verify",
        `must be false for an object whose Content-Encoding this HTTP client decodes (${found.contentEncoding})`
      )
    }
    const size = isDecodedByClient ? undefined : extent === undefined ? total : extent.end - extent.start + 1
    const crc = options.verify && extent === undefined && found.crc64 !== undefined ? Crc64.make() : undefined
    let received = 0
    const codingHidden = () =>
      hiddenHeaderError(
        response.request,
        "content-encoding",
        response.facts,
        `${received} bytes came of ${size ?? "an unknown number"}, and it tells whether the browser decoded them`
      )

    const counted = (bytes: Stream.Stream<Uint8Array, CosError.BodyError>) =>
      Stream.mapChunks(bytes, (chunk) => {
        for (const bytes of chunk) {
          received += bytes.byteLength
          crc?.update(bytes)
        }
        return chunk
      })

    /** From the byte that was reached, of the same object or not at all. */
    const rest = (eTag: string) =>
      Stream.unwrapScoped(
        Effect.suspend(() =>
          get({ ...input, range: { start: (extent?.start ?? 0) + received, end: extent?.end } }, { eTag, total })
        ).pipe(Effect.map(({ response }) => counted(response.stream)))
      )

    const continueDelay = yield* makeContinueDelay
    type Bytes = Stream.Stream<Uint8Array, DownloadError, CosClient>
    const continued = (bytes: Bytes): Bytes =>
      Stream.catchAll(bytes, (error) => {
        if (isDecodedByClient) return Stream.fail(error)
        const { eTag } = found
        return Stream.unwrap(
          Effect.map(continueDelay(error, received), (): Bytes => {
            if (received === size) return Stream.empty
            if (eTag === undefined) return Stream.fail(eTagHidden("getObject", input.key))
            return mayBeDecoded && crc === undefined ? Stream.fail(codingHidden()) : continued(rest(eTag))
          })
        )
      })

    const proof = Effect.suspend((): Effect.Effect<void, DownloadError> => {
      const { bucket, key } = input
      if (mayBeDecoded && size !== undefined && received !== size) {
        return received > size && !options.verify
          ? (response.hidden?.warn(["content-encoding"]) ?? Effect.void)
          : Effect.fail(codingHidden())
      }
      if (size !== undefined && received !== size) {
        return Effect.fail(
          new CosError.TruncatedBody({
            operation: "getObject",
            expected: size,
            received,
            bucket,
            key,
            ...response.facts
          })
        )
      }
      return crc === undefined || crc.value === found.crc64
        ? Effect.void
        : Effect.fail(
            new CosError.IntegrityError({
              operation: options.operation,
              algorithm: "crc64",
              expected: String(found.crc64),
              actual: String(crc.value),
              bucket,
              key
            })
          )
    })
    return { found, response, stream: Stream.concat(continued(counted(response.stream)), Stream.execute(proof)) }
  })

export const open = (
  input: DownloadSource,
  options: Options
): Effect.Effect<Opened, Operation.Error<typeof object.getObject> | CosError.ObjectChanged, CosClient | Scope.Scope> =>
  Effect.flatMap(get(input), (got) => follow(input, got, options))

export const stream = (input: DownloadSource, options: Options) =>
  Stream.unwrapScoped(Effect.map(open(input, options), ({ stream }) => stream))
