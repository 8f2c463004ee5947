/**
 * Who may use the control port: only someone who holds the token. Browsers are the danger: any page can make them send
 * requests to this machine, and by rebinding its own name to 127.0.0.1 (DNS rebinding) a page can even read the
 * responses. So the Host has to be known, a foreign Origin is refused, and the token must come in a header that no page
 * can guess.
 */
import type { IncomingMessage } from "node:http"
import * as Redacted from "effect/Redacted"
import { equalInConstantTime } from "../access/constantTime.js"
import { hostName, isLoopbackName } from "../http/loopback.js"

/** What the control port asks of its clients. */
export interface Requirements {
  readonly token: Redacted.Redacted
  /** Names beside the loopback ones by which clients may call it: the bound host, and those that were allowed. */
  readonly hosts: ReadonlyArray<string>
}

/** Why a request is refused. */
export interface Refusal {
  readonly status: 400 | 401 | 403
  readonly code: "InvalidArgument" | "Unauthorized" | "AccessDenied"
  readonly message: string
}

/** The route that needs no token: it says that the emulator runs, and nothing else. */
export const healthPath = "/health"

const refuse = (status: Refusal["status"], code: Refusal["code"], message: string): Refusal => ({
  status,
  code,
  message
})

/** Headers that may occur only once: a program on the way might evaluate the other occurrence. */
const singleHeaders = ["host", "authorization", "origin"]

/** Why the request is refused; `undefined` lets it in. Looks at the head alone, before anything of the body is read. */
export const refusalOf = (
  { headers, method, rawHeaders, url = "" }: Pick<IncomingMessage, "headers" | "method" | "rawHeaders" | "url">,
  { hosts, token }: Requirements
): Refusal | undefined => {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  const repeated = singleHeaders.find((header) => names.filter((name) => name === header).length > 1)
  if (repeated !== undefined) return refuse(400, "InvalidArgument", `The header ${repeated} is given more than once.`)
  if (!url.startsWith("/")) return refuse(400, "InvalidArgument", "The control port is no proxy: send a path.")
  if (headers.upgrade !== undefined) return refuse(400, "InvalidArgument", "The control port speaks HTTP/1.1 only.")
  const name = hostName(headers.host)
  if (name === undefined || !(isLoopbackName(name) || hosts.some((host) => host.toLowerCase() === name))) {
    return refuse(
      403,
      "AccessDenied",
      "The Host is neither a loopback name, nor the bound host, nor one of the control hosts (--control-host)."
    )
  }
  const site = headers["sec-fetch-site"]
  if (
    (headers.origin !== undefined && headers.origin.toLowerCase() !== `http://${headers.host?.toLowerCase()}`) ||
    (site !== undefined && site !== "same-origin" && site !== "none")
  ) {
    return refuse(403, "AccessDenied", "Web pages of other origins may not use the control port.")
  }
  if ((method === "GET" || method === "HEAD") && url === healthPath) return undefined
  const given = /^Bearer +([^\s]+)$/i.exec(headers.authorization ?? "")?.[1]
  return given !== undefined && equalInConstantTime(given, Redacted.value(token))
    ? undefined
    : refuse(
        401,
        "Unauthorized",
        "Authorization must be Bearer and the control token, which the command prints as COS_EMULATOR_CONTROL_TOKEN."
      )
}
