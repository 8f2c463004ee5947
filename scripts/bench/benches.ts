/** Every bench: what is measured, in which cases, and which variants are compared. */
import { MiB, treeSize } from "./data.js"
import { withLag } from "./lag.js"
import { type Figure, type LazyVariant, variantsOf } from "./variants.js"

/** One table: the same work done by each variant. */
export interface Case {
  /** Units of work. */
  readonly count: number
  /** Units of work done before measuring starts. Default 0. */
  readonly warmUp?: number
  /** Units of work with `--quick`, which leaves out cases that have none. */
  readonly quick?: number
  /** Default 3. */
  readonly rounds?: number
  /** How long the server waits before every response, in milliseconds. Default 0. */
  readonly latency?: number
  /** Whether the start of the process counts. Default `false`. */
  readonly fromStart?: boolean
  /** Takes minutes, and runs only when it is named, or with `--all`. */
  readonly slow?: boolean
  /** The first is what the others are divided by. */
  readonly variants: { readonly [name: string]: LazyVariant }
}

export interface Bench {
  readonly title: string
  /** The unit of `cpu` and `wall`. */
  readonly unit: keyof typeof units
  /** What is shown. Variants are compared by the first one. Default: `cpu`, `wall`. */
  readonly figures?: readonly [Figure, ...ReadonlyArray<Figure>]
  /** The variant that checks as little as the official SDK, where ours checks more by default. */
  readonly alike?: string
  readonly cases: { readonly [name: string]: Case }
}

/** Factors from µs for one unit of work. */
export const units = { "s/GiB": 1024 / 1e6, µs: 1, ms: 1 / 1000, s: 1 / 1e6 }

/** The names of the variants that most tables have. */
export const us = "effect-cos"
export const them = "official"
export const raw = "raw undici"
export const aws = "aws"

const ofAws = variantsOf(() => import("./peers/aws.js"))
const ofBundle = variantsOf(() => import("./peers/bundle.js"))
const ofColdStart = variantsOf(() => import("./peers/coldStart.js"))
const ofCrc64 = variantsOf(() => import("./peers/crc64.js"))
const ofDocuments = variantsOf(() => import("./peers/documents.js"))
const ofOfficial = variantsOf(() => import("./peers/official.js"))
const ofOurFiles = variantsOf(() => import("./peers/oursFiles.js"))
const ofOurs = variantsOf(() => import("./peers/ours.js"))
const ofRaw = variantsOf(() => import("./peers/raw.js"))
const ofSimulated = variantsOf(() => import("./peers/simulated.js"))
const ofTransport = variantsOf(() => import("./peers/transport.js"))

const uploadOfOfficial = ofOfficial((peer) => peer.upload(8 * MiB))
const uploadOfOurs = ofOurs((peer) => peer.upload(8 * MiB))
const uploadOfRaw = ofRaw((peer) => peer.upload(8 * MiB))
const gibibyte = { warmUp: 128, count: 1024, quick: 256 } as const

const upload: Bench = {
  title: "Upload 1 GiB from a file, parts of 8 MiB, 4 at once",
  unit: "s/GiB",
  cases: {
    "8 MiB parts": {
      ...gibibyte,
      variants: {
        [raw]: uploadOfRaw,
        "uploadPart, no checksum": ofOurs((peer) => peer.uploadParts(8 * MiB)),
        [us]: uploadOfOurs,
        [them]: uploadOfOfficial,
        [aws]: ofAws((peer) => peer.upload(8 * MiB))
      }
    }
  }
}

const uploadSmallParts: Bench = {
  title: "Upload 1 GiB from a file, parts of 1 MiB, 4 at once",
  unit: "s/GiB",
  cases: {
    // The AWS SDK refuses parts of less than 5 MiB.
    "1 MiB parts": {
      ...gibibyte,
      variants: {
        [raw]: ofRaw((peer) => peer.upload(MiB)),
        "uploadPart, no checksum": ofOurs((peer) => peer.uploadParts(MiB)),
        [us]: ofOurs((peer) => peer.upload(MiB)),
        [them]: ofOfficial((peer) => peer.upload(MiB))
      }
    }
  }
}

/** Of all transfers only ours verifies what it downloaded. */
export const notVerified = "effect-cos, verify: false"

const download: Bench = {
  title: "Download 1 GiB into a file (ours: ranges of 8 MiB, 4 at once, verified, flushed to the disk)",
  unit: "s/GiB",
  alike: notVerified,
  cases: {
    "to a file": {
      ...gibibyte,
      variants: {
        "undici.stream": ofRaw((peer) => peer.download),
        [us]: ofOurs((peer) => peer.download(true)),
        [notVerified]: ofOurs((peer) => peer.download(false)),
        [them]: ofOfficial((peer) => peer.download),
        [aws]: ofAws((peer) => peer.download)
      }
    }
  }
}

export const rawFiles = "raw undici, node:fs"

/** How many files are transferred at once; `found` leaves it to the transfers. */
export const found = "self-found"
export const atOnce = [4, 16, 64, 128, found] as const
export const latencies = [0, 20] as const

/** The name of a case, which the goals and the charts know too. */
export const filesCase = (count: number, atOnce: number | string, latency: number): string =>
  `${count.toLocaleString("en")} files, ${typeof atOnce === "number" ? `${atOnce} at once` : atOnce}, ${latency} ms`

interface FilesVariants {
  readonly raw: (atOnce: number) => LazyVariant
  readonly ours: (atOnce?: number) => LazyVariant
  readonly official: (atOnce?: number) => LazyVariant
  readonly aws: (atOnce: number) => LazyVariant
}

/** 50,000 files are as many as show what a file costs when the start is paid; all their cells would take half an hour. */
const isSlow = (count: number, files: number | string, latency: number): boolean =>
  count > 5000 && !(latency === 0 && (files === 16 || files === found))

const filesCases = ({ aws: ofAws, official, ours, raw }: FilesVariants): Bench["cases"] =>
  Object.fromEntries(
    [5000, 50_000].flatMap((count) =>
      latencies.flatMap((latency) =>
        atOnce.map((files): readonly [string, Case] => [
          filesCase(count, files, latency),
          {
            count,
            ...(count === 5000 && latency === 0 && files === 16 ? { quick: 2000 } : { rounds: 1 }),
            latency,
            fromStart: true,
            slow: isSlow(count, files, latency),
            variants:
              files === found
                ? { [us]: ours(), [them]: official() }
                : {
                    [rawFiles]: raw(files),
                    [us]: ours(files),
                    [them]: official(files),
                    ...(files === 16 && latency === 0 && count === 5000 ? { [aws]: ofAws(files) } : {})
                  }
          }
        ])
      )
    )
  )

const filesUp: Bench = {
  title: "Small files of 4 KiB up, the start of the process included",
  unit: "µs",
  figures: ["cpu", "wall", "memory"],
  cases: filesCases({
    raw: (atOnce) => ofRaw((peer) => peer.uploadFiles(atOnce)),
    ours: (atOnce) => ofOurFiles((peer) => peer.uploadFiles(atOnce)),
    official: (atOnce) => ofOfficial((peer) => peer.uploadFiles(atOnce)),
    aws: (atOnce) => ofAws((peer) => peer.uploadFiles(atOnce))
  })
}

const filesDown: Bench = {
  title: "Small files of 4 KiB down, the start of the process included",
  unit: "µs",
  figures: ["cpu", "wall", "memory"],
  cases: filesCases({
    raw: (atOnce) => ofRaw((peer) => peer.downloadFiles(atOnce)),
    ours: (atOnce) => ofOurFiles((peer) => peer.downloadFiles(atOnce)),
    official: (atOnce) => ofOfficial((peer) => peer.downloadFiles(atOnce)),
    aws: (atOnce) => ofAws((peer) => peer.downloadFiles(atOnce))
  })
}

/** Numbers of files at once that one of is the best, by the latency in milliseconds. */
const fixedNumbers = { 0: [4, 16, 64], 5: [16, 64, 128], 20: [64, 128, 256], 80: [64, 128, 256] } as const

const concurrency: Bench = {
  title: "5,000 files of 4 KiB up: files at once found by the transfers, and fixed numbers",
  unit: "µs",
  figures: ["wall", "cpu"],
  cases: Object.fromEntries(
    Object.entries(fixedNumbers).map(([latency, numbers]): readonly [string, Case] => [
      `${latency} ms`,
      {
        count: 5000,
        warmUp: 0,
        rounds: 2,
        latency: Number(latency),
        variants: {
          [us]: ofOurFiles((peer) => peer.uploadFiles()),
          ...Object.fromEntries(
            numbers.map((atOnce) => [`${atOnce} at once`, ofOurFiles((peer) => peer.uploadFiles(atOnce))])
          )
        }
      }
    ])
  )
}

export const fewKeys = "10,000 keys"
export const manyKeys = "1,000,000 keys"
const keys = { [fewKeys]: 10_000, "100,000 keys": 100_000, [manyKeys]: 1_000_000 }

/** What is done with all keys, by the name of the case. */
const overKeys = (variant: (keys: number) => LazyVariant, quick?: number): Case => ({
  count: 1,
  rounds: 1,
  ...(quick === undefined ? undefined : { quick }),
  variants: Object.fromEntries(Object.entries(keys).map(([name, keys]) => [name, variant(keys)]))
})

const scale: Bench = {
  title: "Time for each key, and memory, by the number of keys; answers and local names are simulated",
  unit: "µs",
  figures: ["wall", "cpu", "growth", "memory"],
  cases: {
    listed: overKeys((keys) => ofSimulated((peer) => peer.listed(keys))),
    "planned against as many files": overKeys((keys) => ofSimulated((peer) => peer.planned(keys))),
    "planned and copied": overKeys((keys) => ofSimulated((peer) => peer.copiedAll(keys)))
  }
}

const growth: Bench = {
  title: "What is held for each file of a batch or a sync that is under way, answers simulated",
  unit: "µs",
  figures: ["growth", "cpu", "memory"],
  cases: {
    "50,000 files": {
      count: 50_000,
      rounds: 1,
      variants: { "Sync up": ofSimulated((peer) => peer.syncedUp(50_000)) }
    }
  }
}

const sync: Bench = {
  title: "Sync of 5,000 files of 4 KiB up, planned and applied",
  unit: "µs",
  figures: ["cpu", "wall", "memory"],
  cases: {
    "5,000 files": {
      count: treeSize,
      rounds: 2,
      fromStart: true,
      variants: {
        [rawFiles]: ofRaw((peer) => peer.uploadFiles(16)),
        [us]: ofOurFiles((peer) => peer.sync("empty/")),
        "effect-cos, second run": ofOurFiles((peer) => peer.sync("full/")),
        [them]: ofOfficial((peer) => peer.uploadFiles(16))
      }
    }
  }
}

const one: Bench = {
  title: "Single transfers of 4 KiB beside their request, 32 at once, hot",
  unit: "µs",
  cases: {
    "4 KiB": {
      count: 12_800,
      warmUp: 6400,
      quick: 3200,
      variants: {
        "Cos.putObject": ofOurFiles((peer) => peer.putObject),
        "Upload.bytes": ofOurFiles((peer) => peer.uploadBytes),
        "Upload.file": ofOurFiles((peer) => peer.uploadFile),
        "Download.bytes": ofOurFiles((peer) => peer.downloadBytes),
        "Download.file": ofOurFiles((peer) => peer.downloadFile)
      }
    }
  }
}

const lag: Bench = {
  title: "Delay of the event loop during an upload of 512 MiB with CRC64, 8 MiB × 4",
  unit: "s/GiB",
  figures: ["lag", "cpu"],
  cases: {
    "8 MiB × 4": {
      warmUp: 128,
      count: 512,
      quick: 256,
      variants: {
        [raw]: withLag(uploadOfRaw),
        [us]: withLag(uploadOfOurs),
        [them]: withLag(uploadOfOfficial)
      }
    }
  }
}

const memory: Bench = {
  title: "Memory of an upload, 8 MiB × 4",
  unit: "s/GiB",
  figures: ["memory"],
  cases: {
    "256 MiB": {
      count: 256,
      quick: 256,
      variants: { [raw]: uploadOfRaw, [us]: uploadOfOurs, [them]: uploadOfOfficial }
    },
    "1 GiB": {
      count: 1024,
      variants: { [raw]: uploadOfRaw, [us]: uploadOfOurs, [them]: uploadOfOfficial }
    }
  }
}

const interrupt: Bench = {
  title: "From an interrupt in the middle of an upload to its return, the upload aborted",
  unit: "ms",
  figures: ["wall"],
  cases: { upload: { count: 20, warmUp: 10, quick: 10, variants: { [us]: ofOurs((peer) => peer.interrupt) } } }
}

const requests = { count: 16_000, warmUp: 9600, quick: 4800 } as const

const put: Bench = {
  title: "PUT of 4 KiB, 32 at once",
  unit: "µs",
  cases: {
    PUT: {
      ...requests,
      variants: {
        [raw]: ofRaw((peer) => peer.put),
        [us]: ofOurs((peer) => peer.put),
        [them]: ofOfficial((peer) => peer.put),
        [aws]: ofAws((peer) => peer.put)
      }
    }
  }
}

const head: Bench = {
  title: "HEAD, 32 at once",
  unit: "µs",
  cases: {
    HEAD: {
      ...requests,
      variants: {
        [raw]: ofRaw((peer) => peer.head),
        [us]: ofOurs((peer) => peer.head),
        [them]: ofOfficial((peer) => peer.head),
        [aws]: ofAws((peer) => peer.head)
      }
    }
  }
}

const pages = { count: 200, warmUp: 50, quick: 50 } as const

/** Parsing alone, which decoding comes upon. */
export const parsedOnly = "parsed only"

const page: Bench = {
  title: "A page of 1,000 keys, from text to values",
  unit: "ms",
  cases: {
    page: {
      ...pages,
      variants: {
        "fast-xml-parser": ofDocuments((peer) => peer.peer),
        [parsedOnly]: ofDocuments((peer) => peer.oursUndecoded),
        [us]: ofDocuments((peer) => peer.ours),
        [them]: ofDocuments((peer) => peer.official)
      }
    }
  }
}

const list: Bench = {
  title: "A page of 1,000 keys, with its request",
  unit: "ms",
  cases: {
    page: {
      count: 200,
      warmUp: 50,
      variants: {
        "undici and fast-xml-parser": ofDocuments((peer) => peer.rawList),
        [us]: ofOurs((peer) => peer.list),
        [them]: ofOfficial((peer) => peer.list),
        [aws]: ofAws((peer) => peer.list)
      }
    }
  }
}

/** A process that imports nothing. */
export const emptyProgram = "an empty program"
export const bundledProgram = "effect-cos, bundled"

const coldStart: Bench = {
  title: "Cold start, from nothing to everything imported",
  unit: "ms",
  figures: ["wall", "cpu"],
  cases: {
    start: {
      warmUp: 1,
      count: 5,
      quick: 1,
      variants: {
        [emptyProgram]: ofColdStart((peer) => peer.starting("empty")),
        [us]: ofColdStart((peer) => peer.starting("ours")),
        [bundledProgram]: ofColdStart((peer) => peer.starting("bundled")),
        [them]: ofColdStart((peer) => peer.starting("official"))
      }
    }
  }
}

const bundle: Bench = {
  title: "One operation in a bundle, minified",
  unit: "ms",
  figures: ["size"],
  cases: {
    headObject: {
      count: 1,
      rounds: 1,
      variants: {
        [us]: ofBundle((peer) => peer.bundled("ours")),
        [them]: ofBundle((peer) => peer.bundled("official")),
        [aws]: ofBundle((peer) => peer.bundled("aws"))
      }
    }
  }
}

export const inOwnBuffer = "in a buffer of Crc64.allocate"

const crc64: Bench = {
  title: "Checksums of 8 MiB",
  unit: "s/GiB",
  figures: ["rate", "cpu"],
  cases: {
    "8 MiB": {
      warmUp: 256,
      count: 1024,
      quick: 512,
      variants: {
        "MD5 of node:crypto": ofCrc64((peer) => peer.md5),
        [inOwnBuffer]: ofCrc64((peer) => peer.inOwnBuffer),
        "in any Uint8Array": ofCrc64((peer) => peer.inAnyBuffer),
        "without WebAssembly": ofCrc64((peer) => peer.withoutWebAssembly)
      }
    }
  }
}

const transport = (method: "PUT" | "HEAD"): Bench => ({
  title: `HTTP clients: ${method === "PUT" ? "PUT of 4 KiB" : "HEAD"}, 32 at once`,
  unit: "µs",
  cases: {
    [method]: {
      count: 16_000,
      warmUp: 9600,
      rounds: 1,
      variants: {
        [raw]: ofTransport((peer) => peer.raw(method)),
        UndiciTransport: ofTransport((peer) => peer.undiciTransport(method)),
        "layerUndici, untraced": ofTransport((peer) => peer.layerUndiciUntraced(method)),
        layerUndici: ofTransport((peer) => peer.layerUndici(method))
      }
    }
  }
})

export const benches: { readonly [name: string]: Bench } = {
  upload,
  "upload-small-parts": uploadSmallParts,
  download,
  "files-up": filesUp,
  "files-down": filesDown,
  concurrency,
  sync,
  scale,
  growth,
  one,
  put,
  head,
  page,
  list,
  lag,
  memory,
  interrupt,
  "cold-start": coldStart,
  bundle,
  crc64,
  "transport-put": transport("PUT"),
  "transport-head": transport("HEAD")
}
