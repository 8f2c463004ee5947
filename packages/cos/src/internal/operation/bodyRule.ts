/** What a body is, and what is none: programs without types give anything. */
import * as Stream from "effect/Stream"
import type * as Body from "../../Body.js"
import { bytesOf, describe, isBlob, remedy } from "../encoding/bytes.js"

/** A body made by `Body`, not another tagged value. */
const isMadeBody = (value: object): value is Body.Body => {
  const { _tag, bytes, stream } = value as { readonly [name: string]: unknown }
  if (_tag === "Bytes") return bytesOf(bytes) !== undefined
  return _tag === "Sized" && typeof stream === "object" && stream !== null && Stream.StreamTypeId in stream
}

/** An empty object where there were bytes is a loss. */
const isBody = (value: unknown): boolean =>
  typeof value === "string" ||
  bytesOf(value) !== undefined ||
  isBlob(value) ||
  (typeof value === "object" && value !== null && isMadeBody(value))

/** What is wrong with the content of a body is said of that, and not of the body. */
const contentOf = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || !("_tag" in value)) return value
  if (value._tag === "Bytes" && "bytes" in value) return value.bytes
  return value._tag === "Sized" && "stream" in value ? value.stream : value
}

/** The rule that a value breaks as a body. */
export const bodyRule = (value: unknown): string | undefined => {
  if (isBody(value)) return undefined
  const content = contentOf(value)
  return `must be text, bytes, a Blob or a Body, not ${describe(content)}${remedy(content)}`
}
