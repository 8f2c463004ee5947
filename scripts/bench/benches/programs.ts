/** What a program pays before it transfers anything, and for checksums alone. */
import { aws, type Bench, them, us } from "../bench.js"
import { ofBundle, ofColdStart, ofCrc64 } from "../peers.js"

/** A process that imports nothing. */
export const emptyProgram = "an empty program"
export const bundledProgram = "effect-cos, bundled"

export const coldStart: Bench = {
  title: "Cold start, from nothing to everything imported",
  // What Effect takes to load is most of it.
  officialMayWin: true,
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

export const bundle: Bench = {
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

export const crc64: Bench = {
  title: "Checksums of 8 MiB",
  unit: "s/GiB",
  figures: ["rate", "cpu"],
  cases: {
    "8 MiB": {
      warmUp: 256,
      count: 1024,
      quick: 128,
      variants: {
        "MD5 of node:crypto": ofCrc64((peer) => peer.md5),
        [inOwnBuffer]: ofCrc64((peer) => peer.inOwnBuffer),
        "in any Uint8Array": ofCrc64((peer) => peer.inAnyBuffer),
        "without WebAssembly": ofCrc64((peer) => peer.withoutWebAssembly)
      }
    }
  }
}
