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
  /** The fields before the file, by lower-case name. What follows the file is not read. */
  readonly fields: ReadonlyMap<string, string>
  readonly file: {
    /** The name of the file without its folders. */
    readonly name: string
    readonly content: Stream.Stream<Uint8Array, E | CosFailure>
  }
}

/** Limits for the fields before the file and their bytes: anybody may send them, and they stay in memory. */
const maxFields = 100
const maxBytesBeforeFile = 256 * 1024

/** The longest boundary that RFC 2046 allows, in characters. */
const maxBoundary = 70

const malformed = (reason: string): CosFailure =>
  failure("MalformedPOSTRequest", { message: `The form is not well-formed: ${reason}.` })

/**
 * Bytes that arrive in pieces of any size. The memory grows by doubling, so that many small pieces cost no more than a few.
 */
const makeBuffer = (start: Buffer) => {
  let room = Buffer.alloc(64 * 1024)
  let from = 0
  let to = start.copy(room)
  return {
    /** What has arrived and was not taken yet. The next `add` overwrites it. */
    view: (): Buffer => room.subarray(from, to),
    take: (length: number): void => {
      from += length
    },
    add: (piece: Uint8Array): void => {
      if (to + piece.length > room.length) {
        const left = to - from
        const next = left + piece.length > room.length / 2 ? Buffer.alloc(2 * (left + piece.length)) : room
        room.copy(next, 0, from, to)
        room = next
        from = 0
        to = left
      }
      room.set(piece, to)
      to += piece.length
    }
  }
}

const decodeUtf8 = (bytes: Uint8Array): Effect.Effect<string, CosFailure> =>
  Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    catch: () => malformed("a field is not UTF-8")
  })

/** One parameter of a header: `; name=value` or `; name="value"`. */
const parameter = /\s*;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))/y

/** The parameters of a part's Content-Disposition by lower-case name, each read once from left to right. */
const dispositionOf = (head: string): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>()
  const line = head.split("\r\n").find((line) => /^content-disposition:/i.test(line)) ?? ""
  parameter.lastIndex = Math.max(0, line.indexOf(";"))
  for (let match = parameter.exec(line); match !== null; match = parameter.exec(line)) {
    parameters.set((match[1] ?? "").toLowerCase(), (match[2] ?? match[3] ?? "").replace(/\\(["\\])/g, "$1"))
  }
  return parameters
}

/** Reads up to the beginning of the file, which is to be read within the scope. */
export const read = <E>(
  body: Stream.Stream<Uint8Array, E>,
  contentType: string
): Effect.Effect<Form<E>, E | CosFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const match = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
    const boundary = match?.[1] ?? match?.[2] ?? ""
    if (boundary === "" || boundary.length > maxBoundary) {
      return yield* malformed("Content-Type is not multipart/form-data with a boundary of at most 70 characters")
    }
    const delimiter = Buffer.from(`\r\n--${boundary}`)
    const pull = yield* Stream.toPull(body)
    // No line end stands before the first delimiter, so one is added.
    const buffer = makeBuffer(Buffer.from("\r\n"))
    let taken = 0

    const readMore: Effect.Effect<unknown, E | CosFailure> = pull.pipe(
      Effect.mapError(Option.getOrElse(() => malformed("it ends early"))),
      Effect.tap((chunks) =>
        Effect.sync(() => {
          for (const chunk of chunks) buffer.add(chunk)
        })
      )
    )
    /** Takes everything up to `end`, and `end` itself, which is left out. */
    const readUntil = (end: Buffer): Effect.Effect<string, E | CosFailure> =>
      Effect.gen(function* () {
        for (let from = 0; ; yield* readMore) {
          const view = buffer.view()
          const at = view.indexOf(end, from)
          const length = at < 0 ? view.length : at + end.length
          if (taken + length > maxBytesBeforeFile) {
            return yield* malformed(`more than ${maxBytesBeforeFile} bytes stand before the file`)
          }
          if (at >= 0) {
            const text = yield* decodeUtf8(view.subarray(0, at))
            buffer.take(length)
            taken += length
            return text
          }
          from = Math.max(0, view.length - end.length)
        }
      })
    let ended = false
    /** Takes what has arrived of the file, except for what may be the beginning of the delimiter. */
    const nextFileChunk: Effect.Effect<Uint8Array, Option.Option<E | CosFailure>> = Effect.suspend(() => {
      if (ended) return Effect.fail(Option.none())
      const view = buffer.view()
      const at = view.indexOf(delimiter)
      ended = at >= 0
      const length = ended ? at : Math.max(0, view.length - delimiter.length)
      if (length === 0 && !ended) return Effect.zipRight(Effect.mapError(readMore, Option.some), nextFileChunk)
      const bytes = Uint8Array.prototype.slice.call(view, 0, length)
      buffer.take(length)
      return Effect.succeed(bytes)
    })

    const fields = new Map<string, string>()
    yield* readUntil(delimiter)
    while (true) {
      const mark = yield* readUntil(lineEnd)
      if (mark === "--") return yield* failure("IncorrectNumberOfFilesInPostRequest")
      const disposition = dispositionOf(yield* readUntil(headEnd))
      const name = disposition.get("name")?.toLowerCase()
      if (name === undefined) return yield* malformed("a part has no name")
      if (name === "file") {
        const file = disposition.get("filename") ?? ""
        const content = Stream.repeatEffectOption(nextFileChunk)
        return {
          fields,
          file: { name: file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1), content }
        }
      }
      if (fields.has(name)) return yield* malformed(`the field ${name} is given twice`)
      if (fields.size === maxFields) return yield* malformed(`more than ${maxFields} fields stand before the file`)
      fields.set(name, yield* readUntil(delimiter))
    }
  })

const lineEnd = Buffer.from("\r\n")
const headEnd = Buffer.from("\r\n\r\n")
