/**
 * Options of an emulator.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import type { Credential } from "./Access.js"
import type { BucketOptions } from "./Control.js"

/**
 * What an emulator is made with; everything has a default.
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
  /** What the names of buckets end in. Default `1250000000`. */
  readonly appId?: string | undefined
  /** The least size in bytes of a part other than the last, checked by Complete. Default 1 MiB; 0 allows any. */
  readonly minPartSize?: number | undefined
  /** The most bytes of one body: an object that is put, a part, an appended piece, a form's file. Default 5 GiB. */
  readonly maxBodySize?: number | undefined
  /** The most bytes that the journal remembers, roughly; the oldest requests go first. Default 64 MiB. */
  readonly maxJournalBytes?: number | undefined
  /**
   * Keep everything in this directory, across restarts. It has one owner at a time: a second emulator is refused. Default:
   * in memory.
   */
  readonly dir?: string | undefined
  /**
   * With `dir`: waits for the disk before it answers, so that a power cut takes nothing that was acknowledged. Default
   * `false`: the end of the process takes nothing, that of the machine may take the directory.
   */
  readonly durable?: boolean | undefined
  /**
   * Hosts of your own to route by, such as `{bucket}.cos.test` or `{bucket}.{region}.cos.test`. COS's hosts are always
   * known, and any other host is path style: `/<bucket>/<key>`. Ports are not looked at.
   */
  readonly domain?: string | undefined
  /** Keys known from the start, beside the default one. */
  readonly credentials?: ReadonlyArray<Credential> | undefined
}

/**
 * Where a server listens, beside the rest.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerOptions extends Options {
  /** Default 0: any that is free. */
  readonly port?: number | undefined
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  /**
   * Makes a certificate authority at the start (a fifth of a second). The port then speaks TLS beside HTTP, and answers
   * `CONNECT` as a proxy: clients that trust `Control.tls.certificate` reach it under COS's own host names. Default `false`.
   */
  readonly tls?: boolean | undefined
  /** Serves the control service over HTTP on this port of the same host; 0: any that is free. Default: not at all. */
  readonly controlPort?: number | undefined
  /**
   * What clients of the control port have to send as `Authorization: Bearer`: letters, digits and `-._~+/`, with `=` at the
   * end. Default: a random one, told by `Control.controlToken`.
   */
  readonly controlToken?: Redacted.Redacted | undefined
  /**
   * Host names, without ports, by which clients may call the control port beside `localhost`, loopback addresses and
   * `host`. Others are refused: a name that DNS resolves to this machine may belong to a web page.
   */
  readonly controlHosts?: ReadonlyArray<string> | undefined
  /** What bounds clients that are slow, silent, or many. */
  readonly limits?: ConnectionLimits | undefined
}

/**
 * What bounds clients that are slow, silent, or many.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConnectionLimits {
  /** Connections at a time; further ones are closed at once. Default 4,096. */
  readonly maxConnections?: number | undefined
  /** From the beginning of a connection, or of a request on it, to the end of the request's head. Default 60 seconds. */
  readonly headersTimeout?: Duration.DurationInput | undefined
  /** Without a byte of a body that the emulator waits for. Default 60 seconds. */
  readonly bodyTimeout?: Duration.DurationInput | undefined
  /** From the beginning of a request to the last byte of its body. Default 1 hour. */
  readonly requestTimeout?: Duration.DurationInput | undefined
}
