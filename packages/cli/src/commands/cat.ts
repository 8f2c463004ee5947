import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import { parseObject } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import { noLines, Output } from "../contract/output.js"
import * as Values from "../contract/values.js"

/** Reads `0-99`, `100-` and `-100`. */
const readRange = (text: string): Either.Either<Cos.Range, UsageError> => {
  const [, start = "", end = ""] = /^(\d*)-(\d*)$/.exec(text) ?? []
  if (start !== "" && (end === "" || Number(end) >= Number(start))) {
    return Either.right({ start: Number(start), end: end === "" ? undefined : Number(end) })
  }
  if (start === "" && Number(end) > 0) return Either.right({ last: Number(end) })
  const message = `--range ${JSON.stringify(text)} is no range of bytes`
  return Either.left(
    new UsageError({ message, advice: "Write 0-99 for the first hundred, 100- for the rest, -100 for the last" })
  )
}

export const command = make(
  {
    name: "cat",
    summary: "Write objects to standard output",
    description: "The bytes are compared with the object's checksum; where they differ, the exit code is 7.",
    examples: [
      ["cos cat cos:///app.log | grep ERROR", "a stream, not held in memory"],
      ["cos cat --range -1024 cos:///app.log", "the last KiB"]
    ],
    changes: false
  },
  {
    range: Values.text("range", "FIRST-LAST", "these bytes: 0-99, 100-, or -100 for the last"),
    versionId: Values.versionId,
    addresses: Values.addresses("objects, one after the other")
  },
  ({ addresses, range, versionId }) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        yield* noLines("the object")
        const bytes = range === undefined ? undefined : yield* readRange(range)
        const objects = yield* Effect.forEach(addresses, parseObject)
        for (const { bucket, key } of objects) {
          yield* Stream.runForEach(Download.stream({ bucket, key, versionId, range: bytes }), output.bytes)
        }
      })
    )
)
