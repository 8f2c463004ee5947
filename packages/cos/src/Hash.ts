/**
 * The hash functions that the protocol asks for: SHA-1 for signatures, MD5 for `Content-MD5`.
 *
 * They are synchronous, so that signing needs no fiber. The default runs wherever JavaScript runs
 * (`@noble/hashes`); `effect-cos-node` provides one over `node:crypto`, several times as fast.
 *
 * @since 0.1.0
 */
import { hmac } from "@noble/hashes/hmac.js"
import * as noble from "@noble/hashes/legacy.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import * as Context from "effect/Context"

/**
 * A hash being computed. Mutable: owned by one computation, finished by `digest`, not to be used after it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Digest {
  /** Takes the next bytes. They are read before the call returns, so the buffer may be reused. */
  update(data: Uint8Array): void
  /** The digest of all bytes taken: 16 bytes for MD5, 20 for SHA-1. */
  digest(): Uint8Array
}

/**
 * The implementation of hashes. It is a reference: it needs no layer, and a layer can replace it.
 *
 * @since 0.1.0
 * @category context
 */
export class Hash extends Context.Reference<Hash>()("effect-cos/Hash", {
  defaultValue: (): Hash.Service => portable
}) {}

/**
 * @since 0.1.0
 */
export declare namespace Hash {
  /**
   * Text is hashed as UTF-8; a lone surrogate hashes as U+FFFD. `Hex` is lower case.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /** SHA-1 of the text, 40 hex digits. */
    readonly sha1Hex: (text: string) => string
    /** HMAC-SHA1 of the text under the key (text as well), 40 hex digits. */
    readonly hmacSha1Hex: (key: string, text: string) => string
    /** A new, empty MD5. */
    readonly md5: () => Digest
    /** A new, empty SHA-1. */
    readonly sha1: () => Digest
  }
}

/**
 * The default: pure JavaScript, on every runtime. It takes 10 to 15 µs a signature.
 *
 * @since 0.1.0
 * @category implementations
 */
export const portable: Hash.Service = {
  sha1Hex: (text) => bytesToHex(noble.sha1(utf8ToBytes(text))),
  hmacSha1Hex: (key, text) => bytesToHex(hmac(noble.sha1, utf8ToBytes(key), utf8ToBytes(text))),
  md5: () => noble.md5.create(),
  sha1: () => noble.sha1.create()
}
