/** The fault matrix. */
import type { InProcessRow, PortRow } from "./row.js"
import { aborts } from "./rows/aborts.js"
import { completes } from "./rows/completes.js"
import { copies } from "./rows/copies.js"
import { credentials } from "./rows/credentials.js"
import { carriers } from "./rows/documents.js"
import { downloads } from "./rows/downloads.js"
import { initiates } from "./rows/initiates.js"
import { parts } from "./rows/parts.js"
import { ports } from "./rows/ports.js"
import { processes } from "./rows/processes.js"
import { requests } from "./rows/requests.js"
import { resumes } from "./rows/resumes.js"
import { sizes } from "./rows/sizes.js"
import { sources } from "./rows/sources.js"

export const inProcess: ReadonlyArray<InProcessRow> = [
  ...requests,
  ...initiates,
  ...parts,
  ...completes,
  ...aborts,
  ...resumes,
  ...sources,
  ...sizes,
  ...credentials,
  ...copies,
  ...downloads,
  ...carriers
]
export const onPort: ReadonlyArray<PortRow> = ports
export const ofProcesses: ReadonlyArray<PortRow> = processes
