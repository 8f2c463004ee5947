/** `selectObjectContent`: events, however the network cuts them, and what makes a selection fail. */
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as EventStream from "effect-cos/EventStream"
import { resultOf } from "../support/result.js"
import * as Scripted from "../support/ScriptedClient.js"

const key = "key"

describe("selectObjectContent", () => {
  const select = Cos.selectObjectContent({
    key,
    expression: "select * from COSObject",
    input: { json: { type: "LINES" } },
    output: { json: {} }
  })
  const event = (type: string, payload = "") =>
    EventStream.encode({
      headers: [
        [":message-type", "event"],
        [":event-type", type]
      ],
      payload: Buffer.from(payload)
    })
  const counts = (root: string) =>
    `<${root}><BytesScanned>1</BytesScanned><BytesProcessed>2</BytesProcessed><BytesReturned>3</BytesReturned></${root}>`
  const messages = [
    event("Records", '{"a":1}\n{"a'),
    event("Cont"),
    event("Progress", counts("Progress")),
    event("New", "later versions may say more"),
    event("Records", '":2}\n'),
    event("Stats", counts("Stats")),
    event("End")
  ]
  const events = (...chunks: ReadonlyArray<Uint8Array>) =>
    resultOf(
      Effect.map(Stream.runCollect(select), (events) =>
        Chunk.toReadonlyArray(events).map((event) =>
          event._tag === "Records" ? { ...event, bytes: Buffer.from(event.bytes).toString() } : event
        )
      ),
      { body: Stream.fromIterable(chunks) }
    )
  const expected = [
    { _tag: "Records", bytes: '{"a":1}\n{"a' },
    { _tag: "Continuation" },
    { _tag: "Progress", bytesScanned: 1, bytesProcessed: 2, bytesReturned: 3 },
    { _tag: "Records", bytes: '":2}\n' },
    { _tag: "Stats", bytesScanned: 1, bytesProcessed: 2, bytesReturned: 3 }
  ]
  const whole = Buffer.concat(messages)

  it.effect("decodes the same events, however the body is cut into chunks", () =>
    Effect.gen(function* () {
      expect((yield* events(whole)).result).toEqual(Either.right(expected))
      const bytewise = Array.from(whole, (byte) => Uint8Array.of(byte))
      expect((yield* events(...bytewise)).result).toEqual(Either.right(expected))
    })
  )

  it.effect("fails if the stream ends without End", () =>
    Effect.gen(function* () {
      for (const length of [
        0,
        1,
        messages[0]?.length ?? 0,
        whole.length - (messages[6]?.length ?? 0),
        whole.length - 1
      ]) {
        const { result } = yield* events(whole.subarray(0, length))
        expect(result).toMatchObject({ left: { _tag: "MalformedResponse", operation: "selectObjectContent" } })
      }
    })
  )

  it.effect("fails for any damaged byte", () =>
    Effect.gen(function* () {
      for (let at = 0; at < whole.length; at += 7) {
        const damaged = Buffer.from(whole)
        damaged[at] = (damaged[at] ?? 0) ^ 1
        expect((yield* events(damaged)).result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      }
    })
  )

  it.effect("an error event fails with its code", () =>
    Effect.gen(function* () {
      const error = EventStream.encode({
        headers: [
          [":message-type", "error"],
          [":error-code", "OverMaxColumn"],
          [":error-message", "too many columns"]
        ]
      })
      expect((yield* events(event("Records", "a"), error)).result).toMatchObject({
        left: {
          _tag: "CosServiceError",
          code: "OverMaxColumn",
          message: "selectObjectContent: OverMaxColumn: too many columns"
        }
      })
    })
  )

  it.effect("Progress and Stats without counts are malformed", () =>
    Effect.gen(function* () {
      for (const payload of ["", "<Stats/>", counts("Stats").replace("1", "one")]) {
        const { result } = yield* events(event("Stats", payload), event("End"))
        expect(result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      }
    })
  )

  it.effect("an error response is an error of the stream", () =>
    Effect.gen(function* () {
      const { result } = yield* resultOf(Stream.runDrain(select), Scripted.error(404, "NoSuchKey"))
      expect(result).toMatchObject({ left: { _tag: "NoSuchKey" } })
    })
  )

  it.effect("exactly one input format and one output format are accepted", () =>
    Effect.gen(function* () {
      const refuse = (input: object, output: object) =>
        Effect.map(
          resultOf(Stream.runDrain(Cos.selectObjectContent({ key, expression: "", input, output }))),
          ({ result }) => result
        )
      expect(yield* refuse({}, { csv: {} })).toMatchObject({
        left: { _tag: "InvalidInput", field: "input", reason: "input must be one of csv, json, parquet" }
      })
      expect(yield* refuse({ csv: {}, parquet: true }, { csv: {} })).toMatchObject({ left: { field: "input" } })
      expect(yield* refuse({ csv: {} }, { csv: {}, json: {} })).toMatchObject({ left: { field: "output" } })
    })
  )
})
