import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/domain.js"

/**
 * A custom domain of the bucket.
 *
 * @since 0.1.0
 * @category domain
 */
const DomainRule = Schema.Struct({
  /** Whether it is in use. */
  status: c.word("ENABLED", "DISABLED"),
  /** Such as `files.example.com`, a CNAME of the bucket's host. */
  name: Schema.String,
  /** Which host of the bucket it stands for. */
  type: c.word("REST", "WEBSITE", "ACCELERATE"),
  /** Takes the domain over from where it is used: proved by its CNAME or by a TXT record. */
  forcedReplacement: Schema.optional(c.word("CNAME", "TXT")),
  ...fields.unknown
})

const configuration = {
  /** One for each domain. */
  rules: Operation.fromElement("DomainRule", Schema.Array(DomainRule)),
  ...fields.unknown
}

/**
 * Replaces the custom domains of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/35868
 * @since 0.1.0
 * @category domain
 */
export const putBucketDomain: types.DomainOperations["putBucketDomain"] = Operation.make({
  name: "putBucketDomain",
  method: "PUT",
  target: "bucket",
  subresource: "domain",
  doc: "https://www.tencentcloud.com/document/product/436/35868",
  document: "DomainConfiguration",
  params: Operation.elements(configuration),
  success: Schema.Void,
  errors: [
    CosError.NoSuchBucket,
    CosError.DNSRecordVerifyFailed,
    CosError.DomainConfigConflict,
    CosError.RecordAlreadyExist,
    CosError.MalformedXML,
    CosError.InvalidArgument
  ]
})

/**
 * Reads the custom domains of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/35869
 * @since 0.1.0
 * @category domain
 */
export const getBucketDomain: types.DomainOperations["getBucketDomain"] = Operation.make({
  name: "getBucketDomain",
  method: "GET",
  target: "bucket",
  subresource: "domain",
  doc: "https://www.tencentcloud.com/document/product/436/35869",
  root: "DomainConfiguration",
  success: Schema.Struct({
    ...configuration,
    /** The TXT record that proves the domain, for `forcedReplacement: "TXT"`. */
    txtVerification: Schema.optional(Operation.fromHeader("x-cos-domain-txt-verification", Schema.String))
  }),
  errors: [CosError.NoSuchBucket]
})

/**
 * Removes the custom domains of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/35870
 * @since 0.1.0
 * @category domain
 */
export const deleteBucketDomain: types.DomainOperations["deleteBucketDomain"] = Operation.make({
  name: "deleteBucketDomain",
  method: "DELETE",
  target: "bucket",
  subresource: "domain",
  doc: "https://www.tencentcloud.com/document/product/436/35870",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})

const byDomain = {
  /** Such as `files.example.com`. */
  domainName: Operation.required(Operation.query("domainname"))
}

/**
 * Sets the TLS certificate of custom domains.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category domain
 */
export const putBucketDomainCertificate: types.DomainOperations["putBucketDomainCertificate"] = Operation.make({
  name: "putBucketDomainCertificate",
  method: "PUT",
  target: "bucket",
  subresource: "domaincertificate",
  doc: "https://www.tencentcloud.com/document/product/436/10111",
  document: "DomainCertificate",
  params: Operation.elements({
    /** `CustomCert`: the one given here. */
    certType: Operation.fromElement("CertificateInfo/CertType", c.knownWords<"CustomCert">()),
    /** The id of a certificate that the service keeps, in place of `cert` and `privateKey`. */
    certId: Schema.optional(Operation.fromElement("CertificateInfo/CustomCert/CertId", Schema.String)),
    /** PEM. */
    cert: Schema.optional(Operation.fromElement("CertificateInfo/CustomCert/Cert", Schema.String)),
    /** PEM. */
    privateKey: Schema.optional(
      Operation.fromElement("CertificateInfo/CustomCert/PrivateKey", Schema.Redacted(Schema.String))
    ),
    /** The domains that get it. */
    domainNames: Operation.fromElement("DomainList/DomainName", Schema.Array(Schema.String))
  }),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
})

/**
 * Reads what certificate a custom domain has.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category domain
 */
export const getBucketDomainCertificate: types.DomainOperations["getBucketDomainCertificate"] = Operation.make({
  name: "getBucketDomainCertificate",
  method: "GET",
  target: "bucket",
  subresource: "domaincertificate",
  doc: "https://www.tencentcloud.com/document/product/436/10111",
  params: byDomain,
  root: "DomainCertificate",
  success: Schema.Struct({
    /** `Enabled` or `Disabled`. */
    status: Schema.optional(Schema.String),
    certId: Schema.optional(Operation.fromElement("CertificateInfo/CertId", Schema.String)),
    /** As the service writes it. */
    validityBegin: Schema.optional(Operation.fromElement("CertificateInfo/ValidityBegin", Schema.String)),
    /** As the service writes it. */
    validityExpire: Schema.optional(Operation.fromElement("CertificateInfo/ValidityExpire", Schema.String))
  }),
  errors: [CosError.NoSuchBucket]
})

/**
 * Removes the certificate of a custom domain.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category domain
 */
export const deleteBucketDomainCertificate: types.DomainOperations["deleteBucketDomainCertificate"] = Operation.make({
  name: "deleteBucketDomainCertificate",
  method: "DELETE",
  target: "bucket",
  subresource: "domaincertificate",
  doc: "https://www.tencentcloud.com/document/product/436/10111",
  params: byDomain,
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})
