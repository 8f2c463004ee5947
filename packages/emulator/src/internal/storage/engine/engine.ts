/**
 * Implements {@link Storage} over any records and bodies, in memory or on disk.
 */
import type { Bodies } from "../bodies/bodies.js"
import type { Records } from "../records/tables.js"
import type { Storage } from "../Storage.js"
import { makeBuckets, makeDocuments } from "./buckets.js"
import { makeState } from "./engineState.js"
import { makeLists } from "./lists.js"
import { makeObjects } from "./objects.js"
import { makeSnapshots } from "./snapshots.js"
import { makeUploads } from "./uploads.js"

export const make = (records: Records, bodies: Bodies): Storage.Service => {
  const engine = makeState(records, bodies)
  return {
    ...makeBuckets(engine),
    ...makeDocuments(engine),
    writeBody: bodies.write,
    ...makeObjects(engine),
    ...makeLists(engine),
    ...makeUploads(engine),
    ...makeSnapshots(engine)
  }
}
