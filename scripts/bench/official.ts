/** The official SDK, with the checks that it makes by default. */
import { createWriteStream, mkdirSync } from "node:fs"
import COS from "cos-nodejs-sdk-v5"
import { fileOf, files, keyOf, MiB, smallFiles, smallKeyOf } from "./data.js"
import {
  bucket,
  concurrency,
  inParallel,
  region,
  secretId,
  secretKey,
  small,
  type Variant,
  workers
} from "./variants.js"

const at = { Bucket: bucket, Region: region }
const body = Buffer.from(small)

const client = (origin: string, options: COS.COSOptions = {}): COS =>
  new COS({
    SecretId: secretId,
    SecretKey: secretKey,
    Protocol: "http:",
    Domain: new URL(origin).host,
    FileParallelLimit: concurrency,
    ...options
  })

export const put: Variant = (origin) => {
  const cos = client(origin)
  return inParallel(concurrency, (i) => cos.putObject({ ...at, Key: `small/${i}`, Body: body }))
}

export const head: Variant = (origin) => {
  const cos = client(origin)
  return inParallel(concurrency, () => cos.headObject({ ...at, Key: keyOf(1) }))
}

export const list: Variant = (origin) => {
  const cos = client(origin)
  return inParallel(1, () => cos.getBucket({ ...at, EncodingType: "url" }))
}

export const upload =
  (partSize: number): Variant =>
  (origin) => {
    const cos = client(origin, { ChunkSize: partSize, ChunkParallelLimit: workers })
    return (count) => cos.sliceUploadFile({ ...at, Key: keyOf(count), FilePath: fileOf(count) })
  }

export const download: Variant = (origin) => {
  const cos = client(origin)
  return (count) =>
    cos.downloadFile({
      ...at,
      Key: keyOf(count),
      FilePath: `${files}/downloaded-official`,
      ChunkSize: 8 * MiB,
      ParallelLimit: workers
    })
}

export const uploadFiles =
  (atOnce: number): Variant =>
  (origin) => {
    const cos = client(origin, { FileParallelLimit: atOnce })
    return (count) =>
      cos.uploadFiles({
        files: smallFiles(count).map(({ key, path }) => ({ ...at, Key: key, FilePath: path })),
        SliceSize: MiB
      })
  }

/** It has no call for many downloads. */
export const downloadFiles =
  (atOnce: number): Variant =>
  (origin) => {
    mkdirSync(`${files}/official/small`, { recursive: true })
    const cos = client(origin, { FileParallelLimit: atOnce })
    return inParallel(atOnce, (i) =>
      cos.getObject({ ...at, Key: smallKeyOf(i), Output: createWriteStream(`${files}/official/${smallKeyOf(i)}`) })
    )
  }
