/**
 * Names as byte strings: text in which every character is one byte. Comparing two of them with `<` compares the UTF-8
 * bytes of the names, so an ordered store of bytes and one of text have the same order.
 */
import { Buffer } from "node:buffer"

const plain = /^[\x01-\x7f]*$/

/** A name as bytes. NUL separates the fields of a key, so one inside a name is written as `00 ff`. */
export const fromName = (name: string): string =>
  plain.test(name) ? name : Buffer.from(name, "utf8").toString("latin1").replaceAll("\0", "\0\xff")

export const toName = (bytes: string): string =>
  plain.test(bytes) ? bytes : Buffer.from(bytes.replaceAll("\0\xff", "\0"), "latin1").toString("utf8")

/** The first byte string after all that begin with `prefix`, which must not be empty or all `ff`. */
export const after = (prefix: string): string => {
  let end = prefix.length
  while (prefix.charCodeAt(end - 1) === 0xff) end--
  return prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1)
}

/** Separates a name from the id behind it, and comes after every such id. */
export const afterIds = "\0\x7f"

// -------------------------------------------------------------------------------------
// version ids
// -------------------------------------------------------------------------------------

const maxTick = 2n ** 64n - 1n
const versionId = /^[A-Za-z0-9_-]{27}$/
const order = /^\d{20}$/

/** The latest time that a `Date` can hold, in milliseconds. */
const latest = 8.64e15

/** A time as a tick, in microseconds. Times outside the range of `Date` become the nearest one inside it. */
export const tickOfTime = (milliseconds: number): bigint =>
  BigInt(Math.floor(Math.min(Math.max(milliseconds, 0), latest)) || 0) * 1000n

/** 20 digits that fall as the tick rises: the newest version is the first of its key. */
export const orderOfTick = (tick: bigint): string => String(maxTick - tick).padStart(orderLength, "0")

export const tickOfOrder = (order: string): bigint => maxTick - BigInt(order)

/** Version ids are those digits in base64, as COS's are. */
export const idOfOrder = (order: string): string => Buffer.from(order, "latin1").toString("base64url")

/** The inverse of {@link idOfOrder}; `undefined` for texts that are not version ids. */
export const orderOfId = (id: string): string | undefined => {
  if (!versionId.test(id)) return undefined
  const text = Buffer.from(id, "base64url").toString("latin1")
  return order.test(text) && idOfOrder(text) === id ? text : undefined
}

export const orderLength = 20

/** Upload ids: ten digits of the unix time, the tick that orders them, and random bytes. */
export const uploadId = /^[0-9a-f]{74}$/
export const uploadIdLength = 74

export const newUploadId = (now: number, tick: bigint, chance: Uint8Array): string =>
  // ten digits last until 2286
  String(Math.min(Number(tickOfTime(now) / 1_000_000n), 9_999_999_999)).padStart(10, "0") +
  tick.toString(16).padStart(16, "0") +
  Buffer.from(chance).toString("hex")
