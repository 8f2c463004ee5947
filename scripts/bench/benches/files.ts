/** Many small files, and small transfers beside their request. */
import { aws, type Bench, type Case, them, us } from "../bench.js"
import { treeSize } from "../data.js"
import { ofAws, ofOfficial, ofOfficialAsSafe, ofOurFiles, ofRaw } from "../peers.js"
import type { LazyVariant } from "../variants.js"

export const rawFiles = "raw undici, node:fs"
const themAsSafe = "official, as safe"

/** How many files are transferred at once; `found` leaves it to the transfers. */
export const found = "self-found"
export const atOnce = [4, 16, 64, 128, found] as const
export const latencies = [0, 20] as const

/** The name of a case, which the goals and the charts know too. */
export const filesCase = (count: number, atOnce: number | string, latency: number): string =>
  `${count.toLocaleString("en")} files, ${typeof atOnce === "number" ? `${atOnce} at once` : atOnce}, ${latency} ms`

const fromStart = ["cpu", "wall", "cpuAfterStart", "wallAfterStart", "memory"] as const

interface FilesVariants {
  readonly raw: (atOnce: number) => LazyVariant
  readonly ours: (atOnce?: number) => LazyVariant
  readonly official: (atOnce?: number) => LazyVariant
  /** Not by the name of the official SDK, since the goals compare ours with what it does by itself. */
  readonly officialAsSafe?: (atOnce: number) => LazyVariant
  readonly aws: (atOnce: number) => LazyVariant
}

/**
 * All cells of 50,000 files take half an hour, and so are measured of ours alone: the 5,000 tell how it compares. One shows
 * what a file costs when the start of the process is paid.
 */
const isSlow = (count: number, files: number | string, latency: number): boolean =>
  count > 5000 && !(latency === 0 && files === 16)

const filesCases = ({ aws: ofAws, official, officialAsSafe, ours, raw }: FilesVariants): Bench["cases"] =>
  Object.fromEntries(
    [5000, 50_000].flatMap((count) =>
      latencies.flatMap((latency) =>
        atOnce.map((files): readonly [string, Case] => [
          filesCase(count, files, latency),
          {
            count,
            ...(count === 5000 && latency === 0 && files === 16 ? { quick: 1000, rounds: 2 } : { rounds: 1 }),
            latency,
            fromStart: true,
            slow: isSlow(count, files, latency),
            variants: isSlow(count, files, latency)
              ? { [us]: ours(files === found ? undefined : files) }
              : files === found
                ? { [us]: ours(), [them]: official() }
                : {
                    [rawFiles]: raw(files),
                    [us]: ours(files),
                    [them]: official(files),
                    ...(files === 16 && officialAsSafe !== undefined ? { [themAsSafe]: officialAsSafe(files) } : {}),
                    ...(files === 16 && latency === 0 && count === 5000 ? { [aws]: ofAws(files) } : {})
                  }
          }
        ])
      )
    )
  )

export const filesUp: Bench = {
  title: "Small files of 4 KiB up, the start of the process included",
  unit: "µs",
  figures: fromStart,
  cases: filesCases({
    raw: (atOnce) => ofRaw((peer) => peer.uploadFiles(atOnce)),
    ours: (atOnce) => ofOurFiles((peer) => peer.uploadFiles(atOnce)),
    official: (atOnce) => ofOfficial((peer) => peer.uploadFiles(atOnce)),
    aws: (atOnce) => ofAws((peer) => peer.uploadFiles(atOnce))
  })
}

export const filesDown: Bench = {
  title: "Small files of 4 KiB down, the start of the process included",
  note:
    "Ours compares the CRC64 of each file, flushes it under a temporary name and renames it, and the official SDK does none " +
    `of these; "${themAsSafe}" is the official SDK with what its user has to write for the same.`,
  unit: "µs",
  figures: fromStart,
  cases: filesCases({
    raw: (atOnce) => ofRaw((peer) => peer.downloadFiles(atOnce)),
    ours: (atOnce) => ofOurFiles((peer) => peer.downloadFiles(atOnce)),
    official: (atOnce) => ofOfficial((peer) => peer.downloadFiles(atOnce)),
    officialAsSafe: (atOnce) => ofOfficialAsSafe((peer) => peer.downloadFiles(atOnce)),
    aws: (atOnce) => ofAws((peer) => peer.downloadFiles(atOnce))
  })
}

/** Numbers of files at once that one of is the best, by the latency in milliseconds. */
const fixedNumbers = { 0: [4, 16, 64], 5: [16, 64, 128], 20: [64, 128, 256], 80: [64, 128, 256] } as const

export const concurrency: Bench = {
  title: "5,000 files of 4 KiB up: files at once found by the transfers, and fixed numbers",
  unit: "µs",
  figures: ["wall", "cpu"],
  cases: Object.fromEntries(
    Object.entries(fixedNumbers).map(([latency, numbers]): readonly [string, Case] => [
      `${latency} ms`,
      {
        count: 5000,
        rounds: 1,
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

export const sync: Bench = {
  title: "Sync of 5,000 files of 4 KiB up, planned and applied",
  unit: "µs",
  figures: fromStart,
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

export const one: Bench = {
  title: "Single transfers of 4 KiB beside their request, 32 at once, hot",
  unit: "µs",
  cases: {
    "4 KiB": {
      count: 12_800,
      warmUp: 6400,
      quick: 800,
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
