/**
 * The journal: the last 100,000 requests that reached the emulator, or as many as fit in `maxJournalBytes`, in order of
 * arrival. Secrets are redacted before anything is recorded.
 *
 * @since 0.1.0
 */

/**
 * How the exchange ended: `pending` while it runs, `completed` when the whole response was sent, `serverClosed` when
 * the emulator broke the connection, `clientClosed` when the client left first.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome = "pending" | "completed" | "serverClosed" | "clientClosed"

/**
 * One request.
 *
 * @since 0.1.0
 * @category models
 */
export interface JournalEntry {
  /** Counts from 1 and goes on after `clearJournal`. */
  readonly id: number
  /** When the request arrived, by the emulator's clock. */
  readonly at: Date
  readonly method: string
  /** The Host header. */
  readonly host: string
  /** The decoded path. */
  readonly path: string
  /** The decoded query, signatures and tokens redacted. */
  readonly query: Readonly<Record<string, string>>
  /** Lower-case names; `authorization`, tokens and customer keys redacted. */
  readonly headers: Readonly<Record<string, string>>
  /** The operation's name as the SDK spells it (of STS `federationToken` and `assumeRole`); absent when it was none. */
  readonly operation: string | undefined
  readonly bucket: string | undefined
  readonly key: string | undefined
  readonly partNumber: number | undefined
  readonly uploadId: string | undefined
  /** Where the signature was found. */
  readonly signature: "header" | "query" | "sign" | "form" | "anonymous" | undefined
  /** The key id that signed. */
  readonly secretId: string | undefined
  /** Bytes of the request's body that the emulator read. */
  readonly bytesReceived: number
  /** Bytes of the response's body that were sent. */
  readonly bytesSent: number
  /** Absent while there is no response, and if there never is one. */
  readonly status: number | undefined
  /** The code of an error response, also for HEAD, which has no body to carry it. */
  readonly code: string | undefined
  /** The message of an error response; for a signature mismatch also the string that the server would sign. */
  readonly message: string | undefined
  readonly requestId: string
  /**
   * What the request asked for and the emulator does not do, though it accepts it: `x-cos-callback`, `Pic-Operations`, a
   * rule of image processing, `BucketArchConfig`, `createJob`. The response says so in `x-emulator-not-done`.
   */
  readonly notDone: ReadonlyArray<string>
  /** Ids of the faults that acted. */
  readonly faults: ReadonlyArray<number>
  readonly outcome: Outcome
}
