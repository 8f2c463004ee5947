/**
 * The signature `TC3-HMAC-SHA256` of Tencent Cloud's API 3.0.
 *
 * Source: https://cloud.tencent.com/document/api/1312/48171
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"

export interface Tc3Input {
  readonly service: string
  /** As the Host header has it. */
  readonly host: string
  readonly contentType: string
  readonly body: string
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly secretId: string
  readonly secretKey: string
}

const hash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))
const mac = (key: Uint8Array, text: string): Uint8Array => hmac(sha256, key, utf8ToBytes(text))

/** The value of `Authorization` for a POST of `/`. */
export const authorization = (input: Tc3Input): string => {
  const { body, contentType, host, secretId, secretKey, service, timestamp } = input
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10)
  const scope = `${date}/${service}/tc3_request`
  const signedHeaders = "content-type;host"
  const canonical = `POST\n/\n\ncontent-type:${contentType}\nhost:${host}\n\n${signedHeaders}\n${hash(body)}`
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${hash(canonical)}`
  const key = mac(mac(mac(utf8ToBytes(`TC3${secretKey}`), date), service), "tc3_request")
  const signature = bytesToHex(mac(key, text))
  return `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`
}
