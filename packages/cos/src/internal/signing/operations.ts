/** Which operation a request is, by its method and its query: what a page says of itself is not believed. */

/**
 * An operation that a server can sign for a page.
 *
 * @since 0.1.0
 * @category models
 */
export type OperationName =
  | "getObject"
  | "headObject"
  | "putObject"
  | "copyObject"
  | "appendObject"
  | "deleteObject"
  | "initiateMultipartUpload"
  | "uploadPart"
  | "uploadPartCopy"
  | "completeMultipartUpload"
  | "abortMultipartUpload"
  | "listParts"
  | "listMultipartUploads"
  | "listObjects"

interface Form {
  readonly operation: OperationName
  readonly method: string
  readonly on: "object" | "bucket"
  readonly query: ReadonlyArray<string>
  readonly optional?: ReadonlyArray<string>
  readonly isCopy?: boolean
}

const listing = ["prefix", "delimiter", "encoding-type", "marker", "max-keys"]
const overrides = ["type", "language", "expires", "cache-control", "disposition", "encoding"].map((name) =>
  name === "expires" || name === "cache-control" ? `response-${name}` : `response-content-${name}`
)

const forms: ReadonlyArray<Form> = [
  { operation: "getObject", method: "GET", on: "object", query: [], optional: ["versionId", ...overrides] },
  { operation: "headObject", method: "HEAD", on: "object", query: [], optional: ["versionId"] },
  { operation: "putObject", method: "PUT", on: "object", query: [] },
  { operation: "copyObject", method: "PUT", on: "object", query: [], isCopy: true },
  { operation: "appendObject", method: "POST", on: "object", query: ["append", "position"] },
  { operation: "deleteObject", method: "DELETE", on: "object", query: [], optional: ["versionId"] },
  { operation: "initiateMultipartUpload", method: "POST", on: "object", query: ["uploads"] },
  { operation: "uploadPart", method: "PUT", on: "object", query: ["partNumber", "uploadId"] },
  { operation: "uploadPartCopy", method: "PUT", on: "object", query: ["partNumber", "uploadId"], isCopy: true },
  { operation: "completeMultipartUpload", method: "POST", on: "object", query: ["uploadId"] },
  { operation: "abortMultipartUpload", method: "DELETE", on: "object", query: ["uploadId"] },
  {
    operation: "listParts",
    method: "GET",
    on: "object",
    query: ["uploadId"],
    optional: ["max-parts", "part-number-marker", "encoding-type"]
  },
  {
    operation: "listMultipartUploads",
    method: "GET",
    on: "bucket",
    query: ["uploads"],
    optional: ["prefix", "delimiter", "encoding-type", "max-uploads", "key-marker", "upload-id-marker"]
  },
  { operation: "listObjects", method: "GET", on: "bucket", query: [], optional: listing }
]

/** What an upload in parts and reading need. */
export const byDefault: ReadonlyArray<OperationName> = [
  "getObject",
  "headObject",
  "putObject",
  "initiateMultipartUpload",
  "uploadPart",
  "completeMultipartUpload",
  "abortMultipartUpload",
  "listParts",
  "listMultipartUploads"
]

/** What they name a service may take for absent where it is empty: without an upload, abort is to delete the object. */
const naming = ["uploadId", "partNumber", "position", "versionId"]

type Pairs = ReadonlyArray<readonly [name: string, value: string]>

export const operationOf = (request: {
  readonly method: string
  readonly key?: string | undefined
  readonly query: Pairs
  readonly headers: Pairs
}): OperationName | undefined => {
  if (request.query.some(([name, value]) => value === "" && naming.includes(name))) return undefined
  const names = request.query.map(([name]) => name)
  const isCopy = request.headers.some(([name]) => name.toLowerCase() === "x-cos-copy-source")
  return forms.find(
    ({ isCopy: copies = false, method, on, optional = [], query }) =>
      method === request.method &&
      on === (request.key === undefined || request.key === "" ? "bucket" : "object") &&
      copies === isCopy &&
      query.every((name) => names.includes(name)) &&
      names.every((name) => query.includes(name) || optional.includes(name)) &&
      new Set(names).size === names.length
  )?.operation
}
