/**
 * Certificates of custom domains. What is kept of one is its id and how long it is valid: neither it nor its key.
 */
import { createHash, X509Certificate } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type CosFailure, failure } from "../request/failure.js"
import { reply } from "../request/message.js"
import { type Shape, text, word } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import type { BucketCall, Operation } from "./operation.js"
import { document, invalid, shortDate } from "./parameters.js"

const root = "DomainCertificate"

const shape: Shape = {
  CertificateInfo: {
    CertType: word("CustomCert"),
    CustomCert: { "CertId?": text, "Cert?": text, "PrivateKey?": text }
  },
  DomainList: { "DomainName+": text }
}

const certificateIn = (node: Xml.Node): Either.Either<Xml.Element, CosFailure> => {
  const [info] = Xml.all(node, "CertificateInfo").flatMap((info) => Xml.all(info, "CustomCert"))
  const [id, pem, key] = ["CertId", "Cert", "PrivateKey"].map((name) => info && Xml.text(info, name))
  if (id !== undefined && id !== "") return Either.right(["CertificateInfo", [["CertId", id]]])
  if (!pem || !key) return Either.left(invalid("A <CustomCert> has <CertId>, or <Cert> and <PrivateKey>."))
  return Either.try({
    try: (): Xml.Element => {
      const { validFrom, validTo } = new X509Certificate(pem)
      return [
        "CertificateInfo",
        [
          ["CertId", createHash("md5").update(pem).digest("base64url").slice(0, 8)],
          ["ValidityBegin", shortDate(Date.parse(validFrom))],
          ["ValidityExpire", shortDate(Date.parse(validTo))]
        ]
      ]
    },
    catch: () => invalid("<Cert> is no certificate in PEM.")
  })
}

/** Where that of the domain is kept. */
const keptAs = ({ query }: BucketCall): Either.Either<string, CosFailure> => {
  const name = query.get("domainname")
  return name ? Either.right(at(name)) : Either.left(invalid("domainname is missing."))
}

const at = (domain: string): string => `${subresource}/${domain}`

const subresource = "domaincertificate"

const common = { selects: [subresource], right: "OWNER" } as const

export const certificateOperations: ReadonlyArray<Operation> = [
  {
    ...common,
    on: "bucket",
    name: "putBucketDomainCertificate",
    action: "PutBucketDomainCertificate",
    method: "PUT",
    run: (call) =>
      Effect.gen(function* () {
        const node = yield* document(call, root, shape)
        const text = Xml.render([root, [["Status", "Enabled"], yield* certificateIn(node)]])
        const domains = Xml.all(node, "DomainList").flatMap((list) => Xml.all(list, "DomainName"))
        yield* Effect.forEach(
          domains,
          (domain) => call.storage.putDocument(call.bucket.name, at(domain.text.trim()), text),
          { discard: true }
        )
        return reply(200)
      })
  },
  {
    ...common,
    on: "bucket",
    name: "getBucketDomainCertificate",
    action: "GetBucketDomainCertificate",
    method: "GET",
    query: ["domainname"],
    run: (call) =>
      Effect.gen(function* () {
        const kept = yield* call.storage.getDocument(call.bucket.name, yield* keptAs(call))
        return Option.isSome(kept)
          ? reply(200, { "content-type": "application/xml" }, kept.value)
          : yield* failure("NoSuchConfiguration", { message: "The domain has no certificate." })
      })
  },
  {
    ...common,
    on: "bucket",
    name: "deleteBucketDomainCertificate",
    action: "DeleteBucketDomainCertificate",
    method: "DELETE",
    query: ["domainname"],
    run: (call) =>
      Effect.flatMap(keptAs(call), (name) => Effect.as(call.storage.removeDocument(call.bucket.name, name), reply(204)))
  }
]
