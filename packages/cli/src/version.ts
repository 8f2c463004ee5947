/** Set by the build. */
declare const COS_CLI_VERSION: string | undefined

/** The version of the package; from the sources it is not known. */
export const version: string = typeof COS_CLI_VERSION === "string" ? COS_CLI_VERSION : "0.0.0-source"
