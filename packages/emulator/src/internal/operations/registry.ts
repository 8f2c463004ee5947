/**
 * Every operation, and how a request finds its own. A new subresource is one entry in one of these lists.
 */
import * as Array from "effect/Array"
import * as Either from "effect/Either"
import { type CosFailure, failure } from "../failure.js"
import { ownParameters } from "../signature.js"
import type { Target } from "../target.js"
import { bucketOperations } from "./bucket.js"
import { copyOperations } from "./copy.js"
import { multipartOperations } from "./multipart.js"
import { objectOperations } from "./object.js"
import type { Operation } from "./operation.js"
import { invalid } from "./parameters.js"
import { serviceOperations } from "./service.js"

export const operations: ReadonlyArray<Operation> = [
  ...serviceOperations,
  ...bucketOperations,
  ...objectOperations,
  ...multipartOperations,
  ...copyOperations
]

const placeOf = (operation: Operation): string => (operation.on === "name" ? "bucket" : operation.on)

const table = Array.groupBy(operations, (operation) => `${operation.method} ${placeOf(operation)}`)

const specificity = (operation: Operation): number =>
  (operation.selects?.length ?? 0) + (operation.selectsHeader === undefined ? 0 : 1)

/** The operation that a request is: of those whose names are all there, the one that asks for most. */
export const find = (
  method: string,
  target: Target,
  header: (name: string) => string | undefined
): Either.Either<Operation, CosFailure> => {
  const place = target.bucket === undefined ? "service" : target.key === undefined ? "bucket" : "object"
  const found = (table[`${method} ${place}`] ?? [])
    .filter(
      (operation) =>
        (operation.selects ?? []).every((name) => target.query.has(name)) &&
        (operation.selectsHeader === undefined || header(operation.selectsHeader) !== undefined)
    )
    .sort((a, b) => specificity(b) - specificity(a))[0]
  if (found !== undefined) return Either.right(found)
  const names = [...target.query.keys()].filter((name) => !ownParameters.has(name))
  return Either.left(
    failure("MethodNotAllowed", {
      message: `${method} on ${place === "object" ? "an object" : `the ${place}`} with ${
        names.length === 0 ? "no subresource" : names.join(", ")
      } is no operation that the emulator knows.`
    })
  )
}

/** Every `x-cos-` header that some operation reads; those of metadata have any name. */
const knownHeaders =
  /^x-cos-(?:meta-.+|acl|grant-(?:read|write|read-acp|write-acp|full-control)|storage-class|tagging|tagging-directive|metadata-directive|forbid-overwrite|traffic-limit|security-token|sdk-retry|copy-source(?:-range|-if-(?:none-)?match|-if-(?:un)?modified-since)?|(?:copy-source-)?server-side-encryption(?:-customer-(?:algorithm|key|key-md5))?|server-side-encryption-(?:cos-kms-key-id|context))$/

/** Refuses what the operation does not know, by name: silence would look like success. */
export const checkStrictly = (
  operation: Operation,
  target: Target,
  headers: Readonly<Record<string, string>>
): Either.Either<void, CosFailure> => {
  const parameter = [...target.query.keys()].find(
    (name) => !ownParameters.has(name) && !operation.selects?.includes(name) && !operation.query?.includes(name)
  )
  if (parameter !== undefined) {
    return Either.left(invalid(`${operation.name} does not know the subresource or query parameter ${parameter}.`))
  }
  const header = Object.keys(headers).find((name) => name.startsWith("x-cos-") && !knownHeaders.test(name))
  return header === undefined
    ? Either.right(undefined)
    : Either.left(invalid(`The emulator does not know the header ${header}.`))
}
