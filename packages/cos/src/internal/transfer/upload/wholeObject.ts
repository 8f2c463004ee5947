/** Objects that go in one request: from memory, or read while they are sent. */
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Stream from "effect/Stream"
import * as Body from "../../../Body.js"
import * as Operation from "../../../Operation.js"
import * as object from "../../../operations/object.js"
import { placeOf } from "../../http/place.js"
import { withoutSecrets } from "../../operation/runner.js"
import { withContext } from "../context.js"
import type { UploadResult, UploadTarget } from "../model.js"
import { verifyStored } from "./multipart.js"
import * as sendPart from "./sendPart.js"
import type { Settings } from "./settings.js"
import { crc64Of, type Source } from "./source.js"

/** What a result says of an object that one request made. */
export const madeInOneRequest = <
  Made extends Operation.Success<typeof object.putObject> | Operation.Success<typeof object.copyObject>
>(
  key: string,
  made: Made
) => {
  const { bucket, eTag, location, region, response, versionId } = made
  const callbackResponse = "callbackResponse" in made ? made.callbackResponse : undefined
  return {
    key,
    bucket,
    region,
    location,
    uploadId: undefined,
    response,
    callbackResponse,
    versionId,
    eTag: eTag as Made["eTag"]
  }
}

const headObject = Operation.withResponse(object.headObject)

/** The object that the key holds, if it has these bytes. */
export const storedBefore = ({ bucket, customerKey, key, region }: UploadTarget, size: number, crc64: bigint) =>
  Effect.gen(function* () {
    const { response, value } = yield* headObject({ bucket, customerKey, key, region })
    if (value.contentLength !== size || value.crc64 !== crc64) return undefined
    const place = yield* placeOf({ bucket, key, region }, "putObject")
    return { ...value, ...place, response: withoutSecrets(response) }
  }).pipe(Effect.orElseSucceed(() => undefined))

const put = <E, R>(
  target: UploadTarget,
  content: {
    readonly body: Body.Input
    readonly size: number
    readonly md5?: Uint8Array | undefined
    /** Of the bytes that were sent last. */
    readonly crc64: () => bigint
    /** The same where nothing has been sent. */
    readonly readCrc64: Effect.Effect<bigint, E, R>
  },
  settings: Settings
) =>
  withContext(({ mayBeStored, onStored }) => {
    const { body, md5, size } = content
    const finish = (output: Operation.Success<typeof object.putObject>, crc64: bigint) => {
      const result: UploadResult = {
        size,
        crc64,
        parts: 0,
        resumedParts: 0,
        // Last, since V8 adds what follows it slowly: all four would take as long as to sign the request.
        ...madeInOneRequest(target.key, output)
      }
      return Effect.as(Effect.zipRight(verifyStored(target, output, crc64, settings), onStored(result)), result)
    }
    const contentMd5 = md5 && Encoding.encodeBase64(md5)
    return Effect.matchEffect(object.putObject(Object.assign({}, target, { body, contentMd5 })), {
      onFailure: (error) =>
        Effect.gen(function* () {
          if (error._tag !== "FileAlreadyExists" || !mayBeStored) return yield* error
          const crc64 = yield* content.readCrc64
          const output = yield* storedBefore(target, size, crc64)
          return output === undefined ? yield* error : yield* finish(output, crc64)
        }),
      onSuccess: (output) => finish(output, content.crc64())
    })
  })

/** Sends bytes that are in memory. */
export const putBytes = (target: UploadTarget, bytes: Uint8Array, settings: Settings) =>
  Effect.flatMap(sendPart.partChecksums(bytes, settings), ({ crc64, md5 }) =>
    put(
      target,
      { body: bytes, size: bytes.byteLength, md5, crc64: () => crc64, readCrc64: Effect.succeed(crc64) },
      settings
    )
  )

/** Reads the source block by block while it is sent, and again for every attempt. */
export const putSource = <E>(
  target: UploadTarget,
  source: Source<E>,
  md5: Uint8Array | undefined,
  settings: Settings,
  inFlight: sendPart.InFlight
) =>
  Effect.suspend(() => {
    const { size } = source
    const whole = { offset: 0, size }
    // The last block is given away only when the source is seen to be the same as at the beginning.
    const sent = sendPart.blocksOf(whole, inFlight, { beforeLast: source.verify })
    const stream = Stream.unwrapScoped(Effect.map(source.open, sent.read))
    return put(
      target,
      {
        body: Body.stream(stream, { size, replayable: true }),
        size,
        md5,
        crc64: sent.crc64,
        readCrc64: crc64Of(source)
      },
      settings
    ).pipe(Effect.ensuring(sent.clear))
  })

/** Sends a stream of known size that somebody else verifies, and takes the CRC64 of. */
export const putStream = (target: UploadTarget, body: Body.Sized, crc64: () => bigint, settings: Settings) =>
  put(target, { body, size: body.size, crc64, readCrc64: Effect.sync(crc64) }, settings)

/** Hands the Blob to the HTTP client as it is: to one that sends it with its length, but no Stream. */
export const putBlob = (
  target: UploadTarget,
  blob: Blob,
  { crc64, md5 }: { readonly crc64: bigint; readonly md5: Uint8Array | undefined },
  settings: Settings
) =>
  put(
    target,
    {
      body: blob,
      size: blob.size,
      md5,
      crc64: () => crc64,
      readCrc64: Effect.succeed(crc64)
    },
    settings
  )
