/** Reads a stream of Node, and notices all that can be wrong with it. */
import type { Readable } from "node:stream"
import type { StringDecoder } from "node:string_decoder"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as Option from "effect/Option"
import { InvalidInput, SourceFailed } from "effect-cos/CosError"

/** What has happened to a stream since it is listened to. */
interface Watched {
  readonly readable: Readable
  /** Somebody reads it, or has. */
  begun: boolean
  failure: { readonly cause: unknown } | undefined
  ended: boolean
  closed: boolean
  /** Called when one of these changes, or when there may be something to read. */
  wake: () => void
  readonly onReadable: () => void
}

const operation = "NodeReadable"

const invalid = (rule: string): InvalidInput =>
  new InvalidInput({ operation, field: "readable", reason: `readable ${rule}` })

const failed = (cause: unknown): SourceFailed => new SourceFailed({ operation, cause })

/** Texts of these encodings have all the bytes. */
const restorable: ReadonlySet<string> = new Set(["hex", "base64", "base64url", "latin1", "binary"])

/** How many bytes are taken at once. */
const mostAtOnce = 256 * 1024
const mostPieces = 1024

const describe = (value: unknown): string =>
  value === null || typeof value !== "object"
    ? `a value of type ${typeof value}`
    : "getReader" in value
      ? "a ReadableStream of the web (Readable.fromWeb makes one)"
      : "on" in value
        ? "a stream of before Node 0.10 (new Readable().wrap makes one)"
        : `a value of type ${Object.prototype.toString.call(value).slice(8, -1)}`

const isReadable = (value: unknown): value is Readable =>
  typeof value === "object" &&
  value !== null &&
  ["read", "on", "removeListener"].every((name) => typeof (value as { [name: string]: unknown })[name] === "function")

const watched = new WeakMap<object, Watched>()

/** Listens to a stream, so that an error that comes before it is read is not lost, and does not end the process. */
const watch = (readable: Readable): Watched => {
  const known = watched.get(readable)
  if (known !== undefined) return known
  const state: Watched = {
    readable,
    begun: false,
    failure: undefined,
    ended: false,
    closed: false,
    wake: constVoid,
    onReadable: () => state.wake()
  }
  readable.on("error", (cause: unknown) => {
    state.failure ??= { cause }
    state.wake()
  })
  readable.on("end", () => {
    state.ended = true
    state.wake()
  })
  readable.on("close", () => {
    state.closed = true
    state.wake()
  })
  watched.set(readable, state)
  return state
}

/** What makes it impossible to read the whole of a stream. */
const problem = ({ begun, ended, failure, readable }: Watched): InvalidInput | SourceFailed | undefined => {
  if (failure !== undefined) return failed(failure.cause)
  if (readable.errored != null) return failed(readable.errored)
  if (ended || readable.readableEnded) return invalid("must not have been read before: it has ended")
  if (readable.destroyed) return invalid("must not be destroyed")
  // `readableDidRead` is of Readable; a library's own may tell nothing.
  if (readable.readableDidRead) return invalid("must not have been read before: its first bytes are gone")
  if (begun) return invalid("must not have been read before: somebody is reading it")
  return encodingProblem(readable.readableEncoding)
}

const encodingProblem = (encoding: string | null | undefined): InvalidInput | undefined =>
  encoding == null || restorable.has(encoding)
    ? undefined
    : invalid(`must have no encoding in which bytes may have been lost, such as ${encoding}`)

/** The stream, from its beginning. A stream that is given itself is listened to at once. */
export const opener = (
  source: NodeJS.ReadableStream | (() => NodeJS.ReadableStream)
): Effect.Effect<Watched, InvalidInput | SourceFailed> => {
  if (typeof source !== "function") {
    if (!isReadable(source)) return Effect.fail(invalid(`must be a Readable of Node, not ${describe(source)}`))
    return begin(watch(source))
  }
  return Effect.flatMap(Effect.try({ try: source, catch: failed }), (opened) =>
    isReadable(opened)
      ? beginOpened(watch(opened))
      : Effect.fail(invalid(`must be a Readable of Node, not ${describe(opened)}`))
  )
}

const begin = (state: Watched): Effect.Effect<Watched, InvalidInput | SourceFailed> =>
  Effect.suspend(() => {
    const wrong = problem(state)
    if (wrong !== undefined) return Effect.fail(wrong)
    state.begun = true
    state.readable.on("readable", state.onReadable)
    return Effect.succeed(state)
  })

/** Nobody else ends what was opened here and is refused, unless it was opened before. */
const beginOpened = (state: Watched): Effect.Effect<Watched, InvalidInput | SourceFailed> =>
  Effect.tapError(begin(state), () => (state.begun ? Effect.void : close(state)))

const wellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

/** The bytes of one piece. */
const bytesOf = (readable: Readable, piece: unknown): Uint8Array | InvalidInput => {
  if (piece instanceof Uint8Array) return piece
  if (ArrayBuffer.isView(piece)) return new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
  if (typeof piece !== "string") return invalid(`must give bytes or text, and gave ${describe(piece)}`)
  const encoding = readable.readableEncoding
  if (encoding != null) return encodingProblem(encoding) ?? Buffer.from(piece, encoding)
  return wellFormed(piece) ? Buffer.from(piece, "utf8") : invalid("must give well-formed text, without lone surrogates")
}

/** Whatever is there to be read, up to a limit; a failure only where there are no bytes before it. */
const take = ({ readable }: Watched): Array<Uint8Array> | InvalidInput => {
  const pieces: Array<Uint8Array> = []
  // Pieces may be empty, without end.
  for (let size = 0, read = 0; size < mostAtOnce && read < mostPieces; read++) {
    const piece: unknown = readable.read()
    if (piece === null || piece === undefined) break
    const bytes = bytesOf(readable, piece)
    if (bytes instanceof InvalidInput) return bytes
    if (bytes.byteLength > 0) pieces.push(bytes)
    size += bytes.byteLength
  }
  return pieces
}

/**
 * The last bytes of an encoding of three bytes at a time. Node forgets them where the encoding was set after the stream had
 * got all its bytes, so its decoder is asked; it has none where it has given them.
 */
const remainder = ({ readable }: Watched): Array<Uint8Array> => {
  const { _readableState: inner } = readable as {
    readonly _readableState?: { readonly decoder?: StringDecoder | null }
  }
  const text = inner?.decoder?.end() ?? ""
  return text === "" ? [] : [Buffer.from(text, readable.readableEncoding ?? "utf8")]
}

/** The next pieces; `None` at the end. */
export const next = (state: Watched): Effect.Effect<Array<Uint8Array>, Option.Option<InvalidInput | SourceFailed>> =>
  Effect.async((resume) => {
    const settle = (result: Effect.Effect<Array<Uint8Array>, Option.Option<InvalidInput | SourceFailed>>) => {
      state.wake = constVoid
      resume(result)
    }
    const look = () => {
      if (state.failure !== undefined) return settle(Effect.fail(Option.some(failed(state.failure.cause))))
      let taken: Array<Uint8Array> | InvalidInput
      try {
        taken = take(state)
      } catch (cause) {
        return settle(Effect.fail(Option.some(failed(cause))))
      }
      if (taken instanceof InvalidInput) return settle(Effect.fail(Option.some(taken)))
      if (taken.length > 0) return settle(Effect.succeed(taken))
      if (state.ended) {
        const rest = remainder(state)
        return settle(rest.length > 0 ? Effect.succeed(rest) : Effect.fail(Option.none()))
      }
      if (state.closed || state.readable.destroyed) {
        return settle(Effect.fail(Option.some(failed(new Error("the stream was closed before its end")))))
      }
    }
    state.wake = look
    look()
    return Effect.sync(() => {
      state.wake = constVoid
    })
  })

/** Ends the reading. The listener for errors stays, since one may come late and would end the process. */
export const close = (state: Watched): Effect.Effect<void> =>
  Effect.sync(() => {
    state.readable.removeListener("readable", state.onReadable)
    if (!state.ended) state.readable.destroy?.()
  })
