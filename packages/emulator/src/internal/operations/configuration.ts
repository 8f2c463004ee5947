/**
 * The operations on the documents of `configurationDocuments.ts`: put, get, delete, and list if there are several.
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type CosFailure, failure } from "../http/failure.js"
import { type Reply, reply } from "../http/message.js"
import type { NotFound, StorageError } from "../storage/Storage.js"
import * as Xml from "../xml/xml.js"
import { type Document, documents, inventoryShape } from "./configurationDocuments.js"
import type { BucketCall, Operation } from "./operation.js"
import { checkReadability, readDocument as documentOf, invalidArgument } from "./parameters.js"
import { xmlReply } from "./replies.js"

/** An operation, and the action that permissions know it by. */
const nameAndAction = (name: string) => ({
  name,
  action: (name.charAt(0).toUpperCase() + name.slice(1))
    .replace("Cors", "CORS")
    .replace(/TieringConfiguration$/, "Tiering")
    .replace("ObjectLock", "BucketObjectLock")
})

const maxIdBytes = 255

/** The name under which a document is stored. */
const documentName = (call: BucketCall, { byId, name }: Document): Either.Either<string, CosFailure> => {
  if (byId !== true) return Either.right(name)
  const id = call.query.get("id") ?? ""
  return id !== "" && Buffer.byteLength(id) <= maxIdBytes
    ? Either.right(`${name}/${id}`)
    : Either.left(invalidArgument(`id must have 1 to ${maxIdBytes} bytes.`))
}

const maxInventories = 1000

/** Checks that the ids in query and document are equal, and that there are not too many documents. */
const checkId = (
  call: BucketCall,
  { byId, name }: Document,
  node: Xml.Node
): Effect.Effect<void, CosFailure | NotFound | StorageError> =>
  Effect.gen(function* () {
    if (byId !== true) return
    const id = call.query.get("id") ?? ""
    if (Xml.text(node, "Id") !== id)
      return yield* invalidArgument(`The id of the query is ${id}, that of the document is not.`)
    const others = yield* call.storage.listDocuments(call.bucket.name, `${name}/`)
    if (others.length >= maxInventories && others.every(([other]) => other !== `${name}/${id}`)) {
      return yield* failure("InventoryFull")
    }
  })

/** Stores the document, and the rules in it that affect other requests. */
const putDocument = (document: Document) => (call: BucketCall) =>
  Effect.gen(function* () {
    const at = yield* documentName(call, document)
    const node = yield* documentOf(call, document.root, document.shape, { requireMd5: document.md5 === true })
    yield* checkReadability(node)
    yield* checkId(call, document, node)
    yield* document.check?.(node, call) ?? Effect.void
    yield* call.storage.putDocument(call.bucket.name, at, Xml.render(Xml.toElement(document.stored?.(node) ?? node)))
    yield* applyRules(call, document, node)
    return reply(200)
  })

const applyRules = (
  call: BucketCall,
  { rules }: Document,
  node: Xml.Node | undefined
): Effect.Effect<void, NotFound | StorageError> =>
  rules === undefined
    ? Effect.void
    : call.storage.updateBucket(call.bucket.name, (bucket) => ({
        ...bucket,
        rules: { ...bucket.rules, ...rules(node) }
      }))

const getDocument = (document: Document) => (call: BucketCall) =>
  Effect.gen(function* () {
    const kept = yield* call.storage.getDocument(call.bucket.name, yield* documentName(call, document))
    const headers = document.name === "domain" ? { "x-cos-domain-txt-verification": verification(call) } : {}
    if (Option.isSome(kept)) return reply(200, { "content-type": "application/xml", ...headers }, kept.value)
    return document.none === undefined ? xmlReply([document.root, []], headers) : yield* failure(document.none)
  })

/** The TXT record that proves the ownership of a domain. */
const verification = ({ bucket }: BucketCall): string =>
  `tencent-cloud-cos-verification=${createHash("md5").update(bucket.name).digest("hex")}`

const removeDocument = (document: Document) => (call: BucketCall) =>
  Effect.gen(function* () {
    yield* call.storage.removeDocument(call.bucket.name, yield* documentName(call, document))
    yield* applyRules(call, document, undefined)
    return reply(204)
  })

const operationsOf = (document: Document): ReadonlyArray<Operation> => {
  const common = {
    on: "bucket",
    requiredQuery: document.byId === true ? [document.name, "id"] : [document.name],
    aclPermission: "OWNER"
  } as const
  return [
    { ...common, ...nameAndAction(`get${document.operations}`), method: "GET", run: getDocument(document) },
    { ...common, ...nameAndAction(`put${document.operations}`), method: "PUT", run: putDocument(document) },
    ...(document.removable === false
      ? []
      : [
          {
            ...common,
            ...nameAndAction(`delete${document.operations}`),
            method: "DELETE",
            run: removeDocument(document)
          }
        ])
  ]
}

/** All documents of a kind, by id. */
const listDocuments = (
  call: BucketCall,
  name: string
): Effect.Effect<ReadonlyArray<readonly [id: string, element: Xml.Element]>, NotFound | StorageError> =>
  Effect.map(call.storage.listDocuments(call.bucket.name, `${name}/`), (found) =>
    found.flatMap(([at, text]) =>
      Either.match(Xml.parse(text), {
        onLeft: () => [],
        onRight: (node) => [[at.slice(name.length + 1), Xml.toElement(node)] as const]
      })
    )
  )

const inventoriesPerPage = 100

const listBucketInventory: Operation = {
  ...nameAndAction("listBucketInventory"),
  on: "bucket",
  method: "GET",
  requiredQuery: ["inventory"],
  optionalQuery: ["continuation-token"],
  aclPermission: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const token = call.query.get("continuation-token") || undefined
      const after = token && Buffer.from(token, "base64url").toString()
      const all = yield* listDocuments(call, "inventory")
      // They are stored in the order of their ids; the token is the last id of the page before.
      const rest = after === undefined ? all : all.filter(([id]) => id > after)
      const page = rest.slice(0, inventoriesPerPage)
      const last = rest.length > page.length ? page.at(-1)?.[0] : undefined
      return xmlReply([
        "ListInventoryConfigurationResult",
        [
          ...page.map(([, element]) => element),
          ["IsTruncated", last !== undefined],
          ["ContinuationToken", token],
          ["NextContinuationToken", last && Buffer.from(last).toString("base64url")]
        ]
      ])
    })
}

const listTierings: Operation = {
  ...nameAndAction("listBucketIntelligentTieringConfigurations"),
  on: "bucket",
  method: "GET",
  requiredQuery: ["intelligent-tiering"],
  aclPermission: "OWNER",
  run: (call) =>
    Effect.map(
      listDocuments(call, "intelligent-tiering"),
      (all): Reply => xmlReply(["ListBucketIntelligentTieringConfigurationsOutput", all.map(([, element]) => element)])
    )
}

/** The request is accepted, but no report is written. */
const postBucketInventory: Operation = {
  ...nameAndAction("postBucketInventory"),
  on: "bucket",
  method: "POST",
  requiredQuery: ["inventory", "id"],
  aclPermission: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const node = yield* documentOf(call, "InventoryConfiguration", inventoryShape)
      const id = call.query.get("id") ?? ""
      if (Xml.text(node, "Id") !== id)
        return yield* invalidArgument(`The id of the query is ${id}, that of the document is not.`)
      const jobId = createHash("md5").update(`${call.bucket.name} ${id} ${call.now}`).digest("hex")
      return xmlReply(["PostInventoryConfigurationResult", [["JobId", jobId]]])
    })
}

export const configurationOperations: ReadonlyArray<Operation> = [
  ...documents.flatMap(operationsOf),
  listBucketInventory,
  listTierings,
  postBucketInventory
]
