/** Every bench: what is measured, and which variants are compared. */
import * as coldStart from "./coldStart.js"
import * as crc64 from "./crc64.js"
import { MiB } from "./data.js"
import * as documents from "./documents.js"
import * as official from "./official.js"
import * as ours from "./ours.js"
import * as raw from "./raw.js"
import * as transport from "./transport.js"
import type { Variant } from "./variants.js"

export interface Bench {
  readonly title: string
  /** The unit of the figures, which are CPU time of the client's process for each unit of work. */
  readonly unit: keyof typeof units
  /** How much work is done before measuring starts. */
  readonly warmUp: number
  /** How much work is measured. */
  readonly count: number
  /** The most that `effect-cos` may cost, as a multiple of the first variant. */
  readonly floor?: number
  /** How long the server waits before every response, in milliseconds. Default 0. */
  readonly latency?: number
  /** The variant that checks as little as the official SDK, where ours checks more by default. */
  readonly alike?: string
  /** The others are divided by the first one. */
  readonly variants: { readonly [name: string]: Variant }
}

/** Factors from µs for one unit of work. */
export const units = { "s/GiB": 1024 / 1e6, µs: 1, ms: 1 / 1000 }

/** The names of the two variants that every table compares. */
export const us = "effect-cos"
export const them = "official"

const upload = (partSize: number, floor: number): Bench => ({
  title: `Upload 1 GiB from a file, parts of ${partSize / MiB} MiB, 4 at once`,
  unit: "s/GiB",
  warmUp: 128,
  count: 1024,
  floor,
  variants: {
    "raw undici": raw.upload(partSize),
    "uploadPart, no checksum": ours.uploadParts(partSize),
    [us]: ours.upload(partSize),
    [them]: official.upload(partSize)
  }
})

/** `latency`: how long the server waits before every response, in milliseconds. */
const smallFiles = (title: string, latency: number, floor: number, variants: Bench["variants"]): Bench => ({
  title: `5,000 files of 4 KiB ${title}, ${latency} ms of latency`,
  unit: "µs",
  warmUp: 0,
  count: 5000,
  floor,
  latency,
  variants
})

const filesUp = (atOnce: number, latency: number): Bench =>
  smallFiles(`up, ${atOnce} at once`, latency, 4, {
    "raw undici, node:fs": raw.uploadFiles(atOnce),
    [us]: ours.uploadFiles(atOnce),
    [them]: official.uploadFiles(atOnce)
  })

const filesDown = (atOnce: number, latency: number): Bench =>
  smallFiles(`down, ${atOnce} at once`, latency, 5, {
    "raw undici, node:fs": raw.downloadFiles(atOnce),
    [us]: ours.downloadFiles(atOnce),
    [them]: official.downloadFiles(atOnce)
  })

const requests = { unit: "µs", warmUp: 9_600, count: 32_000 } as const
const pages = { unit: "ms", warmUp: 100, count: 400 } as const

export const benches: { readonly [name: string]: Bench } = {
  upload: upload(8 * MiB, 2),
  "upload-small-parts": upload(MiB, 2.2),
  download: {
    title: "Download 1 GiB into a file (ours: ranges of 8 MiB, 4 at once, verified, flushed to the disk)",
    unit: "s/GiB",
    warmUp: 128,
    count: 1024,
    // 1.2, and 0.2 for the checksum.
    floor: 1.4,
    alike: "effect-cos, verify: false",
    variants: {
      "undici.stream": raw.download,
      [us]: ours.download(true),
      "effect-cos, verify: false": ours.download(false),
      [them]: official.download
    }
  },
  "files-up": filesUp(16, 0),
  "files-down": filesDown(16, 0),
  put: {
    ...requests,
    title: "PUT of 4 KiB, 32 at once",
    floor: 3.9,
    variants: { "raw undici": raw.put, [us]: ours.put, [them]: official.put }
  },
  head: {
    ...requests,
    title: "HEAD, 32 at once",
    floor: 3.1,
    variants: { "raw undici": raw.head, [us]: ours.head, [them]: official.head }
  },
  page: {
    ...pages,
    title: "A page of 1,000 keys, from text to values",
    variants: {
      "fast-xml-parser": documents.peer,
      "parsed only": documents.oursUndecoded,
      [us]: documents.ours,
      [them]: documents.official
    }
  },
  list: {
    ...pages,
    title: "A page of 1,000 keys, with its request",
    variants: {
      "undici and fast-xml-parser": raw.list(documents.fastXmlParser),
      [us]: ours.list,
      [them]: official.list
    }
  },
  "cold-start": {
    title: "Cold start, from nothing to everything imported",
    unit: "ms",
    warmUp: 1,
    count: 5,
    variants: coldStart.variants
  },
  crc64: { title: "Checksums of 8 MiB", unit: "s/GiB", warmUp: 256, count: 2048, variants: crc64.variants },
  "transport-put": {
    ...requests,
    title: "HTTP clients: PUT of 4 KiB, 32 at once",
    variants: transport.variants("PUT")
  },
  "transport-head": { ...requests, title: "HTTP clients: HEAD, 32 at once", variants: transport.variants("HEAD") }
}
