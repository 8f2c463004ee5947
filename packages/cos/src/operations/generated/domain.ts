// Written by `pnpm generate` from ../domain.ts: change the declarations there.

import type * as Redacted from "effect/Redacted"
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * A custom domain of the bucket.
 *
 * @since 0.1.0
 * @category domain
 */
export interface DomainRule {
  /** Whether it is in use. */
  readonly status: "DISABLED" | "ENABLED" | (string & {})
  /** Such as `files.example.com`, a CNAME of the bucket's host. */
  readonly name: string
  /** Which host of the bucket it stands for. */
  readonly type: "ACCELERATE" | "REST" | "WEBSITE" | (string & {})
  /** Takes the domain over from where it is used: proved by its CNAME or by a TXT record. */
  readonly forcedReplacement?: "CNAME" | "TXT" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketDomain`.
 *
 * @since 0.1.0
 * @category domain
 */
export interface PutBucketDomainInput extends Operation.BucketInput {
  /** One for each domain. */
  readonly rules: ReadonlyArray<DomainRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketDomain`.
 *
 * @since 0.1.0
 * @category domain
 */
export interface GetBucketDomainInput extends Operation.BucketInput {}

/**
 * The output of `getBucketDomain`.
 *
 * @since 0.1.0
 * @category domain
 */
export interface GetBucketDomainOutput {
  /** One for each domain. */
  readonly rules: ReadonlyArray<DomainRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
  /** The TXT record that proves the domain, for `forcedReplacement: "TXT"`. */
  readonly txtVerification?: string | undefined
}

/**
 * The input of `deleteBucketDomain`.
 *
 * @since 0.1.0
 * @category domain
 */
export interface DeleteBucketDomainInput extends Operation.BucketInput {}

/**
 * The input of `putBucketDomainCertificate`.
 *
 * @since 0.1.0
 * @category domain
 */
export interface PutBucketDomainCertificateInput extends Operation.BucketInput {
  /** `CustomCert`: the one given here. */
  readonly certType: "CustomCert" | (string & {})
  /** The domains that get it. */
  readonly domainNames: ReadonlyArray<string>
  /** The id of a certificate that the service keeps, in place of `cert` and `privateKey`. */
  readonly certId?: string | undefined
  /** PEM. */
  readonly cert?: string | undefined
  /** PEM. */
  readonly privateKey?: Redacted.Redacted<string> | undefined
}

/**
 * The input of `getBucketDomainCertificate`.
 *
 * @since 0.1.0
 * @category domain
 */
export interface GetBucketDomainCertificateInput extends Operation.BucketInput {
  /** Such as `files.example.com`. */
  readonly domainName: string
}

/**
 * The output of `getBucketDomainCertificate`.
 *
 * @since 0.1.0
 * @category domain
 */
export interface GetBucketDomainCertificateOutput {
  /** `Enabled` or `Disabled`. */
  readonly status?: string | undefined
  readonly certId?: string | undefined
  /** As the service writes it. */
  readonly validityBegin?: string | undefined
  /** As the service writes it. */
  readonly validityExpire?: string | undefined
}

/**
 * The input of `deleteBucketDomainCertificate`.
 *
 * @since 0.1.0
 * @category domain
 */
export interface DeleteBucketDomainCertificateInput extends Operation.BucketInput {
  /** Such as `files.example.com`. */
  readonly domainName: string
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface DomainOperations {
  readonly putBucketDomain: Operation.Operation<
    PutBucketDomainInput,
    void,
    | CosError.DNSRecordVerifyFailed
    | CosError.DomainConfigConflict
    | CosError.InvalidArgument
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.RecordAlreadyExist
    | CosError.Common
  >
  readonly getBucketDomain: Operation.Operation<
    GetBucketDomainInput,
    GetBucketDomainOutput,
    CosError.NoSuchBucket | CosError.Common
  >
  readonly deleteBucketDomain: Operation.Operation<
    DeleteBucketDomainInput,
    void,
    CosError.NoSuchBucket | CosError.Common
  >
  readonly putBucketDomainCertificate: Operation.Operation<
    PutBucketDomainCertificateInput,
    void,
    CosError.InvalidArgument | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketDomainCertificate: Operation.Operation<
    GetBucketDomainCertificateInput,
    GetBucketDomainCertificateOutput,
    CosError.NoSuchBucket | CosError.Common
  >
  readonly deleteBucketDomainCertificate: Operation.Operation<
    DeleteBucketDomainCertificateInput,
    void,
    CosError.NoSuchBucket | CosError.Common
  >
}
