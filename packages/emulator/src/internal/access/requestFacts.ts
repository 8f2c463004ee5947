/**
 * What conditions of policies ask about a request.
 */
import type { Request } from "../http/message.js"

/** The value of a condition key, in lower case; `undefined` where the request has none. */
export type Facts = (key: string) => string | undefined

/** Of a request that is not judged by any policy with conditions. */
export const noFacts: Facts = () => undefined

/** `query` and `headers` as they apply: of a form, its fields. `now` in milliseconds. */
export const requestFacts = (
  request: Pick<Request, "address" | "host" | "secure" | "tlsVersion">,
  headers: Readonly<Record<string, string>>,
  query: ReadonlyMap<string, string>,
  now: number
): Facts => {
  const parameter = (name: string): string | undefined =>
    query.get(name) ?? Array.from(query).find(([given]) => given.toLowerCase() === name)?.[1]
  return (key) => {
    switch (key) {
      case "qcs:ip":
        return request.address
      case "qcs:current_time":
        return new Date(now).toISOString()
      case "cos:secure-transport":
        return String(request.secure)
      case "cos:tls-version":
        return request.tlsVersion
      case "cos:host":
        return request.host
    }
    if (!key.startsWith("cos:")) return undefined
    const name = key.slice("cos:".length)
    return headers[name] || parameter(name)
  }
}
