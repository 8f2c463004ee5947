/** The fault matrix. */
import type { InProcessRow, PortRow } from "./row.js"
import { carriers } from "./rows/documents.js"
import { downloads } from "./rows/downloads.js"
import { ports } from "./rows/ports.js"
import { processes } from "./rows/processes.js"
import { requests } from "./rows/requests.js"
import { uploads } from "./rows/uploads.js"

export const inProcess: ReadonlyArray<InProcessRow> = [...requests, ...uploads, ...downloads, ...carriers]
export const onPort: ReadonlyArray<PortRow> = ports
export const ofProcesses: ReadonlyArray<PortRow> = processes
