/**
 * What a request asks for and the emulator cannot do for real, though it can carry out the rest: upload callbacks, and
 * processing whose result is the object itself or others beside it. The response and the journal say so.
 */
import { signatureParameters } from "../access/signature.js"
import type { Target } from "../http/target.js"
import type { Operation } from "./operation.js"
import { isRule } from "./processing.js"

const uploads = new Set(["putObject", "postObject", "completeMultipartUpload", "imageProcess"])

/** By the names that requests have for it. */
export const notDone = (
  { name }: Pick<Operation, "name">,
  query: Target["query"],
  headers: Readonly<Record<string, string>>
): ReadonlyArray<string> => {
  const isUpload = uploads.has(name)
  const rule =
    name === "getObject" ? [...query.keys()].find((one) => !signatureParameters.has(one) && isRule(one)) : undefined
  return [
    ...(isUpload && headers["x-cos-callback"] ? ["x-cos-callback"] : []),
    ...(isUpload && headers["pic-operations"] ? ["Pic-Operations"] : []),
    ...(rule === undefined ? [] : [rule]),
    ...(name === "ciProcess" ? [`ci-process=${query.get("ci-process")}`] : [])
  ]
}
