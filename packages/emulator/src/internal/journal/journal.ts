/**
 * Writes the journal. An entry is mutable while its exchange runs; readers get copies.
 */
import type { JournalEntry } from "../../Journal.js"
import type { Request } from "../http/message.js"

/** An entry whose exchange is still running. */
export type PendingEntry = { -readonly [K in keyof JournalEntry]: JournalEntry[K] }

const secretHeaders = new Set([
  "authorization",
  "proxy-authorization",
  "x-cos-security-token",
  "x-ci-security-token",
  "x-tc-token",
  "x-cos-server-side-encryption-customer-key",
  "x-cos-copy-source-server-side-encryption-customer-key",
  "x-emulator-token"
])
const secretParameters = new Set([
  "sign",
  "q-signature",
  "x-cos-security-token",
  "x-ci-security-token",
  // Of STS.
  "Signature",
  "Token"
])

const redact = (entries: Iterable<readonly [string, string]>, secret: ReadonlySet<string>): Record<string, string> =>
  Object.fromEntries(Array.from(entries, ([name, value]) => [name, secret.has(name) ? "<redacted>" : value]))

/** Redacts secrets in a string that was to be signed. */
export const redactStringToSign = (format: string): string =>
  format.replace(/(?<=(?:^|[&\n])[^=&\n]*(?:security-token|customer-key)=)[^&\n]*/g, "<redacted>")

/** How many requests are kept; the oldest are dropped first. */
const maxEntries = 100_000

const maxBytesByDefault = 64 * 1024 * 1024

/** Roughly the memory of an entry beside its texts. */
const bytesOfEntry = 512

const bytesOfTexts = (texts: Readonly<Record<string, string>>): number =>
  Object.entries(texts).reduce((bytes, [name, value]) => bytes + 2 * (name.length + value.length) + 32, 0)

/** The memory of an entry, roughly: a character has two bytes. */
const sizeOf = (entry: PendingEntry): number =>
  bytesOfEntry +
  2 * (entry.host.length + entry.path.length + (entry.key?.length ?? 0) + (entry.message?.length ?? 0)) +
  bytesOfTexts(entry.query) +
  bytesOfTexts(entry.headers)

export class JournalStore {
  readonly #maxBytes: number
  #entries: Array<PendingEntry | undefined> = []
  readonly #sizes = new WeakMap<PendingEntry, number>()
  #bytes = 0
  /** The index of the oldest entry that is kept; the array is compacted now and then. */
  #first = 0
  #count = 0

  constructor(maxBytes = maxBytesByDefault) {
    this.#maxBytes = maxBytes
  }

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
      notDone: [],
      faults: [],
      outcome: "pending"
    }
    this.#entries.push(entry)
    this.measure(entry)
    return entry
  }

  /** Measures an entry again, and drops the oldest entries if all together are too large. */
  measure(entry: PendingEntry): void {
    const before = this.#sizes.get(entry)
    // The entry was dropped while its request was running.
    if (before === -1) return
    const size = sizeOf(entry)
    this.#sizes.set(entry, size)
    this.#bytes += size - (before ?? 0)
    while (this.#first < this.#entries.length && this.#isOver()) this.#forgetOldest()
  }

  #isOver(): boolean {
    return this.#entries.length - this.#first > maxEntries || this.#bytes > this.#maxBytes
  }

  #forgetOldest(): void {
    const oldest = this.#entries[this.#first]
    if (oldest === undefined) return
    this.#bytes -= this.#sizes.get(oldest) ?? 0
    this.#sizes.set(oldest, -1)
    this.#entries[this.#first] = undefined
    this.#first += 1
    if (this.#first > 1000 && this.#first > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
  }

  readonly redactQuery = (query: ReadonlyMap<string, string>): Record<string, string> => redact(query, secretParameters)

  entries(): ReadonlyArray<JournalEntry> {
    return this.#entries.flatMap((entry) => (entry === undefined ? [] : [{ ...entry }]))
  }

  clear(): void {
    for (const entry of this.#entries) if (entry !== undefined) this.#sizes.set(entry, -1)
    this.#entries = []
    this.#first = 0
    this.#bytes = 0
  }
}
