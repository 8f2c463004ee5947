/**
 * Writing the journal. A record is mutable while its exchange runs; what is read is a copy.
 */
import type { JournalEntry } from "../../Journal.js"
import type { Request } from "../request/message.js"

/** A record that its exchange still fills in. */
export type PendingEntry = { -readonly [K in keyof JournalEntry]: JournalEntry[K] }

const secretHeaders = new Set([
  "authorization",
  "proxy-authorization",
  "x-cos-security-token",
  "x-ci-security-token",
  "x-cos-server-side-encryption-customer-key",
  "x-cos-copy-source-server-side-encryption-customer-key",
  "x-emulator-token"
])
const secretParameters = new Set(["sign", "q-signature", "x-cos-security-token", "x-ci-security-token"])

const redact = (entries: Iterable<readonly [string, string]>, secret: ReadonlySet<string>): Record<string, string> =>
  Object.fromEntries(Array.from(entries, ([name, value]) => [name, secret.has(name) ? "<redacted>" : value]))

/** A string that was to be signed, without the values of its secrets. */
export const redactStringToSign = (format: string): string =>
  format.replace(/(?<=(?:^|[&\n])[^=&\n]*(?:security-token|customer-key)=)[^&\n]*/g, "<redacted>")

/** How many requests are remembered; the oldest are forgotten first. */
const maxEntries = 100_000

export class JournalStore {
  #entries: Array<PendingEntry> = []
  #count = 0

  begin(request: Request, at: Date): PendingEntry {
    this.#count += 1
    const mark = request.target.indexOf("?")
    const entry: PendingEntry = {
      id: this.#count,
      at,
      method: request.method,
      host: request.host,
      path: mark < 0 ? request.target : request.target.slice(0, mark),
      query: {},
      headers: redact(Object.entries(request.headers), secretHeaders),
      operation: undefined,
      bucket: undefined,
      key: undefined,
      partNumber: undefined,
      uploadId: undefined,
      signature: undefined,
      secretId: undefined,
      bytesReceived: 0,
      bytesSent: 0,
      status: undefined,
      code: undefined,
      message: undefined,
      requestId: Buffer.from(`${Math.floor(at.getTime() / 1000).toString(16)}_emulator_${this.#count}`).toString(
        "base64"
      ),
      faults: [],
      outcome: "pending"
    }
    this.#entries.push(entry)
    if (this.#entries.length > 1.1 * maxEntries) this.#entries = this.#entries.slice(-maxEntries)
    return entry
  }

  readonly redactQuery = (query: ReadonlyMap<string, string>): Record<string, string> => redact(query, secretParameters)

  entries(): ReadonlyArray<JournalEntry> {
    return this.#entries.map((entry) => ({ ...entry }))
  }

  clear(): void {
    this.#entries = []
  }
}
