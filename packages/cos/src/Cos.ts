/**
 * Every operation of COS, one function each, by the names that COS gives its actions.
 *
 * @since 0.1.0
 */
export * from "./operations/bucket.js"
export * from "./operations/multipart.js"
export * from "./operations/object.js"
