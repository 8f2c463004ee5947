/** The AWS SDK with its `lib-storage`, at the same server, with the checks that it makes by default. */
import { createReadStream, createWriteStream } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { pipeline } from "node:stream/promises"
import { GetObjectCommand, HeadObjectCommand, ListObjectsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { fileOf, keyOf, out, smallFileOf, smallKeyOf } from "../data.js"
import { bucket, concurrency, inParallel, secretId, secretKey, small, type Variant, workers } from "../variants.js"

const client = (endpoint: string): S3Client =>
  new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: secretId, secretAccessKey: secretKey },
    // Its default is 50 connections.
    requestHandler: { httpAgent: { maxSockets: 128 } }
  })

const at = { Bucket: bucket }

export const put: Variant = (origin) => {
  const s3 = client(origin)
  return inParallel(concurrency, (i) => s3.send(new PutObjectCommand({ ...at, Key: `small/${i}`, Body: small })))
}

export const head: Variant = (origin) => {
  const s3 = client(origin)
  return inParallel(concurrency, () => s3.send(new HeadObjectCommand({ ...at, Key: keyOf(1) })))
}

export const list: Variant = (origin) => {
  const s3 = client(origin)
  return inParallel(1, () => s3.send(new ListObjectsCommand({ ...at, EncodingType: "url" })))
}

/** Parts have at least 5 MiB. */
export const upload =
  (partSize: number): Variant =>
  (origin) => {
    const s3 = client(origin)
    return async (count) => {
      const params = { ...at, Key: keyOf(count), Body: createReadStream(fileOf(count)) }
      await new Upload({ client: s3, params, partSize, queueSize: workers }).done()
      return undefined
    }
  }

/** It has no call for a download into a file, nor one in ranges. */
export const download: Variant = (origin) => {
  const s3 = client(origin)
  return async (count) => {
    const { Body } = await s3.send(new GetObjectCommand({ ...at, Key: keyOf(count) }))
    await pipeline(Body as NodeJS.ReadableStream, createWriteStream(`${out}/large`))
    return undefined
  }
}

/** It has no call for many files. */
export const uploadFiles =
  (atOnce: number): Variant =>
  (origin) => {
    const s3 = client(origin)
    return inParallel(atOnce, async (i) =>
      new Upload({ client: s3, params: { ...at, Key: smallKeyOf(i), Body: await readFile(smallFileOf(i)) } }).done()
    )
  }

export const downloadFiles =
  (atOnce: number): Variant =>
  (origin) => {
    const s3 = client(origin)
    return inParallel(atOnce, async (i) => {
      const { Body } = await s3.send(new GetObjectCommand({ ...at, Key: smallKeyOf(i) }))
      await writeFile(`${out}/${smallKeyOf(i)}`, (await Body?.transformToByteArray()) ?? "")
    })
  }
