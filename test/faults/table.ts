/** The fault matrix: every row that runs in process. */
import type { InProcessRow } from "./row.js"
import { carriers } from "./rows/documents.js"
import { downloads } from "./rows/downloads.js"
import { requests } from "./rows/requests.js"
import { uploads } from "./rows/uploads.js"

export const table: ReadonlyArray<InProcessRow> = [...requests, ...uploads, ...downloads, ...carriers]
