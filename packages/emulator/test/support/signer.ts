/**
 * A signer of the tests' own, from the protocol notes: neither the SDK's nor the emulator's.
 */
import { createHash, createHmac } from "node:crypto"

const enc = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

export interface Signing {
  readonly secretId: string
  readonly secretKey: string
  readonly method: string
  /** The decoded path. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** Unix seconds. */
  readonly start: number
  readonly end: number
}

/** The value of `Authorization`: every given header and parameter is signed. */
export const authorization = (input: Signing): string => {
  const time = `${input.start};${input.end}`
  const pairs = (record: Readonly<Record<string, string>>): ReadonlyArray<readonly [string, string]> =>
    Object.entries(record)
      .map(([name, value]) => [enc(name).toLowerCase(), enc(value)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
  const params = pairs(input.query ?? {})
  const headers = pairs(input.headers)
  const line = (list: ReadonlyArray<readonly [string, string]>) =>
    list.map(([name, value]) => `${name}=${value}`).join("&")
  const names = (list: ReadonlyArray<readonly [string, string]>) => list.map(([name]) => name).join(";")
  const format = `${input.method.toLowerCase()}\n${input.path}\n${line(params)}\n${line(headers)}\n`
  const text = `sha1\n${time}\n${createHash("sha1").update(format).digest("hex")}\n`
  const key = createHmac("sha1", input.secretKey).update(time).digest("hex")
  return [
    "q-sign-algorithm=sha1",
    `q-ak=${input.secretId}`,
    `q-sign-time=${time}`,
    `q-key-time=${time}`,
    `q-header-list=${names(headers)}`,
    `q-url-param-list=${names(params)}`,
    `q-signature=${createHmac("sha1", key).update(text).digest("hex")}`
  ].join("&")
}

/** A key as it stands in a request's path. */
export const encodePath = (key: string): string => enc(key).replaceAll("%2F", "/")

/** A query string, every value with its `=`. */
export const encodeQuery = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${enc(name)}=${enc(value)}`)
    .join("&")
