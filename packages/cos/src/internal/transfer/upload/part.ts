/** One part: read, sent, and proven to have arrived. */
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Stream from "effect/Stream"
import * as Body from "../../../Body.js"
import { CosClient } from "../../../CosClient.js"
import { IntegrityError } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import * as Operation from "../../../Operation.js"
import * as multipart from "../../../operations/multipart.js"
import type { Part } from "./plan.js"
import type { Target } from "./session.js"
import type { Settings } from "./settings.js"
import type { Reader } from "./source.js"

/** A part that the server acknowledged. */
export interface AnySent {
  readonly partNumber: number
  readonly eTag: string
  readonly size: number
  readonly crc64: bigint | undefined
}

/** One whose bytes we sent. */
export interface Sent extends AnySent {
  readonly crc64: bigint
}

export type SendError = Operation.Error<typeof multipart.uploadPart> | IntegrityError

/** Told of bytes that were given to the transport, and, less than 0, of those whose fate is known. */
export type InFlight = (bytes: number) => Effect.Effect<void>

/** What every part of an upload repeats. */
export type Repeated = Pick<Operation.Input<typeof multipart.uploadPart>, "trafficLimit" | "mimeLimit" | "customerKey">

/** Damaged on the way, a part is sent again, but not for ever. */
const resent = { times: 2, while: (error: SendError) => error._tag === "IntegrityError" }

/** Whose ETag is its MD5: not so with SSE-KMS and SSE-C. */
const isMd5 = /^"?([0-9a-f]{32})"?$/

interface Answered {
  readonly eTag: string
  readonly crc64?: bigint | undefined
}

/** What does not agree between the bytes and what the server answered of them. */
const mismatch = (
  answered: Answered,
  ours: { readonly crc64: bigint; readonly md5?: Uint8Array | undefined },
  settings: Pick<Settings, "integrity">
): { readonly algorithm: "crc64" | "md5"; readonly expected: string; readonly actual: string } | undefined => {
  if (settings.integrity !== "md5" && answered.crc64 !== undefined && answered.crc64 !== ours.crc64) {
    return { algorithm: "crc64", expected: String(ours.crc64), actual: String(answered.crc64) }
  }
  const md5 = isMd5.exec(answered.eTag)?.[1]
  const ourMd5 = ours.md5 === undefined ? undefined : Encoding.encodeHex(ours.md5)
  if (ourMd5 !== undefined && md5 !== undefined && md5 !== ourMd5) {
    return { algorithm: "md5", expected: ourMd5, actual: md5 }
  }
  return undefined
}

const proven = (
  target: Target,
  sent: Sent,
  answered: Answered,
  settings: Settings,
  md5?: Uint8Array
): Effect.Effect<Sent, IntegrityError> => {
  const wrong = mismatch(answered, { crc64: sent.crc64, md5 }, settings)
  return wrong === undefined
    ? Effect.succeed(sent)
    : Effect.fail(new IntegrityError({ operation: "uploadPart", ...target, partNumber: sent.partNumber, ...wrong }))
}

/** Where it was asked for: it costs four times the CRC64. */
export const md5Of = (
  bytes: Uint8Array,
  settings: Pick<Settings, "integrity">
): Effect.Effect<Uint8Array | undefined, never, CosClient> =>
  settings.integrity === "crc64"
    ? Effect.succeed(undefined)
    : Effect.map(CosClient, ({ hash }) => {
        const digest = hash.md5()
        digest.update(bytes)
        return digest.digest()
      })

/** Sends bytes that are in memory. */
export const sendBytes = (
  target: Target,
  uploadId: string,
  partNumber: number,
  bytes: Uint8Array,
  repeated: Repeated,
  settings: Settings
): Effect.Effect<Sent, SendError, CosClient> =>
  Effect.gen(function* () {
    const crc64 = Crc64.of(bytes)
    const md5 = yield* md5Of(bytes, settings)
    const contentMd5 = md5 === undefined ? undefined : Encoding.encodeBase64(md5)
    const input = { ...target, ...repeated, uploadId, partNumber, body: bytes, contentMd5 }
    const send = Effect.flatMap(multipart.uploadPart(input), (answered) =>
      proven(target, { partNumber, eTag: answered.eTag, size: bytes.byteLength, crc64 }, answered, settings, md5)
    )
    return yield* Effect.retry(send, resent)
  })

/** Bytes that are read at once of a part that is too large for a buffer. */
export const blockSize = 1024 * 1024

/**
 * Sends a part as a stream that is read block by block, and read again for every attempt. Each block is a buffer of its
 * own: how long a transport holds what it was given cannot be known.
 */
export const sendStream = (
  target: Target,
  uploadId: string,
  part: Part,
  reader: Reader,
  repeated: Repeated,
  settings: Settings,
  inFlight: InFlight
): Effect.Effect<Sent, SendError, CosClient> =>
  Effect.suspend(() => {
    const { partNumber, size } = part
    let crc = Crc64.make()
    let given = 0
    const landed = Effect.suspend(() => {
      const bytes = given
      given = 0
      return inFlight(-bytes)
    })
    const blocks = Effect.map(landed, () => {
      crc = Crc64.make()
      return Stream.range(0, Math.ceil(size / blockSize) - 1, 1).pipe(
        Stream.mapEffect((i) => {
          const at = i * blockSize
          const length = Math.min(blockSize, size - at)
          return reader.read(part.offset + at, length, () => new Uint8Array(length))
        }),
        Stream.tap((block) =>
          Effect.suspend(() => {
            crc.update(block)
            given += block.byteLength
            return inFlight(block.byteLength)
          })
        )
      )
    })
    const body = Body.stream(Stream.unwrap(blocks), { size, replayable: true })
    const send = Effect.flatMap(
      multipart.uploadPart({ ...target, ...repeated, uploadId, partNumber, body }),
      (answered) => proven(target, { partNumber, eTag: answered.eTag, size, crc64: crc.value }, answered, settings)
    )
    return Effect.ensuring(Effect.retry(send, resent), landed)
  })
