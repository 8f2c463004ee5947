/** Bytes in whatever holds them, and words for what holds none. */

/** What holds bytes in memory: a buffer, or a window onto one. */
export type BytesLike = Uint8Array | ArrayBuffer | ArrayBufferView

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

/** Whether it is a `Uint8Array`, of this realm or another. A stream that was given an encoding gives text instead. */
export const isBytes = (value: unknown): value is Uint8Array =>
  (value instanceof Uint8Array || tagOf(value) === "Uint8Array") && !isDetached((value as Uint8Array).buffer)

/** Whether its memory was transferred to another thread: its bytes are lost, and it only looks empty. */
const isDetached = (buffer: ArrayBufferLike): boolean => {
  if (buffer.byteLength > 0) return false
  try {
    // Nothing else tells in every runtime.
    new Uint8Array(buffer)
    return false
  } catch {
    return true
  }
}

const isBuffer = (value: unknown): value is ArrayBuffer => tagOf(value) === "ArrayBuffer"

const isShared = (value: unknown): boolean =>
  tagOf(ArrayBuffer.isView(value) ? value.buffer : value) === "SharedArrayBuffer"

/**
 * The bytes that a value holds, not copied: of a view its own window, not the whole buffer. `undefined` for what holds
 * none, whose memory was transferred, or whose memory is shared and may change while it is sent.
 */
export const bytesOf = (value: unknown): Uint8Array | undefined => {
  if (isShared(value)) return undefined
  if (isBytes(value)) return value
  if (isBuffer(value)) return isDetached(value) ? undefined : new Uint8Array(value)
  if (!ArrayBuffer.isView(value) || isDetached(value.buffer)) return undefined
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

const hasMethods = (value: object, ...names: ReadonlyArray<string>): boolean =>
  names.every((name) => typeof (value as { readonly [name: string]: unknown })[name] === "function")

/** Whether it is a `Blob` or a `File`: the runtime's own, or one of a library that has all that is needed of it. */
export const isBlob = (value: unknown): value is Blob =>
  isOwnBlob(value) ||
  (typeof value === "object" &&
    value !== null &&
    /^(?:Blob|File)$/.test(tagOf(value)) &&
    hasMethods(value, "stream", "slice", "arrayBuffer"))

/** Whether the runtime's own `fetch` takes it for a `Blob`. */
export const isOwnBlob = (value: unknown): value is Blob => typeof Blob !== "undefined" && value instanceof Blob

const streamTypeId = Symbol.for("effect/Stream")
const effectTypeId = Symbol.for("effect/Effect")

const isNodeStream = (value: object): boolean => hasMethods(value, "pipe", "on")

/** What to do about it, for a message that says that it is no body. */
export const remedy = (value: unknown): string => {
  const isObject = typeof value === "object" && value !== null
  if (
    isObject &&
    !("_tag" in value) &&
    /^(?:Object|Array)$/.test(tagOf(value)) &&
    describe(value).startsWith("a value")
  ) {
    return ": JSON.stringify it"
  }
  const streams = ": Body.stream makes a Body of a stream of known size, and Upload.stream sends any stream"
  return isObject && isNodeStream(value)
    ? `${streams}; NodeReadable.body and NodeReadable.stream (effect-cos-node) take those of Node, and Upload.file a file`
    : streams
}

/** What it is instead, for a message. */
export const describe = (value: unknown): string => {
  if (typeof value === "string") return "text"
  if (value === null) return "null"
  if (typeof value !== "object") return `a value of type ${typeof value}`
  if (isShared(value)) return "shared memory, which may change while it is sent (copy it)"
  if (isBuffer(value) || ArrayBuffer.isView(value)) {
    const { buffer } = ArrayBuffer.isView(value) ? value : { buffer: value }
    return isDetached(buffer) ? "bytes whose memory was transferred" : tagOf(value)
  }
  if (streamTypeId in value) return "a Stream"
  if (effectTypeId in value) return "an Effect (run it first)"
  if (hasMethods(value, "getReader")) return "a ReadableStream"
  if (isNodeStream(value)) return "a stream of Node"
  return tagOf(value) === "Object" ? "a value of type object" : `a value of type ${tagOf(value)}`
}
