import * as Encoding from "effect/Encoding"
import type { Hash } from "../../Hash.js"

/** As `Content-MD5` wants it. */
export const md5Base64 = (hash: Hash.Service, bytes: Uint8Array): string => {
  const digest = hash.md5()
  digest.update(bytes)
  return Encoding.encodeBase64(digest.digest())
}
