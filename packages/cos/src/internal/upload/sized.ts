/** Uploads of known size: one request, or parts that are sent side by side, resumed, and made the object. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type { CosClient } from "../../CosClient.js"
import * as CosError from "../../CosError.js"
import { CosTransport } from "../../CosTransport.js"
import * as Crc64 from "../../Crc64.js"
import * as object from "../../operations/object.js"
import type { Target as Input, Result } from "../../Upload.js"
import * as progress from "../progress.js"
import { complete } from "./complete.js"
import * as parts from "./part.js"
import * as plan from "./plan.js"
import * as resume from "./resume.js"
import * as session from "./session.js"
import type { Settings } from "./settings.js"
import type { Reader, Source } from "./source.js"

/** A worker's reader and its buffer, which is made when first needed and then used again. */
interface Slot {
  readonly reader: Reader
  readonly buffer: () => Uint8Array
}

const makeSlot = (source: Source, size: number) =>
  Effect.map(source.open, (reader): Slot => {
    let buffer: Uint8Array | undefined
    return { reader, buffer: () => (buffer ??= Crc64.allocate(size)) }
  })

export const makeSlots = (source: Source, count: number, size: number) =>
  Effect.gen(function* () {
    const slots = yield* Queue.bounded<Slot>(count)
    yield* Effect.replicateEffect(
      Effect.flatMap(makeSlot(source, size), (slot) => Queue.offer(slots, slot)),
      count
    )
    return <A, E, R>(use: (slot: Slot) => Effect.Effect<A, E, R>) =>
      Effect.acquireUseRelease(Queue.take(slots), use, (slot) => Queue.offer(slots, slot))
  })

/** CRC64 of all parts one after another. */
export const crcOf = (sent: ReadonlyArray<{ readonly crc64: bigint; readonly size: number }>): bigint =>
  sent.reduce((crc, part) => Crc64.combine(crc, part.crc64, part.size), 0n)

export const repeatedOf = (input: Input): parts.Repeated => ({
  trafficLimit: input.trafficLimit,
  customerKey: input.customerKey
})

/** Fails, and removes the object if asked, when what is stored is not what was sent. */
export const verifyStored = (
  input: Input,
  stored: { readonly eTag: string; readonly crc64?: bigint | undefined; readonly versionId?: string | undefined },
  crc64: bigint,
  settings: Settings
): Effect.Effect<void, CosError.IntegrityError, CosClient> => {
  if (settings.integrity === "md5" || stored.crc64 === undefined || stored.crc64 === crc64) return Effect.void
  const target = { key: input.key, bucket: input.bucket, region: input.region }
  const remove =
    settings.onMismatch === "delete"
      ? Effect.ignoreLogged(object.deleteObject({ ...target, versionId: stored.versionId }))
      : Effect.void
  return Effect.zipRight(
    remove,
    Effect.fail(
      new CosError.IntegrityError({
        operation: "upload",
        algorithm: "crc64",
        expected: String(crc64),
        actual: String(stored.crc64),
        bucket: input.bucket,
        key: input.key
      })
    )
  )
}

/** One request. */
export const single = (input: Input, bytes: Uint8Array, settings: Settings) =>
  Effect.gen(function* () {
    const crc64 = Crc64.of(bytes)
    const md5 = yield* parts.md5Of(bytes, settings)
    const contentMd5 = md5 === undefined ? undefined : Encoding.encodeBase64(md5)
    const stored = yield* object.putObject({ ...input, body: bytes, contentMd5 })
    yield* verifyStored(input, stored, crc64, settings)
    return { key: input.key, size: bytes.byteLength, eTag: stored.eTag, versionId: stored.versionId, crc64 }
  })

const isInterrupted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)

export const unfinishedOf =
  (settings: Settings): session.Unfinished =>
  (exit) =>
    isInterrupted(exit) ? settings.onInterrupt : settings.onFailure

const readAll = (source: Source) =>
  Effect.scoped(
    Effect.flatMap(source.open, (reader) =>
      source.size === 0
        ? Effect.succeed(new Uint8Array(0))
        : reader.read(0, source.size, () => Crc64.allocate(source.size))
    )
  )

export const upload = (input: Input, source: Source, settings: Settings, resumeFrom: resume.From) =>
  Effect.gen(function* () {
    if (source.size === 0 || (source.size <= settings.threshold && source.size <= settings.maxPartBuffer)) {
      const meter = yield* progress.make({ ...settings.progress, total: source.size })
      const bytes = yield* readAll(source)
      yield* source.verify
      const result = yield* single(input, bytes, settings)
      yield* meter.add(source.size)
      yield* meter.finish
      return { ...result, parts: 0, resumedParts: 0 } satisfies Result
    }
    return yield* multipart(input, source, settings, resumeFrom)
  }).pipe(Effect.scoped)

const multipart = (input: Input, source: Source, settings: Settings, resumeFrom: resume.From) =>
  Effect.gen(function* () {
    const partSize = yield* plan.partSizeFor(source.size, settings.partSize)
    const buffered = partSize <= settings.maxPartBuffer
    if (!buffered && !(yield* CosTransport).contentLength) {
      return yield* new CosError.InvalidInput({
        operation: "upload",
        field: "partSize",
        limit: `at most maxPartBuffer (${settings.maxPartBuffer} bytes): this HTTP client sends a stream without its length`
      })
    }
    const planned = plan.parts(source.size, partSize)
    const meter = yield* progress.make({ ...settings.progress, total: source.size, partsTotal: planned.length })
    const target: session.Target = { key: input.key, bucket: input.bucket, region: input.region }
    const repeated = repeatedOf(input)

    const unfinished = unfinishedOf(settings)
    const identity = yield* resume.identify(input, source, partSize)
    const found = yield* resume.find(target, identity, resumeFrom, settings.limits)
    const opened = Option.isSome(found)
      ? yield* session.resume(target, found.value.uploadId, settings.limits, unfinished)
      : yield* session.open(input, settings.limits, unfinished)
    const journal = yield* resume.journal(identity, opened.uploadId, resumeFrom, unfinished)

    const bufferSize = buffered ? partSize : parts.blockSize
    const withSlot = yield* makeSlots(source, settings.concurrency, bufferSize)
    const done = new Map<number, parts.Sent>()

    /** Parts that an earlier run sent are believed only when their bytes are still these. */
    const reusable = Option.match(found, { onNone: () => [], onSome: ({ parts }) => parts })
    yield* Effect.forEach(
      reusable,
      (known) => {
        const part = planned[known.partNumber - 1]
        if (part === undefined || part.size !== known.size) return Effect.void
        return withSlot((slot) => resume.check(part, known, slot.reader, slot.buffer, bufferSize)).pipe(
          Effect.tap((checked) => {
            if (Option.isNone(checked)) return Effect.void
            done.set(part.partNumber, checked.value)
            return meter.resumed(part.size, 1)
          })
        )
      },
      { concurrency: settings.concurrency, discard: true }
    )
    const resumedParts = done.size

    const send = (part: plan.Part) =>
      withSlot((slot) =>
        buffered
          ? Effect.flatMap(slot.reader.read(part.offset, part.size, slot.buffer), (bytes) =>
              parts.sendBytes(target, opened.uploadId, part.partNumber, bytes, repeated, settings)
            )
          : parts.sendStream(target, opened.uploadId, part, slot.reader, slot.buffer, repeated, settings)
      ).pipe(
        Effect.tap((sent) => {
          done.set(sent.partNumber, sent)
          return Effect.zipRight(journal.note(done.values()), meter.add(sent.size, 1))
        })
      )
    const sendAll = (some: ReadonlyArray<plan.Part>) =>
      Effect.forEach(some, send, { concurrency: settings.concurrency, discard: true })

    yield* sendAll(planned.filter((part) => !done.has(part.partNumber)))
    yield* source.verify

    const finish = Effect.suspend(() => {
      const sent = planned.map((part) => done.get(part.partNumber) as parts.Sent)
      const expected = { size: source.size, crc64: crcOf(sent) }
      return Effect.map(
        complete(
          {
            ...target,
            uploadId: opened.uploadId,
            parts: sent.map(({ eTag, partNumber }) => ({ partNumber, eTag })),
            overwrite: input.overwrite
          },
          opened,
          expected,
          repeated,
          settings.limits
        ),
        (completed) => ({ completed, crc64: expected.crc64 })
      )
    })
    // The server lacks a part that it had acknowledged: what it lacks is sent again, once.
    const { completed, crc64 } = yield* Effect.catchTag(finish, "InvalidPart", () =>
      Effect.gen(function* () {
        const held = yield* session.partsOnServer(target, opened.uploadId)
        for (const part of planned) {
          const onServer = Array.from(held).find(({ partNumber }) => partNumber === part.partNumber)
          if (onServer?.eTag !== done.get(part.partNumber)?.eTag) done.delete(part.partNumber)
        }
        yield* sendAll(planned.filter((part) => !done.has(part.partNumber)))
        return yield* finish
      })
    )
    yield* journal.discard
    yield* verifyStored(input, completed, crc64, settings)
    yield* meter.finish
    return {
      key: input.key,
      size: source.size,
      eTag: completed.eTag,
      versionId: completed.versionId,
      crc64,
      parts: planned.length,
      resumedParts
    } satisfies Result
  })
