/**
 * What the error of an HTTP client means. Some have the code of the system or of a library, others only a message: each
 * runtime and browser has sentences of its own. Messages are looked at here and shown nowhere, for they may hold the URL.
 */
import type { TransportError } from "../../CosError.js"

export interface TransportFailure {
  readonly reason: TransportError["reason"]
  /** Absent where the error does not tell. */
  readonly phase: TransportError["phase"] | undefined
  readonly code: string | undefined
  /** IP address and port that could not be connected to. */
  readonly address: string | undefined
  /** With what status a proxy refused. */
  readonly status: number | undefined
  readonly staleConnection: boolean
  /** What more is known, and what to try: whole sentences. */
  readonly advice: string
}

interface Rule {
  readonly reason: TransportError["reason"]
  /** Matches codes and the codes that stand in messages. */
  readonly code: RegExp
  /** Matches messages, in lower case and without URLs. */
  readonly message: RegExp
}

const never = /(?!)/

/** What browsers say of every failure, lest a page learn about other origins. */
const saidOfAll = /failed to fetch|load failed|networkerror when/

/** The first that matches, so the more specific come first: a name that is not found is also a connection that failed. */
const rules: ReadonlyArray<Rule> = [
  {
    reason: "Proxy",
    code: /PROXY|TUNNEL/,
    message: /proxy response|proxy auth\w* required|tunnel error|unsuccessful tunnel|tunneling socket could not/
  },
  {
    reason: "Dns",
    code: /ENOTFOUND|^EAI_|ENODATA|ESERVFAIL|DNS|NAME_NOT_RESOLVED/,
    message:
      /dns error|getaddrinfo|failed to lookup|name or service not known|nodename nor servname|not resolve|no such host|hostname could not be found/
  },
  {
    // A connection with TLS that was damaged on its way, and one that ended early.
    reason: "Reset",
    code: /BAD_RECORD_MAC|DECRYPTION_FAILED|HPE_INVALID_EOF_STATE/,
    message: /before secure tls connection/
  },
  {
    reason: "Tls",
    code: /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO|EPROTO$|HANDSHAKE/,
    message: /certificate|\btls\b|\bssl\b|handshake|self[- ]signed|corrupt message of type/
  },
  { reason: "Timeout", code: /TIMEOUT|TIMEDOUT/, message: /tim(?:ed? ?|e-)out|deadline/ },
  {
    reason: "Connect",
    code: /CONN\w*REFUSED|(?:HOST|NET|ADDRESS_)UNREACH|(?:NET|HOST)DOWN|ADDRNOTAVAIL|E[MN]FILE|EACCES|EPERM|FAILEDTOOPENSOCKET|DISCONNECTED|CONNECTION_FAILED/,
    message:
      /connection refused|connect error|client error \(connect\)|(?:unable|failed) to connect|not connect to|no route to host|(?:network|host|address) (?:is )?unreachable|too many open files|appears to be offline/
  },
  // That it is not the CORS rules is known by now.
  { reason: "Reset", code: never, message: saidOfAll },
  {
    reason: "Reset",
    code: /CONN\w*(?:RESET|ABORTED|CLOSED)|EPIPE|UND_ERR_SOCKET|PREMATURE|ENOTCONN|ESHUTDOWN|NETWORK_CHANGED|EMPTY_RESPONSE|INCOMPLETE|CONTENT_LENGTH_MISMATCH/,
    message:
      /connection (?:was |has been |is )?(?:reset|closed|aborted|lost)|reset by peer|hang up|other side closed|broken pipe|premature|message completed|unexpected(?:ly)? (?:closed|eof|end)|closed unexpectedly|reading a body|input stream|^terminated$|^network error$/
  },
  {
    reason: "Protocol",
    code: /^HPE_|HTTPPARSER|MALFORMED|INVALID_HTTP|PROTOCOL_ERROR|HEADERS_OVERFLOW/,
    message: /invalid http|http\/1\.1 protocol|malformed|parse error/
  }
]

/** Ports that `fetch` refuses to connect to. */
const blockedPort = /bad port|requests to port \d+ are blocked/

/** Errors may be caused by one another in a circle. */
const maxDepth = 4

interface Found {
  readonly codes: Array<string>
  readonly messages: Array<string>
  phase: TransportError["phase"] | undefined
  syscall: string
  staleConnection: boolean
}

const phases: ReadonlySet<unknown> = new Set(["connect", "send", "response", "body"])

/** What looks otherwise is not a code, and may hold anything. */
const isCode = (value: unknown): value is string => typeof value === "string" && /^\w{1,64}$/.test(value)

/** Codes as messages spell them: `read ECONNRESET`. */
const codesIn = /\b(?:E[A-Z]{4,20}|EAI_[A-Z]{1,20}|(?:UND_ERR|ERR|HPE)_\w{1,40})\b/g

/** Where Node tried to connect to, which may be a proxy: `connect ECONNREFUSED 127.0.0.1:8080`. */
const addressIn = /\bconnect E[A-Z]+ ([\da-f.:[\]]{1,60}:\d{1,5})\b/

const addMessage = (found: Found, text: string): void => {
  // A key may hold any of the words.
  found.messages.push(text.slice(0, 2000).replace(/\w+:\/\/[^\s"')]*/g, ""))
}

const collect = (error: unknown, found: Found, depth = 0): void => {
  if (typeof error === "string") addMessage(found, error)
  if (typeof error !== "object" || error === null || depth > maxDepth) return
  const { cause, code, errors, message, name, phase, staleConnection, syscall } = error as {
    readonly [name: string]: unknown
  }
  if (isCode(code)) found.codes.push(code)
  if (typeof message === "string") addMessage(found, message)
  if (name === "TimeoutError") found.messages.push("timed out")
  if (phases.has(phase)) found.phase ??= phase as TransportError["phase"]
  if (typeof syscall === "string") found.syscall ||= syscall
  found.staleConnection ||= staleConnection === true
  if (Array.isArray(errors)) for (const one of errors.slice(0, 4)) collect(one, found, depth + 1)
  collect(cause, found, depth + 1)
}

const phaseOf = (reason: TransportError["reason"], { messages, phase, syscall }: Found, code: string) => {
  if (phase !== undefined) return phase
  if (reason === "Dns" || reason === "Connect" || reason === "Tls" || reason === "Proxy") return "connect"
  const text = messages.join("\n").toLowerCase()
  if (
    syscall === "connect" ||
    /connect(?:ion)?_?timeout/i.test(code) ||
    /connect error|\(connect\)|before secure/.test(text)
  ) {
    return "connect"
  }
  return syscall.startsWith("write") || code === "EPIPE" ? "send" : undefined
}

const tlsAdvice = (known: string): string =>
  /expired/i.test(known)
    ? "Its certificate has expired, or the clock here is wrong."
    : /altname|not valid for|hostname/i.test(known)
      ? "Its certificate is for another name."
      : /self.?signed|unable_to|depth_zero|issuer|caused|authority|trust/i.test(known)
        ? "Its certificate comes from an authority that is not trusted here."
        : /eproto|wrong_version|packet_length|corrupt/i.test(known)
          ? "Does that port speak TLS?"
          : "TLS could not be agreed on."

const advise = (reason: TransportError["reason"], status: number | undefined, known: string): string => {
  switch (reason) {
    case "Dns":
      return "Its name was not found: are region and endpoint right, and does DNS answer here?"
    case "Connect":
      return /e[mn]file|too many open/i.test(known)
        ? "Too many files and connections are open here."
        : /unreach|no route|net.?down|offline|disconnected/i.test(known)
          ? "It cannot be reached from here: is there a network?"
          : "The connection was not accepted: does a server listen there?"
    case "Tls":
      return tlsAdvice(known)
    case "Proxy":
      return status === undefined
        ? "The proxy did not connect."
        : `The proxy refused with ${status}${status === 407 ? ": are its user and password right?" : "."}`
    case "Timeout":
      return "It took too long."
    case "Reset":
      return saidOfAll.test(known) ? "The browser does not say why: is there a network?" : "The connection broke."
    case "Protocol":
      return "What came is not HTTP: is a COS-compatible server there?"
    case "Cors":
    case "Unknown":
      return "The HTTP client does not say why."
  }
}

const find = (error: unknown): TransportFailure | "blocked" => {
  const found: Found = { codes: [], messages: [], phase: undefined, syscall: "", staleConnection: false }
  collect(error, found)
  const text = found.messages.map((message) => message.toLowerCase())
  if (text.some((message) => blockedPort.test(message))) return "blocked"
  const inText = found.messages.flatMap((message) => message.match(codesIn) ?? [])
  const codes = [...found.codes, ...inText]
  const known = codes.find((code) => rules.some((rule) => rule.code.test(code.toUpperCase())))
  const rule =
    // A proxy's refusal has a code of no meaning.
    (text.some((message) => rules[0]?.message.test(message)) ? rules[0] : undefined) ??
    (known === undefined ? undefined : rules.find((rule) => rule.code.test(known.toUpperCase()))) ??
    rules.find((rule) => text.some((message) => rule.message.test(message)))
  const reason = rule?.reason ?? "Unknown"
  const code = known ?? found.codes[0]
  const whole = [code ?? "", ...text].join("\n")
  const [, given] = /(?:response \(|statuscode=|status )(\d{3})/.exec(whole) ?? []
  const status =
    reason !== "Proxy"
      ? undefined
      : given !== undefined
        ? Number(given)
        : /auth\w* required/.test(whole)
          ? 407
          : undefined
  return {
    reason,
    phase: phaseOf(reason, found, code ?? ""),
    code,
    address: found.messages.map((message) => addressIn.exec(message)?.[1]).find((address) => address !== undefined),
    status,
    staleConnection: found.staleConnection,
    advice: advise(reason, status, whole)
  }
}

const unknown: TransportFailure = {
  reason: "Unknown",
  phase: undefined,
  code: undefined,
  address: undefined,
  status: undefined,
  staleConnection: false,
  advice: advise("Unknown", undefined, "")
}

/** `blocked`: the client does not connect to ports like that one. */
export const failureOf = (error: unknown): TransportFailure | "blocked" => {
  try {
    return find(error)
  } catch {
    // An error that cannot be looked at.
    return unknown
  }
}
