import * as Cos from "effect-cos/Cos"
import { awkward, declaration, describeResponses, sample } from "../support/responses.js"

describeResponses("ACL", [
  sample(Cos.getBucketAcl, {
    title: "a group and an account, with types and a header",
    input: {},
    headers: { "x-cos-acl": "public-read" },
    document: `${declaration}<AccessControlPolicy>
	<Owner>
		<ID>qcs::cam::uin/100000000001:uin/100000000001</ID>
		<DisplayName>100000000001</DisplayName>
	</Owner>
	<AccessControlList>
		<Grant>
			<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">
				<URI>http://cam.qcloud.com/groups/global/AllUsers</URI>
			</Grantee>
			<Permission>READ</Permission>
		</Grant>
		<Grant>
			<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">
				<ID>qcs::cam::uin/100000000001:uin/100000000001</ID>
				<DisplayName>${awkward.xml}</DisplayName>
			</Grantee>
			<Permission>FULL_CONTROL</Permission>
		</Grant>
	</AccessControlList>
</AccessControlPolicy>`,
    expected: {
      owner: { id: "qcs::cam::uin/100000000001:uin/100000000001", displayName: "100000000001" },
      grants: [
        { grantee: { type: "Group", uri: Cos.allUsers }, permission: "READ" },
        {
          grantee: {
            type: "CanonicalUser",
            id: "qcs::cam::uin/100000000001:uin/100000000001",
            displayName: awkward.text
          },
          permission: "FULL_CONTROL"
        }
      ],
      acl: "public-read"
    }
  }),
  sample(Cos.getBucketAcl, {
    title: "an old UIN, no grants",
    input: {},
    document: "<AccessControlPolicy><Owner><UIN>100000000001</UIN></Owner><AccessControlList/></AccessControlPolicy>",
    expected: { owner: { id: "100000000001" }, grants: [] }
  }),
  sample(Cos.getObjectAcl, {
    title: "one grant, of a permission that is new, and default",
    input: { key: "a/1.txt", versionId: "V1" },
    headers: { "x-cos-acl": "default" },
    document:
      "<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>1</ID></Grantee><Permission>NEW</Permission></Grant></AccessControlList></AccessControlPolicy>",
    expected: { grants: [{ grantee: { id: "1" }, permission: "NEW" }], acl: "default" }
  })
])

describeResponses("CORS", [
  sample(Cos.getBucketCors, {
    title: "none",
    input: {},
    document: "<CORSConfiguration/>",
    expected: { rules: [] }
  }),
  sample(Cos.getBucketCors, {
    title: "one",
    input: {},
    document:
      "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
    expected: { rules: [{ allowedOrigins: ["*"], allowedMethods: ["GET"], allowedHeaders: [], exposeHeaders: [] }] }
  }),
  sample(Cos.getBucketCors, {
    title: "many",
    input: {},
    document: `${declaration}<CORSConfiguration>
  <CORSRule>
    <ID>${awkward.xml}</ID>
    <AllowedOrigin>https://a.example</AllowedOrigin>
    <AllowedOrigin>https://*.b.example:8443</AllowedOrigin>
    <AllowedMethod>PUT</AllowedMethod>
    <AllowedMethod>HEAD</AllowedMethod>
    <AllowedMethod>PATCH</AllowedMethod>
    <AllowedHeader>x-cos-meta-*</AllowedHeader>
    <ExposeHeader>ETag</ExposeHeader>
    <ExposeHeader>x-cos-request-id</ExposeHeader>
    <MaxAgeSeconds>600</MaxAgeSeconds>
  </CORSRule>
  <CORSRule>
    <AllowedOrigin>http://localhost</AllowedOrigin>
    <AllowedMethod>DELETE</AllowedMethod>
    <Unknown><Deep>1</Deep></Unknown>
  </CORSRule>
  <ResponseVary>true</ResponseVary>
</CORSConfiguration>`,
    expected: {
      rules: [
        {
          id: awkward.text,
          allowedOrigins: ["https://a.example", "https://*.b.example:8443"],
          allowedMethods: ["PUT", "HEAD", "PATCH"],
          allowedHeaders: ["x-cos-meta-*"],
          exposeHeaders: ["ETag", "x-cos-request-id"],
          maxAgeSeconds: 600
        },
        {
          allowedOrigins: ["http://localhost"],
          allowedMethods: ["DELETE"],
          allowedHeaders: [],
          exposeHeaders: [],
          unknownElements: { Unknown: { Deep: "1" } }
        }
      ],
      responseVary: true
    }
  })
])

describeResponses("location, versioning, accelerate, logging, referer", [
  sample(Cos.getBucketLocation, {
    title: "the text of the root",
    input: {},
    document: `${declaration}<LocationConstraint>ap-guangzhou</LocationConstraint>`,
    expected: { location: "ap-guangzhou" }
  }),
  sample(Cos.getBucketVersioning, {
    title: "never enabled",
    input: {},
    document: "<VersioningConfiguration/>",
    expected: {}
  }),
  sample(Cos.getBucketVersioning, {
    title: "suspended",
    input: {},
    document: "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>",
    expected: { status: "Suspended" }
  }),
  sample(Cos.getBucketAccelerate, {
    title: "never enabled",
    input: {},
    document: "<AccelerateConfiguration></AccelerateConfiguration>",
    expected: {}
  }),
  sample(Cos.getBucketAccelerate, {
    title: "enabled",
    input: {},
    document: "<AccelerateConfiguration><Status>Enabled</Status><Type>COS</Type></AccelerateConfiguration>",
    expected: { status: "Enabled", type: "COS" }
  }),
  sample(Cos.getBucketLogging, { title: "off", input: {}, document: "<BucketLoggingStatus />", expected: {} }),
  sample(Cos.getBucketLogging, {
    title: "on, without a prefix",
    input: {},
    document:
      "<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs-1250000000</TargetBucket></LoggingEnabled></BucketLoggingStatus>",
    expected: { loggingEnabled: { targetBucket: "logs-1250000000" } }
  }),
  sample(Cos.getBucketLogging, {
    title: "on, with an awkward prefix",
    input: {},
    document: `<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs-1250000000</TargetBucket><TargetPrefix>${awkward.xml}</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`,
    expected: { loggingEnabled: { targetBucket: "logs-1250000000", targetPrefix: awkward.text } }
  }),
  sample(Cos.getBucketReferer, {
    title: "never set",
    input: {},
    document: "<RefererConfiguration/>",
    expected: { domains: [] }
  }),
  sample(Cos.getBucketReferer, {
    title: "many domains",
    input: {},
    document: `${declaration}<RefererConfiguration>
    <Status>Enabled</Status>
    <RefererType>White-List</RefererType>
    <DomainList>
        <Domain>*.qq.com</Domain>
        <Domain>*.qcloud.com</Domain>
    </DomainList>
    <EmptyReferConfiguration>Allow</EmptyReferConfiguration>
</RefererConfiguration>`,
    expected: {
      status: "Enabled",
      refererType: "White-List",
      domains: ["*.qq.com", "*.qcloud.com"],
      emptyReferConfiguration: "Allow"
    }
  })
])

describeResponses("tagging", [
  sample(Cos.getBucketTagging, {
    title: "one",
    input: {},
    document: "<Tagging><TagSet><Tag><Key>k1</Key><Value>v1</Value></Tag></TagSet></Tagging>",
    expected: { tags: [{ key: "k1", value: "v1" }] }
  }),
  sample(Cos.getBucketTagging, {
    title: "many, one empty, one awkward",
    input: {},
    document: `${declaration}<Tagging>
  <TagSet>
    <Tag><Key>__proto__</Key><Value></Value></Tag>
    <Tag><Key>${awkward.xml}</Key><Value>${awkward.xml}</Value></Tag>
    <Tag><Value>3</Value><Key>c</Key></Tag>
  </TagSet>
</Tagging>`,
    expected: {
      tags: [
        { key: "__proto__", value: "" },
        { key: awkward.text, value: awkward.text },
        { key: "c", value: "3" }
      ]
    }
  }),
  sample(Cos.getObjectTagging, {
    title: "none",
    input: { key: "a/1.txt" },
    document: "<Tagging><TagSet/></Tagging>",
    expected: { tags: [] }
  }),
  sample(Cos.getObjectTagging, {
    title: "more than may be sent",
    input: { key: "a/1.txt", versionId: "V1" },
    document: `<Tagging><TagSet>${"<Tag><Key>k</Key><Value>v</Value></Tag>".repeat(11)}</TagSet></Tagging>`,
    expected: { tags: Array(11).fill({ key: "k", value: "v" }) }
  })
])

const owner = { id: "1250000000", displayName: "1250000000" }
const ownerXml = "<Owner><ID>1250000000</ID><DisplayName>1250000000</DisplayName></Owner>"

describeResponses("versions", [
  sample(Cos.listObjectVersions, {
    title: "none",
    input: {},
    document:
      "<ListVersionsResult><EncodingType>url</EncodingType><Name>examplebucket-1250000000</Name><Prefix/><KeyMarker/><VersionIdMarker/><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListVersionsResult>",
    expected: {
      name: "examplebucket-1250000000",
      encodingType: "url",
      prefix: "",
      keyMarker: "",
      versionIdMarker: "",
      maxKeys: 1000,
      isTruncated: false,
      commonPrefixes: [],
      versions: [],
      deleteMarkers: [],
      order: []
    }
  }),
  sample(Cos.listObjectVersions, {
    title: "one, not url-encoded, of a bucket without versioning",
    input: {},
    document: `<ListVersionsResult><Name>examplebucket-1250000000</Name><Prefix>%2B</Prefix><IsTruncated>false</IsTruncated><Version><Key>${awkward.xml}</Key><VersionId></VersionId><IsLatest>true</IsLatest><LastModified>2020-12-10T03:37:30.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>5</Size></Version></ListVersionsResult>`,
    expected: {
      name: "examplebucket-1250000000",
      prefix: "%2B",
      isTruncated: false,
      commonPrefixes: [],
      versions: [
        {
          key: awkward.text,
          versionId: "",
          isLatest: true,
          lastModified: new Date("2020-12-10T03:37:30.000Z"),
          eTag: '"e"',
          size: 5
        }
      ],
      deleteMarkers: [],
      order: ["Version"]
    }
  }),
  sample(Cos.listObjectVersions, {
    title: "many of both, in between each other",
    input: { prefix: "a b/", delimiter: "/" },
    document: `${declaration}<ListVersionsResult>
  <EncodingType>url</EncodingType>
  <Name>examplebucket-1250000000</Name>
  <Prefix>a%20b/</Prefix>
  <KeyMarker>k%2Bm</KeyMarker>
  <VersionIdMarker>v1</VersionIdMarker>
  <MaxKeys>6</MaxKeys>
  <Delimiter>/</Delimiter>
  <IsTruncated>true</IsTruncated>
  <NextKeyMarker>a%20b/%01%E4%B8%AD</NextKeyMarker>
  <NextVersionIdMarker/>
  <CommonPrefixes><Prefix>a%20b/%25/</Prefix></CommonPrefixes>
  <CommonPrefixes><Prefix>a%20b/%2B/</Prefix></CommonPrefixes>
  <DeleteMarker><Key>a%20b/%01%E4%B8%AD</Key><VersionId>MTg0</VersionId><IsLatest>true</IsLatest><LastModified>2020-12-10T03:37:30.000Z</LastModified>${ownerXml}</DeleteMarker>
  <Version><Key>a%20b/%01%E4%B8%AD</Key><VersionId>MTg1</VersionId><IsLatest>false</IsLatest><LastModified>2020-12-10T03:37:30.000Z</LastModified><ETag>"x-2"</ETag><Size>9007199254740991</Size><StorageClass>INTELLIGENT_TIERING</StorageClass><StorageTier>FREQUENT</StorageTier>${ownerXml}</Version>
  <DeleteMarker><Key>a%20b/%01%E4%B8%AD</Key><VersionId>null</VersionId><IsLatest>false</IsLatest><LastModified>2020-12-10T03:37:30.000Z</LastModified></DeleteMarker>
</ListVersionsResult>`,
    expected: {
      name: "examplebucket-1250000000",
      encodingType: "url",
      prefix: "a b/",
      delimiter: "/",
      keyMarker: "k+m",
      versionIdMarker: "v1",
      nextKeyMarker: "a b/\u0001中",
      nextVersionIdMarker: "",
      maxKeys: 6,
      isTruncated: true,
      commonPrefixes: ["a b/%/", "a b/+/"],
      versions: [
        {
          key: "a b/\u0001中",
          versionId: "MTg1",
          isLatest: false,
          lastModified: new Date("2020-12-10T03:37:30.000Z"),
          eTag: '"x-2"',
          size: 9007199254740991,
          storageClass: "INTELLIGENT_TIERING",
          storageTier: "FREQUENT",
          owner
        }
      ],
      deleteMarkers: [
        {
          key: "a b/\u0001中",
          versionId: "MTg0",
          isLatest: true,
          lastModified: new Date("2020-12-10T03:37:30.000Z"),
          owner
        },
        {
          key: "a b/\u0001中",
          versionId: "null",
          isLatest: false,
          lastModified: new Date("2020-12-10T03:37:30.000Z")
        }
      ],
      order: ["DeleteMarker", "Version", "DeleteMarker"]
    }
  })
])

describeResponses("lifecycle, replication", [
  sample(Cos.getBucketLifecycle, {
    title: "none",
    input: {},
    document: "<LifecycleConfiguration></LifecycleConfiguration>",
    expected: { rules: [] }
  }),
  sample(Cos.getBucketLifecycle, {
    title: "one, of the whole bucket",
    input: {},
    document:
      "<LifecycleConfiguration><Rule><ID>r</ID><Status>Disabled</Status><Filter/><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule></LifecycleConfiguration>",
    expected: {
      rules: [
        {
          id: "r",
          status: "Disabled",
          filter: { tags: [] },
          transitions: [],
          expiration: { expiredObjectDeleteMarker: true },
          noncurrentVersionTransitions: []
        }
      ]
    }
  }),
  sample(Cos.getBucketLifecycle, {
    title: "many, each filter, each action, and a limit that was raised",
    input: {},
    document: `${declaration}<LifecycleConfiguration>
  <Rule>
    <ID>${awkward.xml}</ID>
    <Status>Enabled</Status>
    <Filter><Prefix>${awkward.xml}</Prefix></Filter>
    <Transition><Days>0</Days><StorageClass>STANDARD_IA</StorageClass></Transition>
    <Transition><Days>30</Days><StorageClass>NEW_CLASS</StorageClass></Transition>
    <Expiration><Days>4000</Days></Expiration>
    <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>
  </Rule>
  <Rule>
    <Status>Enabled</Status>
    <Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>
    <Transition><Date>2030-01-01T00:00:00+08:00</Date><StorageClass>ARCHIVE</StorageClass></Transition>
    <Expiration><Date>2031-01-01T12:00:00.000Z</Date></Expiration>
    <AbortIncompleteMultipartUpload><DaysAfterInititation>1</DaysAfterInititation></AbortIncompleteMultipartUpload>
  </Rule>
  <Rule>
    <Status>Enabled</Status>
    <Filter><And>
      <Prefix>p/</Prefix>
      <Tag><Key>a</Key><Value>b</Value></Tag>
      <Tag><Key>c</Key><Value></Value></Tag>
      <ObjectSizeGreaterThan>1</ObjectSizeGreaterThan>
      <ObjectSizeLessThan>1099511627776</ObjectSizeLessThan>
      <PrefixNotEquals>p/q</PrefixNotEquals>
    </And></Filter>
    <NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays><StorageClass>COLD</StorageClass></NoncurrentVersionTransition>
    <NoncurrentVersionTransition><NoncurrentDays>2</NoncurrentDays><StorageClass>ARCHIVE</StorageClass></NoncurrentVersionTransition>
    <NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>
  </Rule>
</LifecycleConfiguration>`,
    expected: {
      rules: [
        {
          id: awkward.text,
          status: "Enabled",
          filter: { prefix: awkward.text, tags: [] },
          transitions: [
            { days: 0, storageClass: "STANDARD_IA" },
            { days: 30, storageClass: "NEW_CLASS" }
          ],
          expiration: { days: 4000 },
          noncurrentVersionTransitions: [],
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 }
        },
        {
          status: "Enabled",
          filter: { tags: [{ key: "a", value: "b" }] },
          transitions: [{ date: new Date("2029-12-31T16:00:00.000Z"), storageClass: "ARCHIVE" }],
          expiration: { date: new Date("2031-01-01T12:00:00.000Z") },
          noncurrentVersionTransitions: [],
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 }
        },
        {
          status: "Enabled",
          filter: {
            prefix: "p/",
            tags: [
              { key: "a", value: "b" },
              { key: "c", value: "" }
            ],
            objectSizeGreaterThan: 1,
            objectSizeLessThan: 1099511627776,
            prefixNotEquals: "p/q"
          },
          transitions: [],
          noncurrentVersionTransitions: [
            { noncurrentDays: 1, storageClass: "COLD" },
            { noncurrentDays: 2, storageClass: "ARCHIVE" }
          ],
          noncurrentVersionExpiration: { noncurrentDays: 3 }
        }
      ]
    }
  }),
  sample(Cos.getBucketReplication, {
    title: "one, as before there were filters",
    input: {},
    document: `${declaration}<ReplicationConfiguration><Role>qcs::cam::uin/1:uin/1</Role><Rule><ID>r</ID><Status>Enabled</Status><Prefix></Prefix><Destination><Bucket>qcs::cos:ap-beijing::to-1250000000</Bucket></Destination></Rule></ReplicationConfiguration>`,
    expected: {
      role: "qcs::cam::uin/1:uin/1",
      rules: [{ id: "r", status: "Enabled", prefix: "", destination: { bucket: "qcs::cos:ap-beijing::to-1250000000" } }]
    }
  }),
  sample(Cos.getBucketReplication, {
    title: "many, with everything",
    input: {},
    document: `<ReplicationConfiguration>
  <Role>qcs::cam::uin/1:uin/1</Role>
  <Rule>
    <Status>Enabled</Status>
    <Priority>1</Priority>
    <Filter><And><Prefix>${awkward.xml}</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter>
    <Destination>
      <Bucket>qcs::cos:ap-beijing::to-1250000000</Bucket>
      <StorageClass>STANDARD_IA</StorageClass>
      <EncryptionConfiguration><ReplicaKmsKeyID>kms</ReplicaKmsKeyID></EncryptionConfiguration>
    </Destination>
    <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>
    <SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects></SourceSelectionCriteria>
  </Rule>
  <Rule>
    <Status>Disabled</Status>
    <Filter><Prefix>p</Prefix></Filter>
    <Destination><Bucket>b</Bucket></Destination>
  </Rule>
</ReplicationConfiguration>`,
    expected: {
      role: "qcs::cam::uin/1:uin/1",
      rules: [
        {
          status: "Enabled",
          priority: 1,
          filter: { prefix: awkward.text, tags: [{ key: "a", value: "b" }] },
          destination: {
            bucket: "qcs::cos:ap-beijing::to-1250000000",
            storageClass: "STANDARD_IA",
            replicaKmsKeyId: "kms"
          },
          deleteMarkerReplication: "Disabled",
          sseKmsEncryptedObjects: "Enabled"
        },
        { status: "Disabled", filter: { prefix: "p", tags: [] }, destination: { bucket: "b" } }
      ]
    }
  })
])

describeResponses("website, encryption, domain, origin", [
  sample(Cos.getBucketWebsite, {
    title: "the least",
    input: {},
    document: "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>",
    expected: { indexDocument: "index.html", routingRules: [] }
  }),
  sample(Cos.getBucketWebsite, {
    title: "everything",
    input: {},
    document: `${declaration}<WebsiteConfiguration>
  <IndexDocument><Suffix>index.html</Suffix></IndexDocument>
  <RedirectAllRequestsTo><Protocol>https</Protocol></RedirectAllRequestsTo>
  <AutoAddressing><Status>Disabled</Status></AutoAddressing>
  <ErrorDocument><Key>${awkward.xml}</Key><OriginalHttpStatus>Enabled</OriginalHttpStatus></ErrorDocument>
  <RoutingRules>
    <RoutingRule>
      <Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition>
      <Redirect><Protocol>https</Protocol><ReplaceKeyWith>404.html</ReplaceKeyWith></Redirect>
    </RoutingRule>
    <RoutingRule>
      <Condition><KeyPrefixEquals>docs/</KeyPrefixEquals></Condition>
      <Redirect><ReplaceKeyPrefixWith>documents/</ReplaceKeyPrefixWith></Redirect>
    </RoutingRule>
  </RoutingRules>
</WebsiteConfiguration>`,
    expected: {
      indexDocument: "index.html",
      redirectAllRequestsTo: "https",
      autoAddressing: "Disabled",
      errorDocument: { key: awkward.text, originalHttpStatus: "Enabled" },
      routingRules: [
        {
          condition: { httpErrorCodeReturnedEquals: 404 },
          redirect: { protocol: "https", replaceKeyWith: "404.html" }
        },
        { condition: { keyPrefixEquals: "docs/" }, redirect: { replaceKeyPrefixWith: "documents/" } }
      ]
    }
  }),
  sample(Cos.getBucketEncryption, {
    title: "keys of the service",
    input: {},
    document:
      "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
    expected: { rules: [{ sseAlgorithm: "AES256" }] }
  }),
  sample(Cos.getBucketEncryption, {
    title: "keys of KMS",
    input: {},
    document:
      "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID>id</KMSMasterKeyID><KMSAlgorithm>AES256</KMSAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
    expected: { rules: [{ sseAlgorithm: "KMS", kmsMasterKeyId: "id", kmsAlgorithm: "AES256" }] }
  }),
  sample(Cos.getBucketDomain, {
    title: "none",
    input: {},
    headers: { "x-cos-domain-txt-verification": "tencent-cloud-cos-verification=abc" },
    document: "<DomainConfiguration/>",
    expected: { rules: [], txtVerification: "tencent-cloud-cos-verification=abc" }
  }),
  sample(Cos.getBucketDomain, {
    title: "many",
    input: {},
    document: `<DomainConfiguration>
  <DomainRule><Status>ENABLED</Status><Name>www.example.com</Name><Type>REST</Type><ForcedReplacement>CNAME</ForcedReplacement></DomainRule>
  <DomainRule><Status>DISABLED</Status><Name>中.example</Name><Type>WEBSITE</Type></DomainRule>
</DomainConfiguration>`,
    expected: {
      rules: [
        { status: "ENABLED", name: "www.example.com", type: "REST", forcedReplacement: "CNAME" },
        { status: "DISABLED", name: "中.example", type: "WEBSITE" }
      ]
    }
  }),
  sample(Cos.getBucketDomainCertificate, {
    title: "only a status",
    input: { domainName: "www.example.com" },
    document: "<DomainCertificate><Status>Disabled</Status></DomainCertificate>",
    expected: { status: "Disabled" }
  }),
  sample(Cos.getBucketDomainCertificate, {
    title: "with its validity",
    input: { domainName: "www.example.com" },
    document:
      "<DomainCertificate><Status>Enabled</Status><CertificateInfo><CertId>c</CertId><ValidityBegin>2023-01-01 00:00:00</ValidityBegin><ValidityExpire>2024-01-01 00:00:00</ValidityExpire></CertificateInfo></DomainCertificate>",
    expected: {
      status: "Enabled",
      certId: "c",
      validityBegin: "2023-01-01 00:00:00",
      validityExpire: "2024-01-01 00:00:00"
    }
  }),
  sample(Cos.getBucketOrigin, {
    title: "the least",
    input: {},
    document:
      "<OriginConfiguration><OriginRule><OriginType>Mirror</OriginType><OriginCondition/><OriginInfo><HostInfo><HostName>h</HostName></HostInfo></OriginInfo></OriginRule></OriginConfiguration>",
    expected: {
      rules: [
        {
          originType: "Mirror",
          originCondition: { forbiddenHosts: [] },
          originInfo: { hosts: [{ hostName: "h" }] },
          httpStandbyCodes: []
        }
      ]
    }
  }),
  sample(Cos.getBucketOrigin, {
    title: "everything, in the newer form of files",
    input: {},
    document: `<OriginConfiguration>
  <OriginRule>
    <RulePriority>1</RulePriority>
    <OriginType>Proxy</OriginType>
    <OriginCondition><HTTPStatusCode>404</HTTPStatusCode><Prefix>${awkward.xml}</Prefix></OriginCondition>
    <OriginParameter>
      <Protocol>FOLLOW</Protocol>
      <FollowQueryString>true</FollowQueryString>
      <HttpHeader>
        <FollowAllHeaders>false</FollowAllHeaders>
        <NewHttpHeaders>
          <Header><Key>x-a</Key><Value>1</Value></Header>
          <Header><Key>x-b</Key><Value></Value></Header>
        </NewHttpHeaders>
        <FollowHttpHeaders><Header><Key>Origin</Key></Header></FollowHttpHeaders>
      </HttpHeader>
      <FollowRedirection>true</FollowRedirection>
      <HttpRedirectCode>302</HttpRedirectCode>
      <CopyOriginData>true</CopyOriginData>
    </OriginParameter>
    <OriginInfo>
      <HostInfo><HostName>origin.example:8080</HostName></HostInfo>
      <FileInfo>
        <PrefixConfiguration><Prefix>p/</Prefix></PrefixConfiguration>
        <SuffixConfiguration><Suffix>.jpg</Suffix></SuffixConfiguration>
      </FileInfo>
    </OriginInfo>
  </OriginRule>
  <OriginRule>
    <RulePriority>2</RulePriority>
    <OriginType>Redirect</OriginType>
    <OriginCondition><HTTPStatusCode>404</HTTPStatusCode></OriginCondition>
    <OriginParameter/>
    <OriginInfo>
      <HostInfo><HostName>h</HostName></HostInfo>
      <FileInfo><PrefixDirective>true</PrefixDirective><Prefix>q/</Prefix><Suffix>.png</Suffix></FileInfo>
    </OriginInfo>
  </OriginRule>
</OriginConfiguration>`,
    expected: {
      rules: [
        {
          rulePriority: 1,
          originType: "Proxy",
          originCondition: { httpStatusCode: "404", prefix: awkward.text, forbiddenHosts: [] },
          originParameter: {
            protocol: "FOLLOW",
            followQueryString: true,
            httpHeader: {
              followAllHeaders: false,
              newHttpHeaders: [
                { key: "x-a", value: "1" },
                { key: "x-b", value: "" }
              ],
              followHttpHeaders: [{ key: "Origin" }],
              forbidFollowHeaders: []
            },
            followRedirection: true,
            httpRedirectCode: 302,
            copyOriginData: true
          },
          originInfo: {
            hosts: [{ hostName: "origin.example:8080" }],
            fileInfo: { prefixConfiguration: { prefix: "p/" }, suffixConfiguration: { suffix: ".jpg" } }
          },
          httpStandbyCodes: []
        },
        {
          rulePriority: 2,
          originType: "Redirect",
          originCondition: { httpStatusCode: "404", forbiddenHosts: [] },
          originParameter: {},
          originInfo: { hosts: [{ hostName: "h" }], fileInfo: { prefixDirective: true, prefix: "q/", suffix: ".png" } },
          httpStandbyCodes: []
        }
      ]
    }
  })
])

const inventoryXml = `<InventoryConfiguration>
  <Id>inv1</Id>
  <IsEnabled>true</IsEnabled>
  <Destination><COSBucketDestination>
    <Format>CSV</Format>
    <AccountId>100000000001</AccountId>
    <Bucket>qcs::cos:ap-guangzhou::examplebucket-1250000000</Bucket>
    <Prefix>list1</Prefix>
    <Encryption><SSE-COS></SSE-COS></Encryption>
  </COSBucketDestination></Destination>
  <Schedule><Frequency>Daily</Frequency></Schedule>
  <Filter>
    <And><Prefix>${awkward.xml}</Prefix><Tag><Key>age</Key><Value>18</Value></Tag><StorageClass>STANDARD</StorageClass></And>
    <Period><StartTime>1568688761</StartTime><EndTime>1568688762</EndTime></Period>
  </Filter>
  <IncludedObjectVersions>All</IncludedObjectVersions>
  <OptionalFields><Field>Size</Field><Field>x-cos-meta-a</Field></OptionalFields>
</InventoryConfiguration>`

const inventory = {
  id: "inv1",
  isEnabled: true,
  destination: {
    format: "CSV",
    accountId: "100000000001",
    bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000",
    prefix: "list1",
    encrypted: true as const
  },
  schedule: "Daily",
  filter: {
    prefix: awkward.text,
    tags: [{ key: "age", value: "18" }],
    storageClass: "STANDARD",
    period: { startTime: new Date(1568688761000), endTime: new Date(1568688762000) }
  },
  includedObjectVersions: "All",
  optionalFields: ["Size", "x-cos-meta-a"]
}

const leastInventoryXml =
  "<InventoryConfiguration><Id>i.2</Id><IsEnabled>false</IsEnabled><Destination><COSBucketDestination><Format>CSV</Format><Bucket>b</Bucket></COSBucketDestination></Destination><Schedule><Frequency>Weekly</Frequency></Schedule><IncludedObjectVersions>Current</IncludedObjectVersions></InventoryConfiguration>"

const leastInventory = {
  id: "i.2",
  isEnabled: false,
  destination: { format: "CSV", bucket: "b" },
  schedule: "Weekly",
  includedObjectVersions: "Current",
  optionalFields: []
}

describeResponses("inventory", [
  sample(Cos.getBucketInventory, {
    title: "everything",
    input: { id: "inv1" },
    document: declaration + inventoryXml,
    expected: inventory
  }),
  sample(Cos.getBucketInventory, {
    title: "the least",
    input: { id: "i.2" },
    document: leastInventoryXml,
    expected: leastInventory
  }),
  sample(Cos.listBucketInventory, {
    title: "none",
    input: {},
    document: "<ListInventoryConfigurationResult><IsTruncated>false</IsTruncated></ListInventoryConfigurationResult>",
    expected: { configurations: [], isTruncated: false }
  }),
  sample(Cos.listBucketInventory, {
    title: "one",
    input: { continuationToken: "t" },
    document: `<ListInventoryConfigurationResult>${leastInventoryXml}<IsTruncated>false</IsTruncated><ContinuationToken>t</ContinuationToken></ListInventoryConfigurationResult>`,
    expected: { configurations: [leastInventory], isTruncated: false, continuationToken: "t" }
  }),
  sample(Cos.listBucketInventory, {
    title: "many",
    input: {},
    document: `${declaration}<ListInventoryConfigurationResult>
${inventoryXml}
${leastInventoryXml}
<IsTruncated>true</IsTruncated>
<NextContinuationToken>${awkward.xml}</NextContinuationToken>
</ListInventoryConfigurationResult>`,
    expected: {
      configurations: [inventory, leastInventory],
      isTruncated: true,
      nextContinuationToken: awkward.text
    }
  }),
  sample(Cos.postBucketInventory, {
    title: "a job",
    input: { id: "once", destination: { format: "CSV", bucket: "b" }, includedObjectVersions: "All" },
    document: "<PostInventoryConfigurationResult><JobId>j</JobId></PostInventoryConfigurationResult>",
    expected: { jobId: "j" }
  })
])

const tieringXml =
  "<IntelligentTieringConfiguration><Id>t1</Id><Status>Enabled</Status><Filter><And><Prefix>p/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter><Tiering><AccessTier>INFREQUENT</AccessTier><Days>30</Days><RequestFrequent>1</RequestFrequent></Tiering><Tiering><AccessTier>ARCHIVE_ACCESS</AccessTier><Days>91</Days></Tiering></IntelligentTieringConfiguration>"

const tiering = {
  id: "t1",
  status: "Enabled",
  filter: { prefix: "p/", tags: [{ key: "a", value: "b" }] },
  tierings: [
    { accessTier: "INFREQUENT", days: 30, requestFrequent: 1 },
    { accessTier: "ARCHIVE_ACCESS", days: 91 }
  ]
}

describeResponses("intelligent tiering, object lock", [
  sample(Cos.getBucketIntelligentTiering, {
    title: "never enabled",
    input: {},
    document: "<IntelligentTieringConfiguration/>",
    expected: {}
  }),
  sample(Cos.getBucketIntelligentTiering, {
    title: "enabled",
    input: {},
    document:
      '<IntelligentTieringConfiguration xmlns="cos xmlns/"><Status>Enabled</Status><Transition><Days>30</Days><RequestFrequent>1</RequestFrequent></Transition></IntelligentTieringConfiguration>',
    expected: { status: "Enabled", transition: { days: 30, requestFrequent: 1 } }
  }),
  sample(Cos.getBucketIntelligentTieringConfiguration, {
    title: "everything",
    input: { id: "t1" },
    document: tieringXml,
    expected: tiering
  }),
  sample(Cos.listBucketIntelligentTieringConfigurations, {
    title: "none",
    input: {},
    document: "<ListBucketIntelligentTieringConfigurationsOutput/>",
    expected: { configurations: [] }
  }),
  sample(Cos.listBucketIntelligentTieringConfigurations, {
    title: "many",
    input: {},
    document: `<ListBucketIntelligentTieringConfigurationsOutput>${tieringXml}<IntelligentTieringConfiguration><Id>t2</Id><Status>Disabled</Status></IntelligentTieringConfiguration></ListBucketIntelligentTieringConfigurationsOutput>`,
    expected: { configurations: [tiering, { id: "t2", status: "Disabled", tierings: [] }] }
  }),
  sample(Cos.getObjectLockConfiguration, {
    title: "without a default",
    input: {},
    document: "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
    expected: { objectLockEnabled: "Enabled" }
  }),
  sample(Cos.getObjectLockConfiguration, {
    title: "with a default",
    input: {},
    document: `${declaration}<ObjectLockConfiguration>
  <ObjectLockEnabled>Enabled</ObjectLockEnabled>
  <Rule><DefaultRetention><Days>30</Days></DefaultRetention></Rule>
</ObjectLockConfiguration>`,
    expected: { objectLockEnabled: "Enabled", defaultRetentionDays: 30 }
  }),
  sample(Cos.getObjectRetention, {
    title: "with a mode",
    input: { key: "a/1.txt" },
    document: "<Retention><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate><Mode>COMPLIANCE</Mode></Retention>",
    expected: { retainUntilDate: new Date("2030-01-01T00:00:00Z"), mode: "COMPLIANCE" }
  })
])

describeResponses("policy", [
  sample(Cos.getBucketPolicy, {
    title: "as it is documented",
    input: {},
    document: JSON.stringify({
      Statement: [
        {
          Principal: { qcs: ["qcs::cam::uin/100000000001:uin/100000000011"] },
          Effect: "Allow",
          Action: ["name/cos:GetObject", "name/cos:PutObject"],
          Resource: ["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"],
          Condition: { ip_equal: { "qcs:ip": ["10.1.1.0/24", "::1"] }, bool_equal: { "cos:secure-transport": false } }
        }
      ],
      version: "2.0"
    }),
    expected: {
      policy: {
        version: "2.0",
        statement: [
          {
            principal: { qcs: ["qcs::cam::uin/100000000001:uin/100000000011"] },
            effect: "Allow",
            action: ["name/cos:GetObject", "name/cos:PutObject"],
            resource: ["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"],
            condition: { ip_equal: { "qcs:ip": ["10.1.1.0/24", "::1"] }, bool_equal: { "cos:secure-transport": false } }
          }
        ]
      }
    }
  }),
  sample(Cos.getBucketPolicy, {
    title: "in lower case, with one of each, with what is not known",
    input: {},
    document:
      '{ "version": "2.0", "statement": [{ "sid": "s\\u4e2d", "effect": "deny", "principal": "*", "action": "name/cos:*", "resource": "*", "notAction": ["x"] }], "Id": 1 }',
    expected: {
      policy: {
        version: "2.0",
        statement: [
          {
            sid: "s中",
            effect: "deny",
            principal: "*",
            action: ["name/cos:*"],
            resource: ["*"],
            ...({ notAction: ["x"] } as object)
          }
        ],
        ...({ Id: 1 } as object)
      }
    }
  }),
  sample(Cos.getBucketPolicy, {
    title: "no statement",
    input: {},
    document: '{"Statement":[]}',
    expected: { policy: { statement: [] } }
  })
])
