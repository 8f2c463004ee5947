/** One large object, up and down. */
import { aws, type Bench, raw, them, us } from "../bench.js"
import { MiB } from "../data.js"
import { withLag } from "../lag.js"
import { ofAws, ofOfficial, ofOurs, ofRaw } from "../peers.js"
import type { LazyVariant } from "../variants.js"

const uploadOfOfficial = ofOfficial((peer) => peer.upload(8 * MiB))
const uploadOfOurs = ofOurs((peer) => peer.upload(8 * MiB))
const uploadOfRaw = ofRaw((peer) => peer.upload(8 * MiB))
/** The warm-up has as many parts as what is measured, so that most of the code is compiled. */
const gibibyte = { warmUp: 1024, count: 1024, quick: 128 } as const

export const upload: Bench = {
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

export const uploadSmallParts: Bench = {
  title: "Upload 1 GiB from a file, parts of 1 MiB, 4 at once",
  unit: "s/GiB",
  cases: {
    // The AWS SDK refuses parts of less than 5 MiB.
    "1 MiB parts": {
      ...gibibyte,
      // V8 has compiled what a part takes after 3,000 of them, where a part is little more than its request.
      warmUp: 3072,
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

export const download: Bench = {
  title: "Download 1 GiB into a file (ours: ranges of 8 MiB, 4 at once, verified, flushed to the disk)",
  unit: "s/GiB",
  alike: notVerified,
  cases: {
    "to a file": {
      ...gibibyte,
      // With three, the goals of verified to not verified vary by a third.
      rounds: 7,
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

export const lag: Bench = {
  title: "Delay of the event loop while 512 MiB are uploaded with CRC64 for three seconds, 8 MiB × 4",
  unit: "s/GiB",
  figures: ["lag"],
  cases: {
    "8 MiB × 4": {
      warmUp: 512,
      count: 512,
      quick: 128,
      variants: {
        [raw]: withLag(uploadOfRaw),
        [us]: withLag(uploadOfOurs),
        [them]: withLag(uploadOfOfficial)
      }
    }
  }
}

/** The upload of an object of this size, whatever the case says. */
const ofSize =
  (mebibytes: number, variant: LazyVariant): LazyVariant =>
  async (origin) => {
    const run = await variant(origin)
    return () => run(mebibytes)
  }

export const smallerUpload = "effect-cos, 256 MiB"

export const memory: Bench = {
  title: "Memory of an upload of 1 GiB, 8 MiB × 4",
  unit: "s/GiB",
  figures: ["memory"],
  cases: {
    "8 MiB × 4": {
      count: 1,
      variants: {
        [raw]: ofSize(1024, uploadOfRaw),
        [us]: ofSize(1024, uploadOfOurs),
        [smallerUpload]: ofSize(256, uploadOfOurs),
        [them]: ofSize(1024, uploadOfOfficial)
      }
    }
  }
}

export const interrupt: Bench = {
  title: "From an interrupt in the middle of an upload to its return, the upload aborted",
  unit: "ms",
  figures: ["wall"],
  cases: { upload: { count: 20, warmUp: 10, quick: 10, variants: { [us]: ofOurs((peer) => peer.interrupt) } } }
}
