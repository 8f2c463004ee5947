/** Whose variants are compared. Each peer is loaded only in the process that runs it. */
import { variantsOf } from "./variants.js"

export const ofAws = variantsOf(() => import("./peers/aws.js"))
export const ofBundle = variantsOf(() => import("./peers/bundle.js"))
export const ofColdStart = variantsOf(() => import("./peers/coldStart.js"))
export const ofCrc64 = variantsOf(() => import("./peers/crc64.js"))
export const ofDocuments = variantsOf(() => import("./peers/documents.js"))
export const ofOfficial = variantsOf(() => import("./peers/official.js"))
export const ofOfficialAsSafe = variantsOf(() => import("./peers/officialAsSafe.js"))
export const ofOurFiles = variantsOf(() => import("./peers/oursFiles.js"))
export const ofOurs = variantsOf(() => import("./peers/ours.js"))
export const ofRaw = variantsOf(() => import("./peers/raw.js"))
export const ofSimulated = variantsOf(() => import("./peers/simulated.js"))
export const ofTransport = variantsOf(() => import("./peers/transport.js"))
