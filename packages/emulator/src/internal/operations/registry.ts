/**
 * The registry of all operations, and the lookup of a request's operation. Add a new operation to the list of its
 * group.
 */
import * as Array from "effect/Array"
import * as Either from "effect/Either"
import { signatureParameters } from "../access/signature.js"
import { type CosFailure, failure } from "../http/failure.js"
import type { Target } from "../http/target.js"
import { aclOperations } from "./acl.js"
import { appendOperations } from "./append.js"
import { bucketOperations } from "./bucket.js"
import { certificateOperations } from "./certificate.js"
import { configurationOperations } from "./configuration.js"
import { copyOperations } from "./copy.js"
import { corsOperations } from "./cors.js"
import { formOperations } from "./form.js"
import { jobIdOf, jobOperations } from "./jobs.js"
import { listBucketsOperations } from "./listBuckets.js"
import { multipartOperations } from "./multipart.js"
import { objectOperations } from "./object.js"
import type { Operation, Settings } from "./operation.js"
import { checkHeaders, invalidArgument } from "./parameters.js"
import { policyOperations } from "./policy.js"
import { isRule, processingOperations } from "./processing.js"
import { putOperations } from "./put.js"
import { restoreOperations } from "./restore.js"
import { retentionOperations } from "./retention.js"
import { selectOperations } from "./select.js"
import { symlinkOperations } from "./symlink.js"
import { taggingOperations } from "./tagging.js"
import { versioningOperations } from "./versioning.js"

export const operations: ReadonlyArray<Operation> = [
  ...listBucketsOperations,
  ...bucketOperations,
  ...aclOperations,
  ...corsOperations,
  ...taggingOperations,
  ...versioningOperations,
  ...configurationOperations,
  ...certificateOperations,
  ...policyOperations,
  ...putOperations,
  ...objectOperations,
  ...multipartOperations,
  ...copyOperations,
  ...appendOperations,
  ...symlinkOperations,
  ...restoreOperations,
  ...retentionOperations,
  ...selectOperations,
  ...formOperations,
  ...jobOperations,
  ...processingOperations
]

/** The names that the journal and faults use. */
export const names: ReadonlyArray<string> = Array.dedupe(operations.map(({ name }) => name))

/** The correct spelling of an operation's name; `undefined` if there is no such operation. */
export const correctSpelling = (name: string): string | undefined =>
  names.find((known) => known.toLowerCase() === name.toLowerCase())

const targetOf = (operation: Operation): string => (operation.on === "bucketName" ? "bucket" : operation.on)

const operationsByMethod = Array.groupBy(operations, (operation) => `${operation.method} ${targetOf(operation)}`)

/** The subresources of a target. */
const subresources = (place: string): ReadonlySet<string> =>
  new Set(
    operations.flatMap((operation) =>
      targetOf(operation) === place ? (operation.requiredQuery?.slice(0, 1) ?? []) : []
    )
  )

const knownSubresources = {
  service: subresources("service"),
  bucket: subresources("bucket"),
  object: subresources("object"),
  control: subresources("control")
}

const specificity = (operation: Operation): number =>
  (operation.requiredQuery?.length ?? 0) + (operation.requiredHeader === undefined ? 0 : 1)

const placeOf = (target: Target): keyof typeof knownSubresources =>
  target.endpoint === "control"
    ? "control"
    : target.bucket === undefined
      ? "service"
      : target.key === undefined
        ? "bucket"
        : "object"

/** Finds the request's operation: the most specific one whose required parameters are all present. */
export const findOperation = (
  method: string,
  target: Target,
  header: (name: string) => string | undefined
): Either.Either<Operation, CosFailure> => {
  const place = placeOf(target)
  const found = (operationsByMethod[`${method} ${place}`] ?? [])
    .filter(
      (operation) =>
        (operation.path === undefined || jobIdOf(operation.path, target.path) !== undefined) &&
        (operation.requiredQuery ?? []).every((name) => target.query.has(name)) &&
        (operation.requiredHeader === undefined || header(operation.requiredHeader) !== undefined)
    )
    .sort((a, b) => specificity(b) - specificity(a))[0]
  const names = [...target.query.keys()].filter((name) => !signatureParameters.has(name))
  // DELETE of a subresource that cannot be deleted must not delete the bucket.
  const another =
    found?.requiredQuery === undefined &&
    found?.optionalQuery !== "any" &&
    names.some((name) => knownSubresources[place].has(name))
  if (found !== undefined && !another) return Either.right(found)
  return Either.left(
    failure("MethodNotAllowed", {
      message: `${method} on ${place === "object" ? "an object" : `the ${place}`} with ${
        names.length === 0 ? "no subresource" : names.join(", ")
      } is no operation that the emulator knows.`
    })
  )
}

/**
 * Refuses headers that cannot be sent back. A strict emulator also refuses unknown parameters and
 * headers by name: COS ignores them, which looks like success.
 */
export const checkRequest = (
  operation: Operation,
  target: Target,
  headers: Readonly<Record<string, string>>,
  settings: Pick<Settings, "strict">
): Either.Either<void, CosFailure> => {
  const { optionalQuery = [] } = operation
  const unknown =
    optionalQuery === "any"
      ? []
      : [...target.query.keys()].filter(
          (name) =>
            !signatureParameters.has(name) && !operation.requiredQuery?.includes(name) && !optionalQuery.includes(name)
        )
  const misspelt = unknown.filter((name) => operation.name !== "getObject" || !isRule(name))
  if (settings.strict && misspelt.length > 0) {
    return Either.left(
      invalidArgument(`${operation.name} does not know the subresource or query parameter ${misspelt[0]}.`)
    )
  }
  // It may be a subresource that COS knows: a bucket must be neither made nor deleted for it.
  const subresource = misspelt.find((name) => target.query.get(name) === "")
  const changesBucket = operation.name === "putBucket" || operation.name === "deleteBucket"
  return changesBucket && subresource !== undefined
    ? Either.left(
        failure("MethodNotAllowed", { message: `${subresource} is no subresource of buckets that the emulator knows.` })
      )
    : checkHeaders(headers, settings)
}
