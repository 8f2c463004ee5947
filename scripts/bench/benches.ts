/** Every bench by its name. */
import type { Bench } from "./bench.js"
import { concurrency, filesDown, filesUp, one, sync } from "./benches/files.js"
import { download, interrupt, lag, memory, upload, uploadSmallParts } from "./benches/large.js"
import { bundle, coldStart, crc64 } from "./benches/programs.js"
import { head, list, page, put, transport } from "./benches/requests.js"
import { growth, scale } from "./benches/scale.js"

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
