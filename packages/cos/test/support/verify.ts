/** A verifier of signatures, written from the description of the protocol and not from ours. */
import { createHash, createHmac } from "node:crypto"
import type { Recorded } from "./ScriptedClient.js"

const hmac = (key: string, text: string) => createHmac("sha1", key).update(text).digest("hex")

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

/** Whether a request carries, in its header or in its URL, the signature that its keys make of it. */
export const verify = (
  request: Pick<Recorded, "method" | "target" | "headers">,
  keys: { readonly secretId: string; readonly secretKey: string }
): boolean => {
  const [path = "", queryText = ""] = request.target.split("?")
  const query = new Map(
    queryText === ""
      ? []
      : queryText.split("&").map((pair) => {
          const at = pair.indexOf("=")
          const [name, value] = at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)]
          return [decodeURIComponent(name), decodeURIComponent(value)] as const
        })
  )
  const { authorization } = request.headers
  const fields =
    authorization === undefined
      ? query
      : new Map(authorization.split("&").map((pair) => pair.split(/=(.*)/s, 2) as [string, string]))
  const field = (name: string) => fields.get(name) ?? ""
  const list = (name: string) => (field(name) === "" ? [] : field(name).split(";"))

  const params = new Map([...query].map(([name, value]) => [encode(name).toLowerCase(), encode(value)]))
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, encode(value ?? "")]))
  const canonical = (names: ReadonlyArray<string>, values: ReadonlyMap<string, string>) =>
    names.map((name) => `${name}=${values.get(name)}`).join("&")
  const httpString = [
    request.method.toLowerCase(),
    decodeURIComponent(path),
    canonical(list("q-url-param-list"), params),
    canonical(list("q-header-list"), headers),
    ""
  ].join("\n")
  const stringToSign = `sha1\n${field("q-sign-time")}\n${createHash("sha1").update(httpString).digest("hex")}\n`
  return (
    field("q-sign-algorithm") === "sha1" &&
    field("q-ak") === keys.secretId &&
    list("q-header-list").includes("host") &&
    // Every parameter of the request itself is signed.
    [...params.keys()].every(
      (name) => /^(q-.*|x-cos-security-token)$/.test(name) || list("q-url-param-list").includes(name)
    ) &&
    field("q-signature") === hmac(hmac(keys.secretKey, field("q-key-time")), stringToSign)
  )
}
