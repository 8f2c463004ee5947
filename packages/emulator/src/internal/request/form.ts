/**
 * Reading `multipart/form-data`: the fields, and then the file as a stream.
 *
 * Not `@effect/platform`'s `Multipart`: its parser (0.97.2) never ends when the body ends inside a file.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type CosFailure, failure } from "./failure.js"

/** A form that uploads one file. */
export interface Form<E> {
  /** By lower-case name: those before the file; what follows it is not read. */
  readonly fields: ReadonlyMap<string, string>
  readonly file: {
    /** Without folders. */
    readonly name: string
    readonly content: Stream.Stream<Uint8Array, E | CosFailure>
  }
}

/** In bytes, of one field. */
const maxField = 1024 * 1024
/** In bytes, of all headers of one part. */
const maxHead = 16 * 1024

const malformed = (reason: string): CosFailure =>
  failure("MalformedPOSTRequest", { message: `The form is not well-formed: ${reason}.` })

const parameter = (head: string, name: string): string | undefined => {
  const match = new RegExp(`^content-disposition:.*;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, "im").exec(
    head
  )
  return match === null ? undefined : (match[1] ?? match[2] ?? "").replace(/\\(["\\])/g, "$1")
}

/** Reads up to the beginning of the file, which is to be read within the scope. */
export const read = <E>(
  body: Stream.Stream<Uint8Array, E>,
  contentType: string
): Effect.Effect<Form<E>, E | CosFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const match = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
    if (match === null) return yield* malformed("Content-Type is not multipart/form-data with a boundary")
    const delimiter = Buffer.from(`\r\n--${match[1] ?? match[2]}`)
    const pull = yield* Stream.toPull(body)
    // The first delimiter stands at the very beginning, where no line ends.
    let buffer: Buffer = Buffer.from("\r\n")

    const readMore: Effect.Effect<unknown, E | CosFailure> = pull.pipe(
      Effect.mapError(Option.getOrElse(() => malformed("it ends early"))),
      Effect.tap((chunks) =>
        Effect.sync(() => {
          buffer = Buffer.concat([buffer, ...chunks])
        })
      )
    )
    /** Takes what stands before `end`, and `end` itself. */
    const readUntil = (end: Buffer | string, limit: number): Effect.Effect<Buffer, E | CosFailure> =>
      Effect.gen(function* () {
        for (let from = 0; ; yield* readMore) {
          const at = buffer.indexOf(end, from)
          if (at >= 0) {
            const taken = buffer.subarray(0, at)
            buffer = buffer.subarray(at + end.length)
            return taken
          }
          if (buffer.length > limit) return yield* malformed("a field is too long")
          from = Math.max(0, buffer.length - end.length)
        }
      })
    let ended = false
    /** As much of the file as is there: all but what may be the beginning of the delimiter. */
    const nextFileChunk: Effect.Effect<Uint8Array, Option.Option<E | CosFailure>> = Effect.suspend(() => {
      if (ended) return Effect.fail(Option.none())
      const at = buffer.indexOf(delimiter)
      ended = at >= 0
      const length = ended ? at : Math.max(0, buffer.length - delimiter.length)
      if (length === 0 && !ended) return Effect.zipRight(Effect.mapError(readMore, Option.some), nextFileChunk)
      const bytes = buffer.subarray(0, length)
      buffer = buffer.subarray(length)
      return Effect.succeed(bytes)
    })

    const fields = new Map<string, string>()
    yield* readUntil(delimiter, maxField)
    while (true) {
      const mark = yield* readUntil("\r\n", maxHead)
      if (mark.toString() === "--") return yield* failure("IncorrectNumberOfFilesInPostRequest")
      const head = (yield* readUntil("\r\n\r\n", maxHead)).toString()
      const name = parameter(head, "name")?.toLowerCase()
      if (name === undefined) return yield* malformed("a part has no name")
      if (name === "file") {
        const file = parameter(head, "filename") ?? ""
        const content = Stream.repeatEffectOption(nextFileChunk)
        return {
          fields,
          file: { name: file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1), content }
        }
      }
      if (fields.has(name)) return yield* malformed(`the field ${name} is given twice`)
      fields.set(name, (yield* readUntil(delimiter, maxField)).toString())
    }
  })
