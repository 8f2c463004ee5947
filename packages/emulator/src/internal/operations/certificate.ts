/**
 * Certificates of custom domains. Keeps a certificate's id and validity, but neither the certificate nor its key.
 */
import { createHash, X509Certificate } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type CosFailure, failure } from "../http/failure.js"
import { reply } from "../http/message.js"
import { oneOf, type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import type { BucketCall, Operation } from "./operation.js"
import { invalidArgument, readDocument, shortDate } from "./parameters.js"

const root = "DomainCertificate"

const shape: Shape = {
  CertificateInfo: {
    CertType: oneOf("CustomCert"),
    CustomCert: { "CertId?": text, "Cert?": text, "PrivateKey?": text }
  },
  DomainList: { "DomainName+": text }
}

const parseCertificate = (node: Xml.Node): Either.Either<Xml.Element, CosFailure> => {
  const [info] = Xml.all(node, "CertificateInfo").flatMap((info) => Xml.all(info, "CustomCert"))
  const [id, pem, key] = ["CertId", "Cert", "PrivateKey"].map((name) => info && Xml.text(info, name))
  if (id !== undefined && id !== "") return Either.right(["CertificateInfo", [["CertId", id]]])
  if (!pem || !key) return Either.left(invalidArgument("A <CustomCert> has <CertId>, or <Cert> and <PrivateKey>."))
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
    catch: () => invalidArgument("<Cert> is no certificate in PEM.")
  })
}

/** The name under which a domain's certificate is stored. */
const documentName = ({ query }: BucketCall): Either.Either<string, CosFailure> => {
  const name = query.get("domainname")
  return name ? Either.right(documentNameOf(name)) : Either.left(invalidArgument("domainname is missing."))
}

const documentNameOf = (domain: string): string => `${subresource}/${domain}`

const subresource = "domaincertificate"

const common = { requiredQuery: [subresource], aclPermission: "OWNER" } as const

export const certificateOperations: ReadonlyArray<Operation> = [
  {
    ...common,
    on: "bucket",
    name: "putBucketDomainCertificate",
    action: "PutBucketDomainCertificate",
    method: "PUT",
    run: (call) =>
      Effect.gen(function* () {
        const node = yield* readDocument(call, root, shape)
        const text = Xml.render([root, [["Status", "Enabled"], yield* parseCertificate(node)]])
        const domains = Xml.all(node, "DomainList").flatMap((list) => Xml.all(list, "DomainName"))
        yield* Effect.forEach(
          domains,
          (domain) => call.storage.putDocument(call.bucket.name, documentNameOf(domain.text.trim()), text),
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
    optionalQuery: ["domainname"],
    run: (call) =>
      Effect.gen(function* () {
        const kept = yield* call.storage.getDocument(call.bucket.name, yield* documentName(call))
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
    optionalQuery: ["domainname"],
    run: (call) =>
      Effect.flatMap(documentName(call), (name) =>
        Effect.as(call.storage.removeDocument(call.bucket.name, name), reply(204))
      )
  }
]
