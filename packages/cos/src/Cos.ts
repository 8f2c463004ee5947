/**
 * Every operation of COS, one function each, by the names that COS gives its actions.
 *
 * @since 0.1.0
 */
export * from "./operations/accelerate.js"
export * from "./operations/acl.js"
export * from "./operations/bucket.js"
export * from "./operations/cors.js"
export * from "./operations/domain.js"
export * from "./operations/encryption.js"
export * from "./operations/intelligentTiering.js"
export * from "./operations/inventory.js"
export * from "./operations/lifecycle.js"
export * from "./operations/location.js"
export * from "./operations/logging.js"
export * from "./operations/multipart.js"
export * from "./operations/object.js"
export * from "./operations/objectLock.js"
export * from "./operations/origin.js"
export * from "./operations/policy.js"
export * from "./operations/referer.js"
export * from "./operations/replication.js"
export * from "./operations/tagging.js"
export * from "./operations/versioning.js"
export * from "./operations/website.js"
