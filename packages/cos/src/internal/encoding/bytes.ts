/** Whether it is a `Uint8Array`, of this realm or another. A stream that was given an encoding gives text instead. */
export const isBytes = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]"

/** What it is instead, for a message. */
export const describe = (value: unknown): string =>
  typeof value === "string" ? "text" : value === null ? "null" : `a value of type ${typeof value}`
