/** Uploads of unknown length: filled into part buffers as it comes, and sent while the next ones fill. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import * as Take from "effect/Take"
import { TooManyParts } from "../../CosError.js"
import * as Crc64 from "../../Crc64.js"
import type { Target as Input, Result } from "../../Upload.js"
import * as progress from "../progress.js"
import { complete } from "./complete.js"
import { crcOf, unfinishedOf, verifyStored } from "./multipart.js"
import * as parts from "./part.js"
import * as plan from "./plan.js"
import * as session from "./session.js"
import type { Settings } from "./settings.js"
import { repeatedOf, single } from "./sized.js"

interface Filled {
  readonly buffer: Uint8Array
  /** The part of it that holds bytes of the source. */
  readonly bytes: Uint8Array
  readonly last: boolean
}

/** Cuts a stream into buffers of one size, the last one shorter; an empty stream gives one empty buffer. */
const fill = <E, R>(source: Stream.Stream<Uint8Array, E, R>, size: number, takeBuffer: Effect.Effect<Uint8Array>) =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(source)
    let rest: ReadonlyArray<Uint8Array> = []
    let ended = false

    /** The next bytes, none at the end. */
    const next = Effect.suspend(() => {
      const [first, ...others] = rest
      if (first !== undefined) {
        rest = others
        return Effect.succeed(Option.some(first))
      }
      return Effect.matchEffect(pull, {
        onFailure: (end) =>
          Option.match(end, {
            onNone: () => {
              ended = true
              return Effect.succeedNone
            },
            onSome: Effect.fail
          }),
        onSuccess: (chunk) => {
          rest = Chunk.toReadonlyArray(chunk)
          return Effect.succeed(Option.some(new Uint8Array(0)))
        }
      })
    })

    /** One full buffer, or what is left. */
    const buffer: Effect.Effect<Filled, E, R> = Effect.gen(function* () {
      const target = yield* takeBuffer
      let filled = 0
      while (filled < size && !ended) {
        const bytes = Option.getOrUndefined(yield* next)
        if (bytes === undefined) break
        const fits = bytes.subarray(0, size - filled)
        target.set(fits, filled)
        filled += fits.byteLength
        if (fits.byteLength < bytes.byteLength) rest = [bytes.subarray(fits.byteLength), ...rest]
      }
      return { buffer: target, bytes: target.subarray(0, filled), last: ended }
    })
    return buffer
  })

export const upload = <E, R>(input: Input, source: Stream.Stream<Uint8Array, E, R>, settings: Settings) =>
  Effect.gen(function* () {
    const meter = yield* progress.make(settings.progress)
    // One more than is sent at once, to be filled meanwhile.
    const free = yield* Queue.bounded<Uint8Array>(settings.concurrency + 1)
    let made = 0
    const takeBuffer = Effect.flatMap(Queue.poll(free), (buffer) => {
      if (Option.isSome(buffer)) return Effect.succeed(buffer.value)
      if (made > settings.concurrency) return Queue.take(free)
      made += 1
      return Effect.sync(() => Crc64.allocate(settings.partSize))
    })
    const next = yield* fill(source, settings.partSize, takeBuffer)

    const first = yield* next
    if (first.last) {
      const result = yield* single(input, first.bytes, settings)
      yield* meter.add(result.size)
      yield* meter.finish
      return { ...result, parts: 0, resumedParts: 0 } satisfies Result
    }

    const target: session.Target = { key: input.key, bucket: input.bucket, region: input.region }
    const repeated = repeatedOf(input)
    const opened = yield* session.open(input, settings.limits, unfinishedOf(settings))

    const send = Effect.fnUntraced(function* (partNumber: number, bytes: Uint8Array) {
      if (partNumber > plan.maxParts) return yield* tooMany(settings)
      const sent = yield* parts.sendBytes(target, opened.uploadId, partNumber, bytes, repeated, settings)
      yield* meter.add(sent.size, 1)
      return sent
    })
    const sent = yield* Stream.unfoldEffect({ filled: Option.some(first), last: false }, ({ filled, last }) =>
      last
        ? Effect.succeedNone
        : Effect.map(Option.match(filled, { onNone: () => next, onSome: Effect.succeed }), (current) =>
            Option.some([current, { filled: Option.none<Filled>(), last: current.last }] as const)
          )
    ).pipe(
      Stream.filter(({ bytes }) => bytes.byteLength > 0),
      Stream.zipWithIndex,
      Stream.mapEffect(
        ([{ buffer, bytes }, i]) => send(i + 1, bytes).pipe(Effect.ensuring(Queue.offer(free, buffer))),
        {
          concurrency: settings.concurrency
        }
      ),
      Stream.runCollect,
      Effect.map(Chunk.toReadonlyArray)
    )

    const expected = { size: sent.reduce((size, part) => size + part.size, 0), crc64: crcOf(sent) }
    const completed = yield* complete(
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
    )
    yield* verifyStored(input, completed, expected.crc64, settings)
    yield* meter.finish
    return {
      key: input.key,
      ...expected,
      eTag: completed.eTag,
      versionId: completed.versionId,
      parts: sent.length,
      resumedParts: 0
    } satisfies Result
  }).pipe(Effect.scoped)

const tooMany = ({ partSize }: Settings) =>
  new TooManyParts({ size: plan.maxParts * partSize + 1, partSize, limit: plan.maxParts })

/** The same, fed by a stream that runs into it. */
export const sink = (input: Input, settings: Settings) =>
  Sink.unwrapScoped(
    Effect.gen(function* () {
      const takes = yield* Queue.bounded<Take.Take<Uint8Array>>(2)
      const uploading = yield* upload(input, Stream.flattenTake(Stream.fromQueue(takes)), settings).pipe(
        // Whoever is offering must not wait for a reader that is gone.
        Effect.onError(() => Effect.forkDaemon(Effect.zipRight(Queue.takeAll(takes), Queue.shutdown(takes)))),
        Effect.forkScoped
      )
      const push = (chunk: Chunk.Chunk<Uint8Array>) =>
        Effect.raceFirst(Queue.offer(takes, Take.chunk(chunk)), Fiber.join(uploading))
      return Sink.forEachChunk(push).pipe(
        Sink.mapEffect(() => Effect.zipRight(Queue.offer(takes, Take.end), Fiber.join(uploading)))
      )
    })
  )
