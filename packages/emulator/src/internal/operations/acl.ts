/**
 * ACLs of buckets and objects.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { cannedGrants, granteeOf, parseAclHeaders } from "../access/acl.js"
import { type CosFailure, failure } from "../http/failure.js"
import { type IncompleteBody, type Reply, reply } from "../http/message.js"
import type { Acl } from "../storage/Storage.js"
import { oneOf, type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import { keptReply, keptText } from "./keptDocument.js"
import { changeObject, findObject } from "./object.js"
import type { BucketCall, Operation } from "./operation.js"
import { checkReadability, malformed, readDocument } from "./parameters.js"
import { accountId, ownerElement, xmlReply } from "./replies.js"

const shape: Shape = {
  "Owner?": { "ID?": text, "DisplayName?": text },
  AccessControlList: {
    "Grant*": {
      Grantee: { "ID?": text, "DisplayName?": text, "URI?": text },
      Permission: oneOf("READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL")
    }
  }
}

const maxGrants = 100

/** The grants in a document. Its owner is ignored: an owner never changes. */
const grantsIn = (node: Xml.Node): Acl["grants"] =>
  Xml.all(node, "AccessControlList")
    .flatMap((list) => Xml.all(list, "Grant"))
    .map((grant) => {
      const [grantee] = Xml.all(grant, "Grantee")
      return {
        grantee: granteeOf((grantee && (Xml.text(grantee, "URI") ?? Xml.text(grantee, "ID"))) ?? ""),
        permission: Xml.text(grant, "Permission")?.trim() ?? ""
      }
    })

/** The ACL that a PUT sets, in headers or in a document, not both. */
const requestedAcl = (call: BucketCall, on: "bucket" | "object"): Effect.Effect<Acl, CosFailure | IncompleteBody> =>
  Effect.gen(function* () {
    const acl = yield* parseAclHeaders(call.headers, on)
    const hasBody = (call.contentLength ?? 0) > 0 || call.header("transfer-encoding") !== undefined
    if (acl !== undefined && hasBody) {
      return yield* failure("InvalidRequest", { message: "The ACL comes in headers or in a document, not in both." })
    }
    if (acl !== undefined) return acl
    if (!hasBody) return yield* failure("InvalidRequest", { message: "There is no ACL, in headers or in a document." })
    const node = yield* readDocument(call, "AccessControlPolicy", shape, { requireMd5: true })
    yield* checkReadability(node)
    const grants = grantsIn(node)
    if (grants.length > maxGrants) return yield* malformed(`more than ${maxGrants} <Grant>`)
    return grants.some(({ grantee }) => grantee === "")
      ? yield* malformed("a <Grantee> has neither <ID> nor <URI>")
      : { grants, ...keptText(ownedBy(node, call.settings.owner), shape) }
  })

const textNode = (name: string, text: string): Xml.Node => ({ name, attributes: "", text, children: [] })

/** The document with the true owner, and with the kind of each grantee. */
const ownedBy = (node: Xml.Node, owner: string): Xml.Node => {
  const [given] = Xml.all(node, "Owner")
  const children = [
    textNode("ID", accountId(owner)),
    textNode("DisplayName", owner),
    ...(given?.children ?? []).filter(({ name }) => name !== "ID" && name !== "DisplayName")
  ]
  const others = node.children.filter(({ name }) => name !== "Owner")
  return { ...node, children: [{ ...textNode("Owner", ""), children }, ...others.map(withTypes)] }
}

const withTypes = (node: Xml.Node): Xml.Node =>
  node.name === "Grantee" && node.attributes === ""
    ? { ...node, attributes: grantee(Xml.text(node, "URI") ?? "")[0].slice("Grantee".length) }
    : { ...node, children: node.children.map(withTypes) }

const grantee = (name: string): Xml.Element =>
  name.startsWith("http://")
    ? [`Grantee ${schemaInstance} xsi:type="Group"`, [["URI", name]]]
    : [`Grantee ${schemaInstance} xsi:type="CanonicalUser"`, [["ID", name]]]

const schemaInstance = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

/** Writes a canned ACL as its grants, and a list of grants as it was put. */
const aclReply = (owner: string, { canned, document, grants }: Acl): Reply => {
  if (document !== undefined) return keptReply(document)
  const ownGrant = { grantee: accountId(owner), permission: "FULL_CONTROL" }
  const all = canned === undefined ? grants : [ownGrant, ...(cannedGrants[canned] ?? []), ...grants]
  return xmlReply(
    [
      "AccessControlPolicy",
      [
        ownerElement("Owner", accountId(owner), owner),
        [
          "AccessControlList",
          all.map((grant): Xml.Element => ["Grant", [grantee(grant.grantee), ["Permission", grant.permission]]])
        ]
      ]
    ],
    canned === undefined ? {} : { "x-cos-acl": canned }
  )
}

/** An object without an ACL of its own inherits its bucket's. */
const inheritedAcl: Acl = { canned: "default", grants: [] }

export const aclOperations: ReadonlyArray<Operation> = [
  {
    name: "getBucketAcl",
    action: "GetBucketACL",
    on: "bucket",
    method: "GET",
    requiredQuery: ["acl"],
    aclPermission: "READ_ACP",
    run: ({ bucket }) => Effect.succeed(aclReply(bucket.owner, bucket.acl))
  },
  {
    name: "putBucketAcl",
    action: "PutBucketACL",
    on: "bucket",
    method: "PUT",
    requiredQuery: ["acl"],
    aclPermission: "WRITE_ACP",
    run: (call) =>
      Effect.flatMap(requestedAcl(call, "bucket"), (acl) =>
        Effect.as(
          call.storage.updateBucket(call.bucket.name, (bucket) => ({ ...bucket, acl })),
          reply(200)
        )
      )
  },
  {
    name: "getObjectAcl",
    action: "GetObjectACL",
    on: "object",
    method: "GET",
    requiredQuery: ["acl"],
    optionalQuery: ["versionId"],
    aclPermission: "READ_ACP",
    run: (call) => Effect.map(findObject(call), ({ acl, owner }) => aclReply(owner, acl ?? inheritedAcl))
  },
  {
    name: "putObjectAcl",
    action: "PutObjectACL",
    on: "object",
    method: "PUT",
    requiredQuery: ["acl"],
    optionalQuery: ["versionId"],
    aclPermission: "WRITE_ACP",
    run: (call) =>
      Effect.flatMap(requestedAcl(call, "object"), (acl) =>
        Effect.as(
          // Of whichever version the request names, it is the newest that changes.
          changeObject({ ...call, query: new Map() }, (object) => Either.right({ ...object, acl })),
          reply(200)
        )
      )
  }
]
