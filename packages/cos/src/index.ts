/**
 * The modules of effect-cos. The operations are in `effect-cos/Cos`.
 *
 * @since 0.1.0
 */
export * as Batch from "./Batch.js"
export * as Body from "./Body.js"
export * as Checkpoint from "./Checkpoint.js"
export * as Controlled from "./Controlled.js"
export * as Copy from "./Copy.js"
export * as CosClient from "./CosClient.js"
export * as CosError from "./CosError.js"
export * as CosTransport from "./CosTransport.js"
export * as CosXml from "./CosXml.js"
export * as Crc64 from "./Crc64.js"
export * as Credentials from "./Credentials.js"
export * as Download from "./Download.js"
export * as Endpoint from "./Endpoint.js"
export * as EventStream from "./EventStream.js"
export * as Hash from "./Hash.js"
export * as ObjectKey from "./ObjectKey.js"
export * as Operation from "./Operation.js"
export * as Presign from "./Presign.js"
export * as Progress from "./Progress.js"
export * as RetryPolicy from "./RetryPolicy.js"
export * as ServerResponse from "./ServerResponse.js"
export * as Signature from "./Signature.js"
export * as Sync from "./Sync.js"
export * as Upload from "./Upload.js"
