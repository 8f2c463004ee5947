/** The fault matrix: its rows by what they are about. */
import type { InProcessRow, PortRow } from "./row.js"
import { aborts } from "./rows/aborts.js"
import { completes } from "./rows/completes.js"
import { copies } from "./rows/copies.js"
import { credentials } from "./rows/credentials.js"
import { documents } from "./rows/documents.js"
import { downloads } from "./rows/downloads.js"
import { initiates } from "./rows/initiates.js"
import { journals } from "./rows/journals.js"
import { parts } from "./rows/parts.js"
import { ports } from "./rows/ports.js"
import { processes } from "./rows/processes.js"
import { requests } from "./rows/requests.js"
import { resumes } from "./rows/resumes.js"
import { sizes } from "./rows/sizes.js"
import { sources } from "./rows/sources.js"
import { syncs } from "./rows/syncs.js"
import { wholes } from "./rows/wholes.js"

type Rows<Row> = Readonly<Record<string, ReadonlyArray<Row>>>

/** Run in process, under the test clock. */
export const inProcess: Rows<InProcessRow> = {
  requests,
  "initiating an upload": initiates,
  "uploading parts": parts,
  "completing an upload": completes,
  "aborting an upload": aborts,
  "resuming an upload": resumes,
  "sources that change": sources,
  "sizes and parts": sizes,
  "one request that is read while it is sent": wholes,
  credentials,
  copies,
  downloads,
  "keys, lists and documents": documents
}

/** Need sockets or a real file system. */
export const onPort: Rows<PortRow> = {
  "over sockets": ports,
  "journals and plans": journals,
  "syncs of real directories": syncs
}

/** Need several processes. */
export const ofProcesses: Rows<PortRow> = { "with several processes": processes }
