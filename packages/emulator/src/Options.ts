/**
 * Options of an emulator.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import type { Credential, Role } from "./Access.js"
import type { BucketOptions } from "./Control.js"

/**
 * The options of an emulator, all of them optional.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Buckets to create at the start, `name-appid`; alone, or with their settings. */
  readonly buckets?: ReadonlyArray<string | (BucketOptions & { readonly name: string })> | undefined
  /** Default `ap-guangzhou`. */
  readonly region?: string | undefined
  /** The uin of the account that owns everything. Default `100000000001`. */
  readonly owner?: string | undefined
  /** The APPID at the end of bucket names. Default `1250000000`. */
  readonly appId?: string | undefined
  /** The least size in bytes of a part other than the last, checked by Complete. Default 1 MiB; 0 allows any. */
  readonly minPartSize?: number | undefined
  /** The most bytes of one body: of a PUT, a part, an append or a form's file. Default 5 GiB. */
  readonly maxBodySize?: number | undefined
  /** The most bytes that the journal remembers, roughly; the oldest requests go first. Default 64 MiB. */
  readonly maxJournalBytes?: number | undefined
  /**
   * Keep everything in this directory, across restarts. It has one owner at a time: a second emulator is refused. Default:
   * in memory.
   */
  readonly dir?: string | undefined
  /**
   * With `dir`: waits for the disk before it responds, so that a power cut loses nothing that was acknowledged. Default
   * `false`: a crash of the process loses nothing, a crash of the machine may damage the directory.
   */
  readonly durable?: boolean | undefined
  /**
   * A template of further host names to route by, such as `{bucket}.cos.test` or `{bucket}.{region}.cos.test`. COS's
   * own hosts are always known, and any other host is path style: `/<bucket>/<key>`. Ports are ignored.
   */
  readonly domain?: string | undefined
  /**
   * Refuses what COS ignores but what is probably a misspelling: query parameters, `x-cos-` headers and elements of
   * documents that the emulator does not know. For tests of clients. Default `false`: they are ignored, as COS does, and
   * unknown elements are kept.
   */
  readonly strict?: boolean | undefined
  /** Access keys beside the default one. */
  readonly credentials?: ReadonlyArray<Credential> | undefined
  /** The roles that can be assumed. Default: any role of the owner, which may do everything. */
  readonly roles?: ReadonlyArray<Role> | undefined
}

/**
 * The options of an emulator that listens on a port.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerOptions extends Options {
  /** Default 0: any free port. */
  readonly port?: number | undefined
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  /**
   * Makes a certificate authority at the start (a fifth of a second). The port then speaks TLS beside HTTP, and answers
   * `CONNECT` as a proxy: clients that trust `Control.tls.certificate` reach it under COS's own host names. Default
   * `false`.
   */
  readonly tls?: boolean | undefined
  /** Serves the control service over HTTP on this port of the same host; 0 for any free port. Default: not at all. */
  readonly controlPort?: number | undefined
  /**
   * What clients of the control port have to send as `Authorization: Bearer`: letters, digits and `-._~+/`, with `=` at
   * the end. Default: a random one, see `Control.controlToken`.
   */
  readonly controlToken?: Redacted.Redacted | undefined
  /**
   * Host names, without ports, by which clients may call the control port beside `localhost`, loopback addresses and
   * `host`. Others are refused: a name that DNS resolves to this machine may belong to a web page.
   */
  readonly controlHosts?: ReadonlyArray<string> | undefined
  /** Limits for clients that are slow, silent, or many. */
  readonly limits?: ConnectionLimits | undefined
}

/**
 * Limits for clients that are slow, silent, or many.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConnectionLimits {
  /** Connections at a time; further ones are closed at once. Default 4,096. */
  readonly maxConnections?: number | undefined
  /** From the start of a connection, or of a request on it, to the end of the request's head. Default 60 seconds. */
  readonly headersTimeout?: Duration.DurationInput | undefined
  /** The longest pause within a request's body. Default 60 seconds. */
  readonly bodyTimeout?: Duration.DurationInput | undefined
  /**
   * The least rate of a request's body in bytes per second, on average, once a client has let the server wait for
   * `bodyTimeout`. Default 500.
   */
  readonly minBodyRate?: number | undefined
  /** From the start of a request to the last byte of its body. Default 1 hour. */
  readonly requestTimeout?: Duration.DurationInput | undefined
}
