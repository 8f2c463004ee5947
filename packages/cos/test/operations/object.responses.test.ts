import { readFileSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import * as Cos from "effect-cos/Cos"
import type * as Operation from "effect-cos/Operation"
import { awkward, declaration, describeResponses, madeBy, sample } from "../support/responses.js"

/** A key of every kind of trouble: as `encoding-type=url` writes it, and as it is. */
const encoded = {
  xml: "%20a%2Bb/%00%01%0D%0A%25%26%3C%3E%22%27/__proto__/%E4%B8%AD%F0%9F%90%88%EF%BF%BF//../%20",
  text: " a+b/\0\u0001\r\n%&<>\"'/__proto__/中🐈\uffff//../ "
}

const lastModified = new Date("2020-12-10T03:37:30.000Z")

const appId = { id: "1250000000", displayName: "1250000000" }
const appIdXml = "<ID>1250000000</ID><DisplayName>1250000000</DisplayName>"
const account = { id: "qcs::cam::uin/100000000001:uin/100000000011", displayName: "100000000011" }
const accountXml = `<ID>${account.id}</ID><DisplayName>${account.displayName}</DisplayName>`

describeResponses("buckets", [
  sample(Cos.listBuckets, {
    title: "none",
    input: {},
    document: `${declaration}<ListAllMyBucketsResult><Owner>${accountXml}</Owner><Buckets/></ListAllMyBucketsResult>`,
    expected: { owner: account, buckets: [] }
  }),
  sample(Cos.listBuckets, {
    title: "one, without what it may lack, in old words",
    input: {},
    document:
      "<ListAllMyBucketsResult><Buckets><Bucket><Name>a-1250000000</Name><Location>ap-beijing</Location>" +
      "<CreateDate>2019-05-24T11:49:50Z</CreateDate></Bucket></Buckets></ListAllMyBucketsResult>",
    expected: {
      buckets: [{ name: "a-1250000000", location: "ap-beijing", creationDate: new Date("2019-05-24T11:49:50Z") }]
    }
  }),
  sample(Cos.listBuckets, {
    title: "many, and more to come",
    input: { maxKeys: 2 },
    document: `${declaration}<ListAllMyBucketsResult>
	<Owner>
		${accountXml}
	</Owner>
	<Buckets>
		<Bucket>
			<Name>a-1250000000</Name>
			<Location>ap-beijing</Location>
			<CreationDate>2019-05-24T11:49:50Z</CreationDate>
			<BucketType>cos</BucketType>
		</Bucket>
		<Bucket>
			<Name>b-1250000000</Name>
			<Location>ap-new-9</Location>
			<CreationDate>2019-05-24T11:51:50Z</CreationDate>
			<BucketType>ofs</BucketType>
		</Bucket>
	</Buckets>
	<IsTruncated>true</IsTruncated>
	<Marker/>
	<NextMarker>b-1250000000</NextMarker>
</ListAllMyBucketsResult>`,
    expected: {
      owner: account,
      buckets: [
        {
          name: "a-1250000000",
          location: "ap-beijing",
          creationDate: new Date("2019-05-24T11:49:50Z"),
          bucketType: "cos"
        },
        {
          name: "b-1250000000",
          location: "ap-new-9",
          creationDate: new Date("2019-05-24T11:51:50Z"),
          bucketType: "ofs"
        }
      ],
      isTruncated: true,
      marker: "",
      nextMarker: "b-1250000000"
    }
  })
])

describeResponses("objects", [
  sample(Cos.listObjects, {
    title: "none",
    input: {},
    headers: { "x-cos-bucket-region": "ap-guangzhou" },
    document: `${declaration}<ListBucketResult>
	<Name>examplebucket-1250000000</Name>
	<EncodingType>url</EncodingType>
	<Prefix/>
	<Marker/>
	<MaxKeys>1000</MaxKeys>
	<Delimiter/>
	<IsTruncated>false</IsTruncated>
</ListBucketResult>`,
    expected: {
      encodingType: "url",
      name: "examplebucket-1250000000",
      prefix: "",
      marker: "",
      maxKeys: 1000,
      delimiter: "",
      isTruncated: false,
      region: "ap-guangzhou",
      commonPrefixes: [],
      contents: []
    }
  }),
  sample(Cos.listObjects, {
    title: "one, not url-encoded, without what it may lack",
    input: {},
    document: `<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated><Contents><Key>${awkward.xml}</Key><LastModified>2020-12-10T03:37:30.000Z</LastModified><ETag>"e"</ETag><Size>0</Size></Contents></ListBucketResult>`,
    expected: {
      name: "b",
      isTruncated: false,
      commonPrefixes: [],
      contents: [{ key: awkward.text, lastModified, eTag: '"e"', size: 0 }]
    }
  }),
  sample(Cos.listObjects, {
    title: "many, and prefixes, and more to come",
    input: { prefix: "p", delimiter: "/" },
    document: `${declaration}<ListBucketResult xmlns="http://www.qcloud.com/document/product/436/7751">
	<Name>examplebucket-1250000000</Name>
	<EncodingType>url</EncodingType>
	<Prefix>${encoded.xml}</Prefix>
	<Marker>m%2B1</Marker>
	<MaxKeys>3</MaxKeys>
	<Delimiter>/</Delimiter>
	<IsTruncated>true</IsTruncated>
	<NextMarker>${encoded.xml}</NextMarker>
	<CommonPrefixes>
		<Prefix>a%20/</Prefix>
	</CommonPrefixes>
	<CommonPrefixes>
		<Prefix>${encoded.xml}/</Prefix>
	</CommonPrefixes>
	<Contents>
		<Key>${encoded.xml}</Key>
		<LastModified>2020-12-10T03:37:30.000Z</LastModified>
		<ETag>&quot;f1c9645dbc14efddc7d8a322685f26eb&quot;</ETag>
		<Size>9007199254740991</Size>
		<Owner>
			${appIdXml}
		</Owner>
		<StorageClass>STANDARD</StorageClass>
	</Contents>
	<Contents>
		<Key>constructor</Key>
		<LastModified>2020-12-10T03:37:30.000Z</LastModified>
		<ETag>&quot;05a9a30179f3db7b63136f30aa6aacae-3&quot;</ETag>
		<Size>1</Size>
		<Owner><ID>1250000000</ID></Owner>
		<StorageClass>INTELLIGENT_TIERING</StorageClass>
		<StorageTier>FREQUENT</StorageTier>
		<RestoreStatus>ongoing</RestoreStatus>
	</Contents>
</ListBucketResult>`,
    expected: {
      encodingType: "url",
      name: "examplebucket-1250000000",
      prefix: encoded.text,
      marker: "m+1",
      maxKeys: 3,
      delimiter: "/",
      isTruncated: true,
      nextMarker: encoded.text,
      commonPrefixes: ["a /", `${encoded.text}/`],
      contents: [
        {
          key: encoded.text,
          lastModified,
          eTag: '"f1c9645dbc14efddc7d8a322685f26eb"',
          size: 9007199254740991,
          owner: appId,
          storageClass: "STANDARD"
        },
        {
          key: "constructor",
          lastModified,
          eTag: '"05a9a30179f3db7b63136f30aa6aacae-3"',
          size: 1,
          owner: { id: "1250000000" },
          storageClass: "INTELLIGENT_TIERING",
          storageTier: "FREQUENT",
          restoreStatus: "ongoing"
        }
      ]
    }
  }),
  sample(Cos.deleteMultipleObjects, {
    title: "none, when quiet",
    input: { objects: [{ key: "a" }], quiet: true },
    document: "<DeleteResult/>",
    expected: { deleted: [], errors: [] }
  }),
  sample(Cos.deleteMultipleObjects, {
    title: "one, which failed",
    input: { objects: [{ key: "a" }] },
    document: `<DeleteResult><Error><Key>${awkward.xml}</Key><Code>PathConflict</Code></Error></DeleteResult>`,
    expected: { deleted: [], errors: [{ key: awkward.text, code: "PathConflict" }] }
  }),
  sample(Cos.deleteMultipleObjects, {
    title: "many of both, with versions and markers",
    input: { objects: [{ key: "a" }] },
    document: `${declaration}<DeleteResult>
	<Deleted>
		<Key>${awkward.xml}</Key>
	</Deleted>
	<Deleted>
		<Key>b</Key>
		<DeleteMarker>true</DeleteMarker>
		<DeleteMarkerVersionId>MTg0</DeleteMarkerVersionId>
		<VersionId>MTg0</VersionId>
	</Deleted>
	<Error>
		<Key>c</Key>
		<VersionId>null</VersionId>
		<Code>AccessDenied</Code>
		<Message>Access &lt;denied&gt;.</Message>
	</Error>
	<Error>
		<Key>d</Key>
		<Code>InternalError</Code>
		<Message/>
	</Error>
</DeleteResult>`,
    expected: {
      deleted: [
        { key: awkward.text },
        { key: "b", deleteMarker: true, deleteMarkerVersionId: "MTg0", versionId: "MTg0" }
      ],
      errors: [
        { key: "c", versionId: "null", code: "AccessDenied", message: "Access <denied>." },
        { key: "d", code: "InternalError", message: "" }
      ]
    }
  }),
  sample(Cos.copyObject, {
    title: "as the page has it, with a new version",
    input: { key: "k", source: { key: "a" } },
    headers: { "x-cos-copy-source-version-id": "MTg0", "x-cos-server-side-encryption": "AES256" },
    document: `<?xml version="1.0" encoding="UTF-8"?>
<CopyObjectResult>
    <ETag>"ee8de918d05640145b18f70f4c3aa602"</ETag>
    <CRC64>16749565679157681890</CRC64>
    <LastModified>2019-05-24T11:49:50Z</LastModified>
    <VersionId>MTg0NDUxNTc1NjIzMTQ1MDAwODg</VersionId>
</CopyObjectResult>`,
    expected: {
      eTag: '"ee8de918d05640145b18f70f4c3aa602"',
      crc64: 16749565679157681890n,
      lastModified: new Date("2019-05-24T11:49:50Z"),
      versionId: "MTg0NDUxNTc1NjIzMTQ1MDAwODg",
      sourceVersionId: "MTg0",
      serverSideEncryption: "AES256",
      ...madeBy({ "x-cos-copy-source-version-id": "MTg0", "x-cos-server-side-encryption": "AES256" })
    }
  }),
  sample(Cos.copyObject, {
    title: "what it may lack, in headers or nowhere",
    input: { key: "k", source: { key: "a" } },
    headers: { "x-cos-hash-crc64ecma": "18446744073709551615", "x-cos-version-id": "v" },
    document: "<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>",
    expected: {
      eTag: '"e"',
      crc64: 18446744073709551615n,
      versionId: "v",
      ...madeBy({ "x-cos-hash-crc64ecma": "18446744073709551615", "x-cos-version-id": "v" })
    }
  })
])

const imageInfo = { format: "PNG", width: 640, height: 427, quality: 100, ave: "0xa59a8c", orientation: 1 }
const imageInfoXml =
  "<ImageInfo><Format>PNG</Format><Width>640</Width><Height>427</Height><Quality>100</Quality><Ave>0xa59a8c</Ave><Orientation>1</Orientation></ImageInfo>"
const processed = {
  key: awkward.text,
  location: "h/b.png",
  format: "PNG",
  width: 640,
  height: 427,
  size: 463092,
  quality: 100,
  eTag: '"p"'
}
const processedXml = `<Object><Key>${awkward.xml}</Key><Location>h/b.png</Location><Format>PNG</Format><Width>640</Width><Height>427</Height><Size>463092</Size><Quality>100</Quality><ETag>&quot;p&quot;</ETag></Object>`
const operations = { rules: [{ fileId: "b.png", rule: "imageView2/1" }] }

describeResponses("images", [
  sample(Cos.putObject, {
    title: "one made",
    input: { key: "k", picOperations: operations },
    headers: { etag: '"e"' },
    document: `<UploadResult><OriginalInfo><Key>k</Key><Location>h/k</Location><ETag>&quot;o&quot;</ETag>${imageInfoXml}</OriginalInfo><ProcessResults>${processedXml}</ProcessResults></UploadResult>`,
    expected: {
      eTag: '"e"',
      ...madeBy({ etag: '"e"' }),
      originalInfo: { key: "k", location: "h/k", eTag: '"o"', imageInfo },
      processResults: [processed]
    }
  }),
  sample(Cos.imageProcess, {
    title: "none made",
    input: { key: "k", operations },
    document: "<UploadResult><OriginalInfo><Key>k</Key></OriginalInfo></UploadResult>",
    expected: { originalInfo: { key: "k" }, processResults: [] }
  }),
  sample(Cos.imageProcess, {
    title: "many made",
    input: { key: "k", operations },
    document: `${declaration}<UploadResult>
  <ProcessResults>
    ${processedXml}
    <Object><Key>c.png</Key></Object>
  </ProcessResults>
</UploadResult>`,
    expected: { processResults: [processed, { key: "c.png" }] }
  })
])

const upload = { key: "big", uploadId: "U1" }

describeResponses("multipart", [
  sample(Cos.initiateMultipartUpload, {
    title: "an id, and the encryption",
    input: { key: "k" },
    headers: {
      "x-cos-server-side-encryption": "cos/kms",
      "x-cos-server-side-encryption-cos-kms-key-id": "kms",
      "x-cos-server-side-encryption-customer-algorithm": "AES256",
      "x-cos-server-side-encryption-customer-key-md5": "md5"
    },
    document: `${declaration}<InitiateMultipartUploadResult>
	<Bucket>examplebucket-1250000000</Bucket>
	<Key>${awkward.xml}</Key>
	<UploadId>1585130821cbb7df1d11846c073ad648e8f33b087cec2381df437acdc833cf654b9ecc6361</UploadId>
</InitiateMultipartUploadResult>`,
    expected: {
      bucket: "examplebucket-1250000000",
      key: awkward.text,
      uploadId: "1585130821cbb7df1d11846c073ad648e8f33b087cec2381df437acdc833cf654b9ecc6361",
      serverSideEncryption: "cos/kms",
      kmsKeyId: "kms",
      customerAlgorithm: "AES256",
      customerKeyMd5: "md5"
    }
  }),
  sample(Cos.initiateMultipartUpload, {
    title: "a key that XML cannot carry, raw and by references",
    input: { key: "a\u0001b" },
    document:
      "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>a\u0001&#1;&#x1;\0</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>",
    expected: { bucket: "b", key: "a\u0001\u0001\u0001\0", uploadId: "u" }
  }),
  ...(["EncodingType", "Encoding-Type", "Encoding-type"] as const).map((spelling) =>
    sample(Cos.listParts, {
      title: `none, ${spelling}`,
      input: upload,
      document: `<ListPartsResult><Bucket>b</Bucket><${spelling}>url</${spelling}><Key>${encoded.xml}</Key><UploadId>U1</UploadId><IsTruncated>false</IsTruncated></ListPartsResult>`,
      expected: {
        encodingType: "url",
        bucket: "b",
        key: encoded.text,
        uploadId: "U1",
        isTruncated: false,
        parts: []
      }
    })
  ),
  sample(Cos.listParts, {
    title: "one, not url-encoded, with an old time and without one",
    input: upload,
    document: `<ListPartsResult><Bucket>b</Bucket><Key>${awkward.xml}</Key><UploadId>U1</UploadId><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><LastModified>Wed Jan 18 16:04:17 2017</LastModified><ETag>"e"</ETag><Size>1</Size></Part></ListPartsResult>`,
    expected: {
      bucket: "b",
      key: awkward.text,
      uploadId: "U1",
      isTruncated: false,
      parts: [{ partNumber: 1, lastModified: new Date("2017-01-18T16:04:17Z"), eTag: '"e"', size: 1 }]
    }
  }),
  sample(Cos.listParts, {
    title: "many, and more to come",
    input: upload,
    document: `${declaration}<ListPartsResult>
	<Bucket>examplebucket-1250000000</Bucket>
	<Encoding-type/>
	<Key>exampleobject</Key>
	<UploadId>1585</UploadId>
	<Owner>${appIdXml}</Owner>
	<PartNumberMarker>0</PartNumberMarker>
	<Initiator>${accountXml}</Initiator>
	<StorageClass>Standard</StorageClass>
	<NextPartNumberMarker>10000</NextPartNumberMarker>
	<MaxParts>2</MaxParts>
	<IsTruncated>true</IsTruncated>
	<Part><PartNumber>1</PartNumber><LastModified>2020-12-10T03:37:30.000Z</LastModified><ETag>&quot;p1&quot;</ETag><Size>1048576</Size></Part>
	<Part><PartNumber>10000</PartNumber><ETag>&quot;p2&quot;</ETag><Size>5368709120</Size></Part>
</ListPartsResult>`,
    expected: {
      bucket: "examplebucket-1250000000",
      key: "exampleobject",
      uploadId: "1585",
      owner: appId,
      initiator: account,
      partNumberMarker: 0,
      nextPartNumberMarker: 10_000,
      storageClass: "STANDARD",
      maxParts: 2,
      isTruncated: true,
      parts: [
        { partNumber: 1, lastModified, eTag: '"p1"', size: 1_048_576 },
        { partNumber: 10_000, eTag: '"p2"', size: 5_368_709_120 }
      ]
    }
  }),
  sample(Cos.listMultipartUploads, {
    title: "none",
    input: {},
    document: `${declaration}<ListMultipartUploadsResult>
	<Bucket>examplebucket-1250000000</Bucket>
	<Encoding-Type/>
	<KeyMarker/>
	<UploadIdMarker/>
	<MaxUploads>1000</MaxUploads>
	<IsTruncated>false</IsTruncated>
	<Prefix/>
	<Delimiter/>
</ListMultipartUploadsResult>`,
    expected: {
      bucket: "examplebucket-1250000000",
      keyMarker: "",
      uploadIdMarker: "",
      maxUploads: 1000,
      isTruncated: false,
      prefix: "",
      delimiter: "",
      commonPrefixes: [],
      uploads: []
    }
  }),
  sample(Cos.listMultipartUploads, {
    title: "one, in old spellings",
    input: {},
    document: `<ListMultipartUploadsResult><Bucket>b</Bucket><Encoding-Type>url</Encoding-Type><delimiter>%2F</delimiter><IsTruncated>false</IsTruncated><Upload><Key>${encoded.xml}</Key><UploadID>U%201</UploadID><Initiated>Wed Jan 18 16:04:17 2017</Initiated></Upload><CommonPrefixs><Prefix>${encoded.xml}/</Prefix></CommonPrefixs></ListMultipartUploadsResult>`,
    expected: {
      encodingType: "url",
      bucket: "b",
      delimiter: "/",
      isTruncated: false,
      commonPrefixes: [`${encoded.text}/`],
      uploads: [{ key: encoded.text, uploadId: "U%201", initiated: new Date("2017-01-18T16:04:17Z") }]
    }
  }),
  sample(Cos.listMultipartUploads, {
    title: "many, and prefixes, and more to come",
    input: { delimiter: "/" },
    document: `${declaration}<ListMultipartUploadsResult>
	<Bucket>examplebucket-1250000000</Bucket>
	<Encoding-Type>url</Encoding-Type>
	<KeyMarker>k%2B</KeyMarker>
	<UploadIdMarker>u%2B</UploadIdMarker>
	<NextKeyMarker>${encoded.xml}</NextKeyMarker>
	<NextUploadIdMarker>U2</NextUploadIdMarker>
	<MaxUploads>4</MaxUploads>
	<IsTruncated>true</IsTruncated>
	<Prefix>p%25</Prefix>
	<Delimiter>/</Delimiter>
	<CommonPrefixes><Prefix>a%20/</Prefix></CommonPrefixes>
	<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>
	<Upload><Key>${encoded.xml}</Key><UploadId>U1</UploadId><StorageClass>Standard</StorageClass><Initiator>${accountXml}</Initiator><Owner>${accountXml}</Owner><Initiated>2020-12-10T03:37:30.000Z</Initiated></Upload>
	<Upload><Key>${encoded.xml}</Key><UploadId>U2</UploadId><StorageClass>ARCHIVE</StorageClass><Initiated>2020-12-10T03:37:30.000Z</Initiated></Upload>
</ListMultipartUploadsResult>`,
    expected: {
      encodingType: "url",
      bucket: "examplebucket-1250000000",
      keyMarker: "k+",
      uploadIdMarker: "u%2B",
      nextKeyMarker: encoded.text,
      nextUploadIdMarker: "U2",
      maxUploads: 4,
      isTruncated: true,
      prefix: "p%",
      delimiter: "/",
      commonPrefixes: ["a /", "b/"],
      uploads: [
        {
          key: encoded.text,
          uploadId: "U1",
          storageClass: "STANDARD",
          initiator: account,
          owner: account,
          initiated: lastModified
        },
        { key: encoded.text, uploadId: "U2", storageClass: "ARCHIVE", initiated: lastModified }
      ]
    }
  }),
  sample(Cos.completeMultipartUpload, {
    title: "after blanks, with a namespace",
    input: { ...upload, parts: [{ partNumber: 1, eTag: '"p1"' }] },
    headers: { "x-cos-hash-crc64ecma": "18446744073709551615", "x-cos-version-id": "null" },
    document: `   \n  <?xml version="1.0" encoding="UTF-8"?>
<CompleteMultipartUploadResult xmlns="http://www.qcloud.com/document/product/436/7751">
    <Location>http://examplebucket-1250000000.cos.ap-beijing.myqcloud.com/a%20b</Location>
    <Bucket>examplebucket-1250000000</Bucket>
    <Key>${awkward.xml}</Key>
    <ETag>&quot;05a9a30179f3db7b63136f30aa6aacae-3&quot;</ETag>
</CompleteMultipartUploadResult>`,
    expected: {
      location: "http://examplebucket-1250000000.cos.ap-beijing.myqcloud.com/a%20b",
      bucket: "examplebucket-1250000000",
      key: awkward.text,
      eTag: '"05a9a30179f3db7b63136f30aa6aacae-3"',
      crc64: 18446744073709551615n,
      versionId: "null",
      processResults: []
    }
  }),
  sample(Cos.completeMultipartUpload, {
    title: "of an image, with a version in the document",
    input: { ...upload, parts: [{ partNumber: 1, eTag: '"p1"' }], picOperations: operations },
    document: `<CompleteMultipartUploadResult><ETag>"e-1"</ETag><VersionId>v</VersionId>${imageInfoXml}<ProcessResults>${processedXml}${processedXml}</ProcessResults></CompleteMultipartUploadResult>`,
    expected: { eTag: '"e-1"', versionId: "v", imageInfo, processResults: [processed, processed] }
  }),
  sample(Cos.uploadPartCopy, {
    title: "a time without a zone, and the checksum in the document",
    input: { ...upload, partNumber: 1, source: { key: "a" } },
    headers: { "x-cos-copy-source-version-id": "v" },
    document: `<CopyPartResult>
	<ETag>"ba82b57cfdfc41f8e9c1c6a0f0a0f0a0"</ETag>
	<LastModified>2017-09-04T04:45:45</LastModified>
	<CRC64>1</CRC64>
</CopyPartResult>`,
    expected: {
      eTag: '"ba82b57cfdfc41f8e9c1c6a0f0a0f0a0"',
      lastModified: new Date("2017-09-04T04:45:45Z"),
      crc64: 1n,
      sourceVersionId: "v"
    }
  }),
  sample(Cos.uploadPartCopy, {
    title: "what it may lack, in headers or nowhere",
    input: { ...upload, partNumber: 1, source: { key: "a" } },
    headers: { "x-cos-hash-crc64ecma": "0" },
    document: "<CopyPartResult><ETag>e</ETag></CopyPartResult>",
    expected: { eTag: "e", crc64: 0n }
  })
])

it("every operation that answers with a document has samples", () => {
  const files = ["object", "configuration", "jobs"].map((name) => new URL(`${name}.responses.test.ts`, import.meta.url))
  const sampled = new Set(
    files.flatMap((file) => Array.from(readFileSync(file, "utf8").matchAll(/sample\(Cos\.(\w+),/g), ([, name]) => name))
  )
  const specs = Object.values(Cos).flatMap(
    (value): ReadonlyArray<Operation.SpecData> => (typeof value === "function" && "spec" in value ? [value.spec] : [])
  )
  const answering = specs.filter(({ root }) => root.length > 0).map(({ name }) => name)
  expect(answering.length).toBeGreaterThan(30)
  expect(answering.filter((name) => !sampled.has(name))).toEqual([])
})
