/** As many keys and files as a bucket has. */
import type { Bench, Case } from "../bench.js"
import { ofSimulated } from "../peers.js"
import type { LazyVariant } from "../variants.js"

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

export const scale: Bench = {
  title: "Time for each key, and memory, by the number of keys; answers and local names are simulated",
  unit: "µs",
  figures: ["wall", "cpu", "growth", "memory"],
  cases: {
    listed: overKeys((keys) => ofSimulated((peer) => peer.listed(keys))),
    "planned against as many files": overKeys((keys) => ofSimulated((peer) => peer.planned(keys))),
    "planned and copied": overKeys((keys) => ofSimulated((peer) => peer.copiedAll(keys)))
  }
}

const growing = 50_000

export const batchUp = "Upload.filesStream"
export const batchDown = "Download.filesStream"
export const syncUp = "Sync.run, up"

export const growth: Bench = {
  title: "What is held for each file of a batch or a sync that is under way, answers simulated",
  unit: "µs",
  figures: ["growth", "cpu", "memory"],
  cases: {
    "50,000 files": {
      count: 1,
      rounds: 1,
      variants: {
        [batchUp]: ofSimulated((peer) => peer.uploadedAll(growing)),
        [batchDown]: ofSimulated((peer) => peer.downloadedAll(growing)),
        [syncUp]: ofSimulated((peer) => peer.syncedUp(growing))
      }
    }
  }
}
