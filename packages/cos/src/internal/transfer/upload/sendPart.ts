/** One part: read, sent, and verified by the response. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Body from "../../../Body.js"
import { CosClient } from "../../../CosClient.js"
import { IntegrityError } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import type * as Hash from "../../../Hash.js"
import type * as Operation from "../../../Operation.js"
import * as multipart from "../../../operations/multipart.js"
import * as fields from "../../operation/fields.js"
import { run } from "../../operation/runner.js"
import { ownTurn } from "../eventLoopTurn.js"
import type { Part } from "../parts.js"
import { hiddenETag } from "./hiddenETag.js"
import type { ObjectLocation } from "./session.js"
import type { Settings } from "./settings.js"
import { blockSize, type Reader } from "./source.js"

/** A part that the server acknowledged and holds. Its CRC64 is known where this run sent it, or an earlier one noted it. */
export interface AcknowledgedPart {
  readonly partNumber: number
  readonly eTag: string
  readonly size: number
  readonly crc64: bigint | undefined
}

/** A part whose bytes we sent, so that their CRC64 is known. */
export interface SentPart extends AcknowledgedPart {
  readonly crc64: bigint
}

export type SendError = Operation.Error<typeof multipart.uploadPart> | IntegrityError

/** Called with the bytes that the transport was given, and with their negative once they were acknowledged or lost. */
export type InFlight = (bytes: number) => Effect.Effect<void>

/** The fields of an upload that every request for a part repeats. */
export type PartOptions = Pick<
  Operation.Input<typeof multipart.uploadPart>,
  "trafficLimit" | "mimeLimit" | "customerKey"
>

/** Sends a part again that was damaged on the way. `Effect.retry` costs a third of a request where nothing fails. */
const resent = (
  send: Effect.Effect<SentPart, SendError, CosClient>,
  times = 2
): Effect.Effect<SentPart, SendError, CosClient> =>
  Effect.catchAll(send, (error) =>
    error._tag === "IntegrityError" && times > 0 ? resent(send, times - 1) : Effect.fail(error)
  )

/** An ETag that is an MD5. With SSE-KMS and SSE-C it is not. */
const isMd5 = /^"?([0-9a-f]{32})"?$/

/** As `uploadPart`, but a browser may hide the ETag: it is looked up before the parts become the object. */
const partSpec: Operation.SpecData = {
  ...multipart.uploadPart.spec,
  success: Schema.Struct({ ...fields.eTag, ...fields.crc64 })
}

const uploadPart = (input: Operation.Input<typeof multipart.uploadPart>) =>
  Effect.map(
    run(partSpec, { ...input }) as Effect.Effect<
      { readonly value: { readonly eTag?: string; readonly crc64?: bigint } },
      Operation.Error<typeof multipart.uploadPart>,
      CosClient
    >,
    ({ value }): PartResponse => ({ ...value, eTag: value.eTag ?? hiddenETag })
  )

interface PartResponse {
  readonly eTag: string
  readonly crc64?: bigint | undefined
}

/** The first checksum by which the response does not fit the bytes. */
const mismatch = (
  response: PartResponse,
  ours: { readonly crc64: bigint; readonly md5?: Uint8Array | undefined },
  settings: Pick<Settings, "integrity">
): { readonly algorithm: "crc64" | "md5"; readonly expected: string; readonly actual: string } | undefined => {
  if (settings.integrity !== "md5" && response.crc64 !== undefined && response.crc64 !== ours.crc64) {
    return { algorithm: "crc64", expected: String(ours.crc64), actual: String(response.crc64) }
  }
  const md5 = isMd5.exec(response.eTag)?.[1]
  const ourMd5 = ours.md5 === undefined ? undefined : Encoding.encodeHex(ours.md5)
  if (ourMd5 !== undefined && md5 !== undefined && md5 !== ourMd5) {
    return { algorithm: "md5", expected: ourMd5, actual: md5 }
  }
  return undefined
}

const verify = (
  location: ObjectLocation,
  sent: SentPart,
  response: PartResponse,
  settings: Settings,
  md5?: Uint8Array
): Effect.Effect<SentPart, IntegrityError> => {
  const wrong = mismatch(response, { crc64: sent.crc64, md5 }, settings)
  return wrong === undefined
    ? Effect.succeed(sent)
    : Effect.fail(new IntegrityError({ operation: "uploadPart", ...location, partNumber: sent.partNumber, ...wrong }))
}

interface PartChecksums {
  readonly crc64: bigint
  readonly md5: Uint8Array | undefined
}

/** From so many bytes on, summing them, and handing them to the socket, keeps the event loop for three milliseconds or more. */
const large = 8 * 1024 * 1024

/**
 * The CRC64 of a part that is sent next, and its MD5 where the caller chose it: it costs four times the CRC64. A large part
 * is summed in one turn of the event loop, and sent in another.
 */
export const partChecksums = (
  bytes: Uint8Array,
  { integrity }: Pick<Settings, "integrity">
): Effect.Effect<PartChecksums, never, CosClient> => {
  const sums = Effect.withFiberRuntime<PartChecksums, never, CosClient>(({ currentContext }) => {
    const { hash } = Context.unsafeGet(currentContext, CosClient)
    const md5 = integrity === "crc64" ? undefined : hash.md5()
    md5?.update(bytes)
    return Effect.succeed({ crc64: Crc64.of(bytes), md5: md5?.digest() })
  })
  return bytes.byteLength < large ? sums : ownTurn.pipe(Effect.zipRight(sums), Effect.zipLeft(ownTurn))
}

/** Sends bytes that are in memory. */
export const sendBytes = (
  location: ObjectLocation,
  uploadId: string,
  partNumber: number,
  bytes: Uint8Array,
  partOptions: PartOptions,
  settings: Settings
): Effect.Effect<SentPart, SendError, CosClient> =>
  Effect.flatMap(partChecksums(bytes, settings), ({ crc64, md5 }) => {
    const contentMd5 = md5 === undefined ? undefined : Encoding.encodeBase64(md5)
    const input = { ...location, ...partOptions, uploadId, partNumber, body: bytes, contentMd5 }
    const send = Effect.flatMap(uploadPart(input), (response) =>
      verify(location, { partNumber, eTag: response.eTag, size: bytes.byteLength, crc64 }, response, settings, md5)
    )
    return resent(send)
  })

/** Checksums of the bytes that were read last. */
export interface Checksums {
  readonly crc64: () => bigint
  readonly md5: () => Uint8Array | undefined
}

/**
 * Bytes of a source, block by block, for every attempt from the beginning. Each block is a buffer of its own, since nobody
 * can tell how long a transport holds on to what it was given. The last one is given away only if `beforeLast` succeeds.
 */
export const blocksOf = (
  { offset, size }: Pick<Part, "offset" | "size">,
  inFlight: InFlight,
  options: {
    readonly makeMd5?: (() => Hash.Digest) | undefined
    readonly beforeLast?: ((crc64: () => bigint) => Effect.Effect<void, unknown>) | undefined
  } = {}
) => {
  const { beforeLast = () => Effect.void, makeMd5 = () => undefined } = options
  let crc = Crc64.make()
  let md5 = makeMd5()
  let inTransport = 0
  const clear = Effect.suspend(() => {
    const bytes = inTransport
    inTransport = 0
    return inFlight(-bytes)
  })
  const read = (reader: Reader<unknown>): Stream.Stream<Uint8Array, unknown> => {
    const blocks = Stream.range(0, Math.ceil(size / blockSize) - 1, 1).pipe(
      Stream.mapEffect((i) => {
        const at = i * blockSize
        const length = Math.min(blockSize, size - at)
        return Effect.tap(
          reader.read(offset + at, length, () => new Uint8Array(length + 1)),
          (block) => {
            crc.update(block)
            md5?.update(block)
            inTransport += block.byteLength
            const isLast = at + length === size
            return Effect.zipRight(isLast ? beforeLast(() => crc.value) : Effect.void, inFlight(block.byteLength))
          }
        )
      })
    )
    return Stream.unwrap(
      Effect.map(clear, () => {
        crc = Crc64.make()
        md5 = makeMd5()
        return blocks
      })
    )
  }
  const checksums: Checksums = { crc64: () => crc.value, md5: () => md5?.digest() }
  return { read, clear, ...checksums }
}

/** Sends a part as a stream that is read block by block, and read again for every attempt. */
export const sendStream = (
  location: ObjectLocation,
  uploadId: string,
  part: Part,
  reader: Reader<unknown>,
  partOptions: PartOptions,
  settings: Settings,
  inFlight: InFlight
): Effect.Effect<SentPart, SendError, CosClient> =>
  Effect.gen(function* () {
    const { partNumber, size } = part
    const { hash } = yield* CosClient
    const blocks = blocksOf(part, inFlight, { makeMd5: settings.integrity === "crc64" ? undefined : hash.md5 })
    const body = Body.stream(blocks.read(reader), { size, replayable: true })
    const send = Effect.flatMap(uploadPart({ ...location, ...partOptions, uploadId, partNumber, body }), (response) =>
      verify(
        location,
        { partNumber, eTag: response.eTag, size, crc64: blocks.crc64() },
        response,
        settings,
        blocks.md5()
      )
    )
    return yield* Effect.ensuring(resent(send), blocks.clear)
  })
