/** Whether it is a `Uint8Array`, of this realm or another. A stream that was given an encoding gives text instead. */
export const isBytes = (value: unknown): value is Uint8Array => isView(value) && !isDetached(value)

const isView = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]"

/** Whether its memory was transferred to another thread: its bytes are lost, and it only looks empty. */
const isDetached = (bytes: Uint8Array): boolean => {
  if (bytes.byteLength > 0) return false
  try {
    // Nothing else tells in every runtime.
    new Uint8Array(bytes.buffer)
    return false
  } catch {
    return true
  }
}

/** What it is instead, for a message. */
export const describe = (value: unknown): string =>
  isView(value)
    ? "bytes whose memory was transferred"
    : typeof value === "string"
      ? "text"
      : value === null
        ? "null"
        : `a value of type ${typeof value}`
