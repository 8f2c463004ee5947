/**
 * The bucket's configuration documents: what each may contain, the response if there is none, and how it affects other
 * requests. Everything else in them is stored and returned, but has no effect.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type CosFailure, failure } from "../http/failure.js"
import type { BucketRules } from "../storage/Storage.js"
import {
  flag,
  headerValue,
  integer,
  matching,
  maxCharacters,
  oneOf,
  onOff,
  orEmpty,
  type Shape,
  text,
  time
} from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import { corsOf } from "./cors.js"
import type { BucketCall, OperationError } from "./operation.js"

/** One kind of document. */
export interface Document {
  /** The subresource in the query. */
  readonly name: string
  readonly root: string
  readonly shape: Shape
  /** Its name in the names of operations: `BucketLifecycle` for `putBucketLifecycle`. */
  readonly operations: string
  /** Whether there is an operation that removes it. Default: yes. */
  readonly removable?: false
  /** Whether there are several, with the `id` in the query and in the document. */
  readonly byId?: true
  /** The error if there is none; `undefined` for an empty document. */
  readonly none: Parameters<typeof failure>[0] | undefined
  /** Whether Content-MD5 is required. */
  readonly md5?: true
  /** Checks beyond the shape. */
  readonly check?: (node: Xml.Node, call: BucketCall) => Effect.Effect<void, OperationError>
  /** What is stored and given back, where that is not what was put. */
  readonly stored?: (node: Xml.Node) => Xml.Node
  /** The rules in it that affect other requests. */
  readonly rules?: (node: Xml.Node | undefined) => BucketRules
}

const tag: Shape = { Key: text, Value: text }
const accessFrequency: Shape = { "AccessCountLessThan?": integer(0), "RecentDays?": integer(0) }
const days = integer(1, 3650)
const bucketName = matching(/^qcs::cos:[a-z0-9-]+::[a-z0-9-]+-\d+$/, "qcs::cos:<region>::<bucket>")
const origin = matching(
  /^\s*(?:\*|[a-z][a-z0-9+.-]*:\/\/[^\s*]*\*?[^\s*]*)\s*$/i,
  "* or <scheme>://<host>[:<port>] with at most one *"
)
const oneStar = matching(/^[^*]*\*?[^*]*$/, "a text with at most one *")

const byDefault = "ApplyServerSideEncryptionByDefault"
const bySideEncryption = "ApplySideEncryptionConfiguration"

const encryptionShape: Shape = {
  SSEAlgorithm: oneOf("AES256", "KMS", "SM4"),
  "KMSMasterKeyID?": headerValue,
  "KMSAlgorithm?": oneOf("AES256", "SM4")
}

/** The name that old documents have is answered as the new one. */
const withNewName = (node: Xml.Node): Xml.Node => ({
  ...node,
  name: node.name === bySideEncryption ? byDefault : node.name,
  children: node.children.map(withNewName)
})

const headerNames: Shape = { "Header*": { Key: text } }

const originHeaders: Shape = {
  "FollowAllHeaders?": flag,
  "NewHttpHeaders?": { "Header*": { Key: text, Value: text } },
  "NewHttpHeader?": { "Header*": { Key: text, Value: text } },
  "FollowHttpHeaders?": headerNames,
  "FollowHttpHeader?": headerNames,
  "ForbidFollowHeaders?": headerNames,
  "ForbidFollowHttpHeaders?": headerNames
}

const privateHost: Shape = {
  "Host?": text,
  "CredentialProvider?": {
    "AuthorizationAlgorithm?": text,
    "Region?": text,
    "SecretId?": text,
    "SecretKey?": text,
    "EncryptedSecretKey?": text,
    "Role?": text
  }
}

/** `Name_1` to `Name_10`. */
const numbered = (name: string, shape: Shape): Readonly<Record<string, Shape>> =>
  Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`${name}_${index + 1}?`, shape]))

const refuse = (message: string) => failure("InvalidRequest", { message })

/** Limits how many elements of a name there are. */
const atMost = (node: Xml.Node, name: string, most: number): Either.Either<void, CosFailure> =>
  Xml.all(node, name).length > most
    ? Either.left(failure("MalformedXML", { message: `<${node.name}> has more than ${most} <${name}>.` }))
    : Either.void

const has = (node: Xml.Node, name: string): boolean => Xml.all(node, name).length > 0

const count = (node: Xml.Node, ...names: ReadonlyArray<string>): number =>
  names.filter((name) => has(node, name)).length

/** Whether a part has one of these; none will do beside an element that may stand for them. */
const hasOne = (part: Xml.Node, names: ReadonlyArray<string>, known: ReadonlyArray<string>): boolean =>
  count(part, ...names) === 1 ||
  (count(part, ...names) === 0 && part.children.some(({ name }) => !names.includes(name) && !known.includes(name)))

/** A lifecycle rule uses days or dates, not both. */
const lifecycleRule = (rule: Xml.Node): CosFailure | undefined => {
  const transitions = Xml.all(rule, "Transition")
  const expirations = Xml.all(rule, "Expiration")
  if (!transitions.every((part) => hasOne(part, ["Days", "Date"], ["StorageClass"]))) {
    return refuse("A <Transition> has either <Days> or <Date>.")
  }
  if (!expirations.every((part) => hasOne(part, ["Days", "Date", "ExpiredObjectDeleteMarker"], []))) {
    return refuse("An <Expiration> has one of <Days>, <Date> and <ExpiredObjectDeleteMarker>.")
  }
  const noncurrent = [...Xml.all(rule, "NoncurrentVersionTransition"), ...Xml.all(rule, "NoncurrentVersionExpiration")]
  if (!noncurrent.every((part) => hasOne(part, ["NoncurrentDays"], ["StorageClass"]))) {
    return refuse("<NoncurrentDays> is missing.")
  }
  const parts = [...transitions, ...expirations]
  return parts.some((part) => has(part, "Days")) && parts.some((part) => has(part, "Date"))
    ? refuse("A <Rule> has <Days> or <Date>, not both.")
    : undefined
}

/** The shape of an inventory that runs once; one that runs on a schedule has more. */
export const inventoryShape = {
  Id: matching(/^[\w.-]+$/, "letters, digits and - _ ."),
  Destination: {
    COSBucketDestination: {
      Format: oneOf("CSV", "ORC", "Parquet"),
      "AccountId?": text,
      Bucket: bucketName,
      "Prefix?": text,
      "Encryption?": { "SSE-COS?": text }
    }
  },
  "Filter?": {
    "Prefix?": text,
    "And?": { "Prefix?": text, "Tag*": tag, "StorageClass?": text },
    "Period?": { "StartTime?": integer(0), "EndTime?": integer(0) }
  },
  IncludedObjectVersions: oneOf("All", "Current"),
  "OptionalFields?": { "Field*": text }
}

export const documents: ReadonlyArray<Document> = [
  {
    name: "cors",
    root: "CORSConfiguration",
    operations: "BucketCors",
    shape: {
      "CORSRule+": {
        "ID?": text,
        "AllowedOrigin+": origin,
        "AllowedMethod+": matching(/^\s*(?:GET|PUT|POST|DELETE|HEAD)\s*$/i, "GET, PUT, POST, DELETE or HEAD"),
        "AllowedHeader*": oneStar,
        "ExposeHeader*": headerValue,
        "MaxAgeSeconds?": orEmpty(integer(0))
      },
      "ResponseVary?": flag
    },
    none: "NoSuchCORSConfiguration",
    md5: true,
    check: (node) => atMost(node, "CORSRule", 100),
    rules: (node) => ({ cors: node && corsOf(node) })
  },
  {
    name: "lifecycle",
    root: "LifecycleConfiguration",
    operations: "BucketLifecycle",
    shape: {
      "Rule+": {
        "ID?": maxCharacters(255),
        Status: onOff,
        "Prefix?": text,
        "Filter?": {
          "Prefix?": text,
          "Tag?": tag,
          "And?": {
            "Prefix?": text,
            "Tag*": tag,
            "ObjectSizeGreaterThan?": integer(0),
            "ObjectSizeLessThan?": integer(0),
            "PrefixNotEquals?": text
          }
        },
        "Transition*": {
          "Days?": integer(0),
          "Date?": time,
          StorageClass: text,
          "AccessFrequency?": accessFrequency
        },
        "Expiration?": { "Days?": days, "Date?": time, "ExpiredObjectDeleteMarker?": flag },
        "NoncurrentVersionTransition*": {
          "NoncurrentDays?": integer(0),
          StorageClass: text,
          "AccessFrequency?": accessFrequency
        },
        "NoncurrentVersionExpiration?": { "NoncurrentDays?": integer(0) },
        "AbortIncompleteMultipartUpload?": { DaysAfterInitiation: integer(0) }
      }
    },
    none: "NoSuchLifecycleConfiguration",
    md5: true,
    check: (node) =>
      Effect.gen(function* () {
        yield* atMost(node, "Rule", 1000)
        for (const rule of Xml.all(node, "Rule")) {
          const wrong = lifecycleRule(rule)
          if (wrong !== undefined) return yield* wrong
        }
      })
  },
  {
    name: "replication",
    root: "ReplicationConfiguration",
    operations: "BucketReplication",
    shape: {
      Role: text,
      "Rule+": {
        "ID?": text,
        Status: onOff,
        "Priority?": integer(0),
        "Prefix?": text,
        "Filter?": { "And?": { "Prefix?": text, "Tag*": tag } },
        Destination: {
          Bucket: bucketName,
          "StorageClass?": text,
          "EncryptionConfiguration?": { ReplicaKmsKeyID: text }
        },
        "DeleteMarkerReplication?": { Status: onOff },
        "SourceSelectionCriteria?": { SseKmsEncryptedObjects: { Status: onOff } }
      }
    },
    none: "ReplicationConfigurationNotFoundError",
    md5: true,
    check: (_, { bucket }) => (bucket.versioning === "Enabled" ? Effect.void : failure("BucketVersionNotOpen"))
  },
  {
    name: "website",
    root: "WebsiteConfiguration",
    operations: "BucketWebsite",
    shape: {
      IndexDocument: { Suffix: text },
      "RedirectAllRequestsTo?": { Protocol: text },
      "AutoAddressing?": { Status: onOff },
      "ErrorDocument?": { "Key?": text, "OriginalHttpStatus?": onOff, "Charity404?": onOff },
      "RoutingRules?": {
        "RoutingRule*": {
          Condition: { "HttpErrorCodeReturnedEquals?": integer(400, 599), "KeyPrefixEquals?": text },
          Redirect: {
            "Protocol?": text,
            "ReplaceKeyWith?": text,
            "ReplaceKeyPrefixWith?": text,
            "URLRedirect?": onOff
          }
        }
      }
    },
    none: "NoSuchWebsiteConfiguration",
    md5: true
  },
  {
    name: "referer",
    root: "RefererConfiguration",
    operations: "BucketReferer",
    shape: {
      Status: onOff,
      RefererType: oneOf("Black-List", "White-List"),
      DomainList: { "Domain*": text },
      "EmptyReferConfiguration?": oneOf("Allow", "Deny"),
      "VerifySignatureURL?": text
    },
    none: "NoSuchRefererConfiguration",
    md5: true
  },
  {
    name: "logging",
    root: "BucketLoggingStatus",
    operations: "BucketLogging",
    removable: false,
    shape: { "LoggingEnabled?": { TargetBucket: text, TargetPrefix: text } },
    none: undefined,
    md5: true,
    check: (node, { bucket, storage }) =>
      Effect.gen(function* () {
        const [enabled] = Xml.all(node, "LoggingEnabled")
        if (enabled === undefined) return
        const target = yield* Effect.option(storage.getBucket(Xml.text(enabled, "TargetBucket") ?? ""))
        if (target._tag === "None" || target.value.region !== bucket.region) {
          return yield* failure("InvalidTargetBucketForLogging")
        }
      })
  },
  {
    name: "inventory",
    root: "InventoryConfiguration",
    operations: "BucketInventory",
    byId: true,
    shape: {
      ...inventoryShape,
      IsEnabled: flag,
      Schedule: { Frequency: oneOf("Daily", "Weekly", "Monthly"), "MonthlyDate?": integer(1, 31) }
    },
    none: "InventoryConfigurationNotFoundError",
    md5: true
  },
  {
    name: "accelerate",
    root: "AccelerateConfiguration",
    operations: "BucketAccelerate",
    removable: false,
    shape: { Status: oneOf("Enabled", "Suspended"), "Type?": oneOf("COS") },
    none: undefined,
    rules: (node) => ({ accelerated: node && Xml.text(node, "Status")?.trim() === "Enabled" })
  },
  {
    name: "encryption",
    root: "ServerSideEncryptionConfiguration",
    operations: "BucketEncryption",
    shape: {
      "Rule+": {
        "ApplyServerSideEncryptionByDefault?": encryptionShape,
        "ApplySideEncryptionConfiguration?": encryptionShape
      }
    },
    stored: withNewName,
    check: (node) =>
      Xml.all(node, "Rule").every((rule) => count(rule, byDefault, bySideEncryption) === 1)
        ? Effect.void
        : failure("MalformedXML", { message: `A <Rule> has one <${byDefault}>.` }),
    none: "NoSuchEncryptionConfiguration",
    md5: true,
    rules: (node) => ({ encryption: node && encryptionOf(node) })
  },
  {
    name: "domain",
    root: "DomainConfiguration",
    operations: "BucketDomain",
    shape: {
      "DomainRule*": {
        Status: oneOf("ENABLED", "DISABLED"),
        Name: text,
        Type: oneOf("REST", "WEBSITE", "ACCELERATE"),
        "ForcedReplacement?": oneOf("CNAME", "TXT")
      }
    },
    none: undefined,
    md5: true
  },
  {
    name: "origin",
    root: "OriginConfiguration",
    operations: "BucketOrigin",
    shape: {
      "OriginRule+": {
        "RulePriority?": integer(1),
        OriginType: oneOf("Mirror", "Proxy", "Redirect"),
        OriginCondition: {
          "HTTPStatusCode?": orEmpty(integer(400, 599)),
          "Prefix?": text,
          "Suffix?": text,
          "FilterHost?": { "ForbidHost?": { "DomainList?": { "Domain*": text } } }
        },
        "OriginParameter?": {
          "Protocol?": oneOf("HTTP", "HTTPS", "FOLLOW"),
          "TransparentErrorCode?": flag,
          "FollowQueryString?": flag,
          "HttpHeader?": originHeaders,
          "HTTPHeader?": originHeaders,
          "FollowRedirection?": flag,
          "FollowRedirectionConfiguration?": { "FollowOriginHeaders?": flag, "FollowUrlAutoDecode?": flag },
          "HttpRedirectCode*": oneOf("301", "302", "307"),
          "CopyOriginData?": flag
        },
        OriginInfo: {
          "HostInfo+": {
            "HostName?": text,
            "Weight?": integer(0),
            "PrivateHost?": privateHost,
            ...numbered("StandbyHostName", text),
            ...numbered("PrivateStandbyHost", privateHost)
          },
          "FileInfo?": {
            "PrefixDirective?": flag,
            "Prefix?": text,
            "Suffix?": text,
            "PrefixConfiguration?": { "Prefix?": text, "ReplacedWithPrefix?": text },
            "SuffixConfiguration?": { "Suffix?": text, "ReplacedWithSuffix?": text },
            "FixedFileConfiguration?": { "FixedFilePath?": text }
          }
        },
        "HTTPStandbyCode?": { "StatusCode*": text }
      }
    },
    none: "OriginConfigurationNotFoundError",
    md5: true,
    check: (node) =>
      Effect.forEach(
        Xml.all(node, "OriginRule").flatMap((rule) => Xml.all(rule, "OriginInfo")),
        (info) =>
          Xml.all(info, "HostInfo").every((host) => count(host, "HostName", "PrivateHost") > 0)
            ? atMost(info, "HostInfo", 10)
            : failure("MalformedXML", { message: "A <HostInfo> has a <HostName>." }),
        { discard: true }
      )
  },
  {
    name: "intelligenttiering",
    root: "IntelligentTieringConfiguration",
    operations: "BucketIntelligentTiering",
    removable: false,
    shape: {
      Status: oneOf("Enabled", "Suspended"),
      "Transition?": { Days: oneOf("30", "60", "90"), "RequestFrequent?": integer(1) }
    },
    none: undefined,
    check: (node, { bucket, storage }) =>
      Effect.flatMap(storage.getDocument(bucket.name, "intelligenttiering"), (kept) =>
        Option.isNone(kept) || kept.value === Xml.render(Xml.toElement(node))
          ? Effect.void
          : failure("InvalidBucketState", { message: "Intelligent tiering is set: it cannot be changed." })
      )
  },
  {
    name: "intelligent-tiering",
    root: "IntelligentTieringConfiguration",
    operations: "BucketIntelligentTieringConfiguration",
    removable: false,
    byId: true,
    shape: {
      Id: text,
      Status: onOff,
      "Filter?": { "And?": { "Prefix?": text, "Tag*": tag } },
      "Tiering+": {
        AccessTier: oneOf("INFREQUENT", "ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"),
        Days: integer(1),
        "RequestFrequent?": integer(1)
      }
    },
    none: "NoSuchConfiguration"
  },
  {
    name: "notification",
    root: "NotificationConfiguration",
    operations: "BucketNotification",
    removable: false,
    shape: {
      "CloudFunctionConfiguration*": {
        "Id?": text,
        "Filter?": {
          "S3Key?": { "FilterRule*": { Name: matching(/^\s*(prefix|suffix)\s*$/i, "Prefix or Suffix"), Value: text } }
        },
        CloudFunction: text,
        "Event+": matching(/^\s*cos:Object(?:Created|Remove):[A-Za-z*]+\s*$/, "an event such as cos:ObjectCreated:*")
      }
    },
    none: undefined
  },
  {
    name: "object-lock",
    root: "ObjectLockConfiguration",
    operations: "ObjectLockConfiguration",
    removable: false,
    shape: {
      ObjectLockEnabled: oneOf("Enabled"),
      Rule: { DefaultRetention: { Days: integer(0) } }
    },
    none: "NoSuchObjectLockConfiguration",
    check: (node, { bucket }) => {
      const days = daysOf(node) ?? 0
      return bucket.versioning === "Suspended"
        ? failure("InvalidBucketState", { message: "Versioning is suspended: object lock cannot be enabled." })
        : days < 1 || days > 36_500
          ? failure("InvalidLockedTime", { message: "<Days> must be from 1 to 36500." })
          : Effect.void
    },
    rules: (node) => ({ lock: node && { days: daysOf(node) } })
  }
]

const child = (node: Xml.Node | undefined, name: string): Xml.Node | undefined => node && Xml.all(node, name)[0]

const daysOf = (node: Xml.Node): number | undefined => {
  const days = child(child(child(node, "Rule"), "DefaultRetention"), "Days")
  return days && Number(days.text)
}

const sse = "x-cos-server-side-encryption"

const encryptionOf = (node: Xml.Node): Record<string, string> => {
  const first = child(node, "Rule")
  const rule = child(first, byDefault) ?? child(first, bySideEncryption)
  const algorithm = child(rule, "SSEAlgorithm")?.text.trim()
  const keyId = child(rule, "KMSMasterKeyID")?.text.trim()
  return algorithm === "KMS"
    ? { [sse]: "cos/kms", ...(keyId ? { [`${sse}-cos-kms-key-id`]: keyId } : {}) }
    : { [sse]: algorithm ?? "" }
}
