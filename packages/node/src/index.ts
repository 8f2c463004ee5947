/**
 * effect-cos on Node.
 *
 * @since 0.1.0
 */
export * as NodeCos from "./NodeCos.js"
export * as NodeFiles from "./NodeFiles.js"
export * as NodeHash from "./NodeHash.js"
export * as NodeReadable from "./NodeReadable.js"
export * as UndiciTransport from "./UndiciTransport.js"
