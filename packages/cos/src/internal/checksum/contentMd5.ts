/** `Content-MD5`: `runner` adds it to documents; `sendPart` and `wholeObject` give their own. */
import * as Encoding from "effect/Encoding"
import type { Hash } from "../../Hash.js"

/** As `Content-MD5` wants it. The digest of a customer's key has the same form. */
export const md5Base64 = (hash: Hash.Service, bytes: Uint8Array): string => {
  const digest = hash.md5()
  digest.update(bytes)
  return Encoding.encodeBase64(digest.digest())
}
